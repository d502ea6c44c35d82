"""Own orders by id and market, and what of them the books display. No decisions here."""

from collections.abc import Callable, Iterator

from core.kalshi.events import OrderReport
from core.market.book import OrderBook
from core.market.books import Books
from core.market.events import BookDelta
from core.trading.orders import OrderState, OwnOrder
from core.units import Side

ACTOR = "actor"
ORIGINS = (ACTOR, "close", "manual")
HISTORY = 2_000


def _is_live(order: OwnOrder) -> bool:
    return order.is_open or order.shown_lots > 0


def origin_of(client_order_id: str) -> str:
    """Who placed it, read from the id itself; an id that is not ours counts as manual."""
    prefix = client_order_id.split("-", 1)[0]
    return prefix if prefix in ORIGINS else "manual"


class OrderIndex:
    """Own orders, newest last, and our part of each displayed book.

    Our part moves with the delta that carries our id or with the order report, whichever comes
    first, and is settled from the reports at the end of the exchange-timestamp group they belong
    to. An order that the displayed other side reaches is not displayed itself, or the book would
    be crossed. Finished orders are kept up to a bound, oldest forgotten first.
    """

    def __init__(self) -> None:
        self._orders: dict[str, OwnOrder] = {}
        self._live: dict[str, dict[str, OwnOrder]] = {}
        self._unsettled: set[str] = set()
        self._early: list[tuple[OwnOrder, OrderReport]] = []
        self._closed_ms = 0
        self._doubtful: set[str] = set()
        self._is_cleared = False
        self._is_told = True

    def __iter__(self) -> Iterator[OwnOrder]:
        return iter(self._orders.values())

    def get(self, client_order_id: str) -> OwnOrder | None:
        """The order with this id."""
        return self._orders.get(client_order_id)

    def add(self, order: OwnOrder) -> OwnOrder:
        """Keep a new order."""
        self._orders[order.client_order_id] = order
        self.note_change(order)
        while len(self._orders) > HISTORY:
            oldest = next((o for o in self._orders.values() if not _is_live(o)), None)
            if oldest is None:
                break
            del self._orders[oldest.client_order_id]
        return order

    def note_change(self, order: OwnOrder) -> None:
        """Keep the list of live orders in step with an order that changed."""
        market = self._live.setdefault(order.ticker, {})
        if _is_live(order):
            market[order.client_order_id] = order
        else:
            market.pop(order.client_order_id, None)
            if not market:
                del self._live[order.ticker]

    def open_in(self, ticker: str) -> list[OwnOrder]:
        """Orders of a market that may still rest or fill."""
        return [order for order in self._live.get(ticker, {}).values() if order.is_open]

    def open(self) -> list[OwnOrder]:
        """Every order that may still rest or fill."""
        return [order for ticker in self._live for order in self.open_in(ticker)]

    def unknown(self) -> list[OwnOrder]:
        """Open orders whose answer was lost."""
        return [order for order in self.open() if order.state is OrderState.UNKNOWN]

    def live(self) -> list[OwnOrder]:
        """Open orders, and finished ones that the displayed book still holds."""
        return [order for market in self._live.values() for order in market.values()]

    def doubt(self, *, is_told: bool) -> None:
        """Reports of ours may have been lost: what is ours in these books is not known any more.

        Args:
            is_told: whether reports come from now on.
        """
        self._doubtful.update(self._live)
        self._is_cleared = False
        self._is_told = is_told

    def clear(self) -> None:
        """Everything lost was asked for and given to `show`: known from the next group's end on."""
        self._is_cleared = self._is_told

    @property
    def is_told(self) -> bool:
        """False while reports of ours do not come."""
        return self._is_told

    def is_doubtful(self, ticker: str) -> bool:
        """True while our part of this market's displayed book is not known."""
        return ticker in self._doubtful or (not self._is_told and ticker in self._live)

    def resting(self, ticker: str, side: int, origin: str) -> OwnOrder | None:
        """The open order of this origin on one side of a market, if there is one."""
        for order in self.open_in(ticker):
            if order.side == side and order.origin == origin:
                return order
        return None

    def adopt(self, report: OrderReport) -> OwnOrder:
        """The order a report speaks of; one from an earlier run or another place is taken in."""
        found = self._orders.get(report.client_order_id)
        if found is not None:
            return found
        return self.add(
            OwnOrder(
                client_order_id=report.client_order_id or report.order_id,
                ticker=report.ticker,
                side=report.side,
                origin=origin_of(report.client_order_id),
                price_pips=report.price_pips,
                total_lots=report.initial_lots,
                created_ms=report.ts_ms,
                order_id=report.order_id,
            )
        )

    def show(self, order: OwnOrder, report: OrderReport) -> None:
        """The feed reported on this order: its book is settled so at the end of that instant.

        The report may come before the deltas of its instant, while an earlier group is open, so
        it waits for its own group. Only what is older than the last report shown is passed over;
        what a list said of the order meanwhile may be ahead of the feed and does not count here.
        """
        if report.ts_ms > self._closed_ms:
            self._early.append((order, report))
        else:
            self._take(order, report)

    def on_delta(self, event: BookDelta, book: OrderBook) -> None:
        """A displayed change that carries our id."""
        if event.client_order_id in self._orders:
            book.add_own(event.side, event.price_pips, event.delta_lots)

    def on_snapshot(self, book: OrderBook, ts_ms: int) -> None:
        """A fresh snapshot displays whatever of ours was last reported resting by its time."""
        self._take_early(
            lambda order, report: order.ticker == book.ticker and report.ts_ms <= ts_ms
        )
        self._settle(book)

    def end_group(self, books: Books, group_ms: int) -> None:
        """Settle the markets whose orders were reported on up to this group's time."""
        self._closed_ms = group_ms
        self._take_early(lambda _, report: report.ts_ms <= group_ms)
        for ticker in self._unsettled:
            book = books.get(ticker)
            if book is not None:
                self._settle(book)
        self._unsettled.clear()
        if self._is_cleared:
            self._doubtful.clear()

    def _take_early(self, is_due: Callable[[OwnOrder, OrderReport], bool]) -> None:
        if not self._early:
            return
        waiting, self._early = self._early, []
        for order, report in waiting:
            if is_due(order, report):
                self._take(order, report)
            else:
                self._early.append((order, report))

    def _take(self, order: OwnOrder, report: OrderReport) -> None:
        if report.ts_ms < order.shown_ms:
            return
        order.shown_ms = report.ts_ms
        order.shown_pips = report.price_pips
        order.shown_lots = report.remaining_lots if report.status == "resting" else 0
        self.note_change(order)
        self._unsettled.add(order.ticker)

    def _settle(self, book: OrderBook) -> None:
        live = self._live.get(book.ticker, {}).values()
        book.settle_own(
            (order.side, order.shown_pips, order.shown_lots)
            for order in live
            if order.shown_lots and not _is_reached(order, book)
        )


def _is_reached(order: OwnOrder, book: OrderBook) -> bool:
    """True if the displayed other side holds the price the order was shown at, or a better one."""
    if order.side == Side.BID:
        best = book.best_ask()
        return best is not None and best <= order.shown_pips
    best = book.best_bid()
    return best is not None and best >= order.shown_pips
