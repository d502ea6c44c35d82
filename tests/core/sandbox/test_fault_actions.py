"""Each fault as a plain client sees it on the wire."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
import websockets

from core.sandbox.fault_actions import FaultTargetError
from core.sandbox.faults import (
    BufferOverflow,
    ChangeBalance,
    ChannelError,
    ClockStep,
    CloseMarket,
    CommandTimeout,
    Disconnect,
    DropMessage,
    DuplicateMessage,
    Fault,
    HalfOpen,
    Pause,
    ReadLag,
    ReorderMessages,
    ReplyLost,
    Restart,
    Resume,
    SlowConsumer,
    TooManyRequests,
    Unavailable,
)

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise
Socket = websockets.ClientConnection
TICKER = "KXT-26MAY11-A"
BOOK = "orderbook_delta"
ORDERS = "/portfolio/events/orders"


async def listen(socket: Socket, *channels: str) -> None:
    """Subscribe, and read the answers and the first book."""
    params = {"channels": channels or [BOOK], "market_ticker": TICKER}
    await socket.send(json.dumps({"id": 1, "cmd": "subscribe", "params": params}))
    await read(socket, 1 + len(channels or [BOOK]))


async def read(socket: Socket, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(5):
        return [json.loads(await socket.recv()) for _ in range(count)]


async def until_closed(socket: Socket) -> int | None:
    """Read to the end; returns the close code."""
    async with asyncio.timeout(5):
        await socket.wait_closed()
    return socket.close_code


async def create(client: Client, number: int = 1, **fields: object) -> tuple[int, Any]:
    """Place a bid of so many contracts; each is one delta."""
    body = client.order(count=f"{number}.00", client_order_id=f"id-{number}", **fields)
    status, answer = await client.call("POST", ORDERS, body)
    return status, answer


async def move(client: Client, numbers: Iterable[int]) -> None:
    for number in numbers:
        assert (await create(client, number))[0] == 201


def deltas(messages: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(message["seq"], message["msg"]["delta_fp"]) for message in messages]


def inject(client: Client, fault: Fault) -> None:
    client.sandbox.faults.inject(fault)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(5):
        while not await condition():  # noqa: ASYNC110  (state behind a socket)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (DropMessage(), [(3, "2.00"), (4, "3.00")]),
        (DuplicateMessage(), [(2, "1.00"), (2, "1.00"), (3, "2.00"), (4, "3.00")]),
        (ReorderMessages(), [(3, "2.00"), (2, "1.00"), (4, "3.00")]),
    ],
)
async def test_one_seq_of_one_sid_is_harmed_once(
    serve: Serve, fault: Fault, expected: list[tuple[int, str]]
) -> None:
    async with serve() as client, client.socket() as first, client.socket() as second:
        await listen(first)
        await listen(second)
        inject(client, fault)
        await move(client, (1, 2, 3))
        assert deltas(await read(first, len(expected))) == expected
        assert deltas(await read(second, 3)) == [(2, "1.00"), (3, "2.00"), (4, "3.00")]


async def test_a_numbered_connection_is_harmed(serve: Serve) -> None:
    async with serve() as client, client.socket() as first, client.socket() as second:
        await listen(first)
        await listen(second)
        inject(client, DropMessage(connection=2))
        await move(client, (1, 2))
        assert deltas(await read(first, 2)) == [(2, "1.00"), (3, "2.00")]
        assert deltas(await read(second, 1)) == [(3, "2.00")]
        with pytest.raises(FaultTargetError, match="no connection 7"):
            inject(client, DropMessage(connection=7))


async def test_a_dropped_seq_is_not_dropped_again_after_subscribing_again(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket)
        inject(client, DropMessage())
        await move(client, (1,))
        unsubscribe = {"id": 2, "cmd": "unsubscribe", "params": {"sids": [1]}}
        await socket.send(json.dumps(unsubscribe))
        assert [(m["id"], m["seq"]) for m in await read(socket, 1)] == [(2, 3)]
        await listen(socket)
        await move(client, (2, 3))
        assert deltas(await read(socket, 2)) == [(2, "2.00"), (3, "3.00")]


async def test_a_half_open_socket_is_silent_and_stays_up(serve: Serve) -> None:
    """Nothing here waits for a time to pass: what others are told later proves the silence."""
    async with serve() as client, client.socket() as other:
        reader, writer = await client.raw_socket()
        half_open = HalfOpen(connection=2, for_ms=60_000)
        inject(client, half_open)
        writer.write(b"\x89\x80\x00\x00\x00\x00")  # a ping, which nobody answers
        text = json.dumps({"id": 1, "cmd": "list_subscriptions"}).encode()
        writer.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
        await writer.drain()
        await listen(other)
        for number in range(1, 6):
            await move(client, (number,))
            assert deltas(await read(other, 1)) == [(1 + number, f"{number}.00")]
        await (await other.ping())
        with pytest.raises(TimeoutError):  # neither a byte nor the end has come by now
            async with asyncio.timeout(0):
                await reader.read(1)
        assert client.sandbox.faults.active() == [half_open]
        client.sandbox.faults.clear()
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):  # the other way for TCP to say it
                assert await reader.read(1) == b""
        writer.close()
        assert client.sandbox.faults.active() == []


async def test_a_half_open_socket_is_cut_in_the_end(serve: Serve) -> None:
    async with serve() as client:
        reader, writer = await client.raw_socket()
        inject(client, HalfOpen(for_ms=1))
        assert client.sandbox.faults.active() == [HalfOpen(for_ms=1)]
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                assert await reader.read(1) == b""
        writer.close()
        assert client.sandbox.faults.active() == []


async def test_a_disconnect_comes_without_a_close_frame(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket)
        inject(client, Disconnect())
        assert await until_closed(socket) == 1006


@pytest.mark.parametrize(
    ("fault", "code"), [(ChannelError(), 10), (BufferOverflow(), 25), (ChannelError("fill"), 10)]
)
async def test_an_error_ends_the_subscription_and_no_other(
    serve: Serve, fault: ChannelError | BufferOverflow, code: int
) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket, BOOK, "fill")
        inject(client, fault)
        (error,) = await read(socket, 1)
        sid = [BOOK, "fill"].index(fault.channel) + 1
        assert (error["type"], error["sid"], error["msg"]["code"]) == ("error", sid, code)
        assert (await create(client, 1))[1]["remaining_count"] == "1.00"
        assert (await create(client, 2, price="0.6000"))[1]["fill_count"] == "2.00"
        (heard,) = await read(socket, 1)
        assert heard["type"] == ("fill" if fault.channel == BOOK else BOOK)
        await socket.send(json.dumps({"id": 9, "cmd": "unsubscribe", "params": {"sids": [sid]}}))
        (unknown,) = await read(socket, 1)
        assert unknown["msg"]["code"] == 7


ALL = [BOOK, "trade", "ticker", "fill", "user_orders", "market_positions", "order_group_updates"]


async def test_a_fault_of_any_channel_comes_to_all_that_are_held(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket, *ALL)
        sids = dict(enumerate(ALL, 1))
        ended = []
        for pick in (3, 1, 4, 1, 5, 9, 2):
            inject(client, ChannelError("any", pick=pick))
            (error,) = await read(socket, 1)
            ended.append(sids.pop(error["sid"]))
        assert sorted(ended) == sorted(ALL)
        with pytest.raises(FaultTargetError, match="nobody subscribes to anything"):
            inject(client, ChannelError("any"))


async def test_only_what_is_numbered_is_lost_on_any_channel(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket, "fill", "order_group_updates", BOOK)
        inject(client, DropMessage("any", pick=3))  # book and groups are numbered: the second
        body = {"contracts_limit": 5}
        _, group = await client.call("POST", "/portfolio/order_groups/create", body)
        await client.call("PUT", f"/portfolio/order_groups/{group['order_group_id']}/trigger", {})
        await move(client, (1,))
        heard = await read(socket, 2)
        assert [(message["type"], message["seq"]) for message in heard] == [
            ("order_group_updates", 2),
            (BOOK, 2),
        ]


async def test_a_slow_consumer_overflows_and_reads_the_error_last(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket)
        inject(client, SlowConsumer(limit_bytes=300, for_ms=60_000))
        await move(client, range(1, 6))
        client.sandbox.faults.clear()
        messages = await read(socket, 3)
        assert deltas(messages[:2]) == [(2, "1.00"), (3, "2.00")]
        assert messages[2]["msg"]["code"] == 25
        await listen(socket)


async def test_a_slow_consumer_within_the_limit_only_waits(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket)
        inject(client, SlowConsumer(for_ms=50))
        await move(client, (1, 2))
        assert deltas(await read(socket, 2)) == [(2, "1.00"), (3, "2.00")]
        assert client.sandbox.faults.active() == []


async def test_commands_of_one_connection_time_out(serve: Serve) -> None:
    async with serve() as client, client.socket() as first, client.socket() as second:
        inject(client, CommandTimeout(connection=2))
        command = json.dumps({"id": 4, "cmd": "list_subscriptions"})
        answers = []
        for socket in (first, second, second):
            await socket.send(command)
            answers += [(m["type"], m["id"]) for m in await read(socket, 1)]
        assert answers == [("ok", 4), ("error", 4), ("ok", 4)]


async def test_the_next_requests_are_too_many(serve: Serve) -> None:
    async with serve() as client:
        inject(client, TooManyRequests(2))
        for _ in range(2):
            assert await create(client) == (429, {"error": "too many requests"})
        assert (await create(client))[0] == 201


async def test_an_order_is_accepted_and_answered_503(serve: Serve) -> None:
    async with serve() as client:
        inject(client, Unavailable())
        assert (await client.call("GET", "/portfolio/balance"))[0] == 200
        status, answer = await create(client)
        assert (status, answer["error"]["code"]) == (503, "service_unavailable")
        again = await create(client)
        assert (again[0], again[1]["error"]["code"]) == (409, "order_already_exists")
        _, listed = await client.call("GET", "/portfolio/orders")
        assert [order["status"] for order in listed["orders"]] == ["resting"]


async def test_every_way_to_change_orders_can_be_carried_out_and_answered_503(
    serve: Serve,
) -> None:
    async with serve() as client:
        ids = [(await create(client, number))[1]["order_id"] for number in range(1, 6)]

        async def struck(method: str, path: str, body: object = None) -> dict[str, Any]:
            """Send what is to be answered 503; give back what became of the orders."""
            inject(client, Unavailable(of="order"))
            status, answer = await client.call(method, ORDERS + path, body)
            assert (status, answer["error"]["code"]) == (503, "service_unavailable")
            assert client.sandbox.faults.active() == []
            _, listed = await client.call("GET", "/portfolio/orders")
            return {order["order_id"]: order for order in listed["orders"]}

        amended = {"ticker": TICKER, "side": "bid", "price": "0.4100", "count": "1.00"}
        orders = await struck("POST", f"/{ids[0]}/amend", amended)
        assert orders[ids[0]]["yes_price_dollars"] == "0.4100"
        orders = await struck("POST", f"/{ids[1]}/decrease", {"reduce_to": "1.00"})
        assert orders[ids[1]]["remaining_count_fp"] == "1.00"
        orders = await struck("DELETE", f"/{ids[2]}")
        assert orders[ids[2]]["status"] == "canceled"
        orders = await struck("DELETE", "/batched", {"orders": [{"order_id": ids[3]}]})
        assert orders[ids[3]]["status"] == "canceled"
        batch = {"orders": [client.order(client_order_id="batched")]}
        orders = await struck("POST", "/batched", batch)
        assert "batched" in {order["client_order_id"] for order in orders.values()}
        orders = await struck("DELETE", "")
        assert {order["status"] for order in orders.values()} == {"canceled"}


async def test_a_refused_order_does_not_use_a_503_up(serve: Serve) -> None:
    async with serve() as client:
        inject(client, Unavailable())
        assert (await create(client, price="0.4001"))[0] == 400
        assert client.sandbox.faults.active() == [Unavailable(1)]


@pytest.mark.parametrize("wait_ms", [0, 50])
async def test_a_reply_is_lost_after_the_request_was_carried_out(
    serve: Serve, wait_ms: int
) -> None:
    async with serve() as client:
        inject(client, ReplyLost(wait_ms=wait_ms))
        with pytest.raises(aiohttp.ClientConnectionError):
            await create(client)
        _, listed = await client.call("GET", "/portfolio/orders")
        assert [order["client_order_id"] for order in listed["orders"]] == ["id-1"]
        assert client.sandbox.faults.active() == []


async def test_a_reply_to_a_read_is_lost_only_when_asked(serve: Serve) -> None:
    async with serve() as client:
        inject(client, ReplyLost(of="write"))
        assert (await client.call("GET", "/portfolio/balance"))[0] == 200
        inject(client, ReplyLost(of="any", requests=2))  # the library tries a read again itself
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.call("GET", "/portfolio/balance")
        assert (await client.call("GET", "/portfolio/balance"))[0] == 200
        assert client.sandbox.faults.active() == [ReplyLost(of="write")]


async def test_the_servers_clock_steps(serve: Serve) -> None:
    async with serve() as client:
        inject(client, ClockStep(30_000))
        status, answer = await client.call("GET", "/portfolio/balance")
        assert (status, answer["error"]["code"]) == (401, "header_timestamp_expired")
        assert (await client.call("GET", "/portfolio/balance", skew_ms=30_000))[0] == 200
        async with (
            aiohttp.ClientSession() as http,
            http.get(client.sandbox.base_url + "/exchange/status") as reply,
        ):
            told_s = parsedate_to_datetime(reply.headers["Date"]).timestamp()
        assert 28_000 < told_s * 1_000 - client.clock.now_ms() <= 30_000
        with pytest.raises(websockets.InvalidStatus):
            await client.socket()
        inject(client, ClockStep(-5_000, for_ms=20))
        assert (await client.call("GET", "/portfolio/balance"))[0] == 200
        await until(lambda: is_quiet(client))
        assert (await client.call("GET", "/portfolio/balance", skew_ms=9_000))[0] == 200


async def is_quiet(client: Client) -> bool:
    return not client.sandbox.faults.active()


async def test_the_lag_of_reads_comes_and_goes(serve: Serve) -> None:
    async with serve() as client:
        inject(client, ReadLag(60_000, 60_000, for_ms=0))
        await create(client)
        _, listed = await client.call("GET", "/portfolio/orders")
        assert listed["orders"] == []
        inject(client, ReadLag(300, 500, for_ms=50))
        assert client.sandbox.faults.active() == [ReadLag(300, 500, 50)]
        await until(lambda: is_quiet(client))
        _, listed = await client.call("GET", "/portfolio/orders")
        assert [order["client_order_id"] for order in listed["orders"]] == ["id-1"]


async def test_trading_pauses_and_goes_on(serve: Serve) -> None:
    async with serve() as client:
        _, created = await create(client)
        inject(client, Pause(for_ms=60_000))
        status, answer = await create(client, 2)
        assert (status, answer["error"]["code"]) == (409, "trading_is_paused")
        assert (await client.call("DELETE", f"{ORDERS}/{created['order_id']}"))[0] == 200
        inject(client, Resume())
        assert client.sandbox.faults.active() == []
        assert (await create(client, 3))[0] == 201
        inject(client, Pause(for_ms=20))
        await until(lambda: is_quiet(client))
        assert (await create(client, 4))[0] == 201


async def test_a_market_closes_early(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        _, created = await create(client)
        await listen(socket, BOOK, "market_lifecycle_v2", "user_orders")
        inject(client, CloseMarket(pick=5))
        messages = await read(socket, 3)
        (changed,) = [m["msg"] for m in messages if m["type"] == "market_lifecycle_v2"]
        assert changed["event_type"] == "close_date_updated"
        assert changed["close_ts"] <= client.clock.now_ms() // 1_000
        (order,) = [m["msg"] for m in messages if m["type"] == "user_order"]
        assert (order["order_id"], order["status"]) == (created["order_id"], "canceled")
        _, market = await client.call("GET", f"/markets/{TICKER}")
        assert market["market"]["status"] == "closed"
        assert (await create(client, 2))[0] == 409
        with pytest.raises(FaultTargetError, match="no market is open"):
            inject(client, CloseMarket())


async def test_the_balance_changes_from_outside(serve: Serve) -> None:
    async with serve() as client:
        inject(client, ChangeBalance(-1_500_000))
        _, balance = await client.call("GET", "/portfolio/balance")
        assert balance["balance_dollars"] == "998.5000"
        with pytest.raises(FaultTargetError, match="no account 4"):
            inject(client, ChangeBalance(1, account=4))


async def test_a_restart_cuts_everything_and_keeps_the_state(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await listen(socket)
        await move(client, (1,))
        inject(client, Restart(down_ms=300))
        assert await until_closed(socket) == 1006
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.call("GET", "/portfolio/balance")
        with pytest.raises(ConnectionRefusedError):
            await client.socket()
        with pytest.raises(FaultTargetError, match="restarts already"):
            inject(client, Restart())
        await until(lambda: is_quiet(client))
        again = await create(client)
        assert (again[0], again[1]["error"]["code"]) == (409, "order_already_exists")
        _, listed = await client.call("GET", "/portfolio/orders", None)
        assert [order["status"] for order in listed["orders"]] == ["resting"]
        async with client.socket() as fresh:
            await listen(fresh)
            await move(client, (2,))
            assert deltas(await read(fresh, 1)) == [(2, "2.00")]
