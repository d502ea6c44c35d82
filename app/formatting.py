"""Integers to the text a trader reads: one function per kind of number, one dash for unknown.

Pure: no Qt, no clock, no locale. Every function takes None for "unknown" and answers an en dash.
"""

from datetime import UTC, datetime

from core.units import LOTS_PER_CONTRACT, MICROS_PER_CENT, PIPS_PER_CENT

UNKNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"

_PIPS_PER_TENTH_CENT = PIPS_PER_CENT // 10
_MS_PER_SECOND = 1_000
_MS_PER_MINUTE = 60_000
_MS_PER_HOUR = 3_600_000
_MS_PER_DAY = 86_400_000
_AGE_IN_MS_BELOW = 100


def price_cents(price_pips: int | None) -> str:
    """Write a price in cents without its unit: "41.2", or "41.25" where it is finer."""
    if price_pips is None:
        return UNKNOWN
    decimals = 2 if price_pips % _PIPS_PER_TENTH_CENT else 1
    return _number(price_pips / PIPS_PER_CENT, decimals)


def price(price_pips: int | None) -> str:
    """Write a price in cents with its unit: "41.2¢"."""
    return UNKNOWN if price_pips is None else price_cents(price_pips) + "¢"


def average_cents(price_pips: float | None) -> str:
    """Write an average price in cents with two decimals and no unit: "31.43"."""
    return UNKNOWN if price_pips is None else _number(price_pips / PIPS_PER_CENT, 2)


def money(amount_micros: int | None, *, signed: bool = False) -> str:
    """Write dollars and cents; `signed` writes the plus of a gain too. Zero has no sign."""
    if amount_micros is None:
        return UNKNOWN
    cents = (abs(amount_micros) + MICROS_PER_CENT // 2) // MICROS_PER_CENT
    return f"{_sign(cents, amount_micros < 0, signed)}${cents // 100:,}.{cents % 100:02d}"


def contracts(quantity_lots: int | None, *, signed: bool = False) -> str:
    """Write a quantity in contracts: whole if whole, else up to two decimals."""
    if quantity_lots is None:
        return UNKNOWN
    whole, part = divmod(abs(quantity_lots), LOTS_PER_CONTRACT)
    fraction = f".{part:02d}".rstrip("0") if part else ""
    return f"{_sign(quantity_lots, quantity_lots < 0, signed)}{whole:,}{fraction}"


def contracts_short(quantity_lots: int | None) -> str:
    """Write a quantity for axes and summaries: "6.2 k", "20 k", "2.01 M"."""
    if quantity_lots is None:
        return UNKNOWN
    count = abs(quantity_lots) / LOTS_PER_CONTRACT
    sign = MINUS if quantity_lots < 0 else ""
    if count < 1_000:
        return sign + _trimmed(count, 2)
    if count < 999_950:
        return f"{sign}{_trimmed(count / 1_000, 1)} k"
    return f"{sign}{_trimmed(count / 1_000_000, 2)} M"


def approximate(quantity_lots: int | None) -> str:
    """Write an estimated quantity: "≈ 312"."""
    return UNKNOWN if quantity_lots is None else f"≈ {contracts(quantity_lots)}"


def position(quantity_lots: int | None) -> str:
    """Write a position by the side held: "+28.07 YES", "+19.5 NO", "FLAT"."""
    if quantity_lots is None:
        return UNKNOWN
    if quantity_lots == 0:
        return "FLAT"
    return f"+{contracts(abs(quantity_lots))} {'YES' if quantity_lots > 0 else 'NO'}"


def count(number: int | None) -> str:
    """Write a whole number with thousands separators."""
    return UNKNOWN if number is None else _number(number, 0)


def decimal(number: float | None, decimals: int, *, signed: bool = False) -> str:
    """Write a statistic with fixed decimals."""
    return UNKNOWN if number is None else _number(number, decimals, signed=signed)


def percent(fraction: float | None, *, decimals: int = 1, signed: bool = False) -> str:
    """Write a fraction as per cent: "41.2 %"."""
    if fraction is None:
        return UNKNOWN
    return f"{_number(fraction * 100, decimals, signed=signed)} %"


def age(duration_ms: int | None) -> str:
    """Write how old something is: "38 ms", "7.4 s", "3:12", "5.9 h". Never rounds up a unit."""
    if duration_ms is None:
        return UNKNOWN
    passed_ms = max(0, duration_ms)
    if passed_ms < _AGE_IN_MS_BELOW:
        return f"{passed_ms} ms"
    if passed_ms < _MS_PER_MINUTE:
        return f"{passed_ms // 1_000}.{passed_ms % 1_000 // 100} s"
    if passed_ms < _MS_PER_HOUR:
        return f"{passed_ms // _MS_PER_MINUTE}:{passed_ms % _MS_PER_MINUTE // 1_000:02d}"
    return _hours(passed_ms)


def countdown(duration_ms: int | None) -> str:
    """Write the time left: "08:27", then "5.9 h" from one hour on; "00:00" once passed."""
    if duration_ms is None:
        return UNKNOWN
    left_ms = max(0, duration_ms)
    if left_ms < _MS_PER_HOUR:
        return f"{left_ms // _MS_PER_MINUTE:02d}:{left_ms % _MS_PER_MINUTE // 1_000:02d}"
    return _hours(left_ms)


def latency(duration_ms: float | None) -> str:
    """Write a measured delay in milliseconds: "0.4 ms", "31 ms"."""
    if duration_ms is None:
        return UNKNOWN
    return f"{_number(duration_ms, 1 if duration_ms < 10 else 0)} ms"


def clock_time(time_ms: int | None, *, decimals: int = 0) -> str:
    """Write the UTC time of day of Unix milliseconds with 0 to 3 decimals: "23:06:31.0"."""
    if time_ms is None:
        return UNKNOWN
    seconds, milliseconds = divmod(time_ms % _MS_PER_DAY, _MS_PER_SECOND)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{milliseconds:03d}"[: len(text) + (1 + decimals if decimals else 0)]


def date_time(time_ms: int | None) -> str:
    """Write Unix milliseconds as date and time with the zone: "2026-05-13 23:06:33 UTC"."""
    if time_ms is None:
        return UNKNOWN
    return datetime.fromtimestamp(time_ms // _MS_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def speed(factor: float) -> str:
    """Write a replay speed: "4x", "0.5x", "max" for infinity; a clock that stands has none."""
    if factor == 0:
        return UNKNOWN
    return "max" if factor == float("inf") else f"{_trimmed(factor, 1)}x"


def _number(value: float, decimals: int, *, signed: bool = False) -> str:
    text = f"{abs(value):,.{decimals}f}"
    is_zero = not text.strip("0.,")
    return _sign(0 if is_zero else 1, value < 0, signed) + text


def _sign(magnitude: int, negative: bool, signed: bool) -> str:
    if magnitude == 0:
        return ""
    return MINUS if negative else "+" if signed else ""


def _trimmed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _hours(duration_ms: int) -> str:
    tenths = duration_ms // (_MS_PER_HOUR // 10)
    return f"{tenths // 10:,}.{tenths % 10} h"
