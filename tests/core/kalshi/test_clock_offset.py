import logging
from email.utils import formatdate

import pytest

from core.kalshi.clock_offset import ClockOffset

NOW_MS = 1_795_176_360_000


def date(ms: int) -> str:
    return formatdate(ms / 1000, usegmt=True)


def measured(offset_ms: int, rounds: int = 40) -> ClockOffset:
    """What answers of an exchange whose clock differs by so much lead to."""
    clock = ClockOffset()
    for number in range(rounds):
        sent_ms = NOW_MS + number * 1_037
        clock.observe(date(sent_ms + 10 + offset_ms), sent_ms, sent_ms + 20)
    return clock


def test_nothing_is_known_before_the_first_answer() -> None:
    clock = ClockOffset()
    assert (clock.offset_ms, clock.correction_ms) == (None, 0)
    clock.observe(None, NOW_MS, NOW_MS)
    clock.observe("yesterday", NOW_MS, NOW_MS)
    assert clock.offset_ms is None


@pytest.mark.parametrize("offset_ms", [-60_000, -400, 0, 250, 4_000])
def test_many_answers_narrow_it_to_their_own_travel_time(offset_ms: int) -> None:
    found = measured(offset_ms).offset_ms
    assert found is not None
    assert abs(found - offset_ms) <= 60


def test_a_small_difference_is_left_to_the_exchange() -> None:
    assert measured(2_500).correction_ms == 0
    assert abs(measured(5_000).correction_ms - 5_000) <= 60


def test_a_clock_that_was_set_is_measured_anew_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = measured(0)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            sent_ms = NOW_MS + 100_000 + number * 1_037
            clock.observe(date(sent_ms + 30_000), sent_ms, sent_ms + 20)
    assert abs(clock.correction_ms - 30_000) <= 1_000
    assert caplog.text.count("set it") == 1


def test_clock_offset_narrows_and_starts_again_after_a_jump() -> None:
    offset = ClockOffset()
    offset.observe(None, 0, 0)
    offset.observe("no date", 0, 0)
    assert offset.offset_ms is None
    date = "Thu, 01 Jan 1970 00:00:10 GMT"
    offset.observe(date, 10_000, 10_000)
    assert offset.offset_ms == 500
    offset.observe(date, 10_900, 10_900)
    assert offset.offset_ms == 50
    offset.observe(date, 60_000, 60_000)
    assert offset.offset_ms == -49_500
