from typing import Any

from core.sandbox.auth import make_key

Serve = Any  # the fixture's type stands in conftest.py, which no test can import

BALANCE = "/portfolio/balance"
ORDERS = "/portfolio/events/orders"


async def test_the_four_refusals_of_a_signature(serve: Serve) -> None:
    async with serve() as client:
        cases = [
            (client.send("GET", BALANCE, {}), "signature_is_missing_from_headers"),
            (client.call("GET", BALANCE, skew_ms=-30_000), "header_timestamp_expired"),
            (client.call("GET", BALANCE, salt=20), "INCORRECT_API_KEY_SIGNATURE"),
            (client.call("GET", BALANCE, key=make_key()), "INCORRECT_API_KEY_SIGNATURE"),
            (client.call("GET", BALANCE, key_id="nobody"), "NOT_FOUND"),
        ]
        for request, expected in cases:
            status, body = await request
            error = body["error"]
            assert (status, error.get("details", error["code"])) == (401, expected)


async def test_signing_the_query_is_refused(serve: Serve) -> None:
    async with serve() as client:
        path = "/portfolio/orders?limit=5"
        signed = client.headers("GET", "/trade-api/v2" + path)
        assert (await client.send("GET", path, signed))[0] == 401
        assert (await client.call("GET", path))[0] == 200


async def test_public_reads_need_no_key_but_a_wrong_one_is_refused(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.send("GET", "/exchange/status", {}))[0] == 200
        assert (await client.call("GET", "/markets", key_id="nobody"))[0] == 401


async def test_the_four_error_shapes(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        status, body = await client.call("POST", ORDERS, client.order(price="0.4050"))
        assert (status, body["error"]["code"]) == (400, "invalid_price")
        status, body = await client.call("POST", ORDERS, client.order(count=10))
        assert (status, body["code"]) == (400, "bad_request")
        assert "details" in body
        status, body = await client.call("GET", "/markets?limit=1001")
        assert (status, list(body)) == (400, ["msg"])
        refused = [await client.call("POST", ORDERS, client.order(count=10)) for _ in range(20)]
        assert refused[-1] == (429, {"error": "too many requests"})


async def test_unknown_paths_and_methods(serve: Serve) -> None:
    async with serve() as client:
        status, body = await client.call("GET", "/no/such/path")
        assert (status, body["error"]["code"]) == (404, "not_found")
        assert (await client.call("PATCH", "/markets"))[0] == 405


async def test_old_order_endpoints_are_gone(serve: Serve) -> None:
    async with serve() as client:
        for method, path in (
            ("POST", "/portfolio/orders"),
            ("DELETE", "/portfolio/orders/x"),
            ("POST", "/portfolio/orders/x/amend"),
            ("POST", "/portfolio/orders/x/decrease"),
            ("POST", "/portfolio/orders/batched"),
            ("DELETE", "/portfolio/orders/batched"),
        ):
            status, body = await client.call(method, path)
            assert (status, body["error"]["code"]) == (410, "deprecated_v1_order_endpoint")
