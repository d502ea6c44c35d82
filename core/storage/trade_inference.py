"""Infers public trades for a recording without a trade channel, by one written rule.

1. A ticker message tells a market's volume so far, each traded contract counted twice, once for
   its buyer and once for its seller: in 20 000 recorded steps the rise was never odd, never below
   twice the last trade's size and often exactly that. Half the rise between two messages of one
   connection is the traded quantity of that step; the step holds the deltas stamped after the
   first and not after the second.
2. A removal inside the step may be a trade if its level was the best of its side just before.
   Removing bids means that the taker sold (taker side ask), removing asks that he bought.
3. A removal and an addition of one quantity on one side in one time stamp are a re-pricing,
   never a trade.
4. Last removal with the ticker's last price and last trade size first, then the others in order
   of time, until the step's volume is used up. A trade is never larger than its removal; what
   is left of the removal is a cancellation.
5. Volume that finds no removal is counted and not invented.

Each inferred trade stands right before the delta it explains, in the same instant. Its id
follows from its place, so reading a file twice gives the same ids.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID, uuid5

from core.market.book import BookStatus, OrderBook
from core.market.events import BookDelta, BookDoubted, BookSnapshot, Trade
from core.market.ticks import LINEAR_CENT, TickTable
from core.storage.recorded_session import SessionEvent

_NAMESPACE = UUID("6f2b3c1e-5a0d-5c58-9d3e-2f0a8f6f2a11")
_COUNTS_PER_TRADE = 2


class TickerReading(NamedTuple):
    """One ticker message, numbers as sent. `connection` counts the recorder's connections."""

    ticker: str
    connection: int
    ts_ms: int
    last_price_pips: int
    last_size_lots: int
    volume_lots: int


@dataclass(frozen=True, slots=True)
class Inferred:
    """Events with the inferred trades among them; quantities in lots."""

    events: list[SessionEvent]
    trades: int
    step_lots: int
    matched_lots: int


class _Removal(NamedTuple):
    place: int
    ts_ms: int
    price_pips: int
    lots: int


def infer_trades(
    events: Sequence[SessionEvent],
    readings: Sequence[TickerReading],
    ticks: Mapping[str, TickTable],
) -> Inferred:
    """Match the volume steps of the ticker to removals; `ticks` are the markets' price grids."""
    removals = _removals_at_best(events, ticks)
    traded: dict[int, int] = {}
    step_lots = 0
    by_market: defaultdict[tuple[str, int], list[TickerReading]] = defaultdict(list)
    for reading in readings:
        by_market[reading.ticker, reading.connection].append(reading)
    for (ticker, _), market_readings in by_market.items():
        for before, now in pairwise(market_readings):
            step_lots += _step_lots(before, now)
            traded.update(_match(removals[ticker], before, now))
    return Inferred(_woven(events, traded), len(traded), step_lots, sum(traded.values()))


def _step_lots(before: TickerReading, now: TickerReading) -> int:
    return max(0, now.volume_lots - before.volume_lots) // _COUNTS_PER_TRADE


def _match(
    removals: Sequence[_Removal], before: TickerReading, now: TickerReading
) -> dict[int, int]:
    """Traded lots by event index, for one step."""
    stamp = attrgetter("ts_ms")
    first = bisect_right(removals, before.ts_ms, key=stamp)
    inside = removals[first : bisect_right(removals, now.ts_ms, key=stamp)]
    named = (now.last_price_pips, now.last_size_lots)
    last = next((r for r in reversed(inside) if (r.price_pips, r.lots) == named), None)
    left = _step_lots(before, now)
    traded: dict[int, int] = {}
    for removal in ([last] if last else []) + list(inside):
        if left and removal.place not in traded:
            traded[removal.place] = min(left, removal.lots)
            left -= traded[removal.place]
    return traded


def _removals_at_best(
    events: Sequence[SessionEvent], ticks: Mapping[str, TickTable]
) -> dict[str, list[_Removal]]:
    """Removals at the best price that are no re-pricings, by ticker, in order of time."""
    found: defaultdict[str, list[_Removal]] = defaultdict(list)
    books: dict[str, OrderBook] = {}
    repriced = _repriced(events)
    for index, event in enumerate(events):
        if isinstance(event, BookDelta):
            book = books.get(event.ticker)
            if book is None or book.status is BookStatus.STALE:
                continue
            if event.delta_lots < 0 and index not in repriced and _is_best(book, event):
                found[event.ticker].append(
                    _Removal(index, event.ts_ms, event.price_pips, -event.delta_lots)
                )
            book.apply(event.side, event.price_pips, event.delta_lots, event.ts_ms)
        elif isinstance(event, BookSnapshot):
            if event.ticker not in books:
                grid = ticks.get(event.ticker, LINEAR_CENT)
                books[event.ticker] = OrderBook(event.ticker, grid)
            books[event.ticker].replace(event.bids, event.asks, event.ts_ms)
        elif isinstance(event, BookDoubted) and event.ticker in books:
            books[event.ticker].doubt()
    return found


def _is_best(book: OrderBook, delta: BookDelta) -> bool:
    return delta.price_pips == (book.best_ask() if delta.side else book.best_bid())


def _repriced(events: Sequence[SessionEvent]) -> set[int]:
    """Indices of removals that have an equal addition on their side in the same instant."""
    repriced: set[int] = set()
    deltas = ((index, e) for index, e in enumerate(events) if isinstance(e, BookDelta))
    for _, group in groupby(deltas, key=lambda item: item[1].ts_ms):
        members = list(group)
        if len(members) == 1:
            continue
        added = Counter((e.ticker, e.side, e.delta_lots) for _, e in members if e.delta_lots > 0)
        for index, event in members:
            key = (event.ticker, event.side, -event.delta_lots)
            if added[key] > 0:
                added[key] -= 1
                repriced.add(index)
    return repriced


def _woven(events: Sequence[SessionEvent], traded: Mapping[int, int]) -> list[SessionEvent]:
    """The events, each traded removal preceded by its trade."""
    woven: list[SessionEvent] = []
    for index, event in enumerate(events):
        if index in traded and isinstance(event, BookDelta):
            woven.append(_trade(event, traded[index], index))
        woven.append(event)
    return woven


def _trade(removal: BookDelta, lots: int, index: int) -> Trade:
    name = f"{removal.ticker} {index} {removal.ts_ms} {removal.price_pips} {lots}"
    return Trade(
        str(uuid5(_NAMESPACE, name)),
        removal.ticker,
        removal.price_pips,
        lots,
        1 - removal.side,
        removal.ts_ms,
        is_inferred=True,
    )
