"""One book and the exchange's own answer about it. Changes neither."""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from core.errors import VenueError
from core.events import Bus
from core.kalshi.rest import KalshiRest
from core.market.book import BookStatus
from core.market.book_window import BookWindow
from core.market.books import Books
from core.market.events import BookSnapshot

_log = logging.getLogger(__name__)
TRIES = 2


class Compared(NamedTuple):
    """The exchange's book, and in words where ours never was like it; [] if they agree."""

    theirs: BookSnapshot
    differences: list[str]


class BookQuestion:
    """Asks the exchange for books that the feed has told.

    Args:
        caught_up: waits for what the feed has on its way; False if it lags too far.
    """

    def __init__(
        self, rest: KalshiRest, books: Books, bus: Bus, caught_up: Callable[[], Awaitable[bool]]
    ) -> None:
        self._rest = rest
        self._books = books
        self._bus = bus
        self._caught_up = caught_up

    async def answer(self, ticker: str) -> BookSnapshot | None:
        """The exchange's book, None if it does not say."""
        try:
            return await self._rest.orderbook(ticker)
        except VenueError as error:
            _log.info("book of %s could not be compared: %s", ticker, error)
            return None

    async def compare(self, ticker: str) -> Compared | None:
        """Both books, looked at once more if they differ.

        Returns:
            None if ours changed hands meanwhile or the exchange is silent.
        """
        compared = None
        for _ in range(TRIES):
            compared = await self._look(ticker)
            if compared is None or not compared.differences:
                break
        return compared

    async def _look(self, ticker: str) -> Compared | None:
        book = self._books.get(ticker)
        if book is None or book.status is BookStatus.STALE:
            return None
        window = BookWindow(book)
        leave = self._bus.subscribe(window.observe)
        try:
            theirs = await self.answer(ticker)
            if theirs is None or not await self._caught_up():
                return None
        finally:
            leave()
        return None if window.is_broken else Compared(theirs, window.differences(theirs))
