"""Two clocks. `wall` for sockets, signatures and logs; `venue` for everything the market times.

The only module that reads the machine's clock.
"""

import time
from typing import Protocol


class WallClock(Protocol):
    """This machine's time."""

    def now_ms(self) -> int:
        """Unix time in milliseconds."""

    def monotonic_ns(self) -> int:
        """Monotonic nanoseconds, comparable between processes of this machine."""


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        """Monotonic nanoseconds."""
        return time.monotonic_ns()


class ManualClock:
    """A clock that moves only when told; for tests and for deterministic runs."""

    def __init__(self, now_ms: int = 0, monotonic_ns: int = 0) -> None:
        self._now_ms = now_ms
        self._monotonic_ns = monotonic_ns

    def now_ms(self) -> int:
        """Unix time as it was set."""
        return self._now_ms

    def monotonic_ns(self) -> int:
        """Monotonic time as it was set."""
        return self._monotonic_ns

    def advance_ms(self, ms: int) -> None:
        """Move both readings forward."""
        self._now_ms += ms
        self._monotonic_ns += ms * 1_000_000


class VenueClock:
    """Time as the exchange lives it.

    Live it is wall time plus a measured offset. A local exchange publishes
    (venue_ms, monotonic_ns, speed) instead, and the clock runs on from that anchor. With speed 0
    ("as fast as possible", or not running) venue time is the last anchor.
    """

    def __init__(self, wall: WallClock) -> None:
        self._wall = wall
        self._offset_ms = 0
        self._anchor: tuple[int, int, float] | None = None

    @property
    def speed(self) -> float:
        """Venue seconds per wall second; 0 while the exchange sets the time event by event."""
        return 1.0 if self._anchor is None else self._anchor[2]

    @property
    def is_published(self) -> bool:
        """True once a local exchange has published its time."""
        return self._anchor is not None

    def set_offset(self, offset_ms: int) -> None:
        """Venue minus wall, measured; used until an exchange publishes its own time."""
        self._offset_ms = offset_ms

    def publish(self, venue_ms: int, monotonic_ns: int, speed: float) -> None:
        """Take the exchange's own statement of its time. Speed 0 means event by event."""
        self._anchor = (venue_ms, monotonic_ns, speed)

    def now_ms(self) -> int:
        """Venue time in milliseconds."""
        if self._anchor is None:
            return self._wall.now_ms() + self._offset_ms
        venue_ms, anchored_ns, speed = self._anchor
        elapsed_ns = max(0, self._wall.monotonic_ns() - anchored_ns)
        return venue_ms + int(elapsed_ns * speed) // 1_000_000

    def wall_ms(self) -> int:
        """Wall time in Unix milliseconds."""
        return self._wall.now_ms()

    def wall_seconds(self, venue_ms: int) -> float:
        """Wall seconds from now until the venue shows `venue_ms`; 0 if passed or unknowable."""
        speed = self.speed
        return max(0, venue_ms - self.now_ms()) / 1000 / speed if speed > 0 else 0.0
