"""A script's user: both clients of one account at a real local exchange in this process."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from core.clock import SystemClock
from core.kalshi.account_budget import AccountBudget
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import CreateOrder, CreateReply
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.market.events import BookSnapshot
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
async def _served(source: Source, speed: float, tier: str = "off") -> AsyncIterator[ScriptUser]:
    wall = SystemClock()
    sandbox = Sandbox(SandboxSettings(speed=speed, rules=ExchangeRules(tier=tier)), source, wall)
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
async def busy() -> AsyncIterator[ScriptUser]:
    """At an exchange with generated flow, once a minute has passed and something traded."""
    async with _served(GeneratedSource(GeneratedFlow(1, 1, T0), T0), 60.0) as user:
        async with asyncio.timeout(60):
            while user.now_ms < T0 + 61_000 or not await user.rest.trades(limit=1):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        (newest,) = await user.rest.trades(limit=1)
        user.tickers = (newest.ticker,)
        yield user
