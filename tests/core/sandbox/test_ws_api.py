import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import websockets

from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.sandbox import ws_api
from core.sandbox.recorded_source import RecordedSource
from core.units import Side

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"
T0 = 1_778_477_863_000
BOOK = "orderbook_delta"


def command(cmd: str, number: int = 1, **params: object) -> str:
    return json.dumps({"id": number, "cmd": cmd, "params": params})


async def read(socket: websockets.ClientConnection, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(5):
        return [json.loads(await socket.recv()) for _ in range(count)]


async def test_upgrade_needs_a_signature(serve: Serve) -> None:
    async with serve() as client:
        for wrong in ({"key_id": "nobody"}, {"salt": 20}, {"skew_ms": -60_000}):
            with pytest.raises(websockets.InvalidStatus) as error:
                await client.socket(**wrong)
            assert error.value.response.status_code == 401
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(client.sandbox.ws_url, proxy=None)


async def test_book_and_private_channels_over_the_wire(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        await socket.send(command("subscribe", channels=["fill", "user_orders"]))
        await socket.send(command("subscribe", 2, channels=[BOOK], market_ticker=TICKER))
        messages = await read(socket, 4)
        assert [m["type"] for m in messages] == ["subscribed"] * 3 + ["orderbook_snapshot"]
        body = client.order(count="2.00", price="0.6000", client_order_id="a")
        _, created = await client.call("POST", "/portfolio/events/orders", body)
        fill, order = await read(socket, 2)
        assert (fill["type"], fill["msg"]["order_id"]) == ("fill", created["order_id"])
        assert (order["type"], order["msg"]["status"]) == ("user_order", "executed")
        await client.call("POST", "/portfolio/events/orders", client.order(client_order_id="b"))
        delta, _ = await read(socket, 2)
        assert (delta["seq"], delta["msg"]["client_order_id"]) == (2, "b")
        assert set(delta) == {"type", "sid", "seq", "msg"}


async def test_replayed_gap_skips_one_seq_and_repairs(
    serve: Serve, session_of: Callable[..., Any]
) -> None:
    session = session_of(
        [
            BookSnapshot(TICKER, ((4_000, 100),), (), ts_ms=T0),
            BookDelta(TICKER, Side.BID, 4_000, 100, T0 + 10),
            BookDoubted(TICKER, "gap", T0 + 20),
            BookSnapshot(TICKER, ((4_100, 700),), (), ts_ms=T0 + 400),
            BookDelta(TICKER, Side.BID, 4_100, -100, T0 + 410),
        ]
    )
    async with serve(RecordedSource([session]), speed=1) as client, client.socket() as socket:
        await socket.send(command("subscribe", channels=[BOOK], market_ticker=TICKER))
        subscribed, first, second = await read(socket, 3)
        assert (first["seq"], second["seq"]) == (1, 2)
        await client.sandbox_passes(T0 + 20)
        ask = {"sid": subscribed["msg"]["sid"], "action": "get_snapshot"}
        await socket.send(command("update_subscription", 5, market_tickers=[TICKER], **ask))
        repaired, last = await read(socket, 2)
        assert (repaired["id"], repaired["seq"]) == (5, 4)
        assert repaired["msg"]["yes_dollars_fp"] == [["0.4100", "7.00"]]
        assert (last["type"], last["seq"]) == ("orderbook_delta", 5)


async def test_a_peer_is_pinged_with_heartbeat(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ws_api, "PING_INTERVAL_S", 0.05)
    async with serve() as client:
        reader, writer = await client.raw_socket()
        async with asyncio.timeout(5):
            head = await reader.readexactly(2)
            assert head[0] == 0x89
            assert await reader.readexactly(head[1]) == b"heartbeat"
            while await reader.read(4096):  # never ponged, so the exchange hangs up
                continue
        writer.close()


async def test_client_pings_are_answered(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket, asyncio.timeout(5):
        await (await socket.ping(b"hello"))
        assert socket.latency >= 0


async def test_frames_of_every_size_arrive(serve: Serve, session_of: Callable[..., Any]) -> None:
    prices = [(price, 100) for price in range(100, 9_000, 100)]
    markets = [f"KXT-26MAY11-{n:04d}" for n in range(3_000)]
    books = [BookSnapshot(ticker, tuple(prices), (), ts_ms=T0) for ticker in markets[:2]]
    async with serve(RecordedSource([session_of(books)])) as client, client.socket() as socket:
        await socket.send(command("subscribe", channels=[BOOK], market_tickers=markets))
        subscribed, *snapshots = await read(socket, 3)
        assert subscribed["type"] == "subscribed"
        assert [len(s["msg"]["yes_dollars_fp"]) for s in snapshots] == [89, 89]
        add = {"sid": 1, "action": "add_markets", "market_tickers": markets}
        await socket.send(command("update_subscription", 2, **add))
        (answer,) = await read(socket, 1)
        assert answer["msg"]["market_tickers"] == markets
