"""Keeps our account honest: opens the ledger from the exchange, compares, resolves unknowns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.clock import VenueClock
from core.errors import RejectedError, VenueError
from core.events import Bus
from core.kalshi.account_wire import Settlement
from core.kalshi.events import BalanceReport, OrderReport
from core.kalshi.queries import OrderQuery, SettlementQuery
from core.kalshi.rest import KalshiRest
from core.trading.events import PortfolioSynced
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import MarketAccount
from core.trading.reconciliation import Drift, compare

_log = logging.getLogger(__name__)
SYNC_MS = 30_000
FASTEST_SYNC_SECONDS = 1.0
READ_LAG_SECONDS = 1.1
"""The exchange's lists may lag its answers by so much."""
TRY_SECONDS = 0.2
RECENT_FILLS = 200
MOST_FILLS = 1_000
"""Fills that one question can bring; the ledger knows several times as many again."""
QUIET_TRIES = 5
RESTING = OrderQuery(status="resting")


class Portfolio:
    """The last comparison with the exchange's own figures.

    Args:
        reread_markets: asks the exchange how the followed markets stand.
        answered: hands on what an answer led to.
        caught_up: waits for what the feed has on its way; False if it lags too far.

    Attributes:
        drift: exchange minus ours, None before the first comparison.
        synced_ms: wall time of it, None before.
        equity_basis_micros: account value when the run began.
    """

    def __init__(
        self,
        rest: KalshiRest,
        orders: KalshiOrderManager,
        clock: VenueClock,
        bus: Bus,
        *,
        reread_markets: Callable[[], Awaitable[None]],
        answered: Callable[[], None],
        caught_up: Callable[[], Awaitable[bool]],
    ) -> None:
        self._rest = rest
        self._orders = orders
        self._clock = clock
        self._bus = bus
        self._reread_markets = reread_markets
        self._answered = answered
        self._caught_up = caught_up
        self._doubtful = asyncio.Event()
        self._feeds = 0
        self._feeds_read = 0
        self.drift: Drift | None = None
        self.synced_ms: int | None = None
        self.equity_basis_micros: int | None = None

    async def open(self) -> None:
        """Start the ledger and the order list from what the exchange holds for us."""
        balance = await self._rest.balance()
        positions = await self._rest.positions()
        self._orders.ledger.open(balance.available_micros + balance.reserved_micros, positions)
        self._orders.ledger.mark_booked(await self._rest.fills())
        for report in await self._rest.orders(RESTING):
            self._orders.on_report(report)
        cost = sum(position.cost_micros for position in positions)
        self.equity_basis_micros = self._orders.ledger.cash_micros + cost
        self.synced_ms = self._clock.wall_ms()

    def question(self) -> None:
        """An order's outcome is unknown: ask soon."""
        self._doubtful.set()

    def feed_tells(self, *, is_whole: bool) -> None:
        """Reports of ours were lost, and whether all that concerns us is told from now on."""
        self._orders.orders.doubt(is_told=is_whole)
        self.feed_is_back()

    def feed_is_back(self) -> None:
        """What happened until now may have been told to nobody: ask for it."""
        self._feeds += 1
        self._doubtful.set()

    @property
    def is_behind(self) -> bool:
        """True until the feed tells of the account, and what it did not tell is made up for."""
        return self._feeds_read < self._feeds or not self._orders.orders.is_told

    async def run(self) -> None:
        """Compare every 30 s of venue time, sooner while an order is UNKNOWN or a gap unread."""
        while True:
            try:
                await self.sync()
            except VenueError as error:
                _log.warning("portfolio could not be compared: %s", error)
            await self._wait()

    async def _wait(self) -> None:
        speed = self._clock.speed
        pause = SYNC_MS / 1000 / speed if speed else SYNC_MS / 1000
        if self._orders.orders.unknown() or self.is_behind:
            pause = 0.0
        try:
            async with asyncio.timeout(max(pause, FASTEST_SYNC_SECONDS)):
                await self._doubtful.wait()
        except TimeoutError:
            return
        self._doubtful.clear()

    async def sync(self) -> Drift | None:
        """Settle what is unknown, then compare an instant in which nothing happened.

        A difference is believed when it is seen twice: a message of the feed may be on its way.

        Returns:
            The comparison, None if no quiet instant was found.
        """
        if self.is_behind and not await self._catch_up():
            return None
        await self._settle_unknown()
        drift = await self._compare()
        if drift is not None and not drift.is_zero:
            await asyncio.sleep(READ_LAG_SECONDS)
            drift = await self._compare()
        if self._lasts(drift) and await self._take_payouts():
            drift = await self._compare()
        if drift is not None and not drift.is_zero:
            _log.warning("our account differs from the exchange's: %s", drift)
        if drift is not None:
            self.drift = drift
        return drift

    async def _settle_unknown(self) -> None:
        """Ask the list about orders whose answer was lost; its read side lags its answers."""
        suspects = {order.client_order_id: order.ticker for order in self._orders.orders.unknown()}
        if not suspects:
            return
        await asyncio.sleep(READ_LAG_SECONDS)
        reports: list[OrderReport] = []
        for ticker in set(suspects.values()):
            reports += await self._rest.orders(OrderQuery(ticker=ticker))
        self._orders.on_list(reports, suspects, self._clock.now_ms())
        self._answered()

    def _lasts(self, drift: Drift | None) -> bool:
        """True if positions differ as they did last time: no message of the feed will mend it."""
        before = self.drift
        return bool(drift and before and drift.position_lots and before.position_lots)

    async def _take_payouts(self) -> bool:
        """Book what the exchange paid out and nobody told: only we still hold something there.

        Returns:
            True if anything was booked.
        """
        theirs = {row.ticker for row in await self._rest.positions() if row.position_lots}
        before = self._orders.changes
        for account in list(self._orders.ledger):
            if account.position_lots and account.ticker not in theirs:
                await self._take_payout(account)
        self._answered()
        return self._orders.changes > before

    async def _take_payout(self, account: MarketAccount) -> None:
        for settlement in await self._rest.settlements(SettlementQuery(ticker=account.ticker)):
            yes_pips = await self._paid(settlement)
            if yes_pips is not None and account.position_lots:  # nor told meanwhile
                self._orders.settle(account.ticker, yes_pips, settlement.settled_ms)

    async def _paid(self, settlement: Settlement) -> int | None:
        """Pips a YES contract paid: the market says it exactly, the settlement to the cent."""
        try:
            market = await self._rest.market(settlement.ticker)
        except RejectedError as error:
            _log.info("settled market %s cannot be read: %s", settlement.ticker, error)
            return settlement.yes_pips
        return market.settlement_pips if market.settlement_pips >= 0 else settlement.yes_pips

    async def _compare(self) -> Drift | None:
        for _ in range(QUIET_TRIES):
            if any(order.is_in_flight for order in self._orders.orders.open()):
                return None
            drift = await self._compare_now()
            if drift is not None:
                return drift
            await asyncio.sleep(TRY_SECONDS)
        return None

    async def _compare_now(self) -> Drift | None:
        """Compare once; None if something happened between the questions.

        The feed may lag behind the answers, by seconds when it is busy, and alone tells of
        payouts; so what it has on its way is awaited before anything is believed.
        """
        await self._take_fills()
        before = self._orders.changes
        balance = await self._rest.balance()
        positions = await self._rest.positions()
        resting = await self._rest.orders(RESTING)
        await self._take_fills()
        if not await self._caught_up():
            return None
        if before != self._orders.changes:
            return None
        drift = compare(self._orders.ledger, self._orders.orders, balance, positions, resting)
        if not drift.is_exact:
            return None
        self.synced_ms = self._clock.wall_ms()
        self._tell(balance, drift)
        return drift

    async def _catch_up(self) -> bool:
        """Make up for what the feed did not tell: fills, orders, ends of markets.

        New snapshots hold what rests now, and no report of it comes by itself, so the exchange's
        word for every order that the books may hold is taken as the feed's. It speaks of later
        than the feed has reached, so nothing is known until the feed has come as far.

        Returns:
            False if the feed lags too far, or lost more meanwhile.
        """
        feeds = self._feeds  # more may be lost while this is made up for
        await asyncio.sleep(READ_LAG_SECONDS)
        await self._take_fills()
        resting = await self._rest.orders(RESTING)
        for report in resting:
            self._orders.on_report(report)
        listed = {report.order_id for report in resting}
        for order in self._orders.orders.live():
            if order.order_id and order.order_id not in listed:
                await self._read_order(order.order_id)
        await self._reread_markets()
        if not await self._caught_up():
            return False
        self._feeds_read = feeds
        if self.is_behind:
            return False
        self._orders.orders.clear()
        return True

    async def _read_order(self, order_id: str) -> None:
        try:
            self._orders.on_report(await self._rest.order(order_id))
        except RejectedError as error:
            _log.warning("order %s cannot be read: %s", order_id, error)

    async def _take_fills(self) -> None:
        """Book what nobody told, in the order in which it happened: it decides the average."""
        fills = await self._rest.fills(limit=RECENT_FILLS)
        if len(fills) == RECENT_FILLS and not self._orders.ledger.has_booked(fills[-1]):
            fills = await self._rest.fills(limit=MOST_FILLS)
        for fill in reversed(fills):
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
