"""Price history of a market: one-minute candles, and longer ones summed from them. Pure.

Quotes are sampled, not followed (see `quote_sampler`): about once a second while the book is
touched, whenever a minute ends, at trades, and when the history is read. A quote that came and went
between may be missing from a candle's high and low; its open and close are exact. Trades are all
counted.
"""

import struct
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby
from typing import NamedTuple

from core.sandbox.eastern import day_start_s
from core.units import PIPS_PER_DOLLAR

KEPT_MINUTES = 1_500
"""Minutes in which something happened that a market remembers, a day and a bit, 110 bytes each;
the oldest goes first. A thousand markets that move in every minute of a day take about 160 MB,
quiet ones little.
"""

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
NO_QUOTE = (0, PIPS_PER_DOLLAR)

_PACKED = struct.Struct("<q13Hqqqq")
_BID, _ASK, _PRICE, _PREVIOUS, _VOLUME, _TRADED, _INTEREST, _BEFORE = 1, 5, 9, 13, 14, 15, 16, 17
"""Places in the row of a candle. A price has four: open, low, high, close. Before: all lots that
were traded before the period.
"""


class Span(NamedTuple):
    """Open, low, high and close of one price, in pips; all 0 where there was none."""

    open: int
    low: int
    high: int
    close: int

    def joined(self, later: "Span") -> "Span":
        """This span followed by another."""
        low, high = min(self.low, later.low), max(self.high, later.high)
        return Span(self.open, low, high, later.close)


class Candle(NamedTuple):
    """One period.

    Attributes:
        start_s: first second, Unix time.
        price: YES price of the trades.
        previous_pips: last trade before the period, 0 if there was none.
        traded_micros: YES price times lots over the period's trades.
        open_interest_lots: at the end of the period.
    """

    start_s: int
    bid: Span
    ask: Span
    price: Span
    previous_pips: int
    volume_lots: int
    traded_micros: int
    open_interest_lots: int

    def joined(self, later: "Candle") -> "Candle":
        """This candle and a later one as one, from this one's start."""
        price = self.price if self.volume_lots else later.price
        if self.volume_lots and later.volume_lots:
            price = self.price.joined(later.price)
        return Candle(
            self.start_s,
            self.bid.joined(later.bid),
            self.ask.joined(later.ask),
            price,
            self.previous_pips,
            self.volume_lots + later.volume_lots,
            self.traded_micros + later.traded_micros,
            later.open_interest_lots,
        )

    def continued(self) -> "Candle":
        """A period after this one in which nothing happened."""
        bid, ask = _flat(self.bid.close), _flat(self.ask.close)
        interest = self.open_interest_lots
        return Candle(self.start_s, bid, ask, _flat(0), self.last_pips, 0, 0, interest)

    @property
    def last_pips(self) -> int:
        """Last trade up to the end of the period, 0 if there was none."""
        return self.price.close if self.volume_lots else self.previous_pips

    @classmethod
    def of(cls, row: Sequence[int]) -> "Candle":
        """A candle from its row."""
        bid, ask, price = (Span(*row[place : place + 4]) for place in (_BID, _ASK, _PRICE))
        return cls(row[0], bid, ask, price, *row[_PREVIOUS:_BEFORE])


class DayAgo(NamedTuple):
    """Last trade and quote of a day ago, 0 where there was none, and what was traded since."""

    last_pips: int
    bid_pips: int
    ask_pips: int
    traded_lots: int


