"""All books of a connection: applies market events, checks each book at every group's end.

A group is a run of messages with one exchange time stamp. Inside it a book may be crossed for a
moment; at its end never. A book that fails a check is doubted and reported, and stays STALE until
its own snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.market.book import BookStatus, OrderBook
from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.market.market import Market
from core.market.ticks import LINEAR_CENT, TickTable

# Looking a member up on its class costs more than changing a level.
_LIVE, _STALE = BookStatus.LIVE, BookStatus.STALE


@dataclass
class BookCounters:
    """What the books have seen since the start."""

    deltas: int = 0
    snapshots: int = 0
    groups: int = 0
    negative: int = 0
    crossed_at_group_end: int = 0


class Books:
    """The order books by ticker. The only writer of all of them."""

    def __init__(self) -> None:
        self._books: dict[str, OrderBook] = {}
        self._touched: dict[str, OrderBook] = {}
        self._awakened: list[str] = []
        self.counters = BookCounters()

    def __iter__(self) -> Iterator[OrderBook]:
        return iter(self._books.values())

    def get(self, ticker: str) -> OrderBook | None:
        """The book of a market, None before anything is known of it."""
        return self._books.get(ticker)

    def follow(self, market: Market) -> OrderBook:
        """Make an empty book on the market's own tick grid; keeps one that is there."""
        return self._make(market.ticker, market.ticks())

    def drop(self, ticker: str) -> None:
        """Forget a market."""
        self._books.pop(ticker, None)
        self._touched.pop(ticker, None)

    def _make(self, ticker: str, ticks: TickTable) -> OrderBook:
        return self._books.setdefault(ticker, OrderBook(ticker, ticks))

    def apply_snapshot(self, event: BookSnapshot) -> OrderBook:
        """Replace a book; it is LIVE (or EMPTY) afterwards."""
        book = self._books.get(event.ticker) or self._make(event.ticker, LINEAR_CENT)
        book.replace(event.bids, event.asks, event.ts_ms)
        self.counters.snapshots += 1
        self._touched[event.ticker] = book
        if book.status is _LIVE:
            self._awakened.append(event.ticker)
        return book

    def apply_delta(self, event: BookDelta) -> BookDoubted | None:
        """Change one level; a negative one doubts the book. Deltas of STALE books are dropped."""
        book = self._books.get(event.ticker)
        if book is None:
            return None
        if book.status is not _LIVE:
            if book.status is _STALE:
                return None
            self._awakened.append(event.ticker)
        self.counters.deltas += 1
        self._touched[event.ticker] = book
        if book.apply(event.side, event.price_pips, event.delta_lots, event.ts_ms):
            return None
        self.counters.negative += 1
        return self._doubt(book, f"level {event.price_pips} went negative")

    def doubt(self, ticker: str) -> None:
        """Mark a book STALE: messages were lost."""
        book = self._books.get(ticker)
        if book is not None:
            book.doubt()

    def take_awakened(self) -> list[str]:
        """Markets whose book became LIVE anew since the last call."""
        awakened, self._awakened = self._awakened, []
        return awakened

    def end_group(self) -> list[BookDoubted]:
        """Check every book the group touched; returns those that cannot be right."""
        self.counters.groups += 1
        doubts = []
        for book in self._touched.values():
            if book.status is _LIVE and book.is_crossed():
                self.counters.crossed_at_group_end += 1
                doubts.append(self._doubt(book, "best bid at or above best ask"))
        self._touched.clear()
        return doubts

    def _doubt(self, book: OrderBook, reason: str) -> BookDoubted:
        book.doubt()
        return BookDoubted(book.ticker, reason, book.changed_ms)
