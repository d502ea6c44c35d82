import asyncio
import logging

import pytest

from core.events import Bus, Event


class Happened(Event, frozen=True):
    what: str


def test_observers_get_every_event_in_order_until_they_leave() -> None:
    bus, seen = Bus(), []
    leave = bus.subscribe(seen.append)
    bus.publish(Happened("one"))
    bus.publish(Happened("two"))
    leave()
    bus.publish(Happened("three"))
    assert seen == [Happened("one"), Happened("two")]


def test_a_failing_observer_is_logged_and_the_others_still_hear(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus, seen = Bus(), []

    def fail(event: Event) -> None:
        raise ValueError("broken")

    bus.subscribe(fail)
    bus.subscribe(seen.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(Happened("one"))
    assert seen == [Happened("one")]
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "observer failed on Happened")
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


@pytest.mark.parametrize("end", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_a_cancellation_or_exit_passes_through_the_bus(
    end: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    bus = Bus()

    def leave(event: Event) -> None:
        raise end

    bus.subscribe(leave)
    with pytest.raises(end):
        bus.publish(Happened("one"))
    assert caplog.records == []
