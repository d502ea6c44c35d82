"""Wire forms of what is said about the exchange itself: its hours, and the series it groups.

Pure. Times of day are US Eastern, `HH:MM`; "00:00" ends a day as well as it begins one.
"""

from typing import Final

import msgspec

from core.errors import DecodeError
from core.kalshi.reports import time_ms
from core.market.calendar import DAY_MINUTES, DailyHours, Schedule, Span, WeeklyHours

_DAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


class _DailyBody(msgspec.Struct):
    open_time: str
    close_time: str


class _WeeklyBody(msgspec.Struct):
    start_time: str
    end_time: str
    monday: list[_DailyBody]
    tuesday: list[_DailyBody]
    wednesday: list[_DailyBody]
    thursday: list[_DailyBody]
    friday: list[_DailyBody]
    saturday: list[_DailyBody]
    sunday: list[_DailyBody]


class _WindowBody(msgspec.Struct):
    start_datetime: str
    end_datetime: str


class _ScheduleBody(msgspec.Struct):
    standard_hours: list[_WeeklyBody]
    maintenance_windows: list[_WindowBody]


class ScheduleReply(msgspec.Struct):
    """The exchange's hours."""

    schedule: _ScheduleBody


class Series(msgspec.Struct, frozen=True):
    """A series of events."""

    ticker: str
    title: str = ""
    category: str = ""


class SeriesReply(msgspec.Struct):
    """All series that were asked for; there are no pages."""

    series: list[Series] | None = None


def schedule(reply: ScheduleReply) -> Schedule:
    """The exchange's hours in venue milliseconds and Eastern minutes.

    Raises:
        DecodeError: a time that is none.
    """
    body = reply.schedule
    return Schedule(
        hours=tuple(
            WeeklyHours(
                Span(time_ms(week.start_time), time_ms(week.end_time)),
                tuple(_daily(getattr(week, day)) for day in _DAYS),
            )
            for week in body.standard_hours
        ),
        maintenance=tuple(
            Span(time_ms(window.start_datetime), time_ms(window.end_datetime))
            for window in body.maintenance_windows
        ),
    )


def _daily(hours: list[_DailyBody]) -> DailyHours:
    spans = ((_minute(h.open_time), _minute(h.close_time) or DAY_MINUTES) for h in hours)
    return tuple(sorted(spans))


def _minute(text: str) -> int:
    """Minutes after midnight.

    Raises:
        DecodeError: the text is no time of day.
    """
    hour, colon, minute = text.partition(":")
    is_time = bool(colon) and hour.isdecimal() and minute[:2].isdecimal()
    value = int(hour) * 60 + int(minute[:2]) if is_time else -1
    if not 0 <= value <= DAY_MINUTES:
        raise DecodeError(f"not a time of day: {text!r}")
    return value
