import asyncio
import json
from typing import Any

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise

GROUPS = "/portfolio/order_groups"
ORDERS = "/portfolio/events/orders"
BATCHED = f"{ORDERS}/batched"


async def open_group(client: Client) -> str:
    status, body = await client.call("POST", f"{GROUPS}/create", {"contracts_limit": 10})
    assert status == 201
    assert (body["subaccount"], body["exchange_index"]) == (0, 0)
    return body["order_group_id"]


async def take(client: Client, group: str, count: str) -> dict[str, Any]:
    """Buy what is offered, within the group."""
    order = client.order(
        price="0.6000", count=count, time_in_force="immediate_or_cancel", order_group_id=group
    )
    status, body = await client.call("POST", ORDERS, order)
    assert (status, body["fill_count"]) == (201, count)
    return body


async def statuses(client: Client) -> list[str]:
    _, body = await client.call("GET", "/portfolio/orders")
    return [order["status"] for order in body["orders"] if order["fill_count_fp"] == "0.00"]


async def test_the_seven_calls(serve: Serve) -> None:
    async with serve() as client:
        assert await client.call("GET", GROUPS) == (200, {})
        group = await open_group(client)
        one = f"{GROUPS}/{group}"
        order = client.order(order_group_id=group)
        _, created = await client.call("POST", ORDERS, order)
        view = {
            "contracts_limit_fp": "10.00",
            "is_auto_cancel_enabled": True,
            "exchange_index": 0,
        }
        assert await client.call("GET", GROUPS) == (200, {"order_groups": [{"id": group} | view]})
        assert (await client.call("GET", one))[1] == view | {"orders": [created["order_id"]]}
        _, read = await client.call("GET", f"/portfolio/orders/{created['order_id']}")
        assert read["order"]["order_group_id"] == group
        assert await client.call("PUT", f"{one}/trigger", {}) == (200, {})
        assert (await client.call("GET", one))[1]["orders"] == []
        status, body = await client.call("POST", ORDERS, order)
        assert (status, body["error"]["code"]) == (409, "order_group_triggered")
        assert await client.call("PUT", f"{one}/reset") == (200, {})
        assert (await client.call("POST", ORDERS, order))[0] == 201
        assert await client.call("PUT", f"{one}/limit", {"contracts_limit_fp": "2.50"}) == (200, {})
        assert (await client.call("GET", one))[1]["contracts_limit_fp"] == "2.50"
        assert await client.call("DELETE", one) == (200, {})
        assert await statuses(client) == ["canceled", "canceled"]
        assert (await client.call("GET", one))[0] == 404
        assert (await client.call("POST", f"{one}/reset"))[0] == 405


async def test_nine_and_two_fourteen_seconds_later_trigger(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        t0_ms = exchange.now_ms
        group = await open_group(client)
        await client.call("POST", ORDERS, client.order(order_group_id=group))
        await take(client, group, "9.00")
        exchange.advance(t0_ms + 14_000)
        assert await statuses(client) == ["resting"]
        await take(client, group, "2.00")
        assert await statuses(client) == ["canceled"]
        order = client.order(order_group_id=group)
        assert (await client.call("POST", ORDERS, order))[0] == 409


async def test_nine_and_two_sixteen_seconds_later_do_not(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        t0_ms = exchange.now_ms
        group = await open_group(client)
        await client.call("POST", ORDERS, client.order(order_group_id=group))
        await take(client, group, "9.00")
        exchange.advance(t0_ms + 16_000)
        await take(client, group, "2.00")
        assert await statuses(client) == ["resting"]
        limit = {"contracts_limit": 1}
        assert (await client.call("PUT", f"{GROUPS}/{group}/limit", limit))[0] == 200
        assert await statuses(client) == ["canceled"]


async def test_a_batch_meets_the_trigger_of_its_own_items(serve: Serve) -> None:
    async with serve() as client:
        group = await open_group(client)
        items = [
            client.order(price="0.6000", count="11.00", order_group_id=group),
            client.order(order_group_id=group),
            client.order(),
        ]
        _, body = await client.call("POST", BATCHED, {"orders": items})
        taken, refused, free = body["orders"]
        assert taken["fill_count"] == "11.00"
        assert refused == {
            "error": {
                "code": "order_group_triggered",
                "message": "order group triggered",
                "details": "reset the group first",
            }
        }
        assert free["remaining_count"] == "1.00"


async def test_bad_bodies(serve: Serve) -> None:
    async with serve() as client:
        status, body = await client.call("POST", f"{GROUPS}/create", {"contracts_limit": "10"})
        assert (status, body["code"]) == (400, "bad_request")
        status, body = await client.call("POST", f"{GROUPS}/create", {})
        assert (status, body["error"]["code"]) == (400, "missing_parameters")


async def test_the_channel_tells_a_limit_and_then_its_trigger(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket, asyncio.timeout(10):
        params = {"channels": ["order_group_updates"]}
        await socket.send(json.dumps({"id": 1, "cmd": "subscribe", "params": params}))
        assert json.loads(await socket.recv())["type"] == "subscribed"
        group = await open_group(client)
        await take(client, group, "9.00")
        await client.call("PUT", f"{GROUPS}/{group}/limit", {"contracts_limit": 8})
        messages = [json.loads(await socket.recv()) for _ in range(3)]
        assert [m["seq"] for m in messages] == [1, 2, 3]
        told = [(m["msg"]["event_type"], m["msg"].get("contracts_limit_fp")) for m in messages]
        assert told == [("created", "10.00"), ("limit_updated", "8.00"), ("triggered", None)]
        assert {m["msg"]["order_group_id"] for m in messages} == {group}
