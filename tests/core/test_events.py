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
    assert [record.levelname for record in caplog.records] == ["ERROR"]
