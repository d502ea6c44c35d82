"""A scripted session with books that take its events, group by group, as a run does."""

from typing import Any

from feed_script import Script, delta, snapshot

from core.events import Event
from core.market.book import BookStatus
from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot

T0 = 1_795_166_410_000
IN_YES = [["0.4400", "35.50"], ["0.4500", "80.00"], ["0.9900", "5.00"]]
IN_NO = [["0.0100", "5.00"], ["0.5500", "80.00"], ["0.5600", "35.50"]]
"""The same asks in YES prices and in NO prices."""
BIDS = [["0.0100", "9.00"], ["0.4100", "120.00"]]


class Desk(Script):
    """The script's session over books of its own, which it is judged by."""

    def __init__(self, *tickers: str, **options: bool) -> None:
        self.books = Books()
        super().__init__(*tickers, held=self.books.get, **options)
        self._group_ms = 0

    def take(self, events: list[Event]) -> list[Event]:
        for event in super().take(events):
            if isinstance(event, BookDelta):
                self._reach(event.ts_ms)
                self._doubt(self.books.apply_delta(event))
            elif isinstance(event, BookSnapshot):
                self.books.apply_snapshot(event)
            elif isinstance(event, BookDoubted):
                self.books.doubt(event.ticker)
        return events

    def end_group(self) -> None:
        self._reach(self._group_ms + 1)

    def _reach(self, ts_ms: int) -> None:
        if ts_ms > self._group_ms:
            self._group_ms = ts_ms
            for doubted in self.books.end_group():
                self._doubt(doubted)

    def _doubt(self, doubted: BookDoubted | None) -> None:
        if doubted is not None:
            self.take(self.session.doubt(doubted.ticker, doubted.reason, self.now_ms))

    def status(self, ticker: str) -> BookStatus:
        book = self.books.get(ticker)
        assert book is not None
        return book.status

    def best(self, ticker: str) -> tuple[int | None, int | None]:
        book = self.books.get(ticker)
        assert book is not None
        return book.best_bid(), book.best_ask()


def change(seq: int, ticker: str, ms: int, **fields: object) -> dict[str, Any]:
    return delta(seq, ticker, ts_ms=T0 + ms, **fields)


def whole(seq: int, ticker: str = "A", asks: list[list[str]] = IN_YES) -> dict[str, Any]:
    return snapshot(seq, ticker, yes_dollars_fp=BIDS, no_dollars_fp=asks)
