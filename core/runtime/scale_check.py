"""Asks the exchange in which price scale its books come, whenever the feed alone cannot tell.

The scale belongs to a subscription, so that one market answers for all; a market whose snapshot
was refused for what was known of it is asked about by itself.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable

from core.kalshi.feed import FeedSession
from core.kalshi.price_scale import says_scale
from core.market.books import Books
from core.market.events import BookSnapshot
from core.runtime.book_question import BookQuestion
from core.units import Side

LEAST_PAUSE_SECONDS = 1.0
FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 60_000
"""Pauses of venue time double while no answer settles anything."""


class ScaleCheck:
    """Puts one question at a time, at most one a second.

    Args:
        question: asks the exchange for a book.
        feed: says what has to be asked.
        condemn: has every book repaired if one is the mirror of the exchange's answer.
    """

    def __init__(
        self,
        question: BookQuestion,
        feed: FeedSession,
        books: Books,
        condemn: Callable[[BookSnapshot], bool],
    ) -> None:
        self._question = question
        self._feed = feed
        self._scale = feed.scale
        self._books = books
        self._condemn = condemn
        self._last = ""
        self._now_ms = 0
        self._not_before_ms = 0
        self._pause_ms = FIRST_PAUSE_MS
        self._due = asyncio.Event()

    async def run(self) -> None:
        """Ask whenever something is in question; ends only by cancellation."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self.check()
            await asyncio.sleep(LEAST_PAUSE_SECONDS)

    @property
    def is_open(self) -> bool:
        """True while something is in question that a book could answer."""
        return bool(self._scale.suspect or (self._scale.is_unproven and self._next()))

    def note_group(self, ts_ms: int) -> None:
        """Take note of the venue time of a group's end, from which on questions are put."""
        self._now_ms = ts_ms
        if not (self._scale.suspect or self._scale.is_unproven):
            self._not_before_ms, self._pause_ms = 0, FIRST_PAUSE_MS
        elif ts_ms >= self._not_before_ms:
            self._due.set()

    async def check(self) -> None:
        """Put the question that is open, if a book can answer it."""
        suspect = self._scale.suspect
        ticker = suspect or self._next()
        if not ticker:
            return
        self._not_before_ms = self._now_ms + self._pause_ms
        self._pause_ms = min(2 * self._pause_ms, LONGEST_PAUSE_MS)
        if suspect:
            await self._ask_about(suspect)
        else:
            self._last = ticker
            await self._prove(ticker)

    async def _ask_about(self, ticker: str) -> None:
        theirs = await self._question.answer(ticker)
        if theirs is not None:
            self._condemn(theirs)

    async def _prove(self, ticker: str) -> None:
        compared = await self._question.compare(ticker)
        if compared is None:
            return
        if not compared.differences:
            self._scale.agreed(compared.theirs)
        else:
            self._condemn(compared.theirs)

    def _next(self) -> str:
        """The next live market by name whose asks look different in the other scale."""
        live = sorted(self._feed.live_tickers)
        place = bisect_right(live, self._last)
        for ticker in (*live[place:], *live[:place]):
            book = self._books.get(ticker)
            if book is not None and says_scale(book.displayed(Side.ASK)):
                return ticker
        return ""
