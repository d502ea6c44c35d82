"""The other side of the coin: a YES book read as the NO book, and prices as their holder sees them.

Everything inside is YES pips; only display mirrors, so that no number is stored twice.
"""

from dataclasses import replace

from app.views import BookView
from core.units import PIPS_PER_DOLLAR


def mirrored(book: BookView) -> BookView:
    """Return the book in NO terms: prices $1 - p, bids and asks swapped; the position stays."""
    return replace(
        book,
        bids=tuple((PIPS_PER_DOLLAR - price, lots) for price, lots in book.asks),
        asks=tuple((PIPS_PER_DOLLAR - price, lots) for price, lots in book.bids),
        own=tuple(
            replace(own, side=1 - own.side, price_pips=PIPS_PER_DOLLAR - own.price_pips)
            for own in book.own
        ),
        prices=tuple(PIPS_PER_DOLLAR - price for price in reversed(book.prices)),
        last_trade_pips=_mirror(book.last_trade_pips),
        last_trade_side=None if book.last_trade_side is None else 1 - book.last_trade_side,
    )


def held_price(price_pips: int | None, position_lots: int) -> int | None:
    """Return a YES price as the holder of this position quotes it (NO cents for a NO holder)."""
    return _mirror(price_pips) if position_lots < 0 else price_pips


def held_average(average_pips: float | None, position_lots: int) -> float | None:
    """Return an average YES price as the holder of this position quotes it."""
    if average_pips is None or position_lots >= 0:
        return average_pips
    return PIPS_PER_DOLLAR - average_pips


def _mirror(price_pips: int | None) -> int | None:
    return None if price_pips is None else PIPS_PER_DOLLAR - price_pips
