from typing import Any

import pytest

from core.clock import ManualClock
from core.sandbox.clock_channel import ClockChannel
from core.sandbox.commands import Session

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(monotonic_ns=10**9)


@pytest.fixture
def channel(floor: Floor, sink: Sink, clock: ManualClock) -> ClockChannel:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    session.receive('{"id":1,"cmd":"subscribe","params":{"channels":["sandbox_clock"]}}')
    sink.take()
    return ClockChannel(floor.exchange.publisher, clock, 99_000)


def test_first_tick_tells_the_time_and_asks_for_stamps(channel: ClockChannel, sink: Sink) -> None:
    channel.tick(5_000, 10.0)
    assert sink.take() == [
        {
            "type": "sandbox_clock",
            "sid": 1,
            "msg": {"venue_ms": 5_000, "monotonic_ns": 10**9, "speed": 10, "end_ms": 99_000},
        }
    ]
    assert sink.is_stamped


def test_ticks_come_after_half_a_quiet_second(channel: ClockChannel, sink: Sink) -> None:
    channel.tick(5_000, 0)
    channel.tick(5_499, 0)
    channel.tick(5_500, 0)
    assert [m["msg"]["venue_ms"] for m in sink.take()] == [5_000, 5_500]


def test_data_counts_as_a_tick(channel: ClockChannel, sink: Sink) -> None:
    channel.tick(5_000, 0)
    sink.send('{"type":"data"')
    channel.tick(5_400, 0)
    channel.tick(5_899, 0)
    channel.tick(5_900, 0)
    assert [m["msg"]["venue_ms"] for m in sink.take("sandbox_clock")] == [5_000, 5_900]


def test_ticks_come_every_quarter_second_of_wall_time(
    channel: ClockChannel, sink: Sink, clock: ManualClock
) -> None:
    channel.tick(5_000, 0)
    clock.advance_ms(249)
    channel.tick(5_000, 0)
    clock.advance_ms(1)
    channel.tick(5_000, 0)
    assert [m["msg"]["monotonic_ns"] for m in sink.take()] == [10**9, 10**9 + 250_000_000]
