from datetime import UTC, datetime

import pytest

from core.sandbox.eastern import day_start_s, utc_offset_s


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("second", "hours"),
    [
        (utc(2026, 1, 15), -5),
        (utc(2026, 3, 8, 6, 59, 59), -5),
        (utc(2026, 3, 8, 7), -4),
        (utc(2026, 7, 4), -4),
        (utc(2026, 11, 1, 5, 59, 59), -4),
        (utc(2026, 11, 1, 6), -5),
    ],
)
def test_daylight_time_begins_and_ends_at_two(second: int, hours: int) -> None:
    assert utc_offset_s(second) == hours * 3600


def test_beyond_the_calendar_it_is_winter() -> None:
    assert utc_offset_s(2**53) == -5 * 3600
    assert 2**53 - 86_400 < day_start_s(2**53) <= 2**53


@pytest.mark.parametrize(
    ("second", "midnight"),
    [
        (utc(2025, 10, 15, 4), utc(2025, 10, 15, 4)),
        (utc(2025, 10, 15, 3, 59), utc(2025, 10, 14, 4)),
        (utc(2025, 11, 2, 12), utc(2025, 11, 2, 4)),
        (utc(2025, 11, 3, 5), utc(2025, 11, 3, 5)),
        (utc(2025, 11, 3, 4, 59), utc(2025, 11, 2, 4)),
        (utc(2026, 3, 8, 20), utc(2026, 3, 8, 5)),
        (utc(2026, 3, 9, 3), utc(2026, 3, 8, 5)),
    ],
)
def test_days_begin_at_eastern_midnight(second: int, midnight: int) -> None:
    assert day_start_s(second) == midnight