class CandleHistory:
    """The candles of one market; a minute in which nothing happened has none."""

    def __init__(self) -> None:
        self._closed: deque[bytes] = deque(maxlen=KEPT_MINUTES)
        self._running: list[int] = []
        self._quote: tuple[int, int] | None = None
        self._last_pips = 0
        self._open_interest_lots = 0
        self._traded_lots = 0

    def take_quote(self, now_ms: int, bid_pips: int, ask_pips: int, open_interest: int) -> None:
        """Note the best prices, 0 and 10 000 where a side is empty, and the open interest."""
        quote = (bid_pips, ask_pips)
        row = self._at(now_ms, self._quote or quote)
        if quote != self._quote:
            _move(row, _BID, bid_pips)
            _move(row, _ASK, ask_pips)
            self._quote = quote
        row[_INTEREST] = self._open_interest_lots = open_interest

    def take_trade(self, now_ms: int, price_pips: int, lots: int) -> None:
        """Count a trade."""
        row = self._at(now_ms, self._quote or NO_QUOTE)
        if row[_VOLUME]:
            _move(row, _PRICE, price_pips)
        else:
            row[_PRICE:_PREVIOUS] = [price_pips] * 4
        row[_VOLUME] += lots
        row[_TRADED] += price_pips * lots
        self._last_pips = price_pips
        self._traded_lots += lots

    def candles(self, period_s: int) -> list[Candle]:
        """Candles of a minute, an hour or an Eastern day, oldest first, the running one last."""
        minutes = [Candle.of(_PACKED.unpack(packed)) for packed in self._closed]
        if self._running:
            minutes.append(Candle.of(self._running))
        if period_s == MINUTE_S:
            return minutes
        return [_summed(start, group) for start, group in _grouped(minutes, period_s)]

    def last_day(self, now_ms: int) -> DayAgo:
        """What the market looked like a day ago, as far as that is remembered."""
        since_s = now_ms // 1000 - DAY_S
        rows = [*self._closed, _PACKED.pack(*self._running)] if self._running else []
        place = bisect_left(rows, since_s, key=lambda packed: int(_PACKED.unpack(packed)[0]))
        before = _PACKED.unpack(rows[place])[_BEFORE] if place < len(rows) else self._traded_lots
        lots = self._traded_lots - before
        if not place:
            return DayAgo(0, 0, 0, lots)
        then = Candle.of(_PACKED.unpack(rows[place - 1]))
        return DayAgo(then.last_pips, then.bid.close, then.ask.close, lots)

    def _at(self, now_ms: int, quote: tuple[int, int]) -> list[int]:
        """The row of the running minute; a new one begins at this quote."""
        start_s = now_ms // 1000 // MINUTE_S * MINUTE_S
        row = self._running
        if row:
            if start_s <= row[0]:
                return row
            self._closed.append(_PACKED.pack(*row))
        bid, ask = quote
        interest = self._open_interest_lots
        quotes = (bid, bid, bid, bid, ask, ask, ask, ask)
        trades = (0, 0, 0, 0, self._last_pips, 0, 0, interest, self._traded_lots)
        self._running = [start_s, *quotes, *trades]
        return self._running


def end_s(start_s: int, period_s: int) -> int:
    """End of the period that a second begins or lies in, by which the wire names a candle."""
    if period_s == DAY_S:
        return day_start_s(day_start_s(start_s) + DAY_S + 2 * HOUR_S)
    return start_s // period_s * period_s + period_s


def _start_s(second: int, period_s: int) -> int:
    return day_start_s(second) if period_s == DAY_S else second // period_s * period_s


def _grouped(minutes: Iterable[Candle], period_s: int) -> Iterator[tuple[int, Iterable[Candle]]]:
    return groupby(minutes, key=lambda candle: _start_s(candle.start_s, period_s))


def _summed(start_s: int, candles: Iterable[Candle]) -> Candle:
    return reduce(Candle.joined, candles)._replace(start_s=start_s)


def _move(row: list[int], place: int, pips: int) -> None:
    """Put one more price at the end of a span in a row."""
    if pips < row[place + 1]:
        row[place + 1] = pips
    if pips > row[place + 2]:
        row[place + 2] = pips
    row[place + 3] = pips


def _flat(pips: int) -> Span:
    return Span(pips, pips, pips, pips)
