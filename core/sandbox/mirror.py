"""Live liquidity: the books of another exchange, served here while they happen.

Own orders rest in recorded books (see `recorded`) and never reach the other exchange.
"""

import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from core.clock import VenueClock, WallClock
from core.errors import JobError
from core.events import Event
from core.kalshi.events import FeedState
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade, VenueTime
from core.sandbox.exchange import Exchange
from core.sandbox.playback import Playback
from core.sandbox.publisher import BOOK
from core.sandbox.read_back import CaughtUp
from core.sandbox.told_life import MarketRead
from core.sandbox.upstream import Upstream

GRACE_MS: Final = 250
"""How much later than its time stamp a message may come where the exchange states no time."""
QUEUE_LIMIT: Final = 500_000
"""Events waiting for this exchange's own turn; more means that it cannot keep up."""
HELD_LIMIT: Final = 100_000
"""Events waiting for how the markets stand to be read; rather than more, every book comes anew."""

AWAY_TEXT: Final = "the mirrored exchange is away"
_CHANNEL_ERROR: Final = 10

MirroredEvent = (
    BookDelta | BookSnapshot | Trade | BookDoubted | MarketChanged | MarketRead | FeedState
)


class MirrorSource:
    """What the upstream's feed tells, as a source that says itself how far its time is.

    An event that comes later than this exchange's time is played at that time, since nothing
    here can happen before what was already shown. While the upstream is away trading is paused,
    and whoever follows a book is told so: its books are not true any more, and no message of
    theirs would ever show it. What comes after an absence waits until it has been read how the
    markets stand, so that no book is shown, and nothing trades, in one that ended meanwhile. If
    that takes too long, it is thrown away, and once they can be read the upstream begins anew.
    """

    def __init__(self, upstream: Upstream, wall: WallClock) -> None:
        self._upstream = upstream
        self._wall = wall
        self._clock = VenueClock(wall)
        self._queue: deque[tuple[int, MirroredEvent]] = deque()
        self._complete_ms = 0
        self._is_away = False
        self._held: list[MirroredEvent] | None = None
        self._is_overfull = False
        self.start_ms = 0
        self.end_ms = 0
        self.trades = "real"
        self.waits = False

    @asynccontextmanager
    async def mirroring(self) -> AsyncIterator[None]:
        """Take the upstream's events while the context is open."""
        async with self._upstream.following(self.receive):
            self.start_ms = self.time()[0]
            yield

    def receive(self, events: Sequence[Event]) -> None:
        """Take what the feed gave.

        Raises:
            JobError: the exchange cannot keep up with what it mirrors.
        """
        for event in events:
            if isinstance(event, VenueTime):
                self._clock.publish(event.venue_ms, event.monotonic_ns, event.speed)
                self._complete_ms = max(self._complete_ms, event.venue_ms)
            elif isinstance(event, CaughtUp):
                self._release()
            elif isinstance(event, MirroredEvent):
                self._take_or_hold(event)
        if len(self._queue) > QUEUE_LIMIT:
            raise JobError(
                "the mirror cannot keep up with the exchange it shows: follow fewer --markets"
            )

    def _take_or_hold(self, event: MirroredEvent) -> None:
        if isinstance(event, FeedState) and event.state == "disconnected":
            self._take_in(event)
            self._held = []  # what was held belongs to the connection that is lost
            self._is_overfull = False
        elif self._held is None or isinstance(event, MarketRead):
            self._take_in(event)
        elif not self._is_overfull:
            self._hold(self._held, event)

    def _hold(self, held: list[MirroredEvent], event: MirroredEvent) -> None:
        """Keep an event until it may be shown; with too many, all of this connection is lost."""
        held.append(event)
        if len(held) > HELD_LIMIT:
            held.clear()
            self._is_overfull = True

    def _release(self) -> None:
        if self._is_overfull:
            self._upstream.begin_anew()
            return
        held, self._held = self._held or [], None
        for event in held:
            self._take_in(event)

    def _take_in(self, event: MirroredEvent) -> None:
        newest_ms = self._queue[-1][0] if self._queue else self._complete_ms
        if isinstance(event, FeedState):
            self._complete_ms = newest_ms  # nothing more will come to end this instant
            self._queue.append((newest_ms, event))
            return
        ts_ms = max(event.ts_ms, newest_ms)
        # In order on one connection, so everything stamped earlier has come.
        self._complete_ms = max(self._complete_ms, ts_ms - 1)
        if ts_ms != event.ts_ms:
            event = msgspec.structs.replace(event, ts_ms=ts_ms)
        self._queue.append((ts_ms, event))

    def time(self) -> tuple[int, float]:
        """Venue time up to which everything has come, and venue seconds per wall second."""
        if not self._clock.is_published:
            passed_ms = self._wall.now_ms() + self._upstream.offset_ms - GRACE_MS
            self._complete_ms = max(self._complete_ms, passed_ms)
        return self._complete_ms, self._clock.speed

    def open(self, exchange: Exchange) -> None:
        """Show the books that came first, so that they can be found."""
        self._exchange = exchange
        self._playback = Playback(exchange, self._upstream.markets, is_live=True)
        if exchange.rules.weekly_pause:
            exchange.keep_hours()
        while self._queue and self._queue[0][0] <= self.start_ms:
            self.take()

    def next_ms(self) -> int:
        """Venue time of the next instant known."""
        return self._queue[0][0] if self._queue else sys.maxsize

    def take(self) -> None:
        """Apply the next instant, all of it."""
        now_ms = self._queue[0][0]
        while self._queue and self._queue[0][0] == now_ms:
            event = self._queue.popleft()[1]
            if isinstance(event, FeedState):
                self._upstream_is(event.state)
            else:
                self._playback.apply(event)
        self._playback.end_group(now_ms)

    def _upstream_is(self, state: str) -> None:
        """Pause while there is nothing to mirror."""
        if state == "live" and self._is_away:
            self._is_away = False
            self._exchange.resume()
        elif state == "disconnected" and not self._is_away:
            self._is_away = True
            self._exchange.pause()
            publisher = self._exchange.publisher
            for subscription in publisher.subscriptions(BOOK):
                publisher.end(subscription, _CHANNEL_ERROR, AWAY_TEXT)
