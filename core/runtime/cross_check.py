"""Compares one book at a time with the exchange's own answer, because a feed can be wrong silently.

Must not correct a book: one that differs twice is doubted, and its snapshot puts it right.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from core.events import Bus, Event
from core.kalshi.feed import FeedSession
from core.market.events import BookSnapshot, GroupClosed
from core.runtime.book_question import BookQuestion
from core.trading.wording import counted

_log = logging.getLogger(__name__)
CHECK_MS = 60_000
FASTEST_CHECK_SECONDS = 1.0


@dataclass(slots=True)
class CrossCheckCounters:
    """What was found since the start.

    `unclear` were comparisons in which nothing could be said, `other_scale` books that are the
    mirror of the exchange's, which are not mismatched besides.
    """

    agreed: int = 0
    mismatched: int = 0
    unclear: int = 0
    other_scale: int = 0


class CrossCheck:
    """Takes the followed books in turn, one every 60 s of venue time.

    Venue time is what the feed's groups say it is: they come at whatever speed it runs, so
    nothing is computed from a speed that is not known yet, and nothing is polled.

    Args:
        question: asks the exchange for a book.
        feed: knows which books are trusted.
        condemn: has every book repaired if one is the mirror of the exchange's answer.
        doubt: has a book repaired, for a reason.
        grouped: told the venue time of every group's end, which this looks for anyway.

    Attributes:
        counters: results so far.
    """

    def __init__(
        self,
        question: BookQuestion,
        feed: FeedSession,
        bus: Bus,
        *,
        condemn: Callable[[BookSnapshot], bool],
        doubt: Callable[[str, str], None],
        grouped: Callable[[int], None],
    ) -> None:
        self._question = question
        self._feed = feed
        self._bus = bus
        self._condemn = condemn
        self._doubt = doubt
        self._grouped = grouped
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
        if type(event) is not GroupClosed:
            return
        if event.ts_ms:
            self._grouped(event.ts_ms)
        if event.ts_ms < self._due_ms:
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
        compared = await self._question.compare(ticker)
        if compared is None:
            self.counters.unclear += 1
            return None
        if not compared.differences:
            self._feed.scale.agreed(compared.theirs)
            self.counters.agreed += 1
            return True
        if not self._condemn(compared.theirs):
            self._differs(ticker, compared.differences)
        return False

    def _differs(self, ticker: str, found: list[str]) -> None:
        self.counters.mismatched += 1
        _log.warning("book of %s differs from the exchange's: %s", ticker, "; ".join(found[:5]))
        self._doubt(ticker, f"not the exchange's own answer at {counted(len(found), 'price')}")
