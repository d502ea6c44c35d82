"""Which markets the run follows: found at start, added and dropped as the exchange changes them."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from core.clock import WallClock
from core.errors import VenueError
from core.events import Event
from core.kalshi.feed import FeedSession
from core.kalshi.rest import KalshiRest
from core.market.books import Books
from core.market.discovery import choose
from core.market.events import MarketChanged
from core.market.market import Market
from core.runtime.tasks import Tasks
from core.storage.recorder import Recorder

_log = logging.getLogger(__name__)
SETTLED_KEPT = 24
NEW = frozenset({"created", "activated", "metadata_updated"})
STATUS = {
    "activated": "active",
    "deactivated": "inactive",
    "determined": "determined",
    "settled": "finalized",
}


class Following:
    """Keeps `markets`, the books and the feed's list of markets in step.

    Args:
        tell: takes what was learnt of a market as if the feed had told it.
    """

    def __init__(
        self,
        *,
        rest: KalshiRest,
        feed: FeedSession,
        books: Books,
        markets: dict[str, Market],
        limit: int,
        tasks: Tasks,
        wall: WallClock,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self._rest = rest
        self._feed = feed
        self._books = books
        self._recorder: Recorder | None = None
        self._markets = markets
        self._limit = limit
        self._tasks = tasks
        self._wall = wall
        self._tell = tell
        self._settled: deque[str] = deque()

    def record_to(self, recorder: Recorder) -> None:
        """Register every market followed from now on with a recording."""
        self._recorder = recorder

    async def find(self) -> list[Market]:
        """Ask for open markets and follow the most active up to the limit."""
        found = choose(await self._rest.markets(status="open"), self._followed(), self._limit)
        await self._follow(found)
        return found

    def _followed(self) -> list[str]:
        return [market.ticker for market in self._markets.values() if market.status == "active"]

    async def _follow(self, markets: list[Market]) -> None:
        # Their places are taken before anything is awaited: several may be found at once.
        self._markets.update((market.ticker, market) for market in markets)
        if self._recorder is not None and markets:
            await self._recorder.register_markets(markets)
        for market in markets:
            self._books.follow(market)
        self._feed.add_markets([market.ticker for market in markets], self._wall.now_ms())

    def observe(self, event: Event) -> None:
        """Note what the exchange says of a market; a new one is read and followed."""
        if not isinstance(event, MarketChanged):
            return
        market = self._markets.get(event.ticker)
        if market is None:
            if event.kind in NEW and self._has_room():
                self._tasks.start(f"market {event.ticker}", self._read(event.ticker))
            return
        self._markets[event.ticker] = replace(
            market,
            status=STATUS.get(event.kind, market.status),
            result=event.result or market.result,
            close_ms=event.close_ms or market.close_ms,
        )
        if event.kind == "determined":
            self._tasks.start(f"markets after {event.ticker}", self._fill_up())
        if event.kind == "settled":
            self._drop(event.ticker)

    async def reread(self) -> None:
        """Ask how every followed market stands: its end may have been told to nobody.

        What is found goes through the same door as the feed's own messages.

        Raises:
            VenueError: the exchange does not say.
        """
        for ticker in list(self._markets):
            if not self._is_over(ticker):
                self._tell_end(await self._rest.market(ticker))
        await self.find()

    def _is_over(self, ticker: str) -> bool:
        market = self._markets.get(ticker)
        return market is None or market.status == "finalized"

    def _tell_end(self, now: Market) -> None:
        if self._is_over(now.ticker):
            return  # the feed told it while the answer was on its way
        if now.result and self._markets[now.ticker].status != "determined":
            self._tell([MarketChanged(now.ticker, "determined", now.result)])
        if now.status == "finalized":
            self._tell([MarketChanged(now.ticker, "settled", now.result)])

    def _drop(self, ticker: str) -> None:
        """Forget a settled market's book; its name stays known for the newest of them."""
        self._feed.delete_markets([ticker], self._wall.now_ms())
        self._books.drop(ticker)
        self._settled.append(ticker)
        while len(self._settled) > SETTLED_KEPT:
            self._markets.pop(self._settled.popleft(), None)

    def _has_room(self) -> bool:
        return len(self._followed()) < self._limit

    async def _fill_up(self) -> None:
        """Follow what opened while every place was taken."""
        try:
            await self.find()
        except VenueError as error:
            _log.warning("open markets could not be read: %s", error)

    async def _read(self, ticker: str) -> None:
        try:
            market = await self._rest.market(ticker)
        except VenueError as error:
            _log.warning("new market %s could not be read: %s", ticker, error)
            return
        is_open = market.status == "active" and ticker not in self._markets
        if is_open and self._has_room():
            await self._follow([market])
