"""Exact integer units and the only place where decimal text becomes them and back.

Price is in pips ($0.0001, 0...10 000), quantity in lots (0.01 contract), money in micros
($0.000001). price x quantity is therefore exactly micros. No float ever takes part.
"""

import re
from enum import IntEnum
from typing import Final, NewType

from core.errors import DecodeError

Pips = NewType("Pips", int)
Lots = NewType("Lots", int)
Micros = NewType("Micros", int)
TimestampMs = NewType("TimestampMs", int)

PIPS_PER_DOLLAR: Final = 10_000
PIPS_PER_CENT: Final = 100
LOTS_PER_CONTRACT: Final = 100
MICROS_PER_DOLLAR: Final = 1_000_000
MICROS_PER_CENT: Final = 10_000

_LONGEST_NUMBER = 40
_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?", re.ASCII)


class Side(IntEnum):
    """Side of the one YES book: a bid buys YES (or reduces NO), an ask sells YES (or buys NO)."""

    BID = 0
    ASK = 1

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side(1 - self)


def parse_fixed(text: str, places: int) -> int:
    """Read decimal text as an integer of 10**-places.

    Digits beyond `places` are accepted only when they are zeros.

    Raises:
        DecodeError: the text is no decimal number, is finer than the unit or absurdly long.
    """
    match = _DECIMAL.fullmatch(text.strip()) if len(text) <= _LONGEST_NUMBER else None
    if match is None or not (match[2] or match[3]):
        raise DecodeError(f"not a decimal number: {text[:_LONGEST_NUMBER]!r}")
    fraction = match[3] or ""
    if fraction[places:].strip("0"):
        raise DecodeError(f"{text!r} is finer than {places} decimals")
    value = int((match[2] or "0") + fraction[:places].ljust(places, "0"))
    return -value if match[1] == "-" else value


def parse_price(text: str) -> Pips:
    """Dollar text to pips; "0.4200" -> 4200. Range is the caller's rule, not checked here."""
    return Pips(parse_fixed(text, 4))


def parse_count(text: str) -> Lots:
    """Contract text to lots; "10.00" -> 1000, signs allowed."""
    return Lots(parse_fixed(text, 2))


def parse_money(text: str) -> Micros:
    """Dollar text to micros; "0.017500" -> 17500."""
    return Micros(parse_fixed(text, 6))


def format_fixed(value: int, places: int) -> str:
    """Integer of 10**-places as decimal text with exactly `places` decimals."""
    sign, digits = ("-", -value) if value < 0 else ("", value)
    whole, fraction = divmod(digits, 10**places)
    return f"{sign}{whole}.{fraction:0{places}d}"


def format_price(pips: int) -> str:
    """Pips as the wire writes a price; 4200 -> "0.4200"."""
    return format_fixed(pips, 4)


def format_count(lots: int) -> str:
    """Lots as the wire writes a count; 1000 -> "10.00"."""
    return format_fixed(lots, 2)


def format_money(micros: int) -> str:
    """Micros as the wire writes money; 17500 -> "0.017500"."""
    return format_fixed(micros, 6)
