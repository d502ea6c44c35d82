"""A script's user: both clients of one account at a real local exchange in this process."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.clock import SystemClock
from core.kalshi.account_budget import AccountBudget
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import CreateOrder, CreateReply
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.market.events import BookSnapshot, Trade
from core.market.market import Market
from core.sandbox.auth import private_pem
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.market_life import MarketLife
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.sources import Source
from core.storage.recorded_session import ImportReport, RecordedSession

T0 = 1_778_477_863_000
EVENT = "KXT-26MAY11"
TICKERS = (f"{EVENT}-A", f"{EVENT}-B")


@dataclass
class ScriptUser:
    """What a script of the operator's would hold.

    Attributes:
        placed: how many orders, which makes their ids unique.
    """

    sandbox: Sandbox
    rest: KalshiRest
    orders: OrderRest
    event: str = EVENT
    tickers: tuple[str, ...] = TICKERS
    t0_ms: int = T0
    placed: int = field(default=0)

    @property
    def ticker(self) -> str:
        """The first market: bids of 10 contracts at 40 cents, asks of 20 at 60."""
        return self.tickers[0]

    @property
    def now_ms(self) -> int:
        """Venue time."""
        return self.sandbox.exchange.now_ms

    def order(self, side: int, price_pips: int, lots: int, **more: object) -> CreateOrder:
        """An order that was not sent yet."""
        self.placed += 1
        return CreateOrder(f"script-{self.placed}", self.ticker, side, price_pips, lots, **more)

    async def place(self, side: int, price_pips: int, lots: int, **more: object) -> CreateReply:
        """Place an order."""
        return await self.orders.create_order(self.order(side, price_pips, lots, **more))

    def open_subaccount(self, cash_micros: int = 1_000_000_000) -> int:
        """Number of a new subaccount with this much cash."""
        account = self.sandbox.exchange.open_subaccount(1)
        account.cash_micros = cash_micros
        return int(account.subaccount)

    def settle(self, result: str) -> None:
        """Let the first market end."""
        life = MarketLife(self.sandbox.exchange)
        listing = self.sandbox.exchange.listings[self.ticker]
        life.determine(listing, result)
        life.settle(listing)


def _session() -> RecordedSession:
    markets = tuple(Market(ticker, EVENT, title=f"Market {ticker[-1]}") for ticker in TICKERS)
    books = tuple(
        BookSnapshot(ticker, ((3_000, 5_000), (4_000, 1_000)), ((6_000, 2_000),), ts_ms=T0)
        for ticker in TICKERS
    )
    return RecordedSession("still", markets, books, T0, T0 + 600_000, "real", ImportReport())


@asynccontextmanager
async def _served(
    source: Source,
    speed: float,
    tier: str = "off",
    **rules: Any,  # noqa: ANN401  (fields of ExchangeRules)
) -> AsyncIterator[ScriptUser]:
    wall = SystemClock()
    settings = SandboxSettings(speed=speed, rules=ExchangeRules(tier=tier, **rules))
    sandbox = Sandbox(settings, source, wall)
    async with sandbox.running():
        signer = Signer(sandbox.api_key_id, private_pem(sandbox.private_key))
        data, budget = DataEndpoint(sandbox.base_url, sandbox.ws_url), AccountBudget(wall)
        rest = KalshiRest(data, signer, wall, random.Random(1), budget=budget)
        orders = OrderRest(OrderEndpoint.sandbox(sandbox.base_url), signer, wall, budget=budget)
        await rest.account_limits()
        yield ScriptUser(sandbox, rest, orders)
        await rest.close()
        await orders.close()


@pytest.fixture
async def user() -> AsyncIterator[ScriptUser]:
    """At an exchange whose two books never move."""
    async with _served(RecordedSource([_session()]), 1.0) as user:
        yield user


@pytest.fixture
async def basic() -> AsyncIterator[ScriptUser]:
    """As `user`, with the rate limits of the lowest tier."""
    async with _served(RecordedSource([_session()]), 1.0, "basic") as user:
        yield user


@pytest.fixture
async def archived() -> AsyncIterator[ScriptUser]:
    """As `user`, where everything that is over has left the live data at once.

    Time stands before a recording is followed, so even this millisecond is old.
    """
    async with _served(RecordedSource([_session()]), 1.0, live_data_ms=-1) as user:
        yield user


@pytest.fixture
async def busy() -> AsyncIterator[ScriptUser]:
    """At an exchange with generated flow, once a minute has passed and something traded."""
    async with _served(GeneratedSource(GeneratedFlow(1, 1, T0), T0), 60.0) as user:
        await _traded(user, user.rest.trades)
        yield user


@pytest.fixture
async def busy_archive() -> AsyncIterator[ScriptUser]:
    """As `busy`, where everything that is over has left the live data at once."""
    source = GeneratedSource(GeneratedFlow(1, 1, T0), T0)
    async with _served(source, 60.0, live_data_ms=0) as user:
        await _traded(user, user.rest.historical_trades)
        yield user


async def _traded(user: ScriptUser, trades: Callable[..., Awaitable[list[Trade]]]) -> None:
    """Wait for a minute of venue time and a trade, and name its market first."""
    async with asyncio.timeout(60):
        while user.now_ms < T0 + 61_000 or not await trades():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    newest, *_ = await trades()
    user.tickers = (newest.ticker,)
