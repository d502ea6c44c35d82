"""A candle: quotes, trades and open interest of one period of a market, and which periods. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.sandbox.eastern import day_start_s

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
_LATEST_S: Final = 2**37
"""In a year with four digits, which is all that a calendar can tell."""

BID, ASK, PRICE, PREVIOUS, VOLUME, TRADED, INTEREST, BEFORE = 1, 5, 9, 13, 14, 15, 16, 17
"""Places in the row of a candle, after its start. A price has four: open, low, high, close. Before:
all lots that were traded before the period.
"""


class Span(NamedTuple):
    """Open, low, high and close of one price, in pips; all 0 where there was none."""

    open: int
    low: int
    high: int
    close: int


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

    @classmethod
    def of(cls, row: Sequence[int]) -> "Candle":
        """A candle from its row."""
        bid, ask, price = (Span(*row[place : place + 4]) for place in (BID, ASK, PRICE))
        return cls(row[0], bid, ask, price, *row[PREVIOUS:BEFORE])

    @property
    def last_pips(self) -> int:
        """Last trade up to the end of the period, 0 if there was none."""
        return self.price.close if self.volume_lots else self.previous_pips

    def continued(self) -> "Candle":
        """A period after this one in which nothing happened."""
        bid, ask = (Span(*[span.close] * 4) for span in (self.bid, self.ask))
        nothing, interest = Span(0, 0, 0, 0), self.open_interest_lots
        return Candle(self.start_s, bid, ask, nothing, self.last_pips, 0, 0, interest)


def start_s(second: int, period_s: int) -> int:
    """Start of the period that a second lies in; a day begins at Eastern midnight."""
    if period_s == DAY_S:
        return day_start_s(min(second, _LATEST_S))
    return second // period_s * period_s


def end_s(second: int, period_s: int) -> int:
    """End of the period that a second lies in, by which the wire names a candle."""
    begun_s = start_s(second, period_s)
    if period_s == DAY_S:
        return day_start_s(begun_s + DAY_S + 2 * HOUR_S)
    return begun_s + period_s
