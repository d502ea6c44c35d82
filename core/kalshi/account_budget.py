"""What one account may still ask of the exchange: one budget for all clients that sign for it.

Starts with the lowest tier's limits, until the exchange says what the account has. Sends nothing
and waits for nothing.
"""

from typing import Final

from core.clock import VenueClock, WallClock
from core.kalshi.limits import BASIC_READ_PER_S, BASIC_WRITE_PER_S, ReadBudget, WriteBudget
from core.kalshi.rest_wire import AccountLimits

_NS_PER_MS: Final = 1_000_000


class AccountBudget:
    """Read and write tokens of an account.

    The exchange gives new tokens as its time passes; a local one at least as fast as wall time,
    because its own stands still before a recording begins and after it ends.

    Args:
        wall: this machine's time.
        venue: the exchange's time, None where it runs as fast as this machine's.
    """

    def __init__(self, wall: WallClock, venue: VenueClock | None = None) -> None:
        self._wall = wall
        self._venue = venue
        self._passed_ms = 0
        self._wall_ms, self._venue_ms = self._readings_ms()
        self._limits = (BASIC_READ_PER_S, BASIC_READ_PER_S, BASIC_WRITE_PER_S, BASIC_WRITE_PER_S)
        self._reads = ReadBudget(BASIC_READ_PER_S, BASIC_READ_PER_S, 0)
        self._writes = WriteBudget(BASIC_WRITE_PER_S, BASIC_WRITE_PER_S, 0)

    def keep_to(self, limits: AccountLimits) -> None:
        """Take the account's limits; ones that it has already change nothing."""
        read, write = limits.read, limits.write
        told = (read.refill_rate, read.bucket_capacity, write.refill_rate, write.bucket_capacity)
        if told == self._limits:
            return
        self._limits, now_ms = told, self._now_ms()
        self._reads.set_limits(read.refill_rate, read.bucket_capacity, now_ms)
        self._writes.set_limits(write.refill_rate, write.bucket_capacity, now_ms)

    @property
    def read_tokens(self) -> int:
        """Whole read tokens held."""
        return self._reads.tokens(self._now_ms())

    @property
    def write_tokens(self) -> int:
        """Whole write tokens held."""
        return self._writes.tokens(self._now_ms())

    def reserve_read(self, cost: int) -> int | None:
        """Take the tokens of a read.

        Returns:
            Milliseconds until its turn; None, and nothing taken, if that is too far off.
        """
        return self._reads.reserve(cost, self._now_ms())

    def take_write(self, cost: int, *, ends_orders: bool) -> bool:
        """Take the tokens of a write; False takes nothing. A share is for what ends orders."""
        return self._writes.take(cost, self._now_ms(), ends_orders=ends_orders)

    def read_refused(self) -> None:
        """Take note of a 429 to a read."""
        self._reads.refused(self._now_ms())

    def write_refused(self) -> None:
        """Take note of a 429 to a write."""
        self._writes.refused(self._now_ms())

    def _now_ms(self) -> int:
        """Milliseconds that passed, by whichever clock ran further; never fewer than before."""
        wall_ms, venue_ms = self._readings_ms()
        self._passed_ms += max(wall_ms - self._wall_ms, venue_ms - self._venue_ms, 0)
        self._wall_ms, self._venue_ms = wall_ms, venue_ms
        return self._passed_ms

    def _readings_ms(self) -> tuple[int, int]:
        wall_ms = self._wall.monotonic_ns() // _NS_PER_MS
        return wall_ms, wall_ms if self._venue is None else self._venue.now_ms()
