"""How the feed stands: state, age, progress of a recorded session."""

from collections.abc import Iterable

from core.clock import VenueClock, WallClock
from core.events import Event
from core.kalshi.events import AccountFeed, FeedState
from core.market.events import BookDoubted, VenueTime

NS_PER_MS = 1_000_000
OUR_WORD = (FeedState, AccountFeed, BookDoubted)
"""What the session says of itself; the exchange sent nothing."""


class FeedWatch:
    """Observes what the feed gives, before the pipeline takes it.

    Attributes:
        state: connecting, live, recovering or disconnected.
        detail: why, where there is more to say.
    """

    def __init__(self, wall: WallClock, clock: VenueClock) -> None:
        self._wall = wall
        self._clock = clock
        self._last_ns = 0
        self._begin_ms = 0
        self._end_ms = 0
        self.state = "connecting"
        self.detail = ""

    def observe(self, events: Iterable[Event]) -> list[FeedState]:
        """Note these events; returns the states among them."""
        states = []
        for event in events:
            if type(event) is FeedState:
                states.append(event)
                self.state, self.detail = event.state, event.detail
            if type(event) in OUR_WORD:
                continue
            self._last_ns = self._wall.monotonic_ns()
            if type(event) is VenueTime:
                self._end_ms = event.end_ms
                self._begin_ms = self._begin_ms or event.venue_ms
        return states

    def lost(self) -> None:
        """The exchange is gone."""
        self.state = "disconnected"

    def age_ms(self, reached_ms: int) -> int | None:
        """How far the feed is behind the exchange's time, None before anything arrived.

        Exchange milliseconds since the newest time stamp, so that what lags on its way is old
        when it arrives; wall milliseconds since the last arrival where there is no stamp yet, or
        where the exchange's time stands still between its messages.

        Args:
            reached_ms: exchange time that the feed has reached, 0 before the first time stamp.
        """
        if not self._last_ns:
            return None
        if reached_ms and self._clock.speed > 0:
            return max(0, self._clock.now_ms() - reached_ms)
        return (self._wall.monotonic_ns() - self._last_ns) // NS_PER_MS

    def is_over(self) -> bool:
        """True once a recorded session has been played to its end."""
        return self._clock.speed == 0 and self.progress() == 1.0

    def progress(self) -> float | None:
        """Share of a recorded session that has passed, None for one without an end."""
        length_ms = self._end_ms - self._begin_ms
        if not self._end_ms or length_ms <= 0:
            return None
        return min(1.0, max(0.0, (self._clock.now_ms() - self._begin_ms) / length_ms))
