"""A real local exchange in this process, a relay that loses bytes, a run's parts linked to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.agent.actor import Actor
from core.agent.policies import POLICIES
from core.clock import SystemClock, VenueClock
from core.events import Bus, Event
from core.kalshi.feed import FeedSession
from core.kalshi.limits import WriteBudget
from core.market.books import Books
from core.market.discovery import MarketFilter
from core.market.events import BookSnapshot, MarketChanged
from core.market.market import Market
from core.runtime.exchange_process import Served
from core.runtime.feed_watch import FeedWatch
from core.runtime.link import Link
from core.runtime.metrics import Metrics
from core.runtime.pipeline import Pipeline
from core.runtime.tasks import Tasks
from core.sandbox.accounts import Account
from core.sandbox.auth import private_pem
from core.sandbox.desk import Desk
from core.sandbox.limits import Tier
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import CreateBody
from core.sandbox.orders import Order
from core.sandbox.publisher import Subscription
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.sources import Source
from core.storage.recorded_session import ImportReport, RecordedSession, TradeSource
from core.trading.events import OrderChanged
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits
from core.trading.orders import OrderState, OwnOrder
from core.trading.planner import AMEND, CREATE, OK, Plan
from core.units import MICROS_PER_DOLLAR

T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
MARKET = Market(TICKER, "KXT-26MAY11", title="Market A")
UNLIMITED = ExchangeRules(tier="off")
HOST = "127.0.0.1"
LIMIT_SECONDS = 20.0
CHANNELS = (
    "orderbook_delta",
    "trade",
    "market_lifecycle_v2",
    "fill",
    "user_orders",
    "market_positions",
    "sandbox_clock",
)
"""What a run follows."""


Until = Callable[[Callable[[], object]], Awaitable[None]]


async def wait_until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not condition():  # noqa: ASYNC110  (state behind a socket)
            await asyncio.sleep(0.005)


@pytest.fixture
def until() -> Until:
    return wait_until


def still_session(
    trades: TradeSource = "real", name: str = "A", end_ms: int = 600_000
) -> RecordedSession:
    """One book that never moves: bids 30 and 40 cents, an ask of 20 contracts at 60."""
    ticker = TICKER.removesuffix("A") + name
    book = BookSnapshot(ticker, ((3_000, 5_000), (4_000, 1_000)), ((6_000, 2_000),), ts_ms=T0)
    market = Market(ticker, "KXT-26MAY11", title=f"Market {name}")
    return RecordedSession("still", (market,), (book,), T0, T0 + end_ms, trades, ImportReport())


class Relay:
    """Loopback between a client and the exchange that can lose requests or their answers.

    Attributes:
        loses: "", "requests" or "answers"; what is lost ends its connection.
        heard: told the bytes of every request before the exchange gets them.
        is_down: takes no connection.
        is_open: cleared, it holds answers back.
        forges: gives the bytes that an answer is handed on as.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._serving: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self.loses = ""
        self.is_down = False
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.heard: Callable[[bytes], None] = lambda _: None
        self.forges: Callable[[bytes], bytes] = lambda data: data
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        yield
        server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await server.wait_closed()

    def cut(self) -> None:
        """End every connection, and take none until `is_down` is taken back."""
        self.is_down = True
        for writer in self._clients:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._clients.add(writer)
        task.add_done_callback(self._serving.discard)
        try:
            up_reader, up_writer = await asyncio.open_connection(HOST, self._port)
        except OSError:  # the exchange is down
            self._clients.discard(writer)
            writer.close()
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, up_writer, "requests"), name="relay-requests")
                group.create_task(self._carry(up_reader, writer, "answers"), name="relay-answers")
        finally:
            self._clients.discard(writer)
            for end in (writer, up_writer):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: str
    ) -> None:
        while data := await reader.read(65_536):
            if self.loses == kind:
                break
            if kind == "requests":
                self.heard(data)
            else:
                await self.is_open.wait()
                data = self.forges(data)
            writer.write(data)
        writer.close()


