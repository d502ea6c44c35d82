"""The exchange's hours and series as it writes them."""

import msgspec
import pytest

from core.errors import DecodeError
from core.kalshi.catalogue import ScheduleReply, SeriesReply, schedule
from core.market.calendar import ALL_DAY, STANDING, Calendar, Span
from core.sandbox.exchange_api import STANDARD_HOURS

WINDOW = {"start_datetime": "2026-11-26T08:00:00Z", "end_datetime": "2026-11-26T10:00:00Z"}


def reply(hours: object = STANDARD_HOURS, windows: object = ()) -> ScheduleReply:
    body = {"schedule": {"standard_hours": [hours], "maintenance_windows": windows}}
    return msgspec.convert(body, ScheduleReply)


def test_the_published_week_is_the_standing_one() -> None:
    read = schedule(reply())
    (weekly,) = read.hours
    assert weekly.days == STANDING.hours[0].days
    assert weekly.span == Span(1_767_243_600_000, 4_070_926_800_000)
    assert read.maintenance == ()


def test_maintenance_is_read_in_utc() -> None:
    read = schedule(reply(windows=[WINDOW]))
    assert read.maintenance == (Span(1_795_680_000_000, 1_795_687_200_000),)
    assert Calendar(read).pause_at(1_795_680_000_000) is not None


def test_midnight_ends_a_day_as_well_as_it_begins_one() -> None:
    assert schedule(reply()).hours[0].days[0] == ALL_DAY


@pytest.mark.parametrize("text", ["", "25:00", "noon", "-1:00", "3"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    hours = dict(STANDARD_HOURS) | {"monday": [{"open_time": text, "close_time": "00:00"}]}
    with pytest.raises(DecodeError, match="not a time of day"):
        schedule(reply(hours))


def test_a_category_without_series_may_be_null() -> None:
    assert msgspec.json.decode(b'{"series":null}', type=SeriesReply).series is None
