"""Recorded liquidity: plays sessions into recorded books, one time-stamp group after another."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge

from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.recorded import RecordedBook
from core.storage.recorded_session import RecordedSession, SessionEvent
from core.trading.queue_model import BEHIND, PRO_RATA

_CANCEL_RULES = {"pro_rata": PRO_RATA, "behind": BEHIND}


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
        """List the markets whose snapshots begin the recording, so that they can be found.

        Nobody can have missed anything before the first delta or trade, so time stands after
        these snapshots when the replay starts.
        """
        self._exchange = exchange
        self._life = MarketLife(exchange)
        while self._next:
            now_ms, event = self._next
            if not isinstance(event, BookSnapshot | MarketChanged):
                break
            exchange.advance(now_ms)
            self._actions[type(event)](event)
            self._next = next(self._events, None)

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""
        return self._next[0] if self._next else None

    def take(self) -> None:
        """Apply the next instant, all of it."""
        if self._next is None:
            return
        now_ms = self._next[0]
        while self._next and self._next[0] == now_ms:
            event = self._next[1]
            self._actions[type(event)](event)
            self._next = next(self._events, None)
        for listing, book in self._touched.items():
            self._end_group(listing, book)
        self._touched.clear()
        self._exchange.publisher.flush_tickers(now_ms)

    def _end_group(self, listing: Listing, book: RecordedBook) -> None:
        effects = book.end_group()
        if effects.matches:
            self._exchange.carry_out(listing, effects)

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
            book = RecordedBook(_CANCEL_RULES[self._exchange.rules.cancels_ahead])
            self._books[event.ticker] = book
            book.take_snapshot(event)
            market = self._markets.get(event.ticker) or _unnamed(event.ticker)
            listing = self._life.list_market(market, book)
        else:
            book.take_snapshot(event)
            listing = self._exchange.listings[event.ticker]
        self._touched[listing] = book
        self._exchange.publisher.book_snapshot(listing, event.ts_ms)

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
