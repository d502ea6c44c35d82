"""Rows of the running core, made when a frame asks. Reads everything, changes nothing."""

from collections.abc import Callable, Sequence

from app.journal import Journal, LogJournal
from app.live_systems import Delays, systems_view
from app.views import (
    AgendaRow,
    BookView,
    DecisionRow,
    LogRow,
    MarketRow,
    OrderRow,
    OwnLevel,
    PositionRow,
    SystemsView,
)
from core.agent.actions import Action
from core.agent.events import DecisionMade
from core.events import Event
from core.market.book import BookStatus, OrderBook
from core.market.calendar import agenda
from core.market.events import MarketChanged, Trade
from core.market.market import Market
from core.runtime.runtime import Runtime
from core.runtime.valuation import value_of
from core.trading.ledger import MarketAccount
from core.trading.orders import OrderState, OwnOrder

FINISHED_SHOWN = 50
NS_A_FRAME = 30_000_000
MS_PER_SECOND = 1_000


class LiveSource:
    """The console's view of one runtime; a new runtime gets a new source."""

    def __init__(
        self,
        runtime: Runtime,
        log: LogJournal,
        decisions: Journal[DecisionRow],
        frame_times_ms: Callable[[], list[float]],
    ) -> None:
        self._runtime = runtime
        self._log = log
        self._decisions = decisions
        self._delays = Delays(runtime.metrics, frame_times_ms)
        self._last_trades: dict[str, Trade] = {}
        self._market_rows: tuple[MarketRow, ...] = ()
        self._market_rows_ns = -NS_A_FRAME
        runtime.bus.subscribe(self._observe)

    def _observe(self, event: Event) -> None:
        if type(event) is Trade:
            self._last_trades[event.ticker] = event
        elif type(event) is MarketChanged:
            # one that is settled stays known for a while, but has no book to show a trade in
            if event.kind == "settled" or event.ticker not in self._runtime.markets:
                self._last_trades.pop(event.ticker, None)
        elif type(event) is DecisionMade:
            self._decisions.add(self._decision_row(event))

    def _decision_row(self, event: DecisionMade) -> DecisionRow:
        return DecisionRow(
            number=self._decisions.next_number,
            ts_ms=event.ts_ms,
            ticker=event.ticker,
            title=self._title(event.ticker),
            action=Action(event.action).name,
            probability=event.probability,
            outcome=event.outcome,
            reason=event.reason,
        )

    def _title(self, ticker: str) -> str:
        market = self._runtime.markets.get(ticker)
        return market.short_title if market else ticker

    def _age_ms(self, book: OrderBook | None) -> int | None:
        if book is None or not book.changed_ms:
            return None
        return max(0, self._runtime.clock.now_ms() - book.changed_ms)

    # --- rows --------------------------------------------------------------------------------

    def markets(self) -> Sequence[MarketRow]:
        """Markets followed, open ones first, then by closing time and ticker.

        All who ask within a frame see the same rows: with a thousand markets they are not free.
        """
        now_ns = self._runtime.wall.monotonic_ns()
        if now_ns - self._market_rows_ns >= NS_A_FRAME:
            rows = [self._market_row(market) for market in self._runtime.markets.values()]
            self._market_rows = tuple(sorted(rows, key=_place))
            self._market_rows_ns = now_ns
        return self._market_rows

    def _market_row(self, market: Market) -> MarketRow:
        book = self._runtime.books.get(market.ticker)
        return MarketRow(
            ticker=market.ticker,
            title=self._title(market.ticker),
            feed_state=self._feed_state(market, book),
            bid_pips=book.best_bid() if book else None,
            ask_pips=book.best_ask() if book else None,
            age_ms=self._age_ms(book),
            close_ms=market.close_ms or None,
            position_lots=self._runtime.ledger.account(market.ticker).position_lots,
            status=market.status,
            result=market.result if market.status in ("determined", "finalized") else "",
        )

    def _feed_state(self, market: Market, book: OrderBook | None) -> str:
        if market.status != "active":
            return "paused"
        if self._runtime.feed_watch.state == "disconnected":
            return "disconnected"
        if self._runtime.calendar.pause_at(self._runtime.clock.now_ms()):
            return "paused"
        if book is None or book.status is BookStatus.EMPTY:
            return "empty"
        return "stale" if book.status is BookStatus.STALE else "live"

    def book(self, ticker: str) -> BookView | None:
        """The displayed book of a market, None if it is not followed."""
        book = self._runtime.books.get(ticker)
        if book is None:
            return None
        account = self._runtime.ledger.account(ticker)
        trade = self._last_trades.get(ticker)
        return BookView(
            ticker=ticker,
            title=self._title(ticker),
            status=book.status.value,
            bids=book.displayed(0),
            asks=book.displayed(1),
            own=self._own_levels(ticker),
            prices=book.ticks.prices,
            age_ms=self._age_ms(book),
            last_trade_pips=trade.price_pips if trade else None,
            last_trade_side=trade.taker_side if trade else None,
            position_lots=account.position_lots,
            average_pips=account.average_pips,
            open_pnl_micros=value_of(account, book).open_micros,
            realized_micros=account.realized_micros,
            fees_micros=account.fees_micros,
            left_ms=self._left_ms(ticker),
        )

    def _left_ms(self, ticker: str) -> int | None:
        market = self._runtime.markets.get(ticker)
        if market is None or not market.close_ms:
            return None
        return self._whole_seconds(market.close_ms - self._runtime.clock.now_ms())

    @staticmethod
    def _whole_seconds(left_ms: int) -> int:
        return max(0, left_ms) // MS_PER_SECOND * MS_PER_SECOND

    def _own_levels(self, ticker: str) -> tuple[OwnLevel, ...]:
        return tuple(
            OwnLevel(order.side, order.price_pips, order.remaining_lots, order.is_in_flight)
            for order in self._runtime.orders.orders.open_in(ticker)
        )

    def orders(self) -> Sequence[OrderRow]:
        """Open orders, newest first, then recently finished ones."""
        every = list(self._runtime.orders.orders)
        open_orders = [order for order in every if order.is_open]
        finished = [order for order in every if not order.is_open][-FINISHED_SHOWN:]
        return [self._order_row(order) for order in [*reversed(open_orders), *reversed(finished)]]

    def _order_row(self, order: OwnOrder) -> OrderRow:
        state = order.state.value
        if order.state is OrderState.RESTING and order.filled_lots:
            state = "partial"
        return OrderRow(
            client_order_id=order.client_order_id,
            ticker=order.ticker,
            title=self._title(order.ticker),
            side=order.side,
            outcome=_outcome(order),
            price_pips=order.price_pips,
            target_pips=order.target_pips,
            filled_lots=order.filled_lots,
            total_lots=order.total_lots,
            age_ms=max(0, self._runtime.clock.now_ms() - order.created_ms),
            state=state,
            detail=order.reason,
            origin=order.origin,
            is_open=order.is_open,
        )

    def positions(self) -> Sequence[PositionRow]:
        """Markets traded and not settled yet, then one row for all that are settled."""
        rows, settled = [], []
        for account in self._runtime.ledger:
            if not (account.position_lots or account.volume_lots):
                continue
            market = self._runtime.markets.get(account.ticker)
            if market is None or market.status == "finalized":
                settled.append(account)
            else:
                rows.append(self._position_row(account, market))
        return [*rows, _settled_row(settled)] if settled else rows

    def _position_row(self, account: MarketAccount, market: Market) -> PositionRow:
        value = value_of(account, self._runtime.books.get(account.ticker))
        is_held = account.position_lots != 0
        return PositionRow(
            ticker=account.ticker,
            title=market.short_title,
            position_lots=account.position_lots,
            average_pips=account.average_pips,
            mark_pips=value.mark_pips if is_held else None,
            open_micros=value.open_micros if is_held else 0,
            realized_micros=account.realized_micros,
            fees_micros=account.fees_micros,
            close_ms=market.close_ms or None,
        )

    def decisions(self, after: int) -> Sequence[DecisionRow]:
        """Decisions numbered above `after`, ascending."""
        return self._decisions.after(after)

    def log(self, after: int) -> Sequence[LogRow]:
        """Log lines numbered above `after`, ascending."""
        return self._log.journal.after(after)

    def agenda(self) -> Sequence[AgendaRow]:
        """What comes next at the exchange and in the followed markets, earliest first."""
        runtime = self._runtime
        if runtime.portfolio is None:
            return ()  # the exchange's time is not known yet
        now_ms = runtime.clock.now_ms()
        return [
            AgendaRow(
                self._whole_seconds(entry.at_ms - now_ms),
                entry.kind.value,
                entry.tickers,
                entry.event_ticker,
            )
            for entry in agenda(runtime.calendar, runtime.markets.values(), now_ms)
        ]

    def systems(self) -> SystemsView:
        """State of everything that must work."""
        return systems_view(self._runtime, self._delays)


def _place(row: MarketRow) -> tuple[bool, int, str]:
    """Open markets first, then by closing time, strikes of one event together."""
    return row.feed_state == "paused", row.close_ms or 0, row.ticker


def _settled_row(accounts: list[MarketAccount]) -> PositionRow:
    """What settled markets made together, so that the totals add up."""
    return PositionRow(
        ticker="",
        title=f"{len(accounts)} settled",
        position_lots=0,
        average_pips=None,
        mark_pips=None,
        open_micros=0,
        realized_micros=sum(account.realized_micros for account in accounts),
        fees_micros=sum(account.fees_micros for account in accounts),
        close_ms=None,
    )


def _outcome(order: OwnOrder) -> str:
    """Words a trader reads: what the policy wanted, else what the side opens."""
    if order.action:
        side, outcome = Action(order.action).name.split("_")
        return f"{side.capitalize()} {outcome}"
    return "Buy YES" if order.side == 0 else "Buy NO"
