from typing import Any

Serve = Any  # the fixture's type stands in conftest.py, which no test can import

ORDERS = "/portfolio/events/orders"
BATCHED = f"{ORDERS}/batched"


async def test_batch_create_goes_item_by_item(serve: Serve) -> None:
    async with serve() as client:
        items = [
            client.order(client_order_id="b-1", count="5.00"),
            client.order(client_order_id="b-2", price="0.4050"),
            client.order(client_order_id="b-1"),
            client.order(client_order_id="b-3", price="0.6000", count="2.00"),
        ]
        status, body = await client.call("POST", BATCHED, {"orders": items})
        assert status == 201
        first, off_tick, repeated, taken = body["orders"]
        assert (first["remaining_count"], first["client_order_id"]) == ("5.00", "b-1")
        assert off_tick == {
            "client_order_id": "b-2",
            "error": {"code": "invalid_price", "message": "invalid price"},
        }
        assert repeated["error"]["code"] == "order_already_exists"
        assert (taken["fill_count"], taken["average_fill_price"]) == ("2.00", "0.6000")


async def test_batch_cancel_mixes_success_and_error(serve: Serve) -> None:
    async with serve() as client:
        created = client.order(client_order_id="one", count="5.00")
        order_id = (await client.call("POST", ORDERS, created))[1]["order_id"]
        ids = [order_id, "nobody", order_id]
        items = [{"order_id": name, "market_ticker": created["ticker"]} for name in ids]
        status, body = await client.call("DELETE", BATCHED, {"orders": items})
        assert status == 200
        done, unknown, again = body["orders"]
        assert (done["order_id"], done["reduced_by"]) == (order_id, "5.00")
        assert (done["client_order_id"], done["ts_ms"] > 0) == ("one", True)
        assert unknown == {
            "order_id": "nobody",
            "reduced_by": "0.00",
            "error": {"code": "not_found", "message": "not found"},
        }
        assert (again["reduced_by"], again["error"]["code"]) == ("0.00", "not_found")


async def test_malformed_batches_are_refused_whole(serve: Serve) -> None:
    async with serve() as client:
        bad = [client.order(), client.order(count=5)]
        status, body = await client.call("POST", BATCHED, {"orders": bad})
        assert (status, body["code"]) == (400, "bad_request")
        assert (await client.call("GET", "/portfolio/orders"))[1]["orders"] == []
        for method in ("POST", "DELETE"):
            status, body = await client.call(method, BATCHED, {"orders": []})
            assert (status, body["error"]["code"]) == (400, "missing_parameters")
        assert (await client.call("DELETE", BATCHED, {"orders": [{}]}))[0] == 400


async def test_a_batch_pays_per_item_and_fits_whole_or_not_at_all(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        eleven = [client.order(price="0.0100") for _ in range(11)]
        status, body = await client.call("POST", BATCHED, {"orders": eleven})
        assert (status, body) == (429, {"error": "too many requests"})
        assert (await client.call("GET", "/portfolio/orders"))[1]["orders"] == []
        ten = eleven[:10]
        status, body = await client.call("POST", BATCHED, {"orders": ten})
        assert (status, len(body["orders"])) == (201, 10)
        fifty_one = [{"order_id": "x"}] * 51
        assert (await client.call("DELETE", BATCHED, {"orders": fifty_one}))[0] == 429


async def test_cancel_all_leaves_nothing_resting(serve: Serve) -> None:
    async with serve() as client:
        for price in ("0.1000", "0.2000", "0.3000"):
            await client.call("POST", ORDERS, client.order(price=price))
        assert await client.empty("DELETE", ORDERS) == 204
        _, body = await client.call("GET", "/portfolio/orders")
        assert {order["status"] for order in body["orders"]} == {"canceled"}
        _, held = await client.call("GET", "/portfolio/summary/total_resting_order_value")
        assert held["total_resting_order_value"] == 0
        assert await client.empty("DELETE", ORDERS) == 204
