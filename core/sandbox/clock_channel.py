"""The extra channel that tells a subscriber the venue's time, in band with its data."""

from dataclasses import dataclass

from core.clock import WallClock
from core.sandbox.publisher import CLOCK, Publisher, Subscription

QUIET_MS = 500
"""Venue time that may pass on a connection without data or a clock frame."""
BEAT_NS = 250_000_000
"""Wall time that may pass without a clock frame."""


@dataclass(slots=True)
class _Beat:
    sent_count: int
    venue_ms: int
    wall_ns: int


class ClockChannel:
    """Sends clock frames where they are due."""

    def __init__(self, publisher: Publisher, clock: WallClock, end_ms: int) -> None:
        self._publisher = publisher
        self._clock = clock
        self._end_ms = end_ms
        self._beats: dict[Subscription, _Beat] = {}

    def tick(self, complete_ms: int, speed: float) -> None:
        """Send a frame to each subscriber that has heard nothing for long enough.

        Args:
            complete_ms: every event up to this venue time has been handed to the connections.
            speed: venue seconds per wall second, 0 at full speed or standing still.
        """
        subscriptions = self._publisher.subscriptions(CLOCK)
        if len(self._beats) > len(subscriptions):
            self._beats = {s: self._beats[s] for s in subscriptions if s in self._beats}
        for sub in subscriptions:
            self._tick_one(sub, complete_ms, speed)

    def _tick_one(self, sub: Subscription, complete_ms: int, speed: float) -> None:
        now_ns = self._clock.monotonic_ns()
        beat = self._beats.get(sub)
        if beat is None:
            sub.sink.is_stamped = True
            beat = self._beats[sub] = _Beat(sub.sink.sent_count, -QUIET_MS, 0)
        if sub.sink.sent_count != beat.sent_count:
            beat.sent_count = sub.sink.sent_count
            beat.venue_ms = max(beat.venue_ms, complete_ms)
        is_quiet = complete_ms - beat.venue_ms >= QUIET_MS
        if not is_quiet and now_ns - beat.wall_ns < BEAT_NS:
            return
        sub.sink.send(
            f'{{"type":"sandbox_clock","sid":{sub.sid},"msg":{{"venue_ms":{complete_ms},'
            f'"monotonic_ns":{now_ns},"speed":{speed:g},"end_ms":{self._end_ms}}}'
        )
        beat.sent_count = sub.sink.sent_count
        beat.venue_ms = complete_ms
        beat.wall_ns = now_ns
