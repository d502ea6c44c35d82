"""From a market event to an order, in one place and in plain calls.

The order of things is the meaning of this module: a message is applied to its book; when the
first message of a later exchange time stamp arrives, the group before it is closed, the books are
checked, our own part of them is settled, and every decision due before that time is taken.
Owns no socket and no task; whoever calls it sends the requests it collects.
"""

from collections.abc import Callable, Iterable

from core.agent.actions import Action
from core.agent.actor import Actor, Instant
from core.agent.events import DecisionMade
from core.agent.policies import Choice
from core.clock import VenueClock
from core.events import Bus, Event
from core.kalshi.events import AccountFeed, FillReport, OrderReport
from core.kalshi.requests import OrderRequest
from core.market.books import Books
from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    EventFeesChanged,
    GroupClosed,
    MarketChanged,
    Trade,
    VenueTime,
)
from core.market.market import Market
from core.runtime.metrics import Metrics
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.planner import masks, plan
from core.units import PIPS_PER_DOLLAR

GRACE_MS = 250
"""How long a live decision waits for a later message before it is taken without one."""


class Pipeline:
    """Books, actor and orders, driven by events in order of arrival.

    Args:
        markets: what is followed, by ticker; owned by the caller and read here.
        doubt: asks the feed to repair a book that cannot be right.
        send: takes the requests of a decision the moment it is made.
        account_fed: told whether the feed tells of the account from now on; something was lost.
        has_clock: the exchange states its time in the stream.
    """

    def __init__(
        self,
        *,
        markets: dict[str, Market],
        books: Books,
        actor: Actor,
        orders: KalshiOrderManager,
        clock: VenueClock,
        bus: Bus,
        metrics: Metrics,
        doubt: Callable[[str, str], None],
        send: Callable[[list[OrderRequest]], None],
        account_fed: Callable[[bool], None],
        has_clock: bool,
    ) -> None:
        self._markets = markets
        self._books = books
        self._actor = actor
        self._orders = orders
        self._clock = clock
        self._bus = bus
        self._metrics = metrics
        self._doubt = doubt
        self._send = send
        self._account_fed = account_fed
        self._has_clock = has_clock
        self._group_ms = 0
        self._sent_ns = 0
        self._payouts: dict[str, int] = {}
        self._handlers: dict[type[Event], Callable[..., None]] = {
            BookDelta: self._on_delta,
            BookSnapshot: self._on_snapshot,
            Trade: self._on_trade,
            BookDoubted: self._on_doubted,
            MarketChanged: self._on_market_changed,
            EventFeesChanged: bus.publish,
            VenueTime: self._on_venue_time,
            FillReport: self._on_fill,
            OrderReport: self._on_report,
            AccountFeed: self._on_account_feed,
        }

    @property
    def group_ms(self) -> int:
        """Exchange time stamp of the newest message, 0 before the first."""
        return self._group_ms

    def on_events(self, events: Iterable[Event]) -> None:
        """Take what the feed gave, in its order."""
        for event in events:
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)
        self.flush()

    def tick(self) -> None:
        """Take live decisions for which no later message came in time.

        A local exchange states its own time in the stream instead, so that nothing is ever late.
        """
        if not self._has_clock:
            self._decide_before(self._clock.now_ms() - GRACE_MS)
        self.flush()

    def flush(self) -> None:
        """Hand over requests to send and events to observers."""
        if self._orders.is_sweeping:
            self._orders.sweep(self._clock.now_ms())
        requests = self._orders.take_requests()
        if requests:
            self._send(requests)
        for event in self._orders.take_events():
            self._bus.publish(event)

    # --- one message -----------------------------------------------------------------------

    def _on_delta(self, event: BookDelta) -> None:
        self._reach(event.ts_ms, event.sent_ns)
        doubted = self._books.apply_delta(event)
        if event.client_order_id is not None:
            book = self._books.get(event.ticker)
            if book is not None:
                self._orders.orders.on_delta(event, book)
        if doubted is not None:
            self._doubt(doubted.ticker, doubted.reason)
        self._count(event.ticker, event.ts_ms)
        self._bus.publish(event)

    def _on_snapshot(self, event: BookSnapshot) -> None:
        self._reach(event.ts_ms, event.sent_ns)
        book = self._books.apply_snapshot(event)
        self._orders.orders.on_snapshot(book, event.ts_ms)
        self._bus.publish(event)

    def _on_trade(self, event: Trade) -> None:
        self._reach(event.ts_ms, event.sent_ns)
        self._count(event.ticker, event.ts_ms)
        self._bus.publish(event)

    def _on_doubted(self, event: BookDoubted) -> None:
        self._books.doubt(event.ticker)
        self._bus.publish(event)

    def _on_market_changed(self, event: MarketChanged) -> None:
        if event.kind == "determined":
            self._payouts[event.ticker] = _payout(event)
            self._actor.finish(event.ticker)
        elif event.kind == "settled":
            payout = self._payouts.pop(event.ticker, -1)
            if payout >= 0:
                self._orders.settle(event.ticker, payout, self._group_ms)
            self._actor.forget(event.ticker)
        elif event.kind == "unfollowed":
            self._actor.forget(event.ticker)
        self._bus.publish(event)

    def _on_venue_time(self, event: VenueTime) -> None:
        self._clock.publish(event.venue_ms, event.monotonic_ns, event.speed)
        if event.venue_ms > self._group_ms:
            self._close_group()
            self._group_ms = event.venue_ms
            self._sent_ns = event.monotonic_ns
            self._decide_before(event.venue_ms + 1)

    def _on_fill(self, event: FillReport) -> None:
        self._orders.on_fill(event)

    def _on_report(self, event: OrderReport) -> None:
        self._orders.on_report(event)

    def _on_account_feed(self, event: AccountFeed) -> None:
        self._account_fed(event.is_whole)

    def _count(self, ticker: str, ts_ms: int) -> None:
        self._metrics.messages += 1
        if self._actor.is_late(ticker, ts_ms):
            self._metrics.late += 1

    # --- one group of messages --------------------------------------------------------------

    def _reach(self, ts_ms: int, sent_ns: int) -> None:
        """A message of this time stamp is next: close the group before it, decide, go on.

        One stamped earlier than the newest belongs to the open group: it came late.
        """
        if ts_ms <= self._group_ms:
            return
        self._close_group()
        self._sent_ns = sent_ns
        self._group_ms = ts_ms
        if self._clock.is_published and self._clock.speed == 0:
            self._clock.publish(ts_ms, sent_ns, 0.0)
        self._decide_before(ts_ms)

    def _close_group(self) -> None:
        for doubted in self._books.end_group():
            self._doubt(doubted.ticker, doubted.reason)
        self._orders.orders.end_group(self._books, self._group_ms)
        for ticker in self._books.take_awakened():
            self._actor.book_live(ticker, self._group_ms)
        self._bus.publish(GroupClosed(self._group_ms))

    def _decide_before(self, before_ms: int) -> None:
        for instant in self._actor.due(before_ms):
            self._decide(instant)
            self.flush()

    def _decide(self, instant: Instant) -> None:
        """Observe, choose, plan, order: one decision of one market, and its record."""
        market, book = self._markets.get(instant.ticker), self._books.get(instant.ticker)
        obstacle = self._actor.obstacle(market, book, instant) or self._orders.obstacle(
            instant.ticker
        )
        if obstacle or market is None or book is None:
            self._record(instant, Choice(Action.HOLD, None), "skipped", obstacle)
            return
        desk = self._orders.desk(market, book)
        choice = self._actor.choose(instant.ticker, masks(desk))
        if choice.action is Action.HOLD:
            self._record(instant, choice, "hold", choice.reason)
            return
        execution = self._orders.execute(plan(desk, int(choice.action)), market, instant.ts_ms)
        if execution.outcome == "ordered":
            self._actor.ordered(instant.ticker, instant.ts_ms)
            self._metrics.decided(execution.client_order_id, self._sent_ns)
        self._record(
            instant, choice, execution.outcome, execution.reason, execution.client_order_id
        )

    def _record(
        self,
        instant: Instant,
        choice: Choice,
        outcome: str,
        reason: str,
        client_order_id: str = "",
    ) -> None:
        self._metrics.decisions += 1
        self._bus.publish(
            DecisionMade(
                number=instant.number,
                ts_ms=instant.ts_ms,
                ticker=instant.ticker,
                action=int(choice.action),
                outcome=outcome,
                reason=reason,
                probability=choice.probability,
                client_order_id=client_order_id,
                policy=self._actor.policy.name,
            )
        )


def _payout(event: MarketChanged) -> int:
    """Pips a YES contract pays, -1 if the exchange did not say."""
    if event.settlement_pips >= 0:
        return event.settlement_pips
    return {"yes": PIPS_PER_DOLLAR, "no": 0}.get(event.result, -1)
