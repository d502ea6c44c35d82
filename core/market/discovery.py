"""Which markets to follow: open ones, the most active first, up to a limit."""

from collections.abc import Iterable

from core.market.market import Market


def choose(markets: Iterable[Market], followed: Iterable[str], limit: int) -> list[Market]:
    """Markets to add, given those already followed; deterministic.

    Open markets with the largest volume come first; ties go by ticker.
    """
    have = set(followed)
    wanted = [market for market in markets if market.status == "active"]
    wanted.sort(key=lambda market: (-market.volume_lots, market.ticker))
    new = [market for market in wanted if market.ticker not in have]
    return new[: max(0, limit - len(have))]
