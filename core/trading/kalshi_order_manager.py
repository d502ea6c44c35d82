"""The exchange-backed order manager, sans-IO: plans and answers in, requests and events out.

Its owner sends what `take_requests` gives and brings back each answer by `on_reply`,
`on_refused` or `on_lost`; reports and fills from the feed come by `on_report` and `on_fill`.
"""

from collections.abc import Collection, Iterable

from core.events import Event
from core.kalshi.events import FillReport, OrderReport
from core.kalshi.limits import WriteBudget
from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CreateOrder,
    CreateReply,
    OrderReply,
    OrderRequest,
)
from core.market.book import OrderBook
from core.market.market import Market
from core.trading.events import FillBooked, OrderChanged, SettlementBooked
from core.trading.ledger import Ledger
from core.trading.order_index import ACTOR, OrderIndex
from core.trading.order_manager import Execution, TradingLimits
from core.trading.orders import OrderEvent, OrderState, OwnOrder
from core.trading.planner import (
    AMEND,
    BLOCKED,
    CANCEL,
    CREATE,
    KEEP,
    REASONS,
    Desk,
    Plan,
)
from core.trading.sleeves import Sleeves
from core.trading.wording import cents, order_text

NOT_FOUND, TOO_MANY = 404, 429
AWAITING: dict[type[OrderRequest], OrderState] = {
    CreateOrder: OrderState.REQUESTED,
    AmendOrder: OrderState.AMENDING,
    CancelOrder: OrderState.CANCELLING,
}
"""The state in which an order waits for the answer to a request; otherwise the feed was first."""


