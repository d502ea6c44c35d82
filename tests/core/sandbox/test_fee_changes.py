from typing import Any

import pytest

from core.market.market import FeeSchedule
from core.sandbox.commands import Session
from core.sandbox.engine import MatchingBook
from core.sandbox.fee_changes import FeeChanges

Client = Any  # the classes stand in conftest.py, which no test can import
Floor = Any
Maker = Any
Serve = Any
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


async def test_changes_are_listed_and_shown(serve: Serve) -> None:
    async with serve() as client:
        exchange, changes = client.sandbox.exchange, client.sandbox.fee_changes
        past = changes.change_series(SERIES, "quadratic", 500, exchange.now_ms)
        later = changes.change_series(
            SERIES, "quadratic_with_maker_fees", 1_000, exchange.now_ms + 60_000
        )
        _, body = await client.send("GET", "/series/fee_changes", {})
        assert body == {
            "series_fee_change_arr": [
                {
                    "id": later.change_id,
                    "series_ticker": SERIES,
                    "fee_type": "quadratic_with_maker_fees",
                    "fee_multiplier": 1.0,
                    "scheduled_ts": "2026-05-11T05:38:43.000000Z",
                }
            ]
        }
        _, body = await client.send("GET", "/series/fee_changes?show_historical=true", {})
        found = [change["id"] for change in body["series_fee_change_arr"]]
        assert found == [past.change_id, later.change_id]
        path = "/series/fee_changes?show_historical=true&series_ticker=KXU"
        assert (await client.send("GET", path, {}))[1] == {"series_fee_change_arr": []}
        _, body = await client.send("GET", f"/series/{SERIES}", {})
        assert (body["series"]["fee_type"], body["series"]["fee_multiplier"]) == ("quadratic", 0.5)


async def test_event_changes_page_and_show_in_the_event(serve: Serve) -> None:
    async with serve() as client:
        changes = client.sandbox.fee_changes
        set_to = changes.change_event(EVENT, "quadratic", 500, 0)
        _, body = await client.send("GET", f"/events/{EVENT}", {})
        event = body["event"]
        assert (event["fee_type_override"], event["fee_multiplier_override"]) == ("quadratic", 0.5)
        cleared = changes.change_event(EVENT, None, 0, 0)
        _, body = await client.send("GET", f"/events/{EVENT}", {})
        assert "fee_type_override" not in body["event"]
        _, first = await client.send("GET", "/events/fee_changes?limit=1", {})
        assert [change["id"] for change in first["event_fee_changes"]] == [cleared.change_id]
        path = f"/events/fee_changes?limit=1&cursor={first['cursor']}"
        _, last = await client.send("GET", path, {})
        (change,) = last["event_fee_changes"]
        assert last["cursor"] == ""
        assert (change["id"], change["series_ticker"]) == (set_to.change_id, SERIES)
        assert change["fee_multiplier_override"] == 0.5
        _, none = await client.send("GET", "/events/fee_changes?event_ticker=KXNO", {})
        assert none == {"event_fee_changes": [], "cursor": ""}


async def control(client: Client, body: dict[str, object]) -> tuple[int, Any]:
    """Call the exchange's own control, outside its protocol."""
    return await client.send("POST", "/../../sandbox/fee_changes", {}, body)


async def test_fees_are_changed_from_outside(serve: Serve) -> None:
    async with serve() as client:
        half = {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "0.5"}
        status, change = await control(client, half | {"delay_s": 60})
        assert (status, change["fee_multiplier"]) == (201, 0.5)
        _, body = await client.send("GET", "/series/fee_changes", {})
        assert body["series_fee_change_arr"] == [change]
        status, change = await control(client, {"event_ticker": EVENT, "fee_type": "quadratic"})
        assert (status, change["fee_multiplier_override"]) == (201, 1.0)
        status, change = await control(client, {"event_ticker": EVENT, "fee_type": None})
        assert (status, change["fee_type_override"]) == (201, None)
        _, body = await client.send("GET", "/events/fee_changes", {})
        assert len(body["event_fee_changes"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"fee_type": "quadratic"},
        {"series_ticker": SERIES},
        {"series_ticker": SERIES, "fee_type": None},
        {"series_ticker": SERIES, "fee_type": "free"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "-1"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "0.0001"},
        {"series_ticker": SERIES, "event_ticker": EVENT, "fee_type": "quadratic"},
    ],
)
async def test_senseless_changes_are_refused(serve: Serve, body: dict[str, object]) -> None:
    async with serve() as client:
        status, answer = await control(client, body)
        assert (status, answer["code"]) == (400, "bad_request")
        assert client.sandbox.fee_changes.planned == []
