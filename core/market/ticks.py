"""Tick tables: which YES prices a market knows, and their index in its book arrays.

Bands come from the market's `price_ranges`; structure names are an open set and are not read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.units import PIPS_PER_CENT, PIPS_PER_DOLLAR


@dataclass(frozen=True)
class PriceRange:
    """One band of the tick structure, all in pips, both ends included."""

    start_pips: int
    end_pips: int
    step_pips: int


@dataclass(frozen=True)
class TickTable:
    """The ascending grid of a market's prices, 0 and $1 included so that every price has a place.

    Both book sides are indexed by YES price, so a NO bid at q sits at 10 000 - q: a grid is
    always made symmetric under that mirror.
    """

    prices: tuple[int, ...]

    @staticmethod
    def from_ranges(ranges: Iterable[PriceRange]) -> "TickTable":
        """Grid of all prices of all bands and their mirrors; no bands means whole cents."""
        return _table(tuple(ranges))

    @cached_property
    def index_of(self) -> dict[int, int]:
        """Price in pips to index in `prices`."""
        return {price: index for index, price in enumerate(self.prices)}

    def widened(self, price_pips: int) -> "TickTable":
        """This grid with one more price and its mirror: an order off the grid stays displayed."""
        extra = {price_pips, PIPS_PER_DOLLAR - price_pips}
        return TickTable(tuple(sorted(set(self.prices) | extra)))

    def is_tradable(self, price_pips: int) -> bool:
        """True if an order may name this price: on the grid and strictly between 0 and $1."""
        return 0 < price_pips < PIPS_PER_DOLLAR and price_pips in self.index_of


@lru_cache(maxsize=64)
def _table(ranges: tuple[PriceRange, ...]) -> TickTable:
    """One table for all markets of one structure: a thousand of their own take 8 MB."""
    bands = ranges or (PriceRange(0, PIPS_PER_DOLLAR, PIPS_PER_CENT),)
    grid = {0, PIPS_PER_DOLLAR}
    for band in bands:
        grid.update(range(band.start_pips, band.end_pips + 1, band.step_pips))
    inside = {price for price in grid if 0 <= price <= PIPS_PER_DOLLAR}
    return TickTable(tuple(sorted(inside | {PIPS_PER_DOLLAR - price for price in inside})))


LINEAR_CENT = TickTable.from_ranges(())
"""Whole cents, the structure of most markets."""
TAPERED_DECI_CENT_RANGES = (
    PriceRange(0, 1_000, 10),
    PriceRange(1_000, 9_000, 100),
    PriceRange(9_000, 10_000, 10),
)
"""0.1 cent below 10 and above 90 cents, whole cents between."""
