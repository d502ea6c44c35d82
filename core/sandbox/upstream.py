"""The exchange that a mirror shows: its open markets, and its feed while the context is open.

Reads only: the client it uses has no method that changes anything, and a key that could be used
for writing is refused.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from core.clock import WallClock
from core.errors import RefusedError, RejectedError, UnreachableError, VenueError
from core.events import Event
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.events import FeedState
from core.kalshi.feed import FeedSession
from core.kalshi.queries import MarketQuery
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.kalshi.stream import FeedStream
from core.market.discovery import MarketFilter, choose
from core.market.events import MarketChanged, VenueTime
from core.market.market import Market
from core.sandbox.read_back import CaughtUp, ReadBack
from core.sandbox.told_life import MarketRead

_log = logging.getLogger(__name__)
Tell = Callable[[Sequence[Event]], None]
FIRST_BOOKS_S: Final = 30.0
FIRST_TIME_S: Final = 2.0
"""A local exchange states its time at once; one that is silent for so long has no clock channel."""
REFRESH_S: Final = 30.0
NEWS_DISTANCE_S: Final = 1.0
"""Between listings at least: each costs tokens of the account."""
TROUBLE_MS: Final = 5_000
"""So long after a complaint of the feed a channel that was lost is there again."""
_FORBIDDEN: Final = 403


class Upstream:
    """One mirrored exchange.

    Args:
        endpoint: where it serves.
        signer: a key that may only read.
        wall: wall clock.
        limit: most markets followed at one time.
        wanted: which; all of them if nothing is named.

    Attributes:
        markets: what is or was followed, by ticker, as it stood when it was read last.
    """

    def __init__(
        self,
        endpoint: DataEndpoint,
        signer: Signer,
        wall: WallClock,
        limit: int,
        wanted: MarketFilter | None = None,
    ) -> None:
        self.markets: dict[str, Market] = {}
        self._endpoint = endpoint
        self._signer = signer
        self._wall = wall
        self._limit = limit
        self._wanted = wanted or MarketFilter()
        self._troubled_ms = 0
        self._rng = random.Random()  # jitter, not secrets
        self._clock = ClockOffset()
        self._rest = KalshiRest(endpoint, signer, wall, self._rng, clock=self._clock)
        self._feed = FeedSession(has_account=False, has_clock=True)
        self._connected = asyncio.Event()
        self._live = asyncio.Event()
        self._known = asyncio.Event()
        self._timed = asyncio.Event()
        self._news = asyncio.Event()
        self._anew = asyncio.Event()

    @property
    def offset_ms(self) -> int:
        """Its time minus wall time, measured; 0 before any answer."""
        return self._clock.offset_ms or 0

    def begin_anew(self) -> None:
        """Connect again, so that every book comes once more and every market is read."""
        _log.warning("too much came before the mirrored markets could be read: connecting again")
        self._anew.set()

    @asynccontextmanager
    async def following(self, tell: Tell) -> AsyncIterator[None]:
        """Follow the feed while the context is open.

        Besides the feed's own events `tell` gets a `MarketRead` of each market whose state no
        message says, and a `CaughtUp` when there is no such market any more.

        When it begins every book is there, how every market stands, and the exchange's time if it
        states it.

        Args:
            tell: takes what the feed gives, in order.

        Raises:
            RefusedError: the key may write.
            VenueError: the exchange does not answer, or has no open market.
        """
        try:
            await self._check_key()
            new = self._choose(await self._listed())
            if not new:
                raise UnreachableError(
                    "the mirrored exchange has no open market of those asked for: widen --series"
                )
            self._feed.start([market.ticker for market in new])
            async with asyncio.TaskGroup() as tasks:
                back = ReadBack(self._rest, partial(self._take_read, tell))
                stream = self._stream(tell, back)
                following = [
                    tasks.create_task(self._follow(stream), name="mirror-feed"),
                    tasks.create_task(
                        back.run(self._connected, stream.catch_up), name="mirror-read-back"
                    ),
                    tasks.create_task(self._refresh(back), name="mirror-markets"),
                ]
                await self._first_books()
                with suppress(TimeoutError):
                    async with asyncio.timeout(FIRST_TIME_S):
                        await self._timed.wait()
                yield
                for task in following:
                    task.cancel()
        except BaseExceptionGroup as group:
            raise _first(group) from group
        finally:
            await self._rest.close()

    async def _check_key(self) -> None:
        try:
            scopes = await self._rest.key_scopes(self._signer.key_id)
        except RejectedError as error:
            if error.status != _FORBIDDEN:
                raise
            scopes = None
        if scopes is None:
            _log.warning("what the key may do could not be read; it is used for reading only")
        elif any(scope.startswith("write") for scope in scopes):
            raise RefusedError(
                "a mirror takes a key that may only read; this one may write: make a key with "
                "scope read"
            )

    def _choose(self, listed: list[Market]) -> tuple[Market, ...]:
        """Find the open markets to follow besides those already followed, which all stay."""
        followed = {ticker: self.markets[ticker] for ticker in self._feed.tickers}
        new = choose(listed, followed, set(followed), self._limit, self._wanted, {}).add
        self.markets.update((market.ticker, market) for market in new)
        return new

    async def _listed(self) -> list[Market]:
        """Open markets of what is wanted, not of the whole exchange where series are named."""
        queries = [MarketQuery(status="open", series_ticker=name) for name in self._wanted.series]
        return [
            market
            for query in queries or [MarketQuery(status="open", combos="exclude")]
            for market in await self._rest.markets(query)
        ]

    async def _follow(self, stream: FeedStream) -> None:
        while True:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(stream.run(), name="mirror-stream")
                await self._anew.wait()
                running.cancel()
            self._anew.clear()

    def _stream(self, tell: Tell, back: ReadBack) -> FeedStream:
        def on_events(events: Sequence[Event]) -> None:
            for event in events:
                if isinstance(event, MarketChanged):
                    self._observe(event, back)
                elif isinstance(event, FeedState):
                    self._feed_is(event, back)
                elif isinstance(event, VenueTime):
                    self._timed.set()
            tell(events)
            if self._feed.state == "live":
                self._live.set()

        url = self._endpoint.ws_url
        return FeedStream(
            url, self._signer, self._feed, self._wall, on_events, self._rng, clock=self._clock
        )

    def _feed_is(self, event: FeedState, back: ReadBack) -> None:
        """Doubt every market where something may have happened that was told to nobody.

        That is after a new connection, and with whatever the feed complains of.
        """
        if event.state in ("recovering", "live"):
            self._connected.set()
        else:
            self._connected.clear()
        if event.detail or not self._connected.is_set():
            self._troubled_ms = self._wall.now_ms()
            back.doubt(self._feed.tickers)

    def _observe(self, change: MarketChanged, back: ReadBack) -> None:
        """A settled market is done; an ended one makes room, and one that opens may take it."""
        is_ours = change.ticker in self._feed.tickers
        if is_ours:
            back.note(change, self._wall.now_ms())
            if change.ticker not in self._feed.live_tickers:
                back.doubt([change.ticker])  # without a book it is not listed here yet
        if change.kind == "settled" and is_ours:
            self._feed.delete_markets([change.ticker], self._wall.now_ms())
        series = change.ticker.split("-", 1)[0]
        is_wanted = not self._wanted.series or series in self._wanted.series
        if is_ours or (is_wanted and change.kind in ("created", "activated")):
            self._news.set()

    def _take_read(self, tell: Tell, read: list[Market], is_all: bool) -> None:
        self.markets.update((market.ticker, market) for market in read)
        over = [market.ticker for market in read if market.status == "finalized"]
        self._feed.delete_markets(over, self._wall.now_ms())
        if over:
            self._news.set()
        tell([MarketRead(market) for market in read])
        if is_all:
            tell([CaughtUp()])
            self._known.set()

    async def _first_books(self) -> None:
        try:
            async with asyncio.timeout(FIRST_BOOKS_S):
                await self._live.wait()
                await self._known.wait()
        except TimeoutError as error:
            raise UnreachableError(
                f"the mirrored exchange showed no books within {FIRST_BOOKS_S:.0f} s"
            ) from error

    async def _refresh(self, back: ReadBack) -> None:
        """Follow what opens: after news, and now and then, since opening by the clock is untold.

        What may have been missed is read.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await self._news.wait()
            await asyncio.sleep(NEWS_DISTANCE_S)  # one listing for all that comes together
            self._news.clear()
            try:
                listed = await self._listed()
            except VenueError as error:
                _log.warning("open markets of the mirrored exchange cannot be read: %s", error)
            else:
                if questioned := self._in_question(listed):
                    back.doubt(questioned)
                back.doubt_again(self._wall.now_ms(), int(REFRESH_S * 1_000))
                new = self._choose(listed)
                self._feed.add_markets([market.ticker for market in new], self._wall.now_ms())

    def _in_question(self, listed: list[Market]) -> frozenset[str]:
        """Followed markets of which something may be unknown: not listed as open, or any one.

        A lost channel comes back without a word; what it would have told until then is missing.
        """
        followed = self._feed.tickers
        if not self._troubled_ms:
            return followed.difference(market.ticker for market in listed)
        if self._wall.now_ms() - self._troubled_ms >= TROUBLE_MS:
            self._troubled_ms = 0
        return followed


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
