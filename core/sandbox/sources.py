"""Where liquidity comes from: each source applies its next instant to the exchange when told."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from typing import Protocol

from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_actions import (
    CancelOrder,
    CloseMarket,
    FlowAction,
    OpenMarket,
    PlaceOrder,
    SettleMarket,
)
from core.sandbox.engine import MatchingBook
from core.sandbox.listings import Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.orders import CROWD, Order
from core.sandbox.recorded import RecordedBook
from core.storage.recorded_session import RecordedSession, SessionEvent


class Source(Protocol):
    """Liquidity by venue time.

    Attributes:
        start_ms: venue time at which it begins.
        end_ms: venue time after which nothing happens, 0 if it never ends.
        trades: where its trades come from: real, inferred, none, or generated.
        waits: its time stands still until somebody subscribes to a book.
    """

    start_ms: int
    end_ms: int
    trades: str
    waits: bool

    def open(self, exchange: Exchange) -> None:
        """List what is known at the start."""

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""

    def take(self) -> None:
        """Apply the next instant, all of it."""


class GeneratedSource:
    """A seeded flow of anonymous orders through matching books."""

    def __init__(self, flow: GeneratedFlow, start_ms: int) -> None:
        self._flow = flow
        self._orders: dict[int, Order] = {}
        self.start_ms = start_ms
        self.end_ms = 0
        self.trades = "generated"
        self.waits = False

    def open(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._life = MarketLife(exchange)
        for market in self._flow.markets():
            self._life.list_market(market, MatchingBook())

    def next_ms(self) -> int | None:
        return self._flow.next_ms()

    def take(self) -> None:
        for action in self._flow.take():
            self._apply(action)

    def _apply(self, action: FlowAction) -> None:
        match action:
            case PlaceOrder():
                self._place(action)
            case CancelOrder(key=key):
                self._cancel(key)
            case OpenMarket(market=market):
                if market.ticker not in self._exchange.listings:
                    self._life.list_market(market, MatchingBook())
            case CloseMarket(ticker=ticker):
                self._life.close(self._exchange.listings[ticker])
            case SettleMarket(ticker=ticker, result=result):
                self._life.determine(self._exchange.listings[ticker], result)

    def _place(self, action: PlaceOrder) -> None:
        listing = self._exchange.listings[action.ticker]
        if listing.status != "active":
            return
        order = Order(
            str(action.key),
            CROWD,
            action.ticker,
            action.side,
            action.price_pips,
            action.quantity_lots,
            action.quantity_lots,
            time_in_force="immediate_or_cancel" if action.immediate else "good_till_canceled",
        )
        effects = listing.book.place(order)
        if order.remaining_lots and not action.immediate:
            self._orders[action.key] = order
        for match in effects.matches:
            if match.maker and match.maker.owner == CROWD and not match.maker.remaining_lots:
                self._orders.pop(int(match.maker.order_id), None)
        self._exchange.carry_out(listing, effects)

    def _cancel(self, key: int) -> None:
        order = self._orders.pop(key, None)
        if order is not None and order.remaining_lots:
            listing = self._exchange.listings[order.ticker]
            self._exchange.carry_out(listing, listing.book.cancel(order))


class RecordedSource:
    """Recorded sessions in their own time; several play in order of time."""

    def __init__(self, sessions: Iterable[RecordedSession]) -> None:
        played = sorted(sessions, key=lambda session: session.start_ms)
        self._markets = {m.ticker: m for session in played for m in session.markets}
        timed = merge(*(_timed(session) for session in played), key=lambda entry: entry[0])
        self._events: Iterator[tuple[int, SessionEvent]] = iter(timed)
        self._next = next(self._events, None)
        self._touched: dict[Listing, RecordedBook] = {}
        self.start_ms = played[0].start_ms
        self.end_ms = max(session.end_ms for session in played)
        kinds = {session.trades for session in played}
        self.trades: str = kinds.pop() if len(kinds) == 1 else "mixed"
        self.waits = True
        self._books: dict[str, RecordedBook] = {}
        self._actions: dict[type, Callable[..., None]] = {
            BookDelta: self._delta,
            Trade: self._trade,
            BookSnapshot: self._snapshot,
            MarketChanged: self._market_changed,
            BookDoubted: self._doubt,
        }

    def open(self, exchange: Exchange) -> None:
        """List the markets whose snapshots begin the recording, so that they can be found."""
        self._exchange = exchange
        self._life = MarketLife(exchange)
        while self._next and self._next[0] == self.start_ms:
            event = self._next[1]
            if not isinstance(event, BookSnapshot | MarketChanged):
                break
            self._actions[type(event)](event)
            self._next = next(self._events, None)

    def next_ms(self) -> int | None:
        return self._next[0] if self._next else None

    def take(self) -> None:
        if self._next is None:
            return
        now_ms = self._next[0]
        while self._next and self._next[0] == now_ms:
            event = self._next[1]
            self._actions[type(event)](event)
            self._next = next(self._events, None)
        for listing, book in self._touched.items():
            if book.has_own_orders:
                self._exchange.carry_out(listing, book.end_group())
            else:
                book.end_group()
        self._touched.clear()
        self._exchange.publisher.flush_tickers(now_ms)

    def _delta(self, event: BookDelta) -> None:
        book = self._books.get(event.ticker)
        if book is None or book.is_doubted:
            return
        listing = self._exchange.listings[event.ticker]
        book.take_delta(event)
        self._touched[listing] = book
        self._exchange.publisher.book_delta(
            listing, event.side, event.price_pips, event.delta_lots, event.ts_ms, None
        )

    def _trade(self, event: Trade) -> None:
        book = self._books.get(event.ticker)
        if book is None:
            return
        listing = self._exchange.listings[event.ticker]
        self._exchange.publisher.trade(
            listing,
            event.trade_id,
            event.taker_side,
            event.price_pips,
            event.quantity_lots,
            event.ts_ms,
        )
        self._touched[listing] = book
        effects = book.take_trade(event)
        if effects.matches:
            self._exchange.carry_out(listing, effects)

    def _snapshot(self, event: BookSnapshot) -> None:
        book = self._books.get(event.ticker)
        if book is None:
            book = self._books[event.ticker] = RecordedBook()
            book.take_snapshot(event)
            market = self._markets.get(event.ticker) or _unnamed(event.ticker)
            listing = self._life.list_market(market, book)
        else:
            book.take_snapshot(event)
            listing = self._exchange.listings[event.ticker]
        self._touched[listing] = book
        self._exchange.publisher.book_snapshot(listing)

    def _doubt(self, event: BookDoubted) -> None:
        book = self._books.get(event.ticker)
        if book is not None and not book.is_doubted:
            book.doubt()
            self._exchange.publisher.skip_seq(self._exchange.listings[event.ticker])

    def _market_changed(self, event: MarketChanged) -> None:
        listing = self._exchange.listings.get(event.ticker)
        if listing is None:
            return
        match event.kind:
            case "closed":
                self._life.close(listing)
            case "determined":
                self._life.determine(listing, event.result, event.settlement_pips)
            case "settled":
                self._life.settle(listing)


def _timed(session: RecordedSession) -> Iterator[tuple[int, SessionEvent]]:
    """Events with their times; one without takes that of the event before it."""
    now_ms = session.start_ms
    for event in session.events:
        if not isinstance(event, MarketChanged):
            now_ms = max(now_ms, event.ts_ms)
        yield now_ms, event


def _unnamed(ticker: str) -> Market:
    return Market(ticker, ticker.rsplit("-", 1)[0], title=ticker)
