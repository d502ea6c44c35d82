"""Price history of a market: one-minute candles, and longer ones summed from them. Pure.

Quotes are sampled, not followed: whenever a second of venue time ends in which the book was
touched, and when the history is read. A quote that came and went within one second may be missing
from a candle's high and low; its open and close are exact. Trades are all counted.
"""

import struct
from collections import deque
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import groupby
from typing import NamedTuple

from core.sandbox.eastern import day_start_s
from core.units import PIPS_PER_DOLLAR

KEPT_MINUTES = 1_440
"""Minutes in which something happened that a market remembers, 100 bytes each; the oldest goes
first. A thousand markets that move in every minute of a day take about 150 MB, quiet ones little.
"""

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
NO_QUOTE = (0, PIPS_PER_DOLLAR)

_PACKED = struct.Struct("<q13Hqqq")


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

    def moved(self, pips: int) -> "Span":
        """This span followed by one more price."""
        return Span(self.open, min(self.low, pips), max(self.high, pips), pips)


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
        last_pips = self.price.close if self.volume_lots else self.previous_pips
        interest = self.open_interest_lots
        return Candle(self.start_s, bid, ask, _flat(0), last_pips, 0, 0, interest)

    def packed(self) -> bytes:
        """The candle in few bytes."""
        prices = (*self.bid, *self.ask, *self.price, self.previous_pips)
        return _PACKED.pack(self.start_s, *prices, *self[5:])

    @classmethod
    def unpacked(cls, packed: bytes) -> "Candle":
        """A candle from its bytes."""
        start_s, *values = _PACKED.unpack(packed)
        bid, ask, price = (Span(*values[place : place + 4]) for place in (0, 4, 8))
        return cls(start_s, bid, ask, price, *values[12:])


class CandleHistory:
    """The candles of one market; a minute in which nothing happened has none."""

    def __init__(self) -> None:
        self._closed: deque[bytes] = deque(maxlen=KEPT_MINUTES)
        self._running: Candle | None = None
        self._quote: tuple[int, int] | None = None
        self._last_pips = 0
        self._open_interest_lots = 0

    def take_quote(self, now_ms: int, bid_pips: int, ask_pips: int, open_interest: int) -> None:
        """Note the best prices, 0 and 10 000 where a side is empty, and the open interest."""
        self._quote = self._quote or (bid_pips, ask_pips)
        candle = self._at(now_ms)
        self._quote = (bid_pips, ask_pips)
        self._open_interest_lots = open_interest
        self._running = candle._replace(
            bid=candle.bid.moved(bid_pips),
            ask=candle.ask.moved(ask_pips),
            open_interest_lots=open_interest,
        )

    def take_trade(self, now_ms: int, price_pips: int, lots: int) -> None:
        """Count a trade."""
        candle = self._at(now_ms)
        self._last_pips = price_pips
        price = candle.price.moved(price_pips) if candle.volume_lots else _flat(price_pips)
        self._running = candle._replace(
            price=price,
            volume_lots=candle.volume_lots + lots,
            traded_micros=candle.traded_micros + price_pips * lots,
        )

    def candles(self, period_s: int) -> list[Candle]:
        """Candles of a minute, an hour or an Eastern day, oldest first, the running one last."""
        minutes = [Candle.unpacked(packed) for packed in self._closed]
        if self._running is not None:
            minutes.append(self._running)
        if period_s == MINUTE_S:
            return minutes
        return [_summed(start, group) for start, group in _grouped(minutes, period_s)]

    def _at(self, now_ms: int) -> Candle:
        """The running candle; a new minute begins one at the quote known last."""
        start_s = now_ms // 1000 // MINUTE_S * MINUTE_S
        running = self._running
        if running is not None:
            if start_s <= running.start_s:
                return running
            self._closed.append(running.packed())
        bid, ask = (_flat(pips) for pips in self._quote or NO_QUOTE)
        return Candle(start_s, bid, ask, _flat(0), self._last_pips, 0, 0, self._open_interest_lots)


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


def _flat(pips: int) -> Span:
    return Span(pips, pips, pips, pips)
