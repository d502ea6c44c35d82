"""Pauses of the exchange and what comes next, over the changes of the Eastern clock."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.calendar import (
    ALL_DAY,
    FOREVER_MS,
    STANDING,
    Calendar,
    Entry,
    Halt,
    Happening,
    Schedule,
    Span,
    WeeklyHours,
    agenda,
    eastern_time,
    pauses,
)
from core.market.market import Market
from core.sandbox.pauses import thursday_pause

HOUR_MS = 3_600_000
TWENTY_YEARS = st.integers(1_767_225_600_000, 2_398_377_600_000)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "begins", "ends"),
    [
        ("2026-07-15T12:00", "2026-07-16T07:00", "2026-07-16T09:00"),  # summer: UTC - 4
        ("2026-11-18T12:00", "2026-11-19T08:00", "2026-11-19T10:00"),  # winter: UTC - 5
        ("2026-03-06T00:00", "2026-03-12T07:00", "2026-03-12T09:00"),  # the change in between
        ("2026-10-30T00:00", "2026-11-05T08:00", "2026-11-05T10:00"),
    ],
)
def test_the_thursday_pause_keeps_eastern_time(now: str, begins: str, ends: str) -> None:
    calendar = Calendar(STANDING)
    assert calendar.pause_at(utc(now)) is None
    assert calendar.next_pause(utc(now)) == Span(utc(begins), utc(ends))
    assert calendar.obstacle(utc(begins)) == "paused: exchange schedule until 05:00 ET"
    assert calendar.obstacle(utc(ends)) == ""


@given(TWENTY_YEARS)
def test_the_weekly_pause_is_the_local_exchanges(now_ms: int) -> None:
    calendar = Calendar(STANDING)
    pause = calendar.pause_at(now_ms) or calendar.next_pause(now_ms)
    assert pause == Span(*thursday_pause(now_ms))


@given(TWENTY_YEARS, st.integers(-40, 400))
def test_a_calendar_that_is_asked_again_answers_as_a_fresh_one(now_ms: int, hours: int) -> None:
    used = Calendar(STANDING)
    used.next_pause(now_ms)
    later_ms = now_ms + hours * HOUR_MS
    assert used.pause_at(later_ms) == Calendar(STANDING).pause_at(later_ms)
    assert used.next_pause(later_ms) == Calendar(STANDING).next_pause(later_ms)


@given(TWENTY_YEARS, st.lists(st.tuples(st.integers(0, 240), st.integers(1, 30)), max_size=6))
def test_pauses_are_in_order_and_apart(now_ms: int, windows: list[tuple[int, int]]) -> None:
    maintenance = tuple(
        Span(now_ms + start * HOUR_MS, now_ms + (start + length) * HOUR_MS)
        for start, length in windows
    )
    found = pauses(Schedule(STANDING.hours, maintenance), now_ms)
    assert all(span.begins_ms < span.ends_ms for span in found)
    assert all(a.ends_ms < b.begins_ms for a, b in pairwise(found))
    for window in maintenance:
        assert any(s.begins_ms <= window.begins_ms and window.ends_ms <= s.ends_ms for s in found)


def test_maintenance_joins_the_pause_it_touches() -> None:
    window = Span(utc("2026-11-19T10:00"), utc("2026-11-19T11:30"))
    calendar = Calendar(Schedule(STANDING.hours, (window,)))
    now_ms = utc("2026-11-19T08:30")
    assert calendar.obstacle(now_ms) == "paused: exchange schedule until 06:30 ET"
    calendar.take(STANDING)
    assert calendar.obstacle(now_ms) == "paused: exchange schedule until 05:00 ET"


def test_a_halt_pauses_what_the_schedule_does_not() -> None:
    calendar, now_ms = Calendar(STANDING), utc("2026-11-18T12:00")
    assert calendar.halt_at(now_ms) is None
    calendar.halt = Halt(now_ms + HOUR_MS)
    assert calendar.pause_at(now_ms) == Span(0, now_ms + HOUR_MS)
    assert calendar.obstacle(now_ms) == "paused: trading is halted until 08:00 ET"
    assert calendar.obstacle(now_ms + HOUR_MS) == ""
    assert calendar.pause_at(now_ms + HOUR_MS) is None
    calendar.halt = Halt(is_whole=True)
    assert calendar.pause_at(now_ms) == Span(0, FOREVER_MS)
    assert calendar.obstacle(now_ms) == "paused: the exchange stands still"
    assert calendar.next_pause(now_ms) == Span(utc("2026-11-19T08:00"), utc("2026-11-19T10:00"))


def test_a_halt_within_a_planned_pause_changes_nothing() -> None:
    calendar, during_ms = Calendar(STANDING), utc("2026-11-19T08:30")
    calendar.halt = Halt(is_whole=True)
    assert calendar.halt_at(during_ms) is None
    assert calendar.obstacle(during_ms) == "paused: exchange schedule until 05:00 ET"
    assert calendar.obstacle(during_ms + 2 * HOUR_MS) == "paused: the exchange stands still"


def test_the_end_of_a_halt_is_listed_where_it_is_known() -> None:
    calendar, now_ms = Calendar(), utc("2026-11-18T12:00")
    calendar.halt = Halt(now_ms + HOUR_MS)
    assert agenda(calendar, [], now_ms) == (Entry(now_ms + HOUR_MS, Happening.PAUSE_ENDS),)
    calendar.halt = Halt()
    assert agenda(calendar, [], now_ms) == ()


def test_a_day_without_hours_is_closed_and_a_time_without_any_is_open() -> None:
    forever = Span(utc("2026-01-01T05:00"), utc("2099-01-01T05:00"))
    no_sunday = WeeklyHours(forever, (ALL_DAY,) * 6 + ((),))
    calendar = Calendar(Schedule((no_sunday,)))
    sunday = utc("2026-11-22T12:00")
    assert calendar.pause_at(sunday) == Span(utc("2026-11-22T05:00"), utc("2026-11-23T05:00"))
    assert calendar.pause_at(utc("2025-11-23T12:00")) is None
    assert Calendar().next_pause(sunday) is None


def test_times_are_told_as_the_exchange_tells_them() -> None:
    assert eastern_time(utc("2026-07-01T09:00")) == "05:00 ET"


NOW = utc("2026-11-19T07:00")
HOURLY = Market("KXA-1-T1", "KXA-1", "a", close_ms=NOW + HOUR_MS // 2)
DAILY = Market(
    "KXB-1-T1",
    "KXB-1",
    "b",
    close_ms=NOW + 5 * HOUR_MS,
    expected_ms=NOW + 6 * HOUR_MS,
    settle_after_ms=HOUR_MS,
)


def test_the_agenda_joins_what_markets_of_one_event_do() -> None:
    siblings = [replace(HOURLY, ticker=f"KXA-1-T{number}") for number in range(8)]
    listed = agenda(Calendar(STANDING), [*siblings, DAILY], NOW)
    assert listed == (
        Entry(NOW + HOUR_MS // 2, Happening.CLOSES, 8, "KXA-1"),
        Entry(NOW + HOUR_MS, Happening.PAUSE_BEGINS),
        Entry(NOW + 5 * HOUR_MS, Happening.CLOSES, 1, "KXB-1"),
        Entry(NOW + 6 * HOUR_MS, Happening.DETERMINED, 1, "KXB-1"),
        Entry(NOW + 7 * HOUR_MS, Happening.SETTLES, 1, "KXB-1"),
    )
    during = agenda(Calendar(STANDING), [], NOW + HOUR_MS)
    assert during[0] == Entry(NOW + 3 * HOUR_MS, Happening.PAUSE_ENDS)


def test_what_has_happened_is_no_longer_awaited() -> None:
    over = replace(DAILY, status="determined", result="yes")
    kinds = [entry.kind for entry in agenda(Calendar(), [over], NOW)]
    assert kinds == [Happening.SETTLES]
    assert agenda(Calendar(), [replace(DAILY, status="finalized")], NOW) == ()
    assert len(agenda(Calendar(STANDING), [DAILY, HOURLY], NOW, most=2)) == 2