class KalshiOrderManager:
    """Orders of the account, their requests and what the exchange says of them.

    Args:
        ledger: positions and cash; this manager is its only writer.
        budget: write tokens; nothing is asked for without them.
        limits: sleeve, order size and position limit of a market.
        tag: makes client order ids unique for ever on this account.

    Attributes:
        changes: counts everything that happened to an order or the ledger.
    """

    def __init__(
        self, ledger: Ledger, budget: WriteBudget, limits: TradingLimits, tag: str
    ) -> None:
        self.ledger = ledger
        self.orders = OrderIndex()
        self._budget = budget
        self._sleeves = Sleeves(ledger, self.orders, limits)
        self._tag = tag
        self._count = 0
        self.changes = 0
        self._requests: list[OrderRequest] = []
        self._events: list[Event] = []
        self._doomed: set[str] = set()

    def take_requests(self) -> list[OrderRequest]:
        """Requests to send now, cancels first."""
        requests, self._requests = self._requests, []
        return sorted(requests, key=lambda request: not isinstance(request, CancelOrder))

    def take_events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    # --- what the planner sees -------------------------------------------------------------

    def desk(self, market: Market, book: OrderBook) -> Desk:
        """What the planner looks at in this market now."""
        return self._sleeves.desk(market, book)

    def obstacle(self, ticker: str) -> str:
        """Why this market takes no new plan now, "" if it does."""
        if not self.orders.is_told:
            return "the feed does not tell of our orders now"
        if self.orders.is_doubtful(ticker):
            return "reports of our orders were lost, their state is asked for"
        for order in self.orders.open_in(ticker):
            if order.state is OrderState.UNKNOWN:
                return "an order's outcome is unknown"
            if order.is_in_flight:
                return f"{order.state.value}, waiting for the exchange"
            if order.origin != ACTOR:
                return f"a {order.origin} order works this market"
        return ""

    def is_engaged(self, ticker: str) -> bool:
        """True while we hold a position in this market or have an open order there."""
        return bool(self.ledger.account(ticker).position_lots or self.orders.open_in(ticker))

    def is_unknown(self, client_order_id: str) -> bool:
        """True while only the exchange's list can tell how this order stands."""
        order = self.orders.get(client_order_id)
        return order is not None and order.state is OrderState.UNKNOWN

    # --- what we ask -----------------------------------------------------------------------

    def execute(self, plan: Plan, market: Market, now_ms: int) -> Execution:
        """Carry a plan out, or say why not."""
        if plan.operation == BLOCKED:
            return Execution("blocked", REASONS[plan.reason])
        if plan.operation == CREATE:
            return self._create(plan, market, now_ms)
        order = self.orders.resting(market.ticker, plan.side, ACTOR)
        if order is None:
            return Execution("hold", "")
        text = order_text(plan.side, order.price_pips, order.remaining_lots)
        if plan.operation == KEEP:
            return Execution("kept", f"own {text} is at best", order.client_order_id)
        if plan.operation == AMEND:
            return self._amend(order, plan.price, now_ms)
        if plan.operation == CANCEL and self.cancel(order, now_ms, "makes room"):
            return Execution("ordered", f"cancel {text} first", order.client_order_id)
        return Execution("blocked", "cancel waits for write tokens")

    def _create(self, plan: Plan, market: Market, now_ms: int) -> Execution:
        if not market.ticks().is_tradable(plan.price):
            return Execution("blocked", f"{cents(plan.price)} is off the market's tick grid")
        if not self._budget.take_order(now_ms):
            return Execution("blocked", "write tokens are used up")
        self._count += 1
        order = self.orders.add(
            OwnOrder(
                client_order_id=f"{ACTOR}-{self._tag}-{self._count}",
                ticker=market.ticker,
                side=plan.side,
                origin=ACTOR,
                price_pips=plan.price,
                total_lots=plan.lots,
                created_ms=now_ms,
                action=plan.action,
            )
        )
        self._requests.append(
            CreateOrder(
                order.client_order_id, order.ticker, order.side, order.price_pips, plan.lots
            )
        )
        self._changed(order, now_ms)
        text = order_text(plan.side, plan.price, plan.lots)
        return Execution("ordered", f"create {text}", order.client_order_id)

    def _amend(self, order: OwnOrder, price_pips: int, now_ms: int) -> Execution:
        if not self._budget.take_order(now_ms):
            return Execution("blocked", "write tokens are used up")
        before = order_text(order.side, order.price_pips, order.remaining_lots)
        order.move(OrderEvent.AMEND_SENT)
        order.target_pips = price_pips
        self._requests.append(
            AmendOrder(
                order.client_order_id,
                order.order_id,
                order.ticker,
                order.side,
                price_pips,
                order.total_lots,
            )
        )
        self._changed(order, now_ms)
        return Execution("ordered", f"amend {before} → {cents(price_pips)}", order.client_order_id)

    def cancel(self, order: OwnOrder, now_ms: int, reason: str) -> bool:
        """Ask to cancel one resting order; False without write tokens or if it is not resting."""
        if order.state is not OrderState.RESTING or not self._budget.take_cancel(now_ms):
            return False
        order.move(OrderEvent.CANCEL_SENT, reason)
        self._requests.append(CancelOrder(order.client_order_id, order.order_id, order.ticker))
        self._changed(order, now_ms)
        return True

    def cancel_all(self, origin: str, now_ms: int) -> int:
        """Cancel every open order of an origin ("" is any), now or as soon as it can be.

        Returns how many. One still in flight, or without write tokens, waits for `sweep`.
        """
        wanted = [o.client_order_id for o in self.orders.open() if origin in ("", o.origin)]
        self.doom(wanted, now_ms)
        return len(wanted)

    def doom(self, client_order_ids: Iterable[str], now_ms: int) -> None:
        """These orders shall end: each is cancelled as soon as it rests."""
        self._doomed.update(client_order_ids)
        self.sweep(now_ms)

    @property
    def is_sweeping(self) -> bool:
        """True while a doomed order has not ended."""
        return bool(self._doomed)

    def sweep(self, now_ms: int) -> None:
        """Cancel what is doomed and rests; forget what has ended."""
        for client_order_id in list(self._doomed):
            order = self.orders.get(client_order_id)
            if order is None or not order.is_open:
                self._doomed.discard(client_order_id)
            else:
                self.cancel(order, now_ms, "cancel all")

    # --- what comes back -------------------------------------------------------------------

    def on_reply(self, request: OrderRequest, reply: OrderReply, now_ms: int) -> None:
        """The exchange accepted a request."""
        order = self._awaiting(request)
        if order is None:
            return
        order.order_id = reply.order_id
        event = OrderEvent.ACCEPTED
        if isinstance(reply, CreateReply):
            order.filled_lots = max(order.filled_lots, reply.filled_lots)
            if not reply.remaining_lots:
                is_whole = reply.filled_lots == order.total_lots
                event = OrderEvent.REPORTED_EXECUTED if is_whole else OrderEvent.REPORTED_CANCELED
        elif isinstance(reply, AmendReply) and order.target_pips is not None:
            order.price_pips = order.target_pips
        self._move(order, event, order.reason, now_ms)

    def on_refused(self, request: OrderRequest, status: int, reason: str, now_ms: int) -> None:
        """The exchange said no. A missing order is not proof of how it ended: ask the list."""
        if status == TOO_MANY:
            self._budget.refused(now_ms)
        order = self._awaiting(request)
        if order is not None:
            is_gone = status == NOT_FOUND and not isinstance(request, CreateOrder)
            event = OrderEvent.GONE if is_gone else OrderEvent.REFUSED
            self._move(order, event, reason, now_ms)

    def on_lost(self, request: OrderRequest, reason: str, now_ms: int) -> None:
        """No answer came: the order is UNKNOWN until the exchange's list proves it."""
        order = self._awaiting(request)
        if order is not None:
            self._move(order, OrderEvent.LOST, reason, now_ms)

    def _awaiting(self, request: OrderRequest) -> OwnOrder | None:
        order = self.orders.get(request.client_order_id)
        return order if order is not None and order.state is AWAITING[type(request)] else None

    def _move(self, order: OwnOrder, event: OrderEvent, reason: str, now_ms: int) -> None:
        if order.move(event, reason):
            self._changed(order, now_ms)

    def on_report(self, report: OrderReport) -> None:
        """The feed's report of an order; what the displayed book holds of it moves too."""
        self._believe(report)
        self.orders.show(self.orders.adopt(report), report)

    def _believe(self, report: OrderReport) -> None:
        order = self.orders.adopt(report)
        if order.take_report(report):
            self._changed(order, report.ts_ms)

    def on_fill(self, fill: FillReport) -> None:
        """A fill of ours; counted once however often it is told."""
        if not self.ledger.book(fill):
            return
        self.changes += 1
        account = self.ledger.account(fill.ticker)
        self._events.append(
            FillBooked(
                fill, account.position_lots, self.ledger.cash_micros, account.realized_micros
            )
        )

    def settle(self, ticker: str, yes_pips: int, ts_ms: int) -> None:
        """The exchange paid this market out, `yes_pips` a YES contract."""
        self.changes += 1
        position_lots = self.ledger.account(ticker).position_lots
        payout_micros = self.ledger.settle(ticker, yes_pips)
        self._sleeves.forget(ticker)
        self._events.append(
            SettlementBooked(
                ticker, yes_pips, position_lots, payout_micros, self.ledger.cash_micros, ts_ms
            )
        )

    def on_list(self, reports: list[OrderReport], suspects: Collection[str], now_ms: int) -> None:
        """The exchange's own list of orders: settles what is UNKNOWN.

        A list may be ahead of the feed, so it says nothing about the displayed book. Finished
        orders that we no longer keep stay forgotten.

        Args:
            reports: the list, complete for the markets of the suspects.
            suspects: client ids whose answer was lost well before the list was asked for; one
                that is not listed never arrived.
            now_ms: venue time.
        """
        for report in reports:
            is_known = self.orders.get(report.client_order_id) is not None
            if is_known or report.status == "resting":
                self._believe(report)
        for client_order_id in set(suspects) - {report.client_order_id for report in reports}:
            order = self.orders.get(client_order_id)
            if order is not None:
                self._move(order, OrderEvent.NEVER_ARRIVED, "the exchange never had it", now_ms)

    def _changed(self, order: OwnOrder, ts_ms: int) -> None:
        self.changes += 1
        self.orders.note_change(order)
        self._events.append(
            OrderChanged(
                client_order_id=order.client_order_id,
                order_id=order.order_id,
                ticker=order.ticker,
                side=order.side,
                price_pips=order.price_pips,
                total_lots=order.total_lots,
                filled_lots=order.filled_lots,
                state=order.state.value,
                origin=order.origin,
                reason=order.reason,
                ts_ms=ts_ms,
            )
        )
