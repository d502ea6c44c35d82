"""Price history of a market: candles of a minute, and of an hour and a day summed from them. Pure.

Quotes are sampled, not followed (see `quote_sampler`): about once a second while the book is
touched, whenever a minute ends, at trades, and when the history is read. A quote that came and went
between may be missing from a candle's high and low; its open and close are exact. Trades are all
counted.
"""

import struct
from bisect import bisect_left
from collections import deque
from itertools import islice
from typing import Final, NamedTuple

from core.sandbox.candles import (
    ASK,
    BEFORE,
    BID,
    DAY_S,
    HOUR_S,
    INTEREST,
    MINUTE_S,
    PREVIOUS,
    PRICE,
    TRADED,
    VOLUME,
    Candle,
    start_s,
)
from core.units import PIPS_PER_DOLLAR

NO_QUOTE: Final = (0, PIPS_PER_DOLLAR)

KEPT_PERIODS: Final = {MINUTE_S: 1_500, HOUR_S: 750, DAY_S: 370}
"""Periods in which something happened that a market remembers: a day and a bit of minutes, a month
of hours, a year of days. The oldest goes first. Each takes about 110 bytes, so that a market that
moves in every minute of a day takes 170 kB, a thousand of them 170 MB; quiet ones little.
"""

_MAX_S: Final = 2**53
_ROW: Final = struct.Struct("<q13Hqqqq")
_START: Final = struct.Struct("<q")


class DayAgo(NamedTuple):
    """Last trade and quote of a day ago, 0 where there was none, and what was traded since."""

    last_pips: int
    bid_pips: int
    ask_pips: int
    traded_lots: int


class _Periods:
    """Candles of one length; `row` is the running one, empty before the first."""

    def __init__(self, period_s: int) -> None:
        self.period_s = period_s
        self.closed: deque[bytes] = deque(maxlen=KEPT_PERIODS[period_s])
        self.row: list[int] = []

    def take(self, row: list[int]) -> list[int]:
        """Add a shorter candle; returns the running one if this ended it, else nothing."""
        begun_s, ended = start_s(row[0], self.period_s), self.row
        if ended and begun_s == ended[0]:
            _join(ended, row)
            return []
        self.row = [begun_s, *row[1:]]
        if ended:
            self.closed.append(_ROW.pack(*ended))
        return ended

    def place(self, second: int) -> int:
        """How many closed candles start before a second."""
        closed = self.closed
        if not closed or _start(closed[0]) >= second:
            return 0
        return bisect_left(range(len(closed)), second, key=lambda i: _start(closed[i]))