@dataclass
class Station:
    """The parts of a run, linked to an exchange as `Runtime` links them."""

    sandbox: Sandbox
    base_url: str
    feed_relay: Relay
    limit: int = 6
    tag: str = "tag"
    wanted: MarketFilter = field(default_factory=MarketFilter)
    events: list[Event] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wall = SystemClock()
        self.clock = VenueClock(self.wall)
        self.bus = Bus()
        self.bus.subscribe(self.events.append)
        self.books = Books()
        self.markets: dict[str, Market] = {}
        self.metrics = Metrics()
        self.ledger = Ledger()
        budget = WriteBudget(10_000, 10_000, self.wall.now_ms())
        self.orders = KalshiOrderManager(self.ledger, budget, TradingLimits(), self.tag)
        self.feed = FeedSession(has_clock=True, held=self.books.get)
        self.watch = FeedWatch(self.wall, self.clock)
        self.actor = Actor(POLICIES["hold"](1))
        self.tasks = Tasks(lambda name, error: self.failed.append(f"{name}: {error}"))
        self.pipeline = Pipeline(
            markets=self.markets,
            books=self.books,
            actor=self.actor,
            orders=self.orders,
            clock=self.clock,
            bus=self.bus,
            metrics=self.metrics,
            doubt=lambda ticker, reason: self.failed.append(f"{ticker}: {reason}"),
            send=lambda requests: self.link.sender.send(requests),
            account_fed=lambda is_whole: self.link.portfolio.feed_tells(is_whole=is_whole),
            has_clock=True,
        )
        self.link = self._link()

    def _link(self) -> Link:
        pem = private_pem(self.sandbox.private_key)
        ws_url = self.sandbox.ws_url.replace(str(port_of(self.sandbox)), str(self.feed_relay.port))
        served = Served(self.base_url, ws_url, self.sandbox.api_key_id, pem)
        return Link(served, **self.parts)

    @property
    def parts(self) -> dict[str, Any]:
        """What a link is made of, besides where it leads."""
        return {
            "wall": self.wall,
            "clock": self.clock,
            "feed": self.feed,
            "books": self.books,
            "orders": self.orders,
            "markets": self.markets,
            "limit": self.limit,
            "wanted": self.wanted,
            "calendar": self.actor.calendar,
            "metrics": self.metrics,
            "bus": self.bus,
            "tasks": self.tasks,
            "on_events": self.on_events,
            "answered": self.pipeline.flush,
            "doubt": self.doubt,
        }

    def doubt(self, ticker: str, reason: str) -> None:
        """Distrust a book, as `Runtime` does."""
        self.on_events(self.feed.doubt(ticker, reason, self.wall.now_ms()))

    def on_events(self, events: Sequence[Event]) -> None:
        """Take what the feed gives, as `Runtime` does."""
        self.watch.observe(events)
        self.pipeline.on_events(events)

    @asynccontextmanager
    async def gap(self) -> AsyncIterator[None]:
        """A time without the feed; after it a new connection stands and the gap is made up for."""
        self.feed_relay.cut()
        await wait_until(lambda: self.watch.state == "disconnected")
        yield
        self.feed_relay.is_down = False
        await self.caught_up()

    @property
    def ticker(self) -> str:
        """The market that is open from the start."""
        return TICKER

    @property
    def life(self) -> MarketLife:
        """Lists, determines and settles markets on the exchange."""
        return MarketLife(self.sandbox.exchange)

    @property
    def is_reading(self) -> bool:
        """True while news of a market are followed up."""
        return any(task.get_name().startswith("market") for task in asyncio.all_tasks())

    def states(self, order: OwnOrder) -> list[str]:
        """Every state that we told of an order, each once until it changes."""
        told = [
            event.state
            for event in self.events
            if isinstance(event, OrderChanged) and event.client_order_id == order.client_order_id
        ]
        return [now for before, now in zip(["", *told], told, strict=False) if now != before]

    def subscriptions(self) -> list[list[Subscription]]:
        """What the exchange keeps of each channel that a run follows."""
        publisher = self.sandbox.exchange.publisher
        return [publisher.subscriptions(channel) for channel in CHANNELS]

    def subscribed(self) -> list[int]:
        """How many subscriptions each channel that a run follows has."""
        return [len(kept) for kept in self.subscriptions()]

    def lifecycle(self, kind: str = "") -> list[MarketChanged]:
        """What the feed told of markets, of one kind."""
        changes = [event for event in self.events if isinstance(event, MarketChanged)]
        return [change for change in changes if kind in ("", change.kind)]

    def trade(
        self, account: Account, side: str, price: str, count: str, client_order_id: str = ""
    ) -> Order:
        """Order at the exchange itself, past everything this program knows."""
        body = CreateBody(
            ticker=TICKER,
            side=side,
            price=price,
            count=count,
            client_order_id=client_order_id or f"actor-desk-{len(account.orders)}",
            time_in_force="good_till_canceled",
            self_trade_prevention_type="taker_at_cross",
        )
        return Desk(self.sandbox.exchange).create(account, body)

    def trade_as_another(self, side: str, price: str, count: str) -> Order:
        """Order for an account that is not ours."""
        other = self.sandbox.exchange.open_account(1_000 * MICROS_PER_DOLLAR)
        return self.trade(other, side, price, count)

    @property
    def account(self) -> Account:
        """Our account as the exchange keeps it."""
        return self.sandbox.exchange.accounts[1]

    async def follow(self, *, waits_for_scale: bool = True) -> None:
        """Follow what is open and wait for its first books, and for what was missed before.

        In which price scale the books come is asked then, unless the exchange's time stands still.
        """
        await self.link.portfolio.open()
        await self.link.following.find()
        self.link.start()
        await wait_until(
            lambda: self.clock.is_published and self.books.counters.snapshots >= len(self.markets)
        )
        await self.caught_up()
        if waits_for_scale:
            await wait_until(lambda: not self.link.scale_check.is_open)

    async def caught_up(self) -> None:
        """Wait until the feed stands and what a gap did not tell is made up for."""
        await wait_until(lambda: self.feed.state == "live" and not self.link.portfolio.is_behind)

    def ask(self, side: int, price_pips: int, lots: int) -> OwnOrder:
        """Order without sending it yet."""
        plan = Plan(CREATE, side, price_pips, lots, OK)
        execution = self.orders.execute(plan, MARKET, self.clock.now_ms() - 1)
        order = self.orders.orders.get(execution.client_order_id)
        assert order is not None
        return order

    async def send(self) -> None:
        """Send what was asked for and wait for every answer, or its loss."""
        self.pipeline.flush()
        await wait_until(lambda: not self.is_waiting)

    @property
    def is_waiting(self) -> bool:
        """True while an answer may come."""
        return any(
            order.is_in_flight and order.state is not OrderState.UNKNOWN
            for order in self.orders.orders.open()
        )

    async def resting(self, price_pips: int = 4_000, lots: int = 1_000) -> OwnOrder:
        """A bid of ours that rests."""
        order = await self.place(0, price_pips, lots)
        assert order.state is OrderState.RESTING
        return order

    def amend(self, order: OwnOrder, price_pips: int) -> None:
        """Ask for another price without sending it yet."""
        plan = Plan(AMEND, order.side, price_pips, order.remaining_lots, OK)
        assert self.orders.execute(plan, MARKET, self.clock.now_ms()).outcome == "ordered"

    def cancel(self, order: OwnOrder) -> None:
        """Ask for a cancel without sending it yet."""
        assert self.orders.cancel(order, self.clock.now_ms() - 1, "test")

    async def place(self, side: int, price_pips: int, lots: int) -> OwnOrder:
        """Order, and wait for the answer."""
        order = self.ask(side, price_pips, lots)
        await self.send()
        return order


