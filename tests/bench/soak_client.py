"""The console's own core under a soak: feed, books, orders and account at an exchange of the soak.

It records nothing, and trades a little so that orders and account have something to disagree about.
"""

import asyncio
import random
import sys
from pathlib import Path

from core.market.book import BookStatus
from core.runtime.exchange_process import ExchangeProcess
from core.runtime.runtime import Runtime
from core.settings import Settings
from core.trading.order_index import ACTOR
from core.trading.planner import CREATE, OK, Plan
from core.trading.reconciliation import Drift

_EXCHANGE = Path(__file__).parent / "soak_exchange.py"
_ORDER_SECONDS = 0.25
_MOST_OPEN = 20
_TRIES = 10


class SoakRuntime(Runtime):
    """A run at its own exchange.

    Args:
        home: folder of state.
        markets: how many to follow.
        numbers: arguments of the exchange.
        seed: of the orders.
    """

    def __init__(self, home: Path, markets: int, numbers: list[str], seed: int) -> None:
        super().__init__(Settings(home=home, markets=markets, strategy="hold", seed=seed))
        self._numbers = numbers
        self._random = random.Random(seed)

    async def _open_storage(self) -> None:
        """Record nothing."""

    async def _start_exchange(self) -> None:
        program = [sys.executable, str(_EXCHANGE), *self._numbers]
        self._exchange = await ExchangeProcess.start(program)

    @property
    def base_url(self) -> str:
        """REST base of the exchange."""
        return self._exchange.served.base_url if self._exchange else ""

    @property
    def has_caught_up(self) -> bool:
        """True while the feed stands and nothing that a gap did not tell is missing."""
        is_behind = self.portfolio is None or self.portfolio.is_behind
        return self.feed.state == "live" and not is_behind

    async def differing_books(self) -> list[str]:
        """Markets whose book is not that of the exchange, which stands still."""
        differing = []
        for book in list(self.books) if self.link else ():
            theirs = await self.link.rest.orderbook(book.ticker)
            ours = [dict(book.displayed(0)), dict(book.displayed(1))]
            if book.status is BookStatus.STALE or ours != [dict(theirs.bids), dict(theirs.asks)]:
                differing.append(book.ticker)
        return differing

    async def final_drift(self) -> Drift | None:
        """Cancel our orders and compare the account; None if no quiet instant came."""
        for _ in range(_TRIES):
            drift = await self.quiet()
            if drift is not None:
                return drift
        return None

    async def trade(self) -> None:
        """Place an order now and then, half of them to take, cancel all often enough."""
        while True:
            await asyncio.sleep(_ORDER_SECONDS)
            now_ms = self.clock.now_ms()
            if len(self.orders.orders.open()) >= _MOST_OPEN:
                self.orders.cancel_all(ACTOR, now_ms)
            book = self._random.choice(list(self.books))
            asks = book.top(1)
            if asks and not self.orders.obstacle(book.ticker):
                price_pips = asks[0][0] if self._random.random() < 0.5 else 100
                plan = Plan(CREATE, 0, price_pips, 100, OK)
                self.orders.execute(plan, self.markets[book.ticker], now_ms)
            self.pipeline.flush()
