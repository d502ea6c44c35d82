"""The crowd's own idea of what it has resting in one market.

It follows the crowd's own orders only. What others take is noticed no earlier than at the next
cancellation, which then does nothing. Prices are in a side's own terms: the YES price of a bid,
the NO price of an ask, so that the highest is the best on both sides.
"""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field

from core.units import PIPS_PER_DOLLAR


@dataclass(slots=True, eq=False)
class Resting:
    """One resting order of the crowd."""

    key: int
    side: int
    price_pips: int
    lots: int


@dataclass(slots=True, eq=False)
class CrowdLevel:
    """Orders at one price, oldest first; an early one was better than makers wanted it."""

    side: int
    price_pips: int
    is_early: bool = False
    orders: list[Resting] = field(default_factory=list)


class CrowdView:
    """Resting orders of one market, by side and price."""

    def __init__(self) -> None:
        self._levels: tuple[dict[int, CrowdLevel], ...] = ({}, {})
        self._prices: tuple[list[int], list[int]] = ([], [])

    def best(self, side: int) -> int:
        """Best price of a side in pips, 0 if it is empty."""
        prices = self._prices[side]
        return prices[-1] if prices else 0

    def level(self, side: int, price_pips: int) -> CrowdLevel | None:
        """The level at a price."""
        return self._levels[side].get(price_pips)

    def nearest(self, side: int, price_pips: int) -> CrowdLevel:
        """The first level at or behind a price, else the last one; not of an empty side.

        Raises:
            IndexError: the side is empty.
        """
        prices = self._prices[side]
        index = max(0, bisect_right(prices, price_pips) - 1)
        return self._levels[side][prices[index]]

    def lives(self, level: CrowdLevel) -> bool:
        """True while it has not been empty since it was made."""
        return self._levels[level.side].get(level.price_pips) is level

    def add(self, order: Resting) -> CrowdLevel:
        """Take note of a new order; returns its level."""
        level = self._levels[order.side].get(order.price_pips)
        if level is None:
            level = CrowdLevel(order.side, order.price_pips)
            self._levels[order.side][order.price_pips] = level
            insort(self._prices[order.side], order.price_pips)
        level.orders.append(order)
        return level

    def remove(self, order: Resting) -> None:
        """Forget an order."""
        level = self._levels[order.side][order.price_pips]
        level.orders.remove(order)
        if not level.orders:
            del self._levels[order.side][order.price_pips]
            prices = self._prices[order.side]
            del prices[bisect_left(prices, order.price_pips)]

    def take(self, side: int, lots: int) -> None:
        """Fill orders of the best level of a side, oldest first."""
        level = self._levels[side][self.best(side)]
        while lots and level.orders:
            first = level.orders[0]
            filled = min(lots, first.lots)
            lots -= filled
            first.lots -= filled
            if not first.lots:
                self.remove(first)

    def would_cross(self, side: int, price_pips: int) -> bool:
        """True if an order would trade against the crowd's own."""
        other = self.best(1 - side)
        return other > 0 and other + price_pips >= PIPS_PER_DOLLAR
