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
from core.kalshi.queries import MarketQuery
from core.kalshi.rest import KalshiRest
from core.market.books import Books
from core.market.discovery import MarketFilter, check_limit, choose
from core.market.events import MarketChanged
from core.market.market import Market
from core.runtime.book_activity import BookActivity
from core.runtime.changed_markets import CHANGES, ChangedMarkets
from core.runtime.ended_markets import EndedMarkets
from core.runtime.open_markets import OpenMarkets
from core.runtime.tasks import Tasks
from core.runtime.unopened_markets import UnopenedMarkets
from core.storage.recorder import Recorder

_log = logging.getLogger(__name__)
OVER_KEPT = 24
"""So many closed and so many settled markets stay known, the newest of them."""
LOOK_SECONDS = 5.0
LOOKS_A_ROUND = 12
LIST_PAUSE_SECONDS = 1.0
"""Between two lists where news come faster than lists can be read."""
MOST_READS = 8
"""More new markets than this at once are found in the list instead of one by one."""
TICKERS_A_PAGE = 100
UNFOLLOWED = "unfollowed"
NEW = frozenset({"created", "activated", "metadata_updated"})
ENDS = frozenset({"determined", "settled"})
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
        self._open = OpenMarkets(rest)
        self._ended = EndedMarkets()
        self._unopened = UnopenedMarkets()
        self._changed = ChangedMarkets(rest, markets, tasks)
        self._feed = feed
        self._books = books
        self._recorder: Recorder | None = None
        self._markets = markets
        self._is_held = is_held
        self._tasks = tasks
        self._clock = clock
        self._tell = tell
        self._activity = BookActivity()
        self._closed: deque[str] = deque()
        self._settled: deque[str] = deque()
        self._news: deque[str] = deque()
        self._is_reading = False
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
                self.note_opened()
            self._activity.close_round(set(self._followed()))
            await self._fill_up()

    async def find(self) -> list[Market]:
        """Ask for open markets and follow what the rule of discovery chooses.

        How busy books are is what the last whole minute has shown, however often this is asked in
        between: after a loss, for news, or for another choice.

        Returns:
            What is followed from now on and was not before.

        Raises:
            VenueError: the exchange does not say.
        """
        listed = await self._open.listed(self.wanted)
        listed = [market for market in listed if not self._has_ended(market)]
        followed = self._followed()
        held = {ticker for ticker in followed if self._is_held(ticker)}
        changes = self._activity.changes
        places = choose(listed, followed, held, self.limit, self.wanted, changes)
        self._unfollow(places.drop)
        await self._follow(list(places.add))
        return list(places.add)

    def _followed(self) -> dict[str, Market]:
        return {name: market for name, market in self._markets.items() if market.status == "active"}

    async def _follow(self, markets: list[Market]) -> None:
        # Their places are taken before anything is awaited: several may be found at once.
        self._markets.update((market.ticker, market) for market in markets)
        for market in markets:
            self._books.follow(market)
        self._feed.add_markets([market.ticker for market in markets], self._clock.wall_ms())
        # Last, because a database may take its time, and rows need no registration.
        if self._recorder is not None and markets:
            await self._recorder.register_markets(markets)

    def _unfollow(self, tickers: Iterable[str]) -> None:
        """Forget open markets that lost their places."""
        dropped = list(tickers)
        self._feed.delete_markets(dropped, self._clock.wall_ms())
        for ticker in dropped:
            self._markets.pop(ticker, None)
            self._books.drop(ticker)
        self._tell([MarketChanged(ticker, UNFOLLOWED) for ticker in dropped])

    def note_closed(self) -> None:
        """Take closing times as what they are: no message tells that one has passed."""
        for ticker, market in list(self._markets.items()):
            if market.status == "active" and self._has_closed(market):
                self._ended.add(ticker, self._clock.wall_ms())
                self._markets[ticker] = replace(market, status="closed")
                self._closed.append(ticker)
        while len(self._closed) > OVER_KEPT:
            oldest = self._closed.popleft()
            is_waiting = oldest in self._markets and self._markets[oldest].status == "closed"
            if is_waiting and not self._is_held(oldest):
                self._unfollow([oldest])

    def note_opened(self) -> None:
        """Look at listed markets whose opening time has passed: no message tells that either."""
        if self._feed.state == "live":
            for ticker in self._unopened.take_due(self._clock.now_ms()):
                if ticker not in self._markets and self._has_room():
                    self._look_at(ticker)

    def observe(self, event: Event) -> None:
        """Note what the exchange says of a market; a new one is read and followed."""
        if not isinstance(event, MarketChanged):
            self._activity.observe(event)
            return
        self._note_end(event)
        market = self._markets.get(event.ticker)
        if market is None:
            is_news = event.kind in NEW and self._open.may_name(event.ticker, self.wanted)
            if is_news and self._has_room():
                self._look_at(event.ticker)
            return
        self._markets[event.ticker] = replace(
            market,
            status=STATUS.get(event.kind, market.status),
            result=event.result or market.result,
            close_ms=event.close_ms or market.close_ms,
        )
        if event.kind in CHANGES:
            self._changed.note(event.ticker)
        if event.kind == "determined":
            self._tasks.start(f"markets after {event.ticker}", self._fill_up())
        if event.kind == "settled":
            self._drop(event.ticker)

    def _note_end(self, event: MarketChanged) -> None:
        if event.kind in ENDS:
            self._ended.add(event.ticker, self._clock.wall_ms())
        elif event.kind == "activated" or event.close_ms > self._clock.now_ms():
            self._ended.discard(event.ticker)

    def _has_ended(self, market: Market) -> bool:
        """True where the list is behind what the feed and the time say."""
        return self._ended.has(market.ticker, self._clock.wall_ms()) or self._has_closed(market)

    def _has_closed(self, market: Market) -> bool:
        """Whether the closing time has passed.

        Unknown before the feed stands, because only then a local exchange's time is known.
        """
        is_known = self._feed.state == "live" and market.close_ms > 0
        return is_known and self._clock.now_ms() >= market.close_ms

    def _look_at(self, ticker: str) -> None:
        """Read a new market, after those before it, or where there are many the list of all."""
        if ticker in self._news:
            return
        if len(self._news) >= MOST_READS:
            self._tasks.start("markets in news", self._fill_up())
            return
        self._news.append(ticker)
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start("market news", self._read_news())

    async def reread(self) -> None:
        """Ask how every followed market stands: its end may have been told to nobody.

        What is found goes through the same door as the feed's own messages.

        Raises:
            VenueError: the exchange does not say.
        """
        going_on = [ticker for ticker in self._markets if not self._is_over(ticker)]
        for start in range(0, len(going_on), TICKERS_A_PAGE):
            page = MarketQuery(tickers=tuple(going_on[start : start + TICKERS_A_PAGE]))
            for market in await self._rest.markets(page):
                self._tell_end(market)
        await self.find()

    def _is_over(self, ticker: str) -> bool:
        market = self._markets.get(ticker)
        return market is None or market.status == "finalized"

    def _tell_end(self, now: Market) -> None:
        if self._is_over(now.ticker):
            return  # the feed told it while the answer was on its way
        known = self._markets[now.ticker]
        if now.result and (known.status, known.result) != ("determined", now.result):
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
        if self._is_filling:
            self._is_asked_again = True
            return
        self._is_filling = True
        try:
            while True:
                self._is_asked_again = False
                await self.find()
                if not self._is_asked_again:
                    break
                await asyncio.sleep(LIST_PAUSE_SECONDS)
        except VenueError as error:
            _log.warning("open markets could not be read: %s", error)
        finally:
            self._is_filling = False

    async def _read_news(self) -> None:
        try:
            while self._news:
                await self._read(self._news.popleft())
        finally:
            self._is_reading = False

    async def _read(self, ticker: str) -> None:
        try:
            market = await self._open.one(ticker)
        except VenueError as error:
            _log.warning("new market %s could not be read: %s", ticker, error)
            return
        if market.status == "initialized":
            self._unopened.add(market)
        is_new = market.status == "active" and ticker not in self._markets
        is_wanted = self.wanted.names(market) and self._has_room()
        if is_new and is_wanted and not self._has_ended(market):
            await self._follow([market])
