"""Which markets the run follows: found at start, added and dropped as the exchange changes them.

Markets come and go on the standing subscriptions. One that closes leaves its place to another,
and its book too once enough newer ones have closed; one that is held is never dropped.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from core.clock import VenueClock
from core.errors import VenueError
from core.events import Event
from core.kalshi.feed import FeedSession
from core.kalshi.rest import KalshiRest
from core.market.books import Books
from core.market.discovery import MarketFilter, check_limit, choose
from core.market.events import MarketChanged
from core.market.market import Market
from core.runtime.book_activity import BookActivity
from core.runtime.tasks import Tasks
from core.storage.recorder import Recorder

_log = logging.getLogger(__name__)
OVER_KEPT = 24
"""So many closed and so many settled markets stay known, the newest of them."""
LOOK_SECONDS = 5.0
LOOKS_A_ROUND = 12
MOST_QUERIES = 20
"""More series and events than this are picked out of the list of all open markets."""
MOST_READS = 8
"""More new markets than this at once are found in the list instead of one by one."""
TICKERS_A_PAGE = 100
UNFOLLOWED = "unfollowed"
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
        asked: what the trader wants, and how many open markets at most; `ask` changes it.
        is_held: tells whether we have a position or an order in a market.
        tell: takes what was learnt of a market as if the feed had told it.
    """

    def __init__(
        self,
        *,
        rest: KalshiRest,
        feed: FeedSession,
        books: Books,
        markets: dict[str, Market],
        asked: tuple[MarketFilter, int],
        is_held: Callable[[str], bool],
        tasks: Tasks,
        clock: VenueClock,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self._rest = rest
        self._feed = feed
        self._books = books
        self._recorder: Recorder | None = None
        self._markets = markets
        self._is_held = is_held
        self._tasks = tasks
        self._clock = clock
        self._tell = tell
        self._activity = BookActivity()
        self._categories: dict[str, str] = {}
        self._closed: deque[str] = deque()
        self._settled: deque[str] = deque()
        self._reads = 0
        self._is_filling = False
        self._is_asked_again = False
        self.wanted, self.limit = asked

    def record_to(self, recorder: Recorder) -> None:
        """Register every market followed from now on with a recording."""
        self._recorder = recorder

    def ask(self, wanted: MarketFilter, limit: int) -> None:
        """Follow something else from now on; what is held stays.

        Raises:
            ConfigError: a limit that no connection may carry.
        """
        self.limit = check_limit(limit)
        self.wanted = wanted
        self._tasks.start("markets asked for", self._fill_up())

    async def run(self) -> None:
        """Let closed markets go, and look for better ones once a minute."""
        while True:
            for _ in range(LOOKS_A_ROUND):
                await asyncio.sleep(LOOK_SECONDS)
                self.note_closed()
            await self._fill_up()

    async def find(self) -> list[Market]:
        """Ask for open markets and follow what the rule of discovery chooses.

        Returns:
            What is followed from now on and was not before.

        Raises:
            VenueError: the exchange does not say.
        """
        listed = await self._listed()
        followed = self._followed()
        held = {ticker for ticker in followed if self._is_held(ticker)}
        changes = self._activity.close_round(set(followed))
        places = choose(listed, followed, held, self.limit, self.wanted, changes)
        self._unfollow(places.drop)
        await self._follow(list(places.add))
        return list(places.add)

    async def _listed(self) -> list[Market]:
        """Open markets, at least all those that were asked for by name."""
        wanted = self.wanted
        self._categories = {
            series.ticker: category
            for category in wanted.categories
            for series in await self._rest.series_in(category)
        }
        queries = [{"series_ticker": name} for name in {*wanted.series, *self._categories}]
        queries += [{"event_ticker": name} for name in wanted.events]
        if wanted.categories and not queries:
            return []
        if not queries or len(queries) > MOST_QUERIES:
            queries = [{"mve_filter": "exclude"}]
        listed = [
            market
            for query in queries
            for market in await self._rest.markets(status="open", **query)
        ]
        return [self._categorised(market) for market in listed]

    def _categorised(self, market: Market) -> Market:
        category = self._categories.get(market.series_ticker, "")
        return replace(market, category=category) if category else market

    def _followed(self) -> dict[str, Market]:
        return {name: market for name, market in self._markets.items() if market.status == "active"}

    async def _follow(self, markets: list[Market]) -> None:
        # Their places are taken before anything is awaited: several may be found at once.
        self._markets.update((market.ticker, market) for market in markets)
        if self._recorder is not None and markets:
            await self._recorder.register_markets(markets)
        for market in markets:
            self._books.follow(market)
        self._feed.add_markets([market.ticker for market in markets], self._clock.wall_ms())

    def _unfollow(self, tickers: Iterable[str]) -> None:
        """Forget open markets that lost their places."""
        dropped = list(tickers)
        self._feed.delete_markets(dropped, self._clock.wall_ms())
        for ticker in dropped:
            self._markets.pop(ticker, None)
            self._books.drop(ticker)
        self._tell([MarketChanged(ticker, UNFOLLOWED) for ticker in dropped])

    def note_closed(self) -> None:
        """Take closing times as what they are: no message tells that one has passed.

        Not before the feed stands, because only then a local exchange's time is known.
        """
        if self._feed.state != "live":
            return
        now_ms = self._clock.now_ms()
        for ticker, market in list(self._markets.items()):
            if market.status == "active" and market.close_ms and now_ms >= market.close_ms:
                self._markets[ticker] = replace(market, status="closed")
                self._closed.append(ticker)
        while len(self._closed) > OVER_KEPT:
            oldest = self._closed.popleft()
            is_waiting = oldest in self._markets and self._markets[oldest].status == "closed"
            if is_waiting and not self._is_held(oldest):
                self._unfollow([oldest])

    def observe(self, event: Event) -> None:
        """Note what the exchange says of a market; a new one is read and followed."""
        if not isinstance(event, MarketChanged):
            self._activity.observe(event)
            return
        market = self._markets.get(event.ticker)
        if market is None:
            if event.kind in NEW and self._has_room():
                self._look_at(event.ticker)
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

    def _look_at(self, ticker: str) -> None:
        """Read a new market, or where there are many the list of all."""
        if self._reads < MOST_READS:
            self._reads += 1
            self._tasks.start(f"market {ticker}", self._read(ticker))
        else:
            self._tasks.start(f"markets with {ticker}", self._fill_up())

    async def reread(self) -> None:
        """Ask how every followed market stands: its end may have been told to nobody.

        What is found goes through the same door as the feed's own messages.

        Raises:
            VenueError: the exchange does not say.
        """
        going_on = [ticker for ticker in self._markets if not self._is_over(ticker)]
        for start in range(0, len(going_on), TICKERS_A_PAGE):
            page = ",".join(going_on[start : start + TICKERS_A_PAGE])
            for market in await self._rest.markets(tickers=page):
                self._tell_end(market)
        await self.find()

    def _is_over(self, ticker: str) -> bool:
        market = self._markets.get(ticker)
        return market is None or market.status == "finalized"

    def _tell_end(self, now: Market) -> None:
        if self._is_over(now.ticker):
            return  # the feed told it while the answer was on its way
        if now.result and self._markets[now.ticker].status != "determined":
            value = now.settlement_pips
            self._tell([MarketChanged(now.ticker, "determined", now.result, 0, value)])
        if now.status == "finalized":
            self._tell([MarketChanged(now.ticker, "settled", now.result)])

    def _drop(self, ticker: str) -> None:
        """Forget a settled market's book; its name stays known for the newest of them."""
        self._feed.delete_markets([ticker], self._clock.wall_ms())
        self._books.drop(ticker)
        self._settled.append(ticker)
        while len(self._settled) > OVER_KEPT:
            self._markets.pop(self._settled.popleft(), None)

    def _has_room(self) -> bool:
        return len(self._followed()) < self.limit

    async def _fill_up(self) -> None:
        """Follow what opened while every place was taken; many who ask at once are one."""
        self._is_asked_again = True
        if self._is_filling:
            return
        self._is_filling = True
        try:
            while self._is_asked_again:
                self._is_asked_again = False
                await self.find()
        except VenueError as error:
            _log.warning("open markets could not be read: %s", error)
        finally:
            self._is_filling = False

    async def _read(self, ticker: str) -> None:
        try:
            market = await self._rest.market(ticker)
        except VenueError as error:
            _log.warning("new market %s could not be read: %s", ticker, error)
            return
        finally:
            self._reads -= 1
        market = self._categorised(market)
        is_new = market.status == "active" and ticker not in self._markets
        if is_new and self.wanted.names(market) and self._has_room():
            await self._follow([market])
