"""Integers to the exchange's text forms, prepared for speed. No JSON library, no clock."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from core.units import PIPS_PER_DOLLAR, format_fixed, format_money, format_price

PRICES = tuple(format_price(pips) for pips in range(PIPS_PER_DOLLAR + 1))
"""Wire text of every price, by pips."""
NO_PRICES = PRICES[::-1]
"""Wire text of the mirrored price, by YES pips."""
SIDES = ("yes", "no")
"""Display side of a YES-book side."""
BOOK_SIDES = ("bid", "ask")
ACTIONS = ("buy", "sell")

LAST_SECOND = 253_402_300_799
"""The last one that RFC 3339 can write."""

_EPOCH = datetime.fromtimestamp(0, UTC)


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def time_text(ms: int) -> str:
    """Milliseconds as RFC 3339 text with microseconds."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}000Z"


def dollars(micros: int) -> str:
    """Money with 4 decimals, 6 where it needs them."""
    return format_money(micros) if micros % 100 else format_fixed(micros // 100, 4)


def average_price(cost_micros: int, lots: int) -> str:
    """Mean price of lots, rounded half up to 4 decimals."""
    return format_price((2 * cost_micros + lots) // (2 * lots))
