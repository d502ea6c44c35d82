import asyncio
import json
import socket as sockets
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import websockets

from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.sandbox import connection, ws_api
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import ExchangeRules
from core.units import Side

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"
T0 = 1_778_477_863_000
BOOK = "orderbook_delta"


def command(cmd: str, number: int = 1, **params: object) -> str:
    return json.dumps({"id": number, "cmd": cmd, "params": params})


async def read(socket: websockets.ClientConnection, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        return [json.loads(await socket.recv()) for _ in range(count)]


async def peers(client: Any) -> list[dict[str, int]]:  # noqa: ANN401
    """Who is connected, as the control call says."""
    url = client.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
    async with aiohttp.ClientSession() as http, http.get(url) as reply:
        listed: list[dict[str, int]] = (await reply.json())["connections"]
        return listed


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


async def test_a_peer_that_does_not_read_overflows_and_the_others_do_not(
    serve: Serve, session_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "OUTBOUND_LIMIT_BYTES", 200_000)
    prices = tuple((price, 100) for price in range(1, 9_000))
    events: list[BookSnapshot | BookDelta] = []
    for ts_ms in range(T0, T0 + 4_000, 100):
        events.append(BookSnapshot(TICKER, prices, (), ts_ms=ts_ms))
        events.append(BookDelta(TICKER, Side.BID, 4_000, 1, ts_ms + 50))
    source = RecordedSource([session_of(events)])
    async with serve(source, speed=10) as client, client.socket() as reading:
        reader, writer = await client.raw_socket()
        writer.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 65_536)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        text = command("subscribe", channels=[BOOK], market_ticker=TICKER).encode()
        await reading.send(text.decode())
        writer.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
        subscribed, *snapshots = await read(reading, 81)
        assert subscribed["type"] == "subscribed"
        assert [snapshot["seq"] for snapshot in snapshots] == list(range(1, 81))
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        heard = b""
        async with asyncio.timeout(5):
            while b'"msg":{"code":25,"msg":"outbound buffer overflow"}}' not in heard:
                heard += await reader.read(1_000_000)
        assert b'"seq":80' not in heard
        writer.close()


async def test_feed_latency_delays_messages_and_keeps_their_order(
    serve: Serve, session_of: Callable[..., Any]
) -> None:
    deltas = [BookDelta(TICKER, Side.BID, 4_000, 1, T0 + turn) for turn in range(1, 200)]
    session = session_of([BookSnapshot(TICKER, ((4_000, 100),), (), ts_ms=T0), *deltas])
    async with serve(
        RecordedSource([session]), rules=ExchangeRules(feed_latency_ms=(20, 60))
    ) as client:
        async with client.socket() as socket:
            asked_ns = client.clock.monotonic_ns()
            await socket.send(command("subscribe", channels=[BOOK], market_ticker=TICKER))
            messages = await read(socket, 201)
            assert client.clock.monotonic_ns() - asked_ns > 20_000_000
        assert [message["seq"] for message in messages[1:]] == list(range(1, 201))


async def test_a_peer_whose_socket_is_full_is_closed_too(
    serve: Serve, session_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ws_api, "PING_INTERVAL_S", 0.1)
    prices = tuple((price, 100) for price in range(1, 9_000))
    books = [BookSnapshot(f"{TICKER}{number}", prices, (), ts_ms=T0) for number in range(60)]
    async with serve(RecordedSource([session_of(books)])) as client:
        reader, writer = await client.raw_socket()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        tickers = [book.ticker for book in books]
        text = command("subscribe", channels=[BOOK], market_tickers=tickers).encode()
        writer.write(bytes([0x81, 0xFE, *len(text).to_bytes(2, "big"), 0, 0, 0, 0]) + text)
        unread = []
        async with asyncio.timeout(10):
            while not unread or await peers(client):
                unread += [peer["unread_bytes"] for peer in await peers(client)]
                await asyncio.sleep(0.01)
        assert max(unread) > 100_000
        writer.close()
