import pytest

from core.clock import ManualClock
from core.sandbox.errors import ApiError
from core.sandbox.fault_requests import RequestFaults, SteppedClock
from core.sandbox.faults import ReplyLost


def test_refuses_as_many_requests_as_asked() -> None:
    faults = RequestFaults()
    faults.refusals = 2
    for _ in range(2):
        with pytest.raises(ApiError, match="429"):
            faults.admit()
    faults.admit()


def test_clearing_lets_everything_pass() -> None:
    faults = RequestFaults()
    faults.refusals, faults.unavailable = 2, 3
    faults.lose(ReplyLost())
    faults.clear()
    assert (faults.refusals, faults.unavailable, faults.losses) == (0, 0, [])
    faults.admit()


def test_the_clock_is_off_by_its_step() -> None:
    wall = ManualClock(now_ms=1_000, monotonic_ns=5)
    clock = SteppedClock(wall)
    clock.step_ms = -300
    wall.advance_ms(50)
    assert (clock.now_ms(), clock.monotonic_ns()) == (750, 50_000_005)
