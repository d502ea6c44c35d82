import json
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.sandbox.rules import ExchangeRules

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise

ORDERS = "/portfolio/events/orders"
BATCHED = f"{ORDERS}/batched"
GROUPS = "/portfolio/order_groups"
BALANCE = "/portfolio/balance"


async def funded(client: Client, *numbers: int) -> None:
    """Open subaccounts and move 100 dollars into each."""
    for number in numbers:
        assert (await client.call("POST", "/portfolio/subaccounts"))[0] == 201
        transfer = {
            "client_transfer_id": str(UUID(int=number)),
            "from_subaccount": 0,
            "to_subaccount": number,
            "amount_cents": 10_000,
        }
        assert (await client.call("POST", "/portfolio/subaccounts/transfer", transfer))[0] == 200


async def placed(client: Client, subaccount: int, **fields: object) -> str:
    """Id of a new order."""
    order = client.order(subaccount=subaccount, **fields)
    status, body = await client.call("POST", ORDERS, order)
    assert status == 201, body
    return body["order_id"]


async def ids(client: Client, path: str, rows: str, name: str = "order_id") -> list[str]:
    status, body = await client.call("GET", path)
    assert status == 200, body
    return [row[name] for row in body.get(rows, ())]


async def test_an_order_is_paid_by_its_subaccount(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        await placed(client, 1, price="0.3000", count="10.00")
        assert (await client.call("GET", f"{BALANCE}?subaccount=1"))[1]["balance"] < 9_700
        for path in (BALANCE, f"{BALANCE}?subaccount=0"):
            assert (await client.call("GET", path))[1]["balance"] == 90_000
        too_much = client.order(subaccount=1, price="0.3000", count="400.00")
        status, body = await client.call("POST", ORDERS, too_much)
        assert (status, body["error"]["code"]) == (400, "insufficient_balance")


async def test_reads_are_of_one_account_or_of_all_as_the_venue_says(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1, 2)
        taken = [await placed(client, n, price="0.6000", count=f"{n + 1}.00") for n in (1, 0, 2)]
        rests = [await placed(client, n, price="0.2000") for n in (0, 2)]
        newest = [*rests[::-1], *taken[::-1]]
        assert await ids(client, "/portfolio/orders", "orders") == newest
        assert await ids(client, "/portfolio/orders?status=resting", "orders") == rests[::-1]
        own = "/portfolio/orders?subaccount=2&limit=1"
        assert await ids(client, own, "orders") == [rests[1]]
        assert await ids(client, "/portfolio/fills", "fills") == taken[::-1]
        assert await ids(client, "/portfolio/fills?subaccount=1", "fills") == [taken[0]]
        for query, lots in (("", "1.00"), ("?subaccount=1", "2.00"), ("?subaccount=2", "3.00")):
            path = f"/portfolio/positions{query}"
            assert await ids(client, path, "market_positions", "position_fp") == [lots]
        positions = "/portfolio/orders/queue_positions"
        assert await ids(client, positions, "queue_positions") == [rests[0]]
        assert await ids(client, f"{positions}?subaccount=2", "queue_positions") == [rests[1]]
        _, one = await client.call("GET", f"/portfolio/orders/{taken[2]}")
        assert one["order"]["subaccount_number"] == 2
        _, fills = await client.call("GET", "/portfolio/fills")
        assert [fill["subaccount_number"] for fill in fills["fills"]] == [2, 0, 1]
        _, ahead = await client.call("GET", f"/portfolio/orders/{rests[1]}/queue_position")
        assert ahead == {"queue_position_fp": "1.00"}
        _, held = await client.call("GET", "/portfolio/summary/total_resting_order_value")
        assert 40 < held["total_resting_order_value"] < 50


async def test_pages_go_through_all_accounts_in_one_order(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        newest = [await placed(client, n % 2, price="0.1000") for n in range(5)][::-1]
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            _, body = await client.call("GET", f"/portfolio/orders?limit=2&cursor={cursor}")
            seen += [order["order_id"] for order in body["orders"]]
            cursor = body["cursor"]
        assert (seen, cursor) == (newest, "")


async def test_settlements_of_all_accounts(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        for number in (0, 1):
            await placed(client, number, price="0.6000", count=f"{number + 1}.00")
        (listing,) = client.sandbox.exchange.listings.values()
        listing.result, listing.settlement_pips = "yes", 10_000
        client.sandbox.exchange.settle(listing)
        every = "/portfolio/settlements"
        assert await ids(client, every, "settlements", "yes_count_fp") == ["2.00", "1.00"]
        _, first = await client.call("GET", f"{every}?limit=1")
        rest = f"{every}?limit=1&cursor={first['cursor']}"
        assert await ids(client, rest, "settlements", "yes_count_fp") == ["1.00"]
        own = f"{every}?subaccount=1"
        assert await ids(client, own, "settlements", "yes_count_fp") == ["2.00"]


async def test_reads_of_all_accounts_lag_alike(serve: Serve) -> None:
    async with serve(rules=ExchangeRules(read_lag_ms=(60_000, 60_000))) as client:
        await funded(client, 1)
        order_id = await placed(client, 1, price="0.2000")
        for query in ("", "?subaccount=1"):
            assert await ids(client, f"/portfolio/orders{query}", "orders") == []
        assert (await client.call("GET", f"/portfolio/orders/{order_id}"))[0] == 404
        client.sandbox.exchange.rules = ExchangeRules()
        assert await ids(client, "/portfolio/orders", "orders") == [order_id]


async def test_changes_concern_the_primary_account_unless_another_is_named(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        order_id = await placed(client, 1, price="0.2000", count="5.00")
        one = f"{ORDERS}/{order_id}"
        moved = {"ticker": client.order()["ticker"], "side": "bid", "price": "0.2100"}
        moved["count"] = "4.00"
        for method, path, body in (
            ("POST", f"{one}/amend", moved),
            ("POST", f"{one}/decrease", {"reduce_by": "1.00"}),
            ("DELETE", one, None),
        ):
            assert (await client.call(method, path, body))[0] == 404
            assert (await client.call(method, f"{path}?subaccount=1", body))[0] == 200


async def test_cancel_all_is_for_all_accounts_or_one(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1, 2)
        orders = [await placed(client, n, price="0.2000") for n in (0, 1, 2)]
        resting = "/portfolio/orders?status=resting"
        assert await client.empty("DELETE", f"{ORDERS}?subaccount=1") == 204
        assert await ids(client, resting, "orders") == [orders[2], orders[0]]
        assert await client.empty("DELETE", ORDERS) == 204
        assert await ids(client, resting, "orders") == []


async def test_items_of_a_batch_name_their_own_accounts(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        items = [client.order(price="0.2000", subaccount=number) for number in (0, 1, 2)]
        items.append(client.order(price="0.2000", exchange_index=1))
        items.append(client.order(price="0.2000", exchange_index=-1))
        status, body = await client.call("POST", BATCHED, {"orders": items})
        assert status == 201
        assert ["error" in item for item in body["orders"]] == [False, False, True, True, False]
        made = [body["orders"][index]["order_id"] for index in (0, 1)]
        doomed = [{"order_id": order_id} for order_id in made]
        _, body = await client.call("DELETE", BATCHED, {"orders": doomed})
        assert [item["reduced_by"] for item in body["orders"]] == ["1.00", "0.00"]
        named = {"orders": [doomed[1] | {"subaccount": 1}]}
        _, body = await client.call("DELETE", BATCHED, named)
        assert body["orders"][0]["reduced_by"] == "1.00"


async def test_a_group_bundles_orders_of_one_account(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1)
        body = {"contracts_limit": 5, "subaccount": 1}
        _, made = await client.call("POST", f"{GROUPS}/create", body)
        assert made["subaccount"] == 1
        group = {"order_group_id": made["order_group_id"]}
        order_id = await placed(client, 1, price="0.2000", **group)
        status, _ = await client.call("POST", ORDERS, client.order(price="0.2000", **group))
        assert status == 404
        one = f"{GROUPS}/{made['order_group_id']}"
        for query, count in (("", 1), ("?subaccount=0", 0), ("?subaccount=1", 1)):
            assert len(await ids(client, GROUPS + query, "order_groups", "id")) == count
            assert (await client.call("GET", one + query))[0] == (200 if count else 404)
        assert (await client.call("GET", one))[1]["orders"] == [order_id]
        for method, step, change in (
            ("PUT", "/limit", {"contracts_limit": 4}),
            ("PUT", "/trigger", None),
            ("PUT", "/reset", None),
            ("DELETE", "", None),
        ):
            assert (await client.call(method, one + step, change))[0] == 404
            assert (await client.call(method, f"{one}{step}?subaccount=1", change))[0] == 200


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        ("subaccount=2", "error"),
        ("subaccount=64", "msg"),
        ("subaccount=-1", "msg"),
        ("subaccount=one", "msg"),
        ("exchange_index=1", "msg"),
        ("exchange_index=-2", "msg"),
    ],
)
async def test_unknown_numbers_are_refused(serve: Serve, query: str, shape: str) -> None:
    async with serve() as client:
        await funded(client, 1)
        for path in (BALANCE, "/portfolio/orders", "/portfolio/positions", GROUPS):
            status, body = await client.call("GET", f"{path}?{query}")
            assert (status, list(body)) == (400, [shape]), path
        for path in (BALANCE, "/portfolio/orders"):
            assert (await client.call("GET", f"{path}?exchange_index=0"))[0] == 200
            assert (await client.call("GET", f"{path}?exchange_index=-1"))[0] == 200


@pytest.mark.parametrize(
    "fields", [{"subaccount": 2}, {"subaccount": 64}, {"subaccount": -1}, {"exchange_index": 1}]
)
async def test_no_body_names_what_is_not_there(serve: Serve, fields: dict[str, int]) -> None:
    async with serve() as client:
        await funded(client, 1)
        status, body = await client.call("POST", ORDERS, client.order(**fields))
        assert (status, body["error"]["code"]) == (400, "bad_request")
        group = {"contracts_limit": 1} | fields
        assert (await client.call("POST", f"{GROUPS}/create", group))[0] == 400
        assert await ids(client, "/portfolio/orders", "orders") == []


async def test_a_locked_key_sees_and_does_only_its_own(serve: Serve) -> None:
    async with serve() as client:
        await funded(client, 1, 2)
        orders = [await placed(client, number, price="0.2000") for number in (0, 1, 2)]
        _, made = await client.call("POST", "/api_keys/generate", {"name": "x", "subaccount": 1})
        signer = {
            "key": load_pem_private_key(made["private_key"].encode(), None),
            "key_id": made["api_key_id"],
        }

        async def get(path: str) -> Any:  # noqa: ANN401
            return (await client.call("GET", path, **signer))[1]

        assert (await get(BALANCE))["balance"] < 10_000
        assert [o["order_id"] for o in (await get("/portfolio/orders"))["orders"]] == [orders[1]]
        assert (await client.call("GET", f"/portfolio/orders/{orders[0]}", **signer))[0] == 404
        rows = (await get("/portfolio/subaccounts/balances"))["subaccount_balances"]
        assert [row["subaccount_number"] for row in rows] == [1]
        rows = (await get("/portfolio/subaccounts/transfers"))["transfers"]
        assert [row["to_subaccount"] for row in rows] == [1]
        transfer = {
            "client_transfer_id": str(UUID(int=9)),
            "from_subaccount": 1,
            "to_subaccount": 0,
            "amount_cents": 1,
        }
        for method, path, body in (
            ("POST", "/portfolio/subaccounts", None),
            ("POST", "/portfolio/subaccounts/transfer", transfer),
            ("PUT", "/portfolio/subaccounts/netting", {"subaccount_number": 0, "enabled": True}),
            ("POST", "/api_keys/generate", {"name": "y", "subaccount": 2}),
            ("POST", ORDERS, client.order(subaccount=2, orders="no list")),
            ("DELETE", f"{ORDERS}/{orders[2]}?subaccount=2", None),
        ):
            assert (await client.call(method, path, body, **signer))[0] == 403, path
        async with client.socket(**signer) as socket:
            command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["user_orders"]}}
            await socket.send(json.dumps(command))
            assert json.loads(await socket.recv())["type"] == "subscribed"
            for number in (0, 2, 1):
                await placed(client, number, price="0.1900")
            heard = json.loads(await socket.recv())["msg"]
            assert heard["subaccount_number"] == 1
        _, child = await client.call("POST", "/api_keys/generate", {"name": "z"}, **signer)
        listed = (await get("/api_keys"))["api_keys"]
        (row,) = [row for row in listed if row["api_key_id"] == child["api_key_id"]]
        assert row["subaccount"] == 1
