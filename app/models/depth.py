"""Depth chart geometry: cumulative steps and axis ranges that move seldom. No painting.

x is in cents, y in contracts: floats, for painting only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.models.book_summary import cumulative, summarise
from app.views import BookView, Level
from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT, PIPS_PER_DOLLAR, Side

_CALM_SHARE = 0.25
_HEADROOM = 1.12
_SHRINK_BELOW = 0.5
_SHRINK_AFTER_FRAMES = 40
_LEAST_CONTRACTS = 10.0
_ALL_CENTS = (0.0, PIPS_PER_DOLLAR / PIPS_PER_CENT)


@dataclass(frozen=True, slots=True)
class Steps:
    """A step curve from the best price outwards."""

    x_cents: NDArray[np.float64]
    y_contracts: NDArray[np.float64]


def steps(levels: tuple[Level, ...], edge_cents: float) -> Steps:
    """Return the cumulative steps of one side, best first, drawn on to the edge of the view."""
    if not levels:
        return Steps(np.empty(0), np.empty(0))
    prices = np.array([price for price, _ in levels], dtype=np.float64) / PIPS_PER_CENT
    totals = np.array(cumulative(levels), dtype=np.float64) / LOTS_PER_CONTRACT
    x = np.append(np.repeat(prices, 2), edge_cents)
    y = np.concatenate(([0.0], np.repeat(totals, 2)))
    return Steps(x, y)


def within(levels: tuple[Level, ...], low_cents: float, high_cents: float) -> tuple[Level, ...]:
    """Return the levels inside the view, best first."""
    low, high = low_cents * PIPS_PER_CENT, high_cents * PIPS_PER_CENT
    return tuple(level for level in levels if low <= level[0] <= high)


def height_at(book: BookView, side: int, price_pips: int) -> float:
    """Return the cumulative contracts of a side at a price."""
    if side == Side.BID:
        lots = sum(lots for price, lots in book.bids if price >= price_pips)
    else:
        lots = sum(lots for price, lots in book.asks if price <= price_pips)
    return lots / LOTS_PER_CONTRACT


class DepthRange:
    """Axis ranges that follow the book in jumps, so that the eye keeps its place."""

    def __init__(self) -> None:
        self._span_cents: float | None = None
        self._centre_cents: float | None = None
        self._top = _LEAST_CONTRACTS
        self._low_frames = 0

    def set_span(self, span_cents: float | None) -> None:
        """Show this many cents either side of the mid; None shows every price."""
        self._span_cents = span_cents
        self.forget()

    def forget(self) -> None:
        """Centre and scale anew with the next book."""
        self._centre_cents = None
        self._top = 0.0

    def x_range(self, book: BookView) -> tuple[float, float]:
        """Return the price range in cents for this book."""
        anchor = summarise(book).anchor_pips
        if self._span_cents is None or anchor is None:
            return _ALL_CENTS
        centre = anchor / PIPS_PER_CENT
        calm = self._span_cents * _CALM_SHARE
        if self._centre_cents is None or abs(centre - self._centre_cents) > calm:
            self._centre_cents = centre
        low, high = self._centre_cents - self._span_cents, self._centre_cents + self._span_cents
        return max(_ALL_CENTS[0], low), min(_ALL_CENTS[1], high)

    def y_top(self, highest: float) -> float:
        """Return the upper end in contracts: grows at once, shrinks only after a while."""
        wanted = max(_LEAST_CONTRACTS, highest * _HEADROOM)
        self._low_frames = self._low_frames + 1 if wanted < self._top * _SHRINK_BELOW else 0
        if highest > self._top or self._low_frames > _SHRINK_AFTER_FRAMES or not self._top:
            self._top = wanted
            self._low_frames = 0
        return self._top
