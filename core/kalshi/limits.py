"""Token buckets as the exchange keeps them, and a write budget that always leaves room to cancel.

Pure: time is an argument, in venue milliseconds, because the local exchange counts in those too.
Tokens are kept in thousandths, so that refills are exact.
"""

from typing import Final

DEFAULT_COST: Final = 10
"""Tokens of every call that has no cost of its own."""
ORDER_COST: Final = DEFAULT_COST
"""Tokens of a create or an amend."""
CANCEL_COST: Final = 2
"""Tokens of a cancel."""
ORDER_READ_COST: Final = 2
"""Tokens of reading one order."""
UPGRADE_COST: Final = 30
"""Tokens of asking for a higher usage tier."""
BASIC_READ_PER_S: Final = 200
"""Read tokens a second, and at once, of the lowest usage tier."""
BASIC_WRITE_PER_S: Final = 100
"""Write tokens a second, and at once, of the lowest usage tier."""
LONGEST_WAIT_MS: Final = 5_000
"""A read whose turn is further off is not made."""
_PER_TOKEN: Final = 1_000
_CLOCK_SET_BACK_MS: Final = 60_000
_PACE_PERCENT: Final = 80
_RESERVE_PERCENT: Final = 20


class TokenBucket:
    """Refills at a steady rate up to a capacity; starts full."""

    def __init__(self, refill_per_s: int, capacity: int, now_ms: int) -> None:
        """Start full.

        Args:
            refill_per_s: tokens a second.
            capacity: most tokens it holds.
            now_ms: venue time.

        Raises:
            ValueError: a rate or capacity that is not positive.
        """
        if refill_per_s <= 0 or capacity <= 0:
            raise ValueError("refill rate and capacity must be positive")
        self._refill_per_s = refill_per_s
        self._full = capacity * _PER_TOKEN
        self._level = self._full
        self._as_of_ms = now_ms

    def tokens(self, now_ms: int) -> int:
        """Whole tokens held at venue time `now_ms`."""
        self._refill(now_ms)
        return max(0, self._level) // _PER_TOKEN

    def try_take(self, cost: int, now_ms: int, keep: int = 0) -> bool:
        """Take `cost` tokens if `keep` remain afterwards; False takes nothing."""
        self._refill(now_ms)
        if self._level < (cost + keep) * _PER_TOKEN:
            return False
        self._level -= cost * _PER_TOKEN
        return True

    def reserve(self, cost: int, now_ms: int, longest_ms: int) -> int | None:
        """Take `cost` tokens ahead of time, behind everybody who did so before.

        Returns:
            Milliseconds until they are there; None, and nothing taken, if more than `longest_ms`.
        """
        self._refill(now_ms)
        missing = cost * _PER_TOKEN - self._level
        wait_ms = max(0, -(-missing // self._refill_per_s))
        if wait_ms > longest_ms:
            return None
        self._level -= cost * _PER_TOKEN
        return wait_ms

    def drain(self, now_ms: int) -> None:
        """Empty it: the exchange says that its own is empty. What is owed stays owed."""
        self._refill(now_ms)
        self._level = min(self._level, 0)

    def wait(self, now_ms: int, waited_ms: int) -> None:
        """Refill for time that passed elsewhere while venue time stood at `now_ms`."""
        self._refill(now_ms)
        self._level = min(self._full, self._level + waited_ms * self._refill_per_s)

    def _refill(self, now_ms: int) -> None:
        elapsed_ms = now_ms - self._as_of_ms
        if -_CLOCK_SET_BACK_MS < elapsed_ms < 0:
            return  # an older instant: what it would give is given already
        # A clock set back for good (a replay beginning) gives nothing and takes nothing.
        elapsed_ms = max(0, elapsed_ms)
        self._as_of_ms = now_ms
        self._level = min(self._full, self._level + elapsed_ms * self._refill_per_s)


class WriteBudget:
    """Write tokens of an account: 80 % of the allowed rate, a fifth of the burst for cancels."""

    def __init__(self, refill_per_s: int, capacity: int, now_ms: int) -> None:
        """Take the account's limits; Basic is 100 tokens a second with a burst of 100."""
        self.set_limits(refill_per_s, capacity, now_ms)

    def set_limits(self, refill_per_s: int, capacity: int, now_ms: int) -> None:
        """Take other limits from now on, with a full bucket."""
        pace = max(1, refill_per_s * _PACE_PERCENT // 100)
        self._bucket = TokenBucket(pace, capacity, now_ms)
        self._reserve = -(-capacity * _RESERVE_PERCENT // 100)

    def tokens(self, now_ms: int) -> int:
        """Whole tokens held."""
        return self._bucket.tokens(now_ms)

    def take_order(self, now_ms: int) -> bool:
        """Take the tokens of a create or an amend, leaving the share of cancels."""
        return self._bucket.try_take(ORDER_COST, now_ms, keep=self._reserve)

    def take_cancel(self, now_ms: int) -> bool:
        """Take the tokens of a cancel."""
        return self._bucket.try_take(CANCEL_COST, now_ms)

    def take(self, cost: int, now_ms: int, *, ends_orders: bool) -> bool:
        """Take the tokens of any write; the share of cancels is for what ends orders."""
        return self._bucket.try_take(cost, now_ms, keep=0 if ends_orders else self._reserve)

    def wait(self, now_ms: int, waited_ms: int) -> None:
        """Take the tokens of wall time that passed while venue time stood at `now_ms`."""
        self._bucket.wait(now_ms, waited_ms)

    def refused(self, now_ms: int) -> None:
        """Take note of a 429: wait for new tokens."""
        self._bucket.drain(now_ms)


class ReadBudget:
    """Read tokens of an account: 80 % of the allowed rate, in the order in which they are asked."""

    def __init__(self, refill_per_s: int, capacity: int, now_ms: int) -> None:
        """Take the account's limits; Basic is 200 tokens a second with a burst of 200."""
        self.set_limits(refill_per_s, capacity, now_ms)

    def set_limits(self, refill_per_s: int, capacity: int, now_ms: int) -> None:
        """Take other limits from now on, with a full bucket."""
        self._bucket = TokenBucket(max(1, refill_per_s * _PACE_PERCENT // 100), capacity, now_ms)

    def tokens(self, now_ms: int) -> int:
        """Whole tokens held."""
        return self._bucket.tokens(now_ms)

    def reserve(self, cost: int, now_ms: int) -> int | None:
        """Take the tokens of a read.

        Returns:
            Milliseconds until its turn; None, and nothing taken, if that is too far off.
        """
        return self._bucket.reserve(cost, now_ms, LONGEST_WAIT_MS)

    def refused(self, now_ms: int) -> None:
        """Take note of a 429: wait for new tokens."""
        self._bucket.drain(now_ms)
