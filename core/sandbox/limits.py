"""Token buckets of the exchange: what a request costs, and whether the account may make it."""

from dataclasses import dataclass

DEFAULT_COST = 10
ENDPOINT_COSTS = (
    ("DELETE", "/trade-api/v2/portfolio/events/orders/{order_id}", 2),
    ("DELETE", "/trade-api/v2/portfolio/events/orders/batched", 2),
    ("GET", "/trade-api/v2/portfolio/orders/{order_id}", 2),
)
"""Requests that do not cost the default: method, route, tokens. A batch pays this per item."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Tokens a second and burst of one usage tier."""

    name: str
    read_per_s: int
    write_per_s: int


BASIC = Tier("basic", 200, 100)


class TokenBucket:
    """Refills with venue time, or with wall time where that runs further.

    Venue time stands still before a recording starts and after it ends; an account must not be
    locked out by that.
    """

    def __init__(self, per_s: int, venue_ms: int, wall_ms: int) -> None:
        self._per_s = per_s
        self._milli_tokens = per_s * 1000
        self._venue_ms = venue_ms
        self._wall_ms = wall_ms

    def take(self, tokens: int, venue_ms: int, wall_ms: int) -> bool:
        """Spend tokens; False and nothing spent if there are too few."""
        elapsed_ms = max(venue_ms - self._venue_ms, wall_ms - self._wall_ms, 0)
        self._venue_ms, self._wall_ms = venue_ms, wall_ms
        refilled = self._milli_tokens + elapsed_ms * self._per_s
        self._milli_tokens = min(self._per_s * 1000, refilled)
        if self._milli_tokens < tokens * 1000:
            return False
        self._milli_tokens -= tokens * 1000
        return True


class RateLimits:
    """The read and the write bucket of every account."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self._buckets: dict[tuple[int, bool], TokenBucket] = {}
        self._costs = {(method, route): cost for method, route, cost in ENDPOINT_COSTS}

    def allows(
        self, account: int, method: str, route: str, venue_ms: int, wall_ms: int, items: int = 1
    ) -> bool:
        """Bill a request of this many items to an account; False if it cannot pay them all."""
        is_write = method != "GET"
        bucket = self._buckets.get((account, is_write))
        if bucket is None:
            per_s = self.tier.write_per_s if is_write else self.tier.read_per_s
            bucket = self._buckets[account, is_write] = TokenBucket(per_s, venue_ms, wall_ms)
        cost = self._costs.get((method, route), DEFAULT_COST)
        return bucket.take(cost * items, venue_ms, wall_ms)
