from typing import Any

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise

SUBACCOUNTS = "/portfolio/subaccounts"


async def opened(client: Client, count: int = 1) -> None:
    """Open this many subaccounts."""
    for _ in range(count):
        assert (await client.call("POST", SUBACCOUNTS))[0] == 201


async def test_subaccounts_open_in_order_and_empty(serve: Serve) -> None:
    async with serve() as client:
        for number in (1, 2):
            body = {"exchange_index": 0} if number == 2 else None
            status, told = await client.call("POST", SUBACCOUNTS, body)
            assert (status, told) == (201, {"subaccount_number": number})
        _, body = await client.call("GET", f"{SUBACCOUNTS}/balances")
        rows = body["subaccount_balances"]
        assert [row["subaccount_number"] for row in rows] == [0, 1, 2]
        assert [row["balance"] for row in rows] == ["1000.0000", "0.0000", "0.0000"]
        assert {row["exchange_index"] for row in rows} == {0}
        assert (await client.call("POST", SUBACCOUNTS, {"exchange_index": 1}))[0] == 400


async def test_there_are_63_at_most(serve: Serve) -> None:
    async with serve() as client:
        await opened(client, 63)
        status, body = await client.call("POST", SUBACCOUNTS)
        assert (status, body["error"]["code"]) == (400, "bad_request")


async def test_the_lowest_tier_has_none(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        status, body = await client.call("POST", SUBACCOUNTS)
        assert (status, body["error"]["code"]) == (403, "forbidden")
        await client.call("POST", "/portfolio/events/orders", client.order())
        assert await client.empty("POST", "/account/api_usage_level/upgrade") == 201
        await opened(client)


async def test_netting_is_off_until_it_is_turned_on(serve: Serve) -> None:
    async with serve() as client:
        await opened(client)
        path = f"{SUBACCOUNTS}/netting"
        turned = {"subaccount_number": 1, "enabled": True}
        assert await client.empty("PUT", path, turned) == 200
        _, body = await client.call("GET", path)
        assert [
            (row["subaccount_number"], row["enabled"], row["exchange_index"])
            for row in body["netting_configs"]
        ] == [(0, False, 0), (1, True, 0)]
        for wrong in ({"enabled": True}, {"subaccount_number": 2, "enabled": True}, {}):
            assert (await client.call("PUT", path, wrong))[0] == 400
        assert await client.empty("PUT", path, turned | {"enabled": False}) == 200
        _, body = await client.call("GET", path)
        assert not any(row["enabled"] for row in body["netting_configs"])
