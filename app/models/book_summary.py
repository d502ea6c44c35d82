"""Statistics of a displayed book: best, mid, micro price, imbalance, cumulative depth.

Floats here are for reading and painting only. None means the book does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.views import BookView, Level
from core.units import Side


@dataclass(frozen=True, slots=True)
class BookSummary:
    """Best prices of a book and what follows from them, in pips."""

    bid_pips: int | None
    ask_pips: int | None
    mid_pips: float | None
    micro_pips: float | None
    imbalance: float | None

    @property
    def spread_pips(self) -> int | None:
        """Ask less bid; None while a side is empty."""
        if self.bid_pips is None or self.ask_pips is None:
            return None
        return self.ask_pips - self.bid_pips

    @property
    def anchor_pips(self) -> float | None:
        """Price a view is centred on: the mid, or the only best price there is."""
        if self.mid_pips is not None:
            return self.mid_pips
        return self.bid_pips if self.bid_pips is not None else self.ask_pips


IMBALANCE_LEVELS = 5


def summarise(book: BookView) -> BookSummary:
    """Return best, mid, micro price and the imbalance of the five best levels (-1 to 1)."""
    bid, ask = (side[0] if side else None for side in (book.bids, book.asks))
    near_bids = sum(lots for _, lots in book.bids[:IMBALANCE_LEVELS])
    near_asks = sum(lots for _, lots in book.asks[:IMBALANCE_LEVELS])
    total = near_bids + near_asks
    return BookSummary(
        bid_pips=bid[0] if bid else None,
        ask_pips=ask[0] if ask else None,
        mid_pips=(bid[0] + ask[0]) / 2 if bid and ask else None,
        micro_pips=_micro(bid, ask),
        imbalance=(near_bids - near_asks) / total if total else None,
    )


def _micro(bid: Level | None, ask: Level | None) -> float | None:
    if bid is None or ask is None or not bid[1] + ask[1]:
        return None
    return (bid[0] * ask[1] + ask[0] * bid[1]) / (bid[1] + ask[1])


def share_of_bids(book: BookView, within_pips: int) -> float | None:
    """Return the bids' share (0 to 1) of all lots within this distance of the mid."""
    mid = summarise(book).mid_pips
    if mid is None:
        return None
    bids = sum(lots for price, lots in book.bids if mid - price <= within_pips)
    asks = sum(lots for price, lots in book.asks if price - mid <= within_pips)
    return bids / (bids + asks) if bids + asks else None


@dataclass(frozen=True, slots=True)
class DepthTo:
    """What a taker finds up to a price: lots and the average price paid, in pips."""

    lots: int
    average_pips: float | None


def depth_to(book: BookView, side: Side, price_pips: float) -> DepthTo:
    """Return the depth of a side from its best level to this price, both included."""
    lots = cost = 0
    is_bid = side is Side.BID
    for price, quantity in book.bids if is_bid else book.asks:
        if price < price_pips if is_bid else price > price_pips:
            break
        lots += quantity
        cost += price * quantity
    return DepthTo(lots, cost / lots if lots else None)


def cumulative(levels: Sequence[Level]) -> tuple[int, ...]:
    """Return the lots from the best level to each level, itself included."""
    return tuple(accumulate(lots for _, lots in levels))
