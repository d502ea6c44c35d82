"""Which mirrored markets have to be read, since no message says how they stand, and their reading.

Reads only. What a market's own messages say while its answer is on its way makes the answer void.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from core.errors import VenueError
from core.events import Event
from core.kalshi.queries import MarketQuery
from core.kalshi.rest import KalshiRest
from core.market.events import MarketChanged
from core.market.market import Market

_log = logging.getLogger(__name__)
PAUSE_S: Final = 1.0
"""Between rounds at least: each costs tokens of the account."""
TICKERS_AT_ONCE: Final = 100
_SHORT_NEWS: Final = ("price_level_structure_updated", "settled")
"""Messages that are read, but not with all that they have to say: bands, and a result's value."""


class CaughtUp(Event, frozen=True, gc=False):
    """Every market that was in doubt has been read."""


class ReadBack:
    """Markets in doubt.

    Args:
        rest: where to read them.
        take: takes what was read, and whether nothing is in doubt any more.
    """

    def __init__(self, rest: KalshiRest, take: Callable[[list[Market], bool], None]) -> None:
        self._rest = rest
        self._take = take
        self._doubted: set[str] = set()
        self._asked: set[str] = set()
        self._unpaid: set[str] = set()
        self._short_ms: dict[str, int] = {}
        self._due = asyncio.Event()

    def doubt(self, tickers: Iterable[str]) -> None:
        """Have these read as soon as there is a connection; if there are none, that is said too."""
        self._doubted.update(tickers)
        self._due.set()

    def note(self, change: MarketChanged, now_ms: int) -> None:
        """Look at a message of a followed market, come at this wall time."""
        if change.kind in _SHORT_NEWS:
            self._short_ms[change.ticker] = now_ms
        if change.kind == "settled":
            self._unpaid.add(change.ticker)
        if change.kind in _SHORT_NEWS or change.ticker in self._asked:
            self.doubt([change.ticker])

    def doubt_again(self, now_ms: int, pause_ms: int) -> None:
        """Have read once more what a message was too short to say: a read may lag behind it.

        A settled market is read again and again, until it is read to be finalized.

        Args:
            now_ms: wall time.
            pause_ms: from the message, or from the last time, at least.
        """
        due = {one for one, short_ms in self._short_ms.items() if now_ms - short_ms >= pause_ms}
        for ticker in due - self._unpaid:
            del self._short_ms[ticker]
        self._short_ms.update(dict.fromkeys(due & self._unpaid, now_ms))
        if due:
            self.doubt(due)

    async def run(self, connected: asyncio.Event, catch_up: Callable[[], Awaitable[bool]]) -> None:
        """Read what is in doubt, until cancelled.

        Args:
            connected: set while messages come; what is read without them could change unseen.
            catch_up: waits for every message sent until now; False if the connection ended.
        """
        while True:
            await self._due.wait()
            await connected.wait()
            if await catch_up():
                await self._round()
            await asyncio.sleep(PAUSE_S)

    async def _round(self) -> None:
        self._asked, self._doubted = self._doubted, set()
        self._due.clear()
        try:
            found = await self._read(sorted(self._asked))
        except VenueError as error:
            _log.warning("how the mirrored markets stand cannot be read: %s", error)
            self.doubt(self._asked)
            return
        missing = self._asked.difference(market.ticker for market in found)
        if missing:
            _log.warning("the mirrored exchange lists no more: %s", ", ".join(sorted(missing)))
        self._asked = set()
        sure = [market for market in found if market.ticker not in self._doubted]
        for market in sure:
            if market.status == "finalized":
                self._unpaid.discard(market.ticker)
                self._short_ms.pop(market.ticker, None)
        self._take(sure, not self._due.is_set())

    async def _read(self, tickers: list[str]) -> list[Market]:
        found: list[Market] = []
        for start in range(0, len(tickers), TICKERS_AT_ONCE):
            page = MarketQuery(tickers=tuple(tickers[start : start + TICKERS_AT_ONCE]))
            found += await self._rest.markets(page)
        return found
