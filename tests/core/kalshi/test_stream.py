"""The feed's socket against a WebSocket server that speaks the exchange's bytes."""

import asyncio
import json
import random
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from core.clock import SystemClock
from core.events import Event
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.events import FeedState
from core.kalshi.feed import FeedSession
from core.kalshi.signing import Signer
from core.kalshi.stream import FeedStream
from core.market.events import BookDelta, BookDoubted, BookSnapshot

KEY = Ed25519PrivateKey.generate()
PATH = "/trade-api/ws/v2"


@dataclass
class Exchange:
    """Confirms subscriptions, sends a snapshot per market, then what a test says."""

    url: str = ""
    refusals: list[int] = field(default_factory=list)
    connections: list[ServerConnection] = field(default_factory=list)
    commands: list[dict[str, object]] = field(default_factory=list)
    is_mute: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    seq: int = 0
    stamps_ms: list[int] = field(default_factory=list)
    refusal: str = "no\n"
    ahead_s: int = 0

    async def check(self, connection: ServerConnection, request: Request) -> Response | None:
        text = request.headers["KALSHI-ACCESS-TIMESTAMP"] + "GET" + request.path
        self.stamps_ms.append(int(request.headers["KALSHI-ACCESS-TIMESTAMP"]))
        KEY.public_key().verify(
            b64decode(request.headers["KALSHI-ACCESS-SIGNATURE"]), text.encode()
        )
        if self.refusals:
            response = connection.respond(self.refusals.pop(0), self.refusal)
            del response.headers["Date"]
            now_s = SystemClock().now_ms() // 1000 + self.ahead_s
            response.headers["Date"] = formatdate(now_s, usegmt=True)
            return response
        return None

    async def serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.seq = 0
        try:
            async for text in connection:
                assert isinstance(text, str), "commands are text frames"
                if self.is_mute:
                    self.heard.set()
                if not self.is_mute:
                    await self.answer(connection, json.loads(text))
        except ConnectionClosed:
            return

    async def answer(self, connection: ServerConnection, command: dict[str, object]) -> None:
        self.commands.append(command)
        if command["cmd"] == "list_subscriptions":
            await self.send({"id": command["id"], "type": "ok", "msg": []})
            return
        params = command["params"]
        assert isinstance(params, dict)
        is_book = params.get("channels") == ["orderbook_delta"]
        if command["cmd"] == "subscribe":
            body = {
                "channel": params["channels"][0],
                "sid": 1 if is_book else 1 + len(self.commands),
            }
            await self.send({"id": command["id"], "type": "subscribed", "msg": body})
        if is_book or params.get("action") == "get_snapshot":
            for ticker in params["market_tickers"]:
                await self.sequenced("orderbook_snapshot", {"market_ticker": ticker})

    async def sequenced(self, kind: str, body: dict[str, object]) -> None:
        self.seq += 1
        await self.send({"type": kind, "sid": 1, "seq": self.seq, "msg": body})

    async def delta(self, lots: str = "1.00") -> None:
        await self.sequenced(
            "orderbook_delta",
            {"market_ticker": "A", "price_dollars": "0.4100", "delta_fp": lots, "side": "yes",
             "ts_ms": 5},
        )  # fmt: skip

    async def send(self, message: dict[str, object]) -> None:
        await self.connections[-1].send(json.dumps(message))


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    peer = Exchange()
    async with serve(
        peer.serve, "127.0.0.1", 0, process_request=peer.check, close_timeout=0.2
    ) as server:
        port = server.sockets[0].getsockname()[1]
        peer.url = f"ws://127.0.0.1:{port}{PATH}"
        yield peer


@dataclass
class Client:
    """A running stream and everything it said."""

    session: FeedSession
    stream: FeedStream | None = None
    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, is_done: Callable[[], bool]) -> None:
        for _ in range(2_000):
            if is_done():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"not within 10 s; last events: {self.events[-5:]}")


@asynccontextmanager
async def streaming(
    exchange: Exchange, url: str = "", clock: ClockOffset | None = None
) -> AsyncIterator[Client]:
    client = Client(FeedSession(has_account=False))
    client.session.start(["A"])
    stream = FeedStream(
        url or exchange.url,
        Signer("key-1", KEY),
        client.session,
        SystemClock(),
        client.events.extend,
        random.Random(1),
        clock=clock,
    )
    client.stream = stream
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(stream.run(), name="stream")
        try:
            yield client
        finally:
            running.cancel()


