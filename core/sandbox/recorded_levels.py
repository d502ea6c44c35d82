"""What a recording displays of one book, and what of it own takers took. Pure.

The recording never knows that we took anything, so its levels stay displayed; what may still be
had at a level is its size less what was taken there. Growth is new and may be had. A removal
strikes what we left before what we took: whoever removed lots in the recording would have found
only those. What was taken is forgotten with the level, and at a snapshot.
"""

from core.market.events import BookSnapshot
from core.units import Side


class RecordedLevels:
    """Both sides of one market, lots by YES price in pips.

    Attributes:
        sides: bids and asks as recorded; read only.
    """

    def __init__(self) -> None:
        self.sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._taken: dict[tuple[int, int], int] = {}

    def replace(self, snapshot: BookSnapshot) -> None:
        """Take a whole book; all of it may be had."""
        self.sides = (dict(snapshot.bids), dict(snapshot.asks))
        self._taken.clear()

    def apply(self, side: int, price_pips: int, delta_lots: int) -> int:
        """Change one level; returns the lots it held before."""
        levels = self.sides[side]
        before = levels.get(price_pips, 0)
        after = before + delta_lots
        if after > 0:
            levels[price_pips] = after
        else:
            levels.pop(price_pips, None)
        if delta_lots < 0 and self._taken:
            taken = min(self._taken.pop((side, price_pips), 0), after)
            if taken > 0:
                self._taken[side, price_pips] = taken
        return before

    def lots(self, side: int, price_pips: int) -> int:
        """Displayed lots of a level."""
        return self.sides[side].get(price_pips, 0)

    def available(self, side: int, price_pips: int) -> int:
        """Displayed lots of a level that nobody of ours took."""
        return self.lots(side, price_pips) - self._taken.get((side, price_pips), 0)

    def take(self, side: int, price_pips: int, lots: int) -> None:
        """Note that own orders took lots that stay displayed."""
        key = (side, price_pips)
        self._taken[key] = self._taken.get(key, 0) + lots

    def best(self, side: int) -> int | None:
        """Best price of a side."""
        return (max if side == Side.BID else min)(self.sides[side], default=None)
