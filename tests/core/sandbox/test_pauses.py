from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.errors import ApiError
from core.sandbox.pauses import Pause, Pauses, thursday_pause

EASTERN = ZoneInfo("America/New_York")
WEEK_MS = 7 * 86_400_000


def eastern(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, EASTERN)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@given(st.integers(ms("2020-01-01T00:00:00Z"), ms("2035-01-01T00:00:00Z")))
def test_the_weekly_pause_is_thursday_three_to_five_in_new_york(now_ms: int) -> None:
    begins_ms, ends_ms = thursday_pause(now_ms)
    begins, ends = eastern(begins_ms), eastern(ends_ms)
    assert (begins.weekday(), begins.hour, begins.minute) == (3, 3, 0)
    assert (ends.weekday(), ends.hour, ends.second) == (3, 5, 0)
    assert begins.date() == ends.date()
    assert now_ms < ends_ms
    last = datetime.fromtimestamp(now_ms / 1000, EASTERN) + timedelta(days=8)
    assert begins < last
    assert begins_ms - now_ms <= WEEK_MS + 3_600_000


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-26T09:59:59Z", "2026-11-26T08:00:00Z"),  # winter time, while it is on
        ("2026-11-26T10:00:00Z", "2026-12-03T08:00:00Z"),  # just over
        ("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"),  # daylight time
        ("2026-10-29T09:00:00Z", "2026-11-05T08:00:00Z"),  # across the change of clocks
        ("2026-03-05T10:00:00Z", "2026-03-12T07:00:00Z"),
    ],
)
def test_the_next_pause(now: str, begins: str) -> None:
    assert datetime.fromtimestamp(thursday_pause(ms(now))[0] / 1000, UTC) == datetime.fromisoformat(
        begins
    )


def test_a_pause_runs_until_its_end() -> None:
    pauses = Pauses()
    pauses.begin("operator", Pause("trading", 100))
    assert (pauses.is_trading(99), pauses.is_trading(100)) == (False, True)
    assert pauses.is_active(50)
    assert (pauses.resume_ms(50), pauses.resume_ms(100)) == (100, 0)
    pauses.require_active(50)
    with pytest.raises(ApiError) as refused:
        pauses.require_trading(50)
    assert refused.value.status == 409
    assert refused.value.body == {
        "error": {"code": "trading_is_paused", "message": "trading is paused"}
    }


def test_pauses_of_two_causes_overlap() -> None:
    pauses = Pauses()
    pauses.begin("schedule", Pause("trading", 100))
    pauses.begin("operator", Pause("exchange", 0))
    assert not pauses.is_active(50)
    assert pauses.resume_ms(50) == 0
    with pytest.raises(ApiError):
        pauses.require_active(50)
    pauses.end("operator")
    assert (pauses.is_active(50), pauses.is_trading(50)) == (True, False)
    assert pauses.resume_ms(50) == 100
    pauses.end("operator")
