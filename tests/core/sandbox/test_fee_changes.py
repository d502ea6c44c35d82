from typing import Any

import pytest

from core.market.market import FeeSchedule
from core.sandbox.commands import Session
from core.sandbox.engine import MatchingBook
from core.sandbox.fee_changes import FeeChanges

Floor = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Sink = Any
SERIES, EVENT = "KXT", "KXT-26MAY11"


@pytest.fixture
def changes(floor: Floor) -> FeeChanges:
    return FeeChanges(floor.exchange)


def fees(floor: Floor) -> FeeSchedule:
    return floor.listing.market.fees


def test_an_event_beats_its_series_and_falls_back(floor: Floor, changes: FeeChanges) -> None:
    changes.change_series(SERIES, "quadratic_with_maker_fees", 500, 0)
    assert fees(floor) == FeeSchedule(3_500, 875)
    changes.change_event(EVENT, "quadratic_with_combo_maker_fees", 1_000, 0)
    assert fees(floor) == FeeSchedule(7_000, 3_500)
    changes.change_event(EVENT, None, 0, 0)
    assert fees(floor) == FeeSchedule(3_500, 875)


def test_a_change_waits_for_its_time(floor: Floor, changes: FeeChanges) -> None:
    due_ms = floor.exchange.now_ms + 1_000
    changes.change_series(SERIES, "quadratic", 0, due_ms)
    assert fees(floor) == FeeSchedule()
    floor.exchange.advance(due_ms)
    assert fees(floor) == FeeSchedule(0, 0)


def test_new_markets_take_what_is_in_force(
    floor: Floor, changes: FeeChanges, market: Maker
) -> None:
    changes.change_series(SERIES, "quadratic", 500, 0)
    changes.change_series("KXU", "quadratic", 0, 0)
    listing = floor.life.list_market(market("KXT-26MAY12-A"), MatchingBook())
    assert listing.market.fees == FeeSchedule(3_500, 0)


def test_orders_that_rest_reserve_by_the_new_fees(floor: Floor, changes: FeeChanges) -> None:
    floor.place(floor.ann, "bid", "0.5000", "10.00")
    assert floor.ann.held_micros > 5_000_000
    changes.change_series(SERIES, "quadratic", 0, 0)
    assert floor.ann.held_micros == 5_000_000


def test_an_event_is_told_of_its_fees(floor: Floor, changes: FeeChanges, sink: Sink) -> None:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    session.receive('{"id":1,"cmd":"subscribe","params":{"channels":["market_lifecycle_v2"]}}')
    changes.change_series(SERIES, "quadratic", 500, 0)
    changes.change_event(EVENT, "quadratic", 500, 0)
    changes.change_event(EVENT, None, 0, 0)
    told = sink.take("event_fee_update")
    assert [message["seq"] for message in told] == [1, 2]
    assert [message["msg"] for message in told] == [
        {
            "event_ticker": EVENT,
            "fee_type_override": "quadratic",
            "fee_multiplier_override": 0.5,
        },
        {"event_ticker": EVENT, "fee_type_override": None, "fee_multiplier_override": None},
    ]
