"""Keeps our account honest: opens the ledger from the exchange, compares, resolves unknowns."""

import asyncio
import logging

from core.clock import VenueClock
from core.errors import VenueError
from core.events import Bus
from core.kalshi.events import BalanceReport
from core.kalshi.rest import KalshiRest
from core.trading.events import PortfolioSynced
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.reconciliation import Drift, compare

_log = logging.getLogger(__name__)
SYNC_MS = 30_000
FASTEST_SYNC_SECONDS = 1.0
RESOLVE_SECONDS = 0.5
RECENT_FILLS = 200
QUIET_TRIES = 5


class Portfolio:
    """The last comparison with the exchange's own figures.

    Attributes:
        drift: exchange minus ours, None before the first comparison.
        synced_ms: wall time of it, None before.
        equity_basis_micros: account value when the run began.
    """

    def __init__(
        self, rest: KalshiRest, orders: KalshiOrderManager, clock: VenueClock, bus: Bus
    ) -> None:
        self._rest = rest
        self._orders = orders
        self._clock = clock
        self._bus = bus
        self._doubtful = asyncio.Event()
        self._is_feed_new = False
        self.drift: Drift | None = None
        self.synced_ms: int | None = None
        self.equity_basis_micros: int | None = None

    async def open(self) -> None:
        """Start the ledger and the order list from what the exchange holds for us."""
        balance = await self._rest.balance()
        positions = await self._rest.positions()
        self._orders.ledger.open(balance.available_micros + balance.reserved_micros, positions)
        self._orders.ledger.mark_booked(await self._rest.fills())
        for report in await self._rest.orders(status="resting"):
            self._orders.on_report(report)
        cost = sum(position.cost_micros for position in positions)
        self.equity_basis_micros = self._orders.ledger.cash_micros + cost
        self.synced_ms = self._clock.wall_ms()

    def question(self) -> None:
        """An order's outcome is unknown: ask soon."""
        self._doubtful.set()

    def feed_is_back(self) -> None:
        """A new connection: what happened to our orders meanwhile was told to nobody."""
        self._is_feed_new = True
        self._doubtful.set()

    async def run(self) -> None:
        """Compare every 30 s of venue time, and sooner while an order is UNKNOWN."""
        while True:
            try:
                await self.sync()
            except VenueError as error:
                _log.warning("portfolio could not be compared: %s", error)
            await self._wait()

    async def _wait(self) -> None:
        pause = self._clock.wall_seconds(self._clock.now_ms() + SYNC_MS)
        if self._orders.has_unknown():
            pause = 0.0
        pause = max(pause, FASTEST_SYNC_SECONDS)
        try:
            await asyncio.wait_for(self._doubtful.wait(), pause)
        except TimeoutError:
            return
        self._doubtful.clear()
        await asyncio.sleep(RESOLVE_SECONDS)  # the exchange's read side lags its answers

    async def sync(self) -> None:
        """Settle unknown orders, then compare an instant in which nothing happened.

        A difference is believed when it is seen twice: a message of the feed may be on its way.
        """
        if self._is_feed_new:
            self._is_feed_new = False
            await self._read_live_orders()
        if any(order.is_in_flight for order in self._orders.orders.open()):
            asked_ms = self._clock.now_ms()
            self._orders.on_list(await self._rest.orders(), asked_ms, self._clock.now_ms())
        drift = await self._compare()
        if drift is not None and not drift.is_zero:
            await asyncio.sleep(RESOLVE_SECONDS)
            drift = await self._compare()
            if drift is not None and not drift.is_zero:
                _log.warning("our account differs from the exchange's: %s", drift)
        if drift is not None:
            self.drift = drift

    async def _compare(self) -> Drift | None:
        """Compare, None if no quiet instant was found."""
        for _ in range(QUIET_TRIES):
            await self._take_fills()
            before = self._orders.changes
            balance = await self._rest.balance()
            positions = await self._rest.positions()
            resting = await self._rest.orders(status="resting")
            await self._take_fills()
            self.synced_ms = self._clock.wall_ms()
            if before == self._orders.changes:
                drift = compare(
                    self._orders.ledger, self._orders.orders, balance, positions, resting
                )
                if drift.is_exact:
                    self._tell(balance, drift)
                    return drift
        return None

    async def _read_live_orders(self) -> None:
        """Take the exchange's word for every order the books may hold, as the feed would give it.

        The new connection's snapshots hold what rests now, and no order report comes by itself.
        """
        for order in self._orders.orders.live():
            if order.order_id:
                self._orders.on_report(await self._rest.order(order.order_id))

    async def _take_fills(self) -> None:
        for fill in await self._rest.fills(limit=RECENT_FILLS):
            self._orders.on_fill(fill)

    def _tell(self, balance: BalanceReport, drift: Drift) -> None:
        self._bus.publish(
            PortfolioSynced(
                ts_ms=self._clock.now_ms(),
                cash_micros=balance.available_micros,
                reserved_micros=balance.reserved_micros,
                drift_cash_micros=drift.cash_micros,
                drift_position_lots=drift.position_lots,
                drift_orders=drift.orders,
            )
        )
