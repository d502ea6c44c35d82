"""US Eastern time, in which the exchange keeps its week and its days. Pure.

By the rule in force since 2007, so that no time zone database is needed.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from core.sandbox.wire_text import LAST_SECOND

_STANDARD_S = -5 * 3600
_DAYLIGHT_S = -4 * 3600
_DAY_S = 86_400
_EPOCH = datetime.fromtimestamp(0, UTC)


def utc_offset_s(utc_s: int) -> int:
    """Seconds to add to a UTC second to get Eastern time."""
    begins_s, ends_s = _daylight_s((_EPOCH + timedelta(seconds=min(utc_s, LAST_SECOND))).year)
    return _DAYLIGHT_S if begins_s <= utc_s < ends_s else _STANDARD_S


def day_start_s(utc_s: int) -> int:
    """UTC second of the last Eastern midnight, the second itself included."""
    local_s = utc_s + utc_offset_s(utc_s)
    midnight_s = local_s - local_s % _DAY_S
    return midnight_s - utc_offset_s(midnight_s - _STANDARD_S)


@lru_cache(maxsize=8)
def _daylight_s(year: int) -> tuple[int, int]:
    """UTC seconds at which daylight time begins and ends: 2 a.m. local, by the clock in force."""
    begins = _sunday(year, 3, 8) + timedelta(hours=2, seconds=-_STANDARD_S)
    ends = _sunday(year, 11, 1) + timedelta(hours=2, seconds=-_DAYLIGHT_S)
    return int(begins.timestamp()), int(ends.timestamp())


def _sunday(year: int, month: int, first_day: int) -> datetime:
    """First Sunday on or after a day."""
    day = datetime(year, month, first_day, tzinfo=UTC)
    return day + timedelta(days=(6 - day.weekday()) % 7)