class CandleHistory:
    """The candles of one market; a period in which nothing happened has none."""

    def __init__(self) -> None:
        self._periods = tuple(_Periods(period_s) for period_s in KEPT_PERIODS)
        self._quote: tuple[int, int] | None = None
        self._last_pips = 0
        self._open_interest_lots = 0
        self._traded_lots = 0

    def take_quote(self, now_ms: int, bid_pips: int, ask_pips: int, open_interest: int) -> None:
        """Note the best prices, 0 and 10 000 where a side is empty, and the open interest."""
        quote = (bid_pips, ask_pips)
        row = self._at(now_ms, self._quote or quote)
        if quote != self._quote:
            _move(row, BID, bid_pips)
            _move(row, ASK, ask_pips)
            self._quote = quote
        row[INTEREST] = self._open_interest_lots = open_interest

    def take_trade(self, now_ms: int, price_pips: int, lots: int) -> None:
        """Count a trade."""
        row = self._at(now_ms, self._quote or NO_QUOTE)
        if row[VOLUME]:
            _move(row, PRICE, price_pips)
        else:
            row[PRICE:PREVIOUS] = [price_pips] * 4
        row[VOLUME] += lots
        row[TRADED] += price_pips * lots
        self._last_pips = price_pips
        self._traded_lots += lots

    def candles(self, period_s: int, first_s: int = 0, last_s: int = _MAX_S) -> list[Candle]:
        """Candles of a minute, an hour or a day that end in a range, both its ends included.

        Oldest first; the running one is the last.
        """
        periods = self._of(period_s)
        low_s, high_s = start_s(first_s - 1, period_s), start_s(last_s, period_s)
        kept = islice(periods.closed, periods.place(low_s), periods.place(high_s))
        found = [Candle.of(_ROW.unpack(packed)) for packed in kept]
        running = self._running(period_s)
        found += [Candle.of(row) for row in running if low_s <= row[0] < high_s]
        return found

    def latest_before(self, period_s: int, first_s: int) -> Candle | None:
        """The last candle that ends before a second."""
        periods, high_s = self._of(period_s), start_s(first_s - 1, period_s)
        running = [row for row in self._running(period_s) if row[0] < high_s]
        if running:
            return Candle.of(running[-1])
        place = periods.place(high_s)
        return Candle.of(_ROW.unpack(periods.closed[place - 1])) if place else None

    def last_day(self, now_ms: int) -> DayAgo:
        """What the market looked like a day ago, as far as that is remembered."""
        minutes, since_s = self._periods[0], now_ms // 1000 - DAY_S
        place, running = minutes.place(since_s), minutes.row
        if running and running[0] < since_s:
            then, lots = Candle.of(running), 0
        elif place:
            closed = minutes.closed
            then = Candle.of(_ROW.unpack(closed[place - 1]))
            first = _ROW.unpack(closed[place]) if place < len(closed) else running
            lots = self._traded_lots - first[BEFORE]
        else:
            return DayAgo(0, 0, 0, self._traded_lots)
        return DayAgo(then.last_pips, then.bid.close, then.ask.close, lots)

    def _at(self, now_ms: int, quote: tuple[int, int]) -> list[int]:
        """The row of the running minute; a new one begins at this quote."""
        minutes, begun_s = self._periods[0], start_s(now_ms // 1000, MINUTE_S)
        if minutes.row and begun_s <= minutes.row[0]:
            return minutes.row
        bid, ask = quote
        quotes = (bid, bid, bid, bid, ask, ask, ask, ask)
        counts = (self._last_pips, 0, 0, self._open_interest_lots, self._traded_lots)
        ended = [begun_s, *quotes, 0, 0, 0, 0, *counts]
        for periods in self._periods:
            ended = periods.take(ended)
            if not ended:
                break
        return minutes.row

    def _of(self, period_s: int) -> _Periods:
        return next(periods for periods in self._periods if periods.period_s == period_s)

    def _running(self, period_s: int) -> list[list[int]]:
        """Rows of the periods that no closed candle holds: what is running, joined by period."""
        joined: list[list[int]] = []
        for periods in reversed(self._periods):
            if periods.period_s > period_s or not periods.row:
                continue
            begun_s = start_s(periods.row[0], period_s)
            if joined and joined[-1][0] == begun_s:
                _join(joined[-1], periods.row)
            else:
                joined.append([begun_s, *periods.row[1:]])
        return joined


def _start(packed: bytes) -> int:
    return int(_START.unpack_from(packed)[0])


def _move(row: list[int], place: int, pips: int) -> None:
    """Put one more price at the end of a span in a row."""
    _stretch(row, place, pips, pips, pips)


def _stretch(row: list[int], place: int, low: int, high: int, close: int) -> None:
    if low < row[place + 1]:
        row[place + 1] = low
    if high > row[place + 2]:
        row[place + 2] = high
    row[place + 3] = close


def _join(row: list[int], later: list[int]) -> None:
    """Put a later period at the end of a row."""
    _stretch(row, BID, *later[BID + 1 : ASK])
    _stretch(row, ASK, *later[ASK + 1 : PRICE])
    if later[VOLUME]:
        if row[VOLUME]:
            _stretch(row, PRICE, *later[PRICE + 1 : PREVIOUS])
        else:
            row[PRICE:PREVIOUS] = later[PRICE:PREVIOUS]
    row[VOLUME] += later[VOLUME]
    row[TRADED] += later[TRADED]
    row[INTEREST] = later[INTEREST]
