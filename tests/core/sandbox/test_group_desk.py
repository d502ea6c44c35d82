from collections.abc import Callable
from typing import Any

import pytest

from core.sandbox.commands import Session
from core.sandbox.errors import ApiError
from core.sandbox.group_desk import GroupDesk
from core.sandbox.groups import OrderGroup
from core.sandbox.order_bodies import GroupBody

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


@pytest.fixture
def groups(floor: Floor) -> GroupDesk:
    return GroupDesk(floor.exchange)


@pytest.fixture
def group(floor: Floor, groups: GroupDesk) -> OrderGroup:
    """A group of Ann's that lets ten contracts match."""
    return groups.create(floor.ann, GroupBody(contracts_limit=10))


def hit(floor: Floor, count: str) -> None:
    """Let Bob sell to whatever bids."""
    floor.place(floor.bob, "ask", "0.4000", count, time_in_force="immediate_or_cancel")


def refused(action: Callable[[], object]) -> tuple[int, object]:
    with pytest.raises(ApiError) as error:
        action()
    body: Any = error.value.body
    return error.value.status, body["error"]["code"]


def test_being_hit_beyond_the_limit_cancels_the_rest(floor: Floor, group: OrderGroup) -> None:
    inside = [
        floor.place(floor.ann, side, price, "20.00", order_group_id=group.group_id)
        for side, price in (("bid", "0.4000"), ("bid", "0.3000"), ("ask", "0.7000"))
    ]
    outside = floor.place(floor.ann, "bid", "0.2000", "1.00")
    hit(floor, "10.00")
    assert [order.status for order in inside] == ["resting"] * 3
    hit(floor, "5.00")
    assert [order.status for order in inside] == ["canceled"] * 3
    assert (inside[0].filled_lots, outside.status) == (1_500, "resting")
    assert floor.ann.resting_orders() == [outside]
    rate = floor.listing.market.fees.taker_rate
    needed_micros = floor.ann.required_micros(outside.ticker, [outside], rate)
    assert floor.ann.held_micros == needed_micros


def test_the_fill_that_crosses_is_not_trimmed(floor: Floor, group: OrderGroup) -> None:
    floor.place(floor.bob, "ask", "0.4000", "30.00")
    taker = floor.place(floor.ann, "bid", "0.4000", "40.00", order_group_id=group.group_id)
    assert (taker.filled_lots, taker.remaining_lots, taker.status) == (3_000, 0, "canceled")
    assert floor.listing.book.levels() == ([], [])


def test_the_window_slides_with_venue_time(floor: Floor, group: OrderGroup) -> None:
    t0_ms = floor.exchange.now_ms
    order = floor.place(floor.ann, "bid", "0.4000", "50.00", order_group_id=group.group_id)
    hit(floor, "9.00")
    floor.exchange.advance(t0_ms + 16_000)
    hit(floor, "2.00")
    assert (group.is_triggered, order.status) == (False, "resting")
    floor.exchange.advance(t0_ms + 30_000)
    hit(floor, "9.00")
    assert (group.is_triggered, order.status) == (True, "canceled")


def test_a_triggered_group_takes_no_order_until_reset(
    floor: Floor, groups: GroupDesk, group: OrderGroup
) -> None:
    def place() -> object:
        return floor.place(floor.ann, "bid", "0.4000", "1.00", order_group_id=group.group_id)

    groups.trigger(floor.ann, group.group_id)
    assert refused(place) == (409, "order_group_triggered")
    groups.reset(floor.ann, group.group_id)
    place()


def test_reset_of_an_open_group_keeps_its_count(
    floor: Floor, groups: GroupDesk, group: OrderGroup
) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "50.00", order_group_id=group.group_id)
    hit(floor, "9.00")
    groups.reset(floor.ann, group.group_id)
    hit(floor, "2.00")
    assert order.status == "canceled"


def test_a_limit_below_what_matched_triggers_at_once(
    floor: Floor, groups: GroupDesk, group: OrderGroup
) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "50.00", order_group_id=group.group_id)
    hit(floor, "9.00")
    groups.limit(floor.ann, group.group_id, GroupBody(contracts_limit_fp="9.00"))
    assert order.status == "resting"
    groups.limit(floor.ann, group.group_id, GroupBody(contracts_limit_fp="8.99"))
    assert order.status == "canceled"


