"""Write tokens while venue time stands: before a recording begins, and after its end."""

from typing import Final

from core.clock import VenueClock, WallClock
from core.kalshi.limits import WriteBudget

_NS_PER_MS: Final = 1_000_000


class StandingTime:
    """Gives what the exchange gives then: its tokens come with wall time.

    Without it an order to be cancelled after the end of a recording would wait for ever.
    """

    def __init__(self, clock: VenueClock, wall: WallClock, budget: WriteBudget) -> None:
        self._clock = clock
        self._wall = wall
        self._budget = budget
        self._seen_ms, self._seen_ns = clock.now_ms(), wall.monotonic_ns()

    def look(self) -> None:
        """Give tokens for the wall time since the last look if venue time has not moved."""
        venue_ms, wall_ns = self._clock.now_ms(), self._wall.monotonic_ns()
        if venue_ms == self._seen_ms:
            self._budget.wait(venue_ms, (wall_ns - self._seen_ns) // _NS_PER_MS)
        self._seen_ms, self._seen_ns = venue_ms, wall_ns
