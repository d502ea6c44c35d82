"""A trading floor without sockets, small recorded sessions, and a client of the real server."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
import websockets
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from core.clock import SystemClock
from core.market.events import BookSnapshot
from core.market.market import FeeSchedule, Market
from core.sandbox.accounts import Account
from core.sandbox.auth import KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from core.sandbox.book import Book
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import CreateBody
from core.sandbox.orders import CROWD, Order
from core.sandbox.publisher import Publisher
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.sources import Source
from core.storage.recorded_session import ImportReport, RecordedSession, SessionEvent, TradeSource
from core.units import MICROS_PER_DOLLAR

T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"


class RecordingSink:
    """A connection that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.is_stamped = False
        self.sent_count = 0
        self.fills_up = False

    def send(self, text: str) -> None:
        self.sent_count += 1
        self.messages.append(json.loads(text + "}"))

    def is_full(self) -> bool:
        return self.fills_up

    def take(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What came since the last call, of one type."""
        taken, self.messages = self.messages, []
        return [m for m in taken if kind is None or m["type"] == kind]


@dataclass
class Floor:
    """One market, two accounts, no sockets."""

    exchange: Exchange
    listing: Listing
    desk: Desk
    life: MarketLife
    ann: Account
    bob: Account
    ids: list[int] = field(default_factory=lambda: [0])

    def body(self, side: str, price: str, count: str, **fields: object) -> CreateBody:
        self.ids[0] += 1
        defaults: dict[str, Any] = {
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
            "client_order_id": f"id-{self.ids[0]}",
        }
        return CreateBody(
            ticker=self.listing.ticker,
            side=side,
            price=price,
            count=count,
            **(defaults | fields),
        )

    def place(self, account: Account, side: str, price: str, count: str, **fields: object) -> Order:
        return self.desk.create(account, self.body(side, price, count, **fields))

    def crowd(self, side: int, price_pips: int, lots: int) -> Order:
        """An anonymous order."""
        order = Order("crowd", CROWD, self.listing.ticker, side, price_pips, lots, lots)
        self.exchange.carry_out(self.listing, self.listing.book.place(order))
        return order


@pytest.fixture
def market() -> Callable[..., Market]:
    def make(ticker: str = TICKER, **fields: object) -> Market:
        return Market(ticker, ticker.rsplit("-", 1)[0], title=f"Market {ticker}", **fields)

    return make


@pytest.fixture
def sink() -> RecordingSink:
    return RecordingSink()


@pytest.fixture
def new_sink() -> Callable[[], RecordingSink]:
    return RecordingSink


@pytest.fixture
def floor_of(market: Callable[..., Market]) -> Callable[..., Floor]:
    def make(
        book: Book | None = None,
        cash: int = 1_000,
        rules: ExchangeRules = DEFAULT_RULES,
        **fields: object,
    ) -> Floor:
        exchange = Exchange(Publisher(), seed=1, now_ms=T0, rules=rules)
        life = MarketLife(exchange)
        listing = life.list_market(market(**fields), book or MatchingBook())
        ann, bob = (exchange.open_account(cash * MICROS_PER_DOLLAR) for _ in range(2))
        return Floor(exchange, listing, Desk(exchange), life, ann, bob)

    return make


@pytest.fixture
def floor(floor_of: Callable[..., Floor]) -> Floor:
    return floor_of()


@pytest.fixture
def free_floor(floor_of: Callable[..., Floor]) -> Floor:
    """A floor without fees."""
    return floor_of(fees=FeeSchedule(0, 0))


@pytest.fixture
def session_of(market: Callable[..., Market]) -> Callable[..., RecordedSession]:
    """Build a session of one or more markets; times count from T0."""

    def make(
        events: Sequence[SessionEvent],
        trades: TradeSource = "real",
        markets: Sequence[Market] | None = None,
        end_ms: int = 60_000,
    ) -> RecordedSession:
        return RecordedSession(
            "test",
            tuple(markets or (market(),)),
            tuple(events),
            T0,
            T0 + end_ms,
            trades,
            ImportReport(),
        )

    return make


class Client:
    """Signs and sends requests to a running sandbox."""

    def __init__(
        self, sandbox: Sandbox, http: aiohttp.ClientSession, session: RecordedSession
    ) -> None:
        self.sandbox = sandbox
        self.session = session
        self._http = http
        self.clock = SystemClock()

    def headers(
        self,
        method: str,
        path: str,
        key: rsa.RSAPrivateKey | None = None,
        key_id: str | None = None,
        salt: int = 32,
        skew_ms: int = 0,
    ) -> dict[str, str]:
        stamp = str(self.clock.now_ms() + skew_ms)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
        signer = key or self.sandbox.private_key
        signature = signer.sign(f"{stamp}{method}{path}".encode(), pss, hashes.SHA256())
        return {
            KEY_HEADER: key_id or self.sandbox.api_key_id,
            TIMESTAMP_HEADER: stamp,
            SIGNATURE_HEADER: base64.b64encode(signature).decode(),
        }

    async def call(
        self, method: str, path: str, body: object = None, **headers: object
    ) -> tuple[int, Any]:
        """One signed request; returns status and decoded body."""
        signed = self.headers(method, "/trade-api/v2" + path.split("?")[0], **headers)
        return await self.send(method, path, signed, body)

    async def send(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} | headers
        url = self.sandbox.base_url + path
        async with self._http.request(method, url, headers=headers, data=data) as reply:
            return reply.status, await reply.json()

    async def empty(self, method: str, path: str, body: object = None) -> int:
        """One signed request that must be answered without a body; returns the status."""
        url = self.sandbox.base_url + path
        signed = self.headers(method, "/trade-api/v2" + path.split("?")[0])
        async with self._http.request(method, url, headers=signed, json=body) as reply:
            assert await reply.read() == b""
            return reply.status

    def source(self) -> Source:
        """A second source, to run another server."""
        return RecordedSource([self.session])

    async def status(self) -> dict[str, Any]:
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/status"
        async with self._http.get(url) as reply:
            return await reply.json()

    async def raw_socket(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """An upgraded connection that answers no ping."""
        host = self.sandbox.ws_url.split("/")[2]
        reader, writer = await asyncio.open_connection(*host.split(":"))
        lines = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
        } | self.headers("GET", "/trade-api/ws/v2")
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"GET /trade-api/ws/v2 HTTP/1.1\r\n{head}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        return reader, writer

    async def sandbox_passes(self, venue_ms: int) -> None:
        """Wait until venue time is past this."""
        async with asyncio.timeout(10):
            while (await self.status())["venue_ms"] <= venue_ms:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    def socket(self, max_queue: int = 16, **headers: Any) -> websockets.connect:  # noqa: ANN401
        """A signed WebSocket connection, to be entered."""
        signed = self.headers("GET", "/trade-api/ws/v2", **headers)
        return websockets.connect(
            self.sandbox.ws_url,
            additional_headers=signed,
            max_size=None,
            max_queue=max_queue,
            proxy=None,
        )

    def order(self, **fields: object) -> dict[str, Any]:
        """Body of a create."""
        return {
            "ticker": TICKER,
            "side": "bid",
            "count": "1.00",
            "price": "0.4000",
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
        } | fields


Serve = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def serve(session_of: Callable[..., RecordedSession]) -> Serve:
    """Run the real server over a source, by default one still recorded book."""

    @asynccontextmanager
    async def serving(
        source: Source | None = None,
        speed: float = 1.0,
        is_limited: bool = False,
        rules: ExchangeRules = DEFAULT_RULES,
        is_paced: bool = False,
    ) -> AsyncIterator[Client]:
        book = BookSnapshot(TICKER, ((3_000, 5_000), (4_000, 1_000)), ((6_000, 2_000),), ts_ms=T0)
        session = session_of([book])
        source = source or RecordedSource([session])
        rules = rules if is_limited else replace(rules, tier="off")
        settings = SandboxSettings(speed=speed, rules=rules, is_paced=is_paced)
        sandbox = Sandbox(settings, source, SystemClock())
        async with sandbox.running(), aiohttp.ClientSession() as http:
            yield Client(sandbox, http, session)

    return serving
