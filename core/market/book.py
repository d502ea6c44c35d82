"""One order book: int64 quantities by tick, single writer, many readers.

Both sides are indexed by YES price, so a NO bid at q is an ask at 10 000 - q. The displayed
quantities are what the exchange shows and include our own resting orders; the net view is
displayed minus own, and is what features, planner, masks and valuation read.

Occupied ticks are also kept as one sorted list a side: the best price is its end, and the five
best levels are recomputed only after a change inside them.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.market.events import Level
from core.market.ticks import TickTable
from core.units import Side

TOP = 5


class BookStatus(Enum):
    """EMPTY: no snapshot yet, or nothing quoted. STALE: doubted until the next snapshot."""

    EMPTY = "empty"
    LIVE = "live"
    STALE = "stale"


# Looking a member up on its class costs more than changing a level.
_EMPTY, _LIVE = BookStatus.EMPTY, BookStatus.LIVE


class OrderBook:
    """The book of one market.

    Attributes:
        levels: displayed lots, int64 of shape (2, ticks): row 0 bids, row 1 asks.
        own: our own part of `levels`, same shape.
        changed_ms: venue time of the last change, 0 before the first.
    """

    def __init__(self, ticker: str, ticks: TickTable) -> None:
        self.ticker = ticker
        self.status = BookStatus.EMPTY
        self.changed_ms = 0
        self._lay_out(ticks)

    def _lay_out(self, ticks: TickTable) -> None:
        self.ticks = ticks
        self._prices = ticks.prices
        self._price_row = _price_row(ticks)
        self._index_of = ticks.index_of
        self.levels: NDArray[np.int64] = np.zeros((2, len(ticks.prices)), dtype=np.int64)
        self.own: NDArray[np.int64] = np.zeros_like(self.levels)
        # item access through a memoryview costs a third of numpy's own
        self._rows = (memoryview(self.levels[0]), memoryview(self.levels[1]))
        self._occupied: tuple[list[int], list[int]] = ([], [])
        self._top: list[tuple[Level, ...] | None] = [(), ()]
        self._top_edge = [-1, len(ticks.prices)]

    def replace(self, bids: tuple[Level, ...], asks: tuple[Level, ...], ts_ms: int) -> None:
        """Take a whole snapshot; own quantities are forgotten and must be set anew.

        Raises:
            ValueError: a level has no positive quantity.
        """
        self._make_room(price for level in (bids, asks) for price, _ in level)
        self.levels[:] = 0
        self.own[:] = 0
        for side, side_levels in ((Side.BID, bids), (Side.ASK, asks)):
            for price, lots in side_levels:
                if lots <= 0:
                    raise ValueError(f"{self.ticker}: level {price} holds {lots} lots")
                self._rows[side][self._index_of[price]] = lots
            self._occupied[side][:] = np.flatnonzero(self.levels[side]).tolist()
            self._top[side] = None
        self.changed_ms = max(self.changed_ms, ts_ms)
        self.status = _LIVE if bids or asks else _EMPTY

    def _make_room(self, prices: Iterable[int]) -> None:
        missing = [price for price in prices if price not in self._index_of]
        if missing:
            ticks = self.ticks
            for price in missing:
                ticks = ticks.widened(price)
            self._move_to(ticks)

    def _move_to(self, ticks: TickTable) -> None:
        old, levels, own = self.ticks, self.levels, self.own
        self._lay_out(ticks)
        columns = [self._index_of[price] for price in old.prices]
        self.levels[:, columns] = levels
        self.own[:, columns] = own
        for side in Side:
            self._occupied[side][:] = np.flatnonzero(self.levels[side]).tolist()
            self._top[side] = None

    def apply(self, side: int, price_pips: int, delta_lots: int, ts_ms: int) -> bool:
        """Add a signed change to one level.

        Returns:
            False if the level would go negative: the book is left as it was and is in doubt.
        """
        index = self._index_of.get(price_pips)
        if index is None:
            self._make_room((price_pips,))
            index = self._index_of[price_pips]
        row = self._rows[side]
        before = row[index]
        after = before + delta_lots
        if after < 0:
            return False
        row[index] = after
        if not after:
            if before:
                self._vacate(side, index)
        elif not before:
            insort(self._occupied[side], index)
            self.status = _LIVE
        if index >= self._top_edge[0] if side == 0 else index <= self._top_edge[1]:
            self._top[side] = None
        self.changed_ms = ts_ms
        return True

    def _vacate(self, side: int, index: int) -> None:
        occupied = self._occupied[side]
        del occupied[bisect_left(occupied, index)]
        if not occupied and not self._occupied[1 - side]:
            self.status = _EMPTY

    def best_bid(self) -> int | None:
        """Highest displayed bid in pips."""
        occupied = self._occupied[0]
        return self._prices[occupied[-1]] if occupied else None

    def best_ask(self) -> int | None:
        """Lowest displayed ask in pips."""
        occupied = self._occupied[1]
        return self._prices[occupied[0]] if occupied else None

    def top(self, side: int) -> tuple[Level, ...]:
        """The five best displayed levels, best first."""
        top = self._top[side]
        if top is None:
            top = self._top[side] = self._scan_top(side)
        return top

    def _scan_top(self, side: int) -> tuple[Level, ...]:
        prices, row, occupied = self._prices, self._rows[side], self._occupied[side]
        best = occupied[: -TOP - 1 : -1] if side == 0 else occupied[:TOP]
        if len(best) == TOP:
            self._top_edge[side] = best[-1]
        else:
            self._top_edge[side] = -1 if side == 0 else len(prices)
        return tuple([(prices[index], row[index]) for index in best])

    def lots(self, side: int, price_pips: int) -> int:
        """Displayed quantity at a price."""
        index = self._index_of.get(price_pips)
        return 0 if index is None else self._rows[side][index]

    def displayed(self, side: int) -> tuple[Level, ...]:
        """All displayed levels of a side, best first."""
        return self._listed(side, self.levels[side])

    def net(self, side: int) -> tuple[Level, ...]:
        """All levels of a side without our own quantity, best first."""
        return self._listed(side, self._net_row(side))

    def net_columns(self, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Prices in pips and lots of the net view, best first: two contiguous int64 arrays."""
        return self._columns(side, self._net_row(side))

    def _net_row(self, side: int) -> NDArray[np.int64]:
        row: NDArray[np.int64] = np.maximum(self.levels[side] - self.own[side], 0)
        return row

    def _listed(self, side: int, row: NDArray[np.int64]) -> tuple[Level, ...]:
        prices, lots = self._columns(side, row)
        return tuple(zip(prices.tolist(), lots.tolist(), strict=True))

    def _columns(
        self, side: int, row: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.flatnonzero(row)
        if side == 0:
            order = order[::-1]
        return self._price_row[order], row[order]

    def net_best(self, side: int) -> int | None:
        """Best price of a side that is not ours alone, in pips."""
        row, own, occupied = self._rows[side], self.own[side], self._occupied[side]
        for index in reversed(occupied) if side == 0 else occupied:
            if row[index] > own[index]:
                return self._prices[index]
        return None

    def add_own(self, side: int, price_pips: int, delta_lots: int) -> None:
        """A change of the displayed book was ours: move our part of that level with it."""
        self._make_room((price_pips,))
        index = self._index_of[price_pips]
        self.own[side, index] = max(0, self.own[side, index] + delta_lots)

    def settle_own(self, resting: Iterable[tuple[int, int, int]]) -> None:
        """State all our resting quantity anew, as (side, price in pips, lots)."""
        self.own[:] = 0
        for side, price_pips, lots in resting:
            self.add_own(side, price_pips, lots)

    def own_lots(self, side: int, price_pips: int) -> int:
        """Our own quantity at a price."""
        index = self._index_of.get(price_pips)
        return 0 if index is None else int(self.own[side, index])

    def is_crossed(self) -> bool:
        """True if the best bid is at or above the best ask: impossible in a settled book."""
        bid, ask = self.best_bid(), self.best_ask()
        return bid is not None and ask is not None and bid >= ask

    def doubt(self) -> None:
        """Mark the book unusable until its next snapshot."""
        self.status = BookStatus.STALE


@lru_cache(maxsize=64)
def _price_row(ticks: TickTable) -> NDArray[np.int64]:
    """Return the prices of a grid as one array, shared by all books on it and never written to."""
    row = np.array(ticks.prices, dtype=np.int64)
    row.flags.writeable = False
    return row
