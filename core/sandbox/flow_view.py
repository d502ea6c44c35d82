"""The crowd's own idea of what it has resting in one market.

It follows the crowd's own orders only. What others take is noticed no earlier than at the next
cancellation, which then does nothing.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass

from core.units import Side


@dataclass(slots=True)
class Resting:
    """One resting order of the crowd."""

    key: int
    side: int
    price_pips: int
    lots: int


class CrowdView:
    """Resting orders of one market, by side and price, oldest first."""

    def __init__(self) -> None:
        self._levels: tuple[dict[int, list[Resting]], ...] = ({}, {})
        self._prices: tuple[list[int], list[int]] = ([], [])
        self._counts = [0, 0]

    def count(self, side: int) -> int:
        """Orders of a side."""
        return self._counts[side]

    def best(self, side: int) -> int | None:
        """Best price of a side, in pips."""
        prices = self._prices[side]
        return (prices[-1] if side == Side.BID else prices[0]) if prices else None

    def at(self, side: int, depth: int) -> list[Resting]:
        """Orders of the level `depth` levels behind the best, or of the last one; not empty.

        Raises:
            IndexError: the side is empty.
        """
        prices = self._prices[side]
        depth = min(depth, len(prices) - 1)
        return self._levels[side][prices[-1 - depth if side == Side.BID else depth]]

    def add(self, order: Resting) -> None:
        """Take note of a new order."""
        level = self._levels[order.side].get(order.price_pips)
        if level is None:
            level = self._levels[order.side][order.price_pips] = []
            insort(self._prices[order.side], order.price_pips)
        level.append(order)
        self._counts[order.side] += 1

    def remove(self, order: Resting) -> None:
        """Forget an order."""
        level = self._levels[order.side][order.price_pips]
        level.remove(order)
        self._counts[order.side] -= 1
        if not level:
            del self._levels[order.side][order.price_pips]
            prices = self._prices[order.side]
            del prices[bisect_left(prices, order.price_pips)]

    def take(self, taker_side: int, limit_pips: int, lots: int) -> None:
        """Fill the crowd's orders on the other side, best price and oldest first."""
        side = 1 - taker_side
        while lots and (best := self.best(side)) is not None:
            if best > limit_pips if taker_side == Side.BID else best < limit_pips:
                return
            first = self._levels[side][best][0]
            filled = min(lots, first.lots)
            lots -= filled
            first.lots -= filled
            if not first.lots:
                self.remove(first)
