"""One market's message stream, replayed into the raw series that market statistics are made of.

Reads what any subscriber reads: snapshots, deltas and trades. Knows nothing of their source.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from core.market.events import BookDelta, BookSnapshot, Trade
from core.units import PIPS_PER_DOLLAR, Side

_MOVE_MS = 50
"""Two changes this close may be halves of one move."""

Quote = tuple[int, int | None, int | None]
"""(from when in ms, best bid, best ask in pips)."""
DISTANCES = ("improves", "at", "within 3 c", "within 10 c", "deeper")
"""Where a change strikes, by distance from its own side's best before it."""


class TapeSide:
    """Displayed levels of one side, as prices that grow towards the touch."""

    def __init__(self) -> None:
        self.lots: dict[int, int] = {}
        self.born_ms: dict[int, int] = {}
        self._keys: list[int] = []

    def best(self) -> int | None:
        """Key of the best level."""
        return self._keys[-1] if self._keys else None

    def put(self, key: int, lots: int) -> None:
        """Set the quantity of a level, 0 to empty it."""
        if key not in self.lots:
            insort(self._keys, key)
        self.lots[key] = lots
        if lots <= 0:
            del self.lots[key]
            del self._keys[bisect_left(self._keys, key)]


@dataclass
class MarketTape:
    """Series of one market; sizes in lots, prices in pips, times in venue milliseconds.

    Attributes:
        group_sizes: deltas that share one time stamp.
        moved: deltas that are the second half of a move to another price.
        distances: count of deltas by DISTANCES.
        lives_ms: lives of levels seen from new to empty.
        quotes: best prices at the end of each time stamp that changed them.
        ends_empty: its last snapshot was empty and came after deltas.
        last_mid_pips: mid of the last two-sided quote.
    """

    ticker: str
    delta_ms: list[int] = field(default_factory=list)
    group_sizes: list[int] = field(default_factory=list)
    adds: list[int] = field(default_factory=list)
    removes: list[int] = field(default_factory=list)
    prices: set[int] = field(default_factory=set)
    moved: int = 0
    distances: list[int] = field(default_factory=lambda: [0] * len(DISTANCES))
    levels_made: int = 0
    lives_ms: list[int] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    trade_lots: list[int] = field(default_factory=list)
    taker_sides: list[int] = field(default_factory=list)
    ends_empty: bool = False
    crossed: int = 0
    first_ms: int = 0
    last_ms: int = 0

    def __post_init__(self) -> None:
        self._sides = (TapeSide(), TapeSide())
        self._now_ms = 0
        self._recent: dict[tuple[int, int], deque[tuple[int, int]]] = {}

    def take(self, event: BookSnapshot | BookDelta | Trade) -> None:
        """Replay one message."""
        if type(event) is BookDelta:
            self._delta(event)
        elif type(event) is Trade:
            self.trade_lots.append(event.quantity_lots)
            self.taker_sides.append(event.taker_side)
        elif type(event) is BookSnapshot:
            self._snapshot(event)

    def end(self) -> None:
        """Close the last time stamp."""
        self._note_quote()

    def _snapshot(self, event: BookSnapshot) -> None:
        self._note_quote()
        self._sides = (TapeSide(), TapeSide())
        for side, levels in ((0, event.bids), (1, event.asks)):
            for price, lots in levels:
                self._sides[side].put(_key(side, price), lots)
        self.ends_empty = bool(self.delta_ms) and not event.bids and not event.asks
        self.first_ms = self.first_ms or event.ts_ms
        self._now_ms = self.last_ms = max(self.last_ms, event.ts_ms)
        self._note_quote()

    def _delta(self, event: BookDelta) -> None:
        if event.ts_ms != self._now_ms:
            self._note_quote()
            self._now_ms = self.last_ms = event.ts_ms
            self.group_sizes.append(0)
        if self.group_sizes:
            self.group_sizes[-1] += 1
        self.first_ms = self.first_ms or event.ts_ms
        self.delta_ms.append(event.ts_ms)
        (self.adds if event.delta_lots > 0 else self.removes).append(abs(event.delta_lots))
        self.prices.add(event.price_pips)
        self._pair(event)
        self._change(event)

    def _change(self, event: BookDelta) -> None:
        side, key = self._sides[event.side], _key(event.side, event.price_pips)
        best = side.best()
        if best is not None:
            self.distances[_distance(best - key)] += 1
        before = side.lots.get(key, 0)
        after = before + event.delta_lots
        side.put(key, after)
        if not before:
            self.levels_made += 1
            side.born_ms[key] = event.ts_ms
        if after <= 0 and key in side.born_ms:
            self.lives_ms.append(event.ts_ms - side.born_ms.pop(key))

    def _pair(self, event: BookDelta) -> None:
        """Recognise the second half of a move."""
        opposite = self._recent.get((event.side, -event.delta_lots))
        while opposite and opposite[0][0] < event.ts_ms - _MOVE_MS:
            opposite.popleft()
        for half in reversed(opposite or ()):
            if half[1] != event.price_pips:
                self.moved += 1
                opposite.remove(half)
                return
        recent = self._recent.setdefault((event.side, event.delta_lots), deque(maxlen=64))
        recent.append((event.ts_ms, event.price_pips))

    def _note_quote(self) -> None:
        if not self._now_ms:
            return
        bid, ask = self._sides[0].best(), self._sides[1].best()
        quote = (self._now_ms, bid, None if ask is None else -ask)
        if quote[1] is not None and quote[2] is not None and quote[1] >= quote[2]:
            self.crossed += 1
        if not self.quotes or self.quotes[-1][1:] != quote[1:]:
            if self.quotes and self.quotes[-1][0] == quote[0]:
                self.quotes.pop()
            self.quotes.append(quote)

    @property
    def last_mid_pips(self) -> float:
        """Mid of the last quote before the end, an empty side counting as the bound."""
        shown = [q for q in self.quotes if q[1] is not None or q[2] is not None]
        if not shown:
            return PIPS_PER_DOLLAR / 2
        _, bid, ask = shown[-1]
        return ((bid or 0) + (PIPS_PER_DOLLAR if ask is None else ask)) / 2

    def spans(self) -> list[tuple[int, int | None, int | None]]:
        """Every quote as (how long it stood in ms, bid, ask)."""
        ended = [*self.quotes, (self.last_ms, None, None)]
        return [(after[0] - q[0], q[1], q[2]) for q, after in pairwise(ended) if after[0] > q[0]]


def _key(side: int, price_pips: int) -> int:
    return price_pips if side == Side.BID else -price_pips


def _distance(behind_pips: int) -> int:
    if behind_pips <= 0:
        return 0 if behind_pips else 1
    return 2 if behind_pips <= 300 else 3 if behind_pips <= 1_000 else 4