async def test_connects_signed_and_delivers_in_order(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        for number in range(1, 600):
            await exchange.delta(f"{number}.00")
        await client.until(lambda: client.session.counters.deltas == 599)
    lots = [event.delta_lots for event in client.of(BookDelta) if isinstance(event, BookDelta)]
    assert lots == [number * 100 for number in range(1, 600)]
    states = [event.state for event in client.of(FeedState) if isinstance(event, FeedState)]
    assert states == ["connecting", "recovering", "live", "disconnected"]


async def test_gap_is_repaired_over_the_wire(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        exchange.seq += 3
        await exchange.delta()
        await client.until(lambda: len(client.of(BookSnapshot)) == 2)
        assert len(client.of(BookDoubted)) == 1
        await exchange.delta()
        await client.until(lambda: len(client.of(BookDelta)) == 1)
    assert exchange.commands[-1]["cmd"] == "update_subscription"
    assert len(exchange.connections) == 1


async def test_lost_connection_is_made_again_with_new_snapshots(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        await exchange.connections[0].close(1001, "going away")
        await client.until(lambda: len(client.of(BookSnapshot)) == 2)
    assert len(client.of(BookDoubted)) == 2, "once on the loss, once at the end"
    details = [event.detail for event in client.of(FeedState) if isinstance(event, FeedState)]
    assert any("going away" in detail for detail in details)


async def test_aborted_socket_is_made_again(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        exchange.connections[0].transport.abort()
        await client.until(lambda: len(client.of(BookSnapshot)) == 2)


async def test_refused_key_says_what_to_check_and_does_not_hammer(exchange: Exchange) -> None:
    exchange.refusals = [401] * 10
    async with streaming(exchange) as client:
        await client.until(lambda: len(client.of(FeedState)) >= 2)
        await asyncio.sleep(0.5)  # long enough for a hasty client to try again
    assert len(exchange.refusals) == 9
    assert any("key refused" in str(event) for event in client.events)


async def test_a_clock_known_to_be_wrong_is_corrected_in_the_handshake(exchange: Exchange) -> None:
    clock = ClockOffset()
    clock.observe("Thu, 01 Jan 1970 00:01:00 GMT", 0, 0)
    async with streaming(exchange, clock=clock) as client:
        await client.until(lambda: client.session.state == "live")
    assert 59_000 < exchange.stamps_ms[0] - SystemClock().now_ms() <= 61_000


async def test_a_handshake_refused_for_its_time_is_made_again_with_the_right_one(
    exchange: Exchange,
) -> None:
    exchange.refusals = [401]
    exchange.refusal = '{"error": {"code": "header_timestamp_expired", "message": "expired"}}'
    exchange.ahead_s = 60
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
    first_ms, second_ms = exchange.stamps_ms
    assert 58_000 < second_ms - first_ms < 70_000
    assert not any("key refused" in str(event) for event in client.events)


async def test_busy_exchange_is_tried_again(exchange: Exchange) -> None:
    exchange.refusals = [503, 429]
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
    assert exchange.refusals == []


async def test_nobody_there_is_told_and_ends_on_cancel(exchange: Exchange) -> None:
    async with streaming(exchange, f"ws://127.0.0.1:9{PATH}") as client:
        await client.until(lambda: len(client.of(FeedState)) >= 3)
    assert any("no connection" in str(event) for event in client.events)


async def test_markets_added_while_connected_are_asked_for(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        client.session.add_markets(["B"], SystemClock().now_ms())
        await client.until(lambda: exchange.commands[-1]["cmd"] == "update_subscription")
    actions = [c["params"]["action"] for c in exchange.commands if "action" in c["params"]]
    assert actions == ["add_markets", "add_markets"]


async def test_burst_lets_the_loop_breathe(exchange: Exchange) -> None:
    async with streaming(exchange) as client:
        await client.until(lambda: client.session.state == "live")
        turns = 0

        async def count() -> None:
            nonlocal turns
            while client.session.counters.deltas < 5_000:
                turns += 1
                await asyncio.sleep(0)

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(count(), name="count")
            for _ in range(5_000):
                await exchange.delta()
    assert turns >= 5_000 // 256


async def test_caught_up_means_that_everything_sent_before_was_handed_over(
    exchange: Exchange,
) -> None:
    async with streaming(exchange) as client:
        assert client.stream is not None
        assert await client.stream.catch_up(), "nothing is on its way before there is a connection"
        await client.until(lambda: client.session.state == "live")
        for _ in range(300):
            await exchange.delta()
        assert await client.stream.catch_up()
        assert len(client.of(BookDelta)) == 300


async def test_a_stream_that_lags_too_far_says_so(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.kalshi.stream._CATCH_UP_S", 0.2)
    async with streaming(exchange) as client:
        assert client.stream is not None
        await client.until(lambda: client.session.state == "live")
        exchange.is_mute = True
        assert not await client.stream.catch_up()


async def test_a_lost_connection_ends_the_wait_for_it(exchange: Exchange) -> None:
    async with streaming(exchange) as client, asyncio.TaskGroup() as tasks:
        assert client.stream is not None
        await client.until(lambda: client.session.state == "live")
        exchange.is_mute = True
        waiting = tasks.create_task(client.stream.catch_up(), name="catch up")
        await exchange.heard.wait()
        exchange.connections[0].transport.abort()
        async with asyncio.timeout(2):
            assert not await waiting