Serve = Callable[..., AbstractAsyncContextManager[Sandbox]]
Connect = Callable[..., AbstractAsyncContextManager[Station]]


@pytest.fixture
def session_of() -> Callable[..., RecordedSession]:
    return still_session


@pytest.fixture
def serve() -> Serve:
    """Run the real exchange over sessions, by default one still book."""

    @asynccontextmanager
    async def serving(
        *sessions: RecordedSession,
        source: Source | None = None,
        tier: Tier | None = None,
        speed: float = 1.0,
    ) -> AsyncIterator[Sandbox]:
        played = source or RecordedSource(sessions or [still_session()])
        sandbox = Sandbox(SandboxSettings(speed=speed, rules=UNLIMITED), played, SystemClock())
        if tier is not None:
            sandbox.limits.assign(1, tier)
        async with sandbox.running():
            yield sandbox

    return serving


@pytest.fixture
def connect() -> Connect:
    """Link a run's parts to a running exchange, its REST calls through a relay if one is given."""

    @asynccontextmanager
    async def connected(
        sandbox: Sandbox, relay: Relay | None = None, **fields: object
    ) -> AsyncIterator[Station]:
        port = str(port_of(sandbox))
        base_url = sandbox.base_url.replace(port, str(relay.port)) if relay else sandbox.base_url
        feed_relay = Relay(port_of(sandbox))
        async with feed_relay.running():
            station = Station(sandbox, base_url, feed_relay, **fields)
            try:
                yield station
            finally:
                await station.tasks.close()
                await station.link.close()
        assert station.failed == []

    return connected


def port_of(sandbox: Sandbox) -> int:
    port = urlsplit(sandbox.base_url).port
    assert port is not None
    return port


@pytest.fixture
async def sandbox(serve: Serve) -> AsyncIterator[Sandbox]:
    async with serve() as running:
        yield running


@pytest.fixture
async def station(sandbox: Sandbox, connect: Connect) -> AsyncIterator[Station]:
    async with connect(sandbox) as connected:
        yield connected


@pytest.fixture
async def relay(sandbox: Sandbox) -> AsyncIterator[Relay]:
    made = Relay(port_of(sandbox))
    async with made.running():
        yield made


@pytest.fixture
async def relayed(sandbox: Sandbox, relay: Relay, connect: Connect) -> AsyncIterator[Station]:
    """A station whose REST calls the relay carries."""
    async with connect(sandbox, relay) as connected:
        yield connected