def test_delete_cancels_and_the_group_is_gone(
    floor: Floor, groups: GroupDesk, group: OrderGroup
) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00", order_group_id=group.group_id)
    groups.delete(floor.ann, group.group_id)
    assert (order.status, order.group_id) == ("canceled", group.group_id)
    name = group.group_id
    gone = [
        lambda: groups.delete(floor.ann, name),
        lambda: groups.trigger(floor.ann, name),
        lambda: groups.reset(floor.ann, name),
        lambda: floor.place(floor.ann, "bid", "0.4000", "5.00", order_group_id=name),
    ]
    assert [refused(action) for action in gone] == [(404, "not_found")] * 4


def test_groups_belong_to_their_account(floor: Floor, group: OrderGroup) -> None:
    def place() -> object:
        return floor.place(floor.bob, "bid", "0.4000", "1.00", order_group_id=group.group_id)

    assert refused(place) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (GroupBody(), "missing_parameters"),
        (GroupBody(contracts_limit=0), "bad_request"),
        (GroupBody(contracts_limit=1_000_001), "bad_request"),
        (GroupBody(contracts_limit_fp="0.01"), "bad_request"),
        (GroupBody(contracts_limit_fp="0.99"), "bad_request"),
        (GroupBody(contracts_limit_fp="ten"), "bad_request"),
        (GroupBody(contracts_limit=10, contracts_limit_fp="11.00"), "bad_request"),
    ],
)
def test_unusable_limits(floor: Floor, groups: GroupDesk, body: GroupBody, code: str) -> None:
    assert refused(lambda: groups.create(floor.ann, body)) == (400, code)
    assert floor.ann.groups == {}


def test_the_least_limit_is_one_contract(floor: Floor, groups: GroupDesk) -> None:
    assert groups.create(floor.ann, GroupBody(contracts_limit_fp="1.00")).limit_lots == 100


def test_both_limits_may_be_given_if_they_match(floor: Floor, groups: GroupDesk) -> None:
    body = GroupBody(contracts_limit=10, contracts_limit_fp="10.00")
    assert groups.create(floor.ann, body).limit_lots == 1_000


def test_updates_tell_the_owner_and_the_trigger_comes_before_its_cancels(
    floor: Floor, groups: GroupDesk, new_sink: Callable[[], Sink]
) -> None:
    sink, other = new_sink(), new_sink()
    for listener, account in ((sink, floor.ann), (other, floor.bob)):
        session = Session(floor.exchange, floor.exchange.publisher, listener, account.number)
        session.receive(
            '{"id":1,"cmd":"subscribe","params":'
            '{"channels":["order_group_updates","user_orders"],"market_ticker":"ELSEWHERE"}}'
        )
        session.receive('{"id":2,"cmd":"subscribe","params":{"channels":["user_orders"]}}')
        listener.take()
    name = groups.create(floor.ann, GroupBody(contracts_limit=10)).group_id
    groups.limit(floor.ann, name, GroupBody(contracts_limit=5))
    floor.place(floor.ann, "bid", "0.4000", "5.00", order_group_id=name)
    sink_before = sink.take()
    groups.trigger(floor.ann, name)
    groups.trigger(floor.ann, name)
    triggered, canceled = sink.take()
    groups.reset(floor.ann, name)
    groups.delete(floor.ann, name)
    updates = [m for m in [*sink_before, triggered, *sink.take()] if m["type"] != "user_order"]
    assert {m["type"] for m in updates} == {"order_group_updates"}
    assert [m["msg"]["event_type"] for m in updates] == [
        "created",
        "limit_updated",
        "triggered",
        "reset",
        "deleted",
    ]
    assert [m["seq"] for m in updates] == [1, 2, 3, 4, 5]
    assert [m["msg"].get("contracts_limit_fp") for m in updates[:3]] == ["10.00", "5.00", None]
    assert (canceled["type"], canceled["msg"]["status"]) == ("user_order", "canceled")
    assert canceled["msg"]["order_group_id"] == name
    assert canceled["msg"]["last_updated_ts_ms"] == triggered["msg"]["ts_ms"]
    assert "last_update_reason" not in canceled["msg"]
    assert other.take() == []
