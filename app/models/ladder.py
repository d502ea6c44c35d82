"""Which rows of a market's tick grid a ladder shows, and when it may move. No painting."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from app.views import BookView, Level, OwnLevel
from core.units import PIPS_PER_DOLLAR, Side

_CALM_SHARE = 0.25
"""The window stays while the centre is within this share of its height from the middle."""


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One price of the ladder. Own quantities are (lots, in flight) or None."""

    price_pips: int
    bid_lots: int
    ask_lots: int
    is_best_bid: bool
    is_best_ask: bool
    is_spread: bool
    own_bid: tuple[int, bool] | None
    own_ask: tuple[int, bool] | None


class LadderWindow:
    """A slice of the grid, highest price on top, that follows a centre with hysteresis."""

    def __init__(self) -> None:
        self._given: Sequence[int] = ()
        self._grid: tuple[int, ...] = ()
        self._top = 0
        self._height = 1

    def set_grid(self, prices: Sequence[int]) -> None:
        """Use this grid; prices nobody can order at (0 and $1) are not rows."""
        if prices is self._given:
            return
        self._given = prices
        grid = tuple(price for price in prices if 0 < price < PIPS_PER_DOLLAR)
        if grid != self._grid:
            self._grid = grid
            self._move(len(grid) // 2 + self._height // 2)

    def set_height(self, rows: int) -> None:
        """Show this many rows, the same price staying in the middle."""
        middle = self._top - self._height // 2
        self._height = max(1, rows)
        self._move(middle + self._height // 2)

    def prices(self) -> tuple[int, ...]:
        """Return the visible prices, highest first."""
        bottom = max(0, self._top - self._height + 1)
        return self._grid[bottom : self._top + 1][::-1]

    def scroll(self, rows: int) -> None:
        """Move by this many rows, up (to higher prices) if positive."""
        self._move(self._top + rows)

    def is_calm(self, centre_pips: float) -> bool:
        """Tell whether this price is near enough to the middle for the window to stay."""
        away = abs(self._index(centre_pips) - (self._top - self._height // 2))
        return away <= max(1, self._height * _CALM_SHARE)

    def recentre(self, centre_pips: float) -> None:
        """Put this price in the middle."""
        self._move(self._index(centre_pips) + self._height // 2)

    def _index(self, price_pips: float) -> int:
        return bisect_left(self._grid, price_pips)

    def _move(self, top: int) -> None:
        lowest_top = min(self._height, len(self._grid)) - 1
        self._top = max(0, lowest_top, min(top, len(self._grid) - 1))


def ladder_rows(book: BookView, prices: Sequence[int]) -> list[LadderRow]:
    """Return the rows of these prices, highest first, out of a displayed book."""
    bids, asks = dict(book.bids), dict(book.asks)
    own_bids, own_asks = _own(book.own, Side.BID), _own(book.own, Side.ASK)
    best_bid = book.bids[0][0] if book.bids else None
    best_ask = book.asks[0][0] if book.asks else None
    return [
        LadderRow(
            price,
            bids.get(price, 0),
            asks.get(price, 0),
            price == best_bid,
            price == best_ask,
            best_bid is not None and best_ask is not None and best_bid < price < best_ask,
            own_bids.get(price),
            own_asks.get(price),
        )
        for price in prices
    ]


def bar_scale_lots(levels: Sequence[Level], prices: Sequence[int]) -> int:
    """Return the second largest visible level, so that one wall does not flatten the rest."""
    if not prices:
        return 1
    visible = sorted(lots for price, lots in levels if prices[-1] <= price <= prices[0])
    return max(1, visible[-2] if len(visible) > 1 else sum(visible))


def _own(own: Sequence[OwnLevel], side: Side) -> dict[int, tuple[int, bool]]:
    return {level.price_pips: (level.lots, level.in_flight) for level in own if level.side == side}
