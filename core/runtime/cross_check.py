"""Compares one book at a time with the exchange's own answer, because a feed can be wrong silently.

Must not correct a book: one that differs twice is doubted, and its snapshot puts it right.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.errors import VenueError
from core.events import Bus, Event
from core.kalshi.feed import FeedSession
from core.kalshi.rest import KalshiRest
from core.market.book import BookStatus
from core.market.book_window import BookWindow
from core.market.books import Books
from core.market.events import GroupClosed

_log = logging.getLogger(__name__)
CHECK_MS = 60_000
FASTEST_CHECK_SECONDS = 1.0
TRIES = 2


@dataclass(slots=True)
class CrossCheckCounters:
    """What was found since the start. `unclear` were comparisons in which nothing could be said."""

    agreed: int = 0
    mismatched: int = 0
    unclear: int = 0


class CrossCheck:
    """Takes the followed books in turn, one every 60 s of venue time.

    Venue time is what the feed's groups say it is: they come at whatever speed it runs, so
    nothing is computed from a speed that is not known yet, and nothing is polled.

    Args:
        feed: knows which books are trusted.
        caught_up: waits for what the feed has on its way; False if it lags too far.
        doubt: has a book repaired, for a reason.

    Attributes:
        counters: results so far.
    """

    def __init__(
        self,
        rest: KalshiRest,
        feed: FeedSession,
        books: Books,
        bus: Bus,
        *,
        caught_up: Callable[[], Awaitable[bool]],
        doubt: Callable[[str, str], None],
    ) -> None:
        self._rest = rest
        self._feed = feed
        self._books = books
        self._bus = bus
        self._caught_up = caught_up
        self._doubt = doubt
        self._last = ""
        self._due_ms = 0
        self._due = asyncio.Event()
        self.counters = CrossCheckCounters()

    async def run(self) -> None:
        """Check the next book every 60 s of venue time; ends only by cancellation.

        The first check comes 60 s after a book was first trusted. However fast venue time runs,
        a second of wall time lies between two checks.
        """
        leave = self._bus.subscribe(self._observe)
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                ticker = self._next()
                if ticker:
                    await self.check(ticker)
                await asyncio.sleep(FASTEST_CHECK_SECONDS)
        finally:
            leave()

    def _observe(self, event: Event) -> None:
        """Take note of venue time; a check that falls due during another is made after it."""
        if type(event) is not GroupClosed or event.ts_ms < self._due_ms:
            return
        if self._due_ms:
            self._due.set()
        elif not (event.ts_ms and self._feed.live_tickers):
            return
        self._due_ms = event.ts_ms + CHECK_MS

    def _next(self) -> str:
        """The live market after the last one by name, the first one after the last of all."""
        live = sorted(self._feed.live_tickers)
        if not live:
            return ""
        self._last = live[bisect_right(live, self._last) % len(live)]
        return self._last

    async def check(self, ticker: str) -> bool | None:
        """Compare one book, again if it differs, and doubt it if it differs again.

        Returns:
            Whether the book is the exchange's; None if that cannot be said.
        """
        found: list[str] | None = None
        for _ in range(TRIES):
            found = await self._compare(ticker)
            if not found:
                break
        if found is None:
            self.counters.unclear += 1
            return None
        if not found:
            self.counters.agreed += 1
            return True
        self.counters.mismatched += 1
        _log.warning("book of %s differs from the exchange's: %s", ticker, "; ".join(found[:5]))
        self._doubt(ticker, f"{len(found)} levels differ from the exchange's own answer")
        return False

    async def _compare(self, ticker: str) -> list[str] | None:
        """Differences now; None if the book changed hands meanwhile or the exchange is silent."""
        book = self._books.get(ticker)
        if book is None or book.status is BookStatus.STALE:
            return None
        window = BookWindow(book)
        leave = self._bus.subscribe(window.observe)
        try:
            theirs = await self._rest.orderbook(ticker)
            if not await self._caught_up():
                return None
        except VenueError as error:
            _log.info("book of %s could not be compared: %s", ticker, error)
            return None
        finally:
            leave()
        return None if window.is_broken else window.differences(theirs)
