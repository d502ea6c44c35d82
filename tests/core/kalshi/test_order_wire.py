"""Bodies and replies of what changes orders."""

import json

import pytest

from core.errors import DecodeError
from core.kalshi import order_wire
from core.kalshi.requests import (
    AmendOrder,
    CancelOrder,
    CancelReply,
    CreatedGroup,
    CreateOrder,
    CreateReply,
    DecreaseOrder,
    Refusal,
)


def test_create_body_is_text_on_the_yes_book() -> None:
    body = json.loads(order_wire.create_body(CreateOrder("c-1", "A", 1, 4_400, 1_000)))
    assert body == {
        "ticker": "A",
        "side": "ask",
        "price": "0.4400",
        "count": "10.00",
        "client_order_id": "c-1",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
        "post_only": False,
    }


def test_amend_body_names_the_total() -> None:
    body = json.loads(order_wire.amend_body(AmendOrder("c-1", "o", "A", 0, 15, 1)))
    assert body == {"ticker": "A", "side": "bid", "price": "0.0015", "count": "0.01"}


@pytest.mark.parametrize(("pips", "lots"), [(0, 1), (10_000, 1), (5_000, 0), (5_000, -1)])
def test_impossible_orders_are_never_written(pips: int, lots: int) -> None:
    with pytest.raises(ValueError, match="no order of"):
        order_wire.create_body(CreateOrder("c", "A", 0, pips, lots))


def test_order_replies() -> None:
    created = order_wire.create_reply(
        b'{"order_id":"o","client_order_id":"c","fill_count":"4.00","remaining_count":"6.00",'
        b'"average_fill_price":"0.4400","average_fee_paid":"0.0173","ts_ms":7}',
        "c",
    )
    assert (created.filled_lots, created.remaining_lots, created.ts_ms) == (400, 600, 7)
    assert order_wire.amend_reply(b'{"order_id":"o","ts_ms":8}').remaining_lots is None
    assert (
        order_wire.cancel_reply(b'{"order_id":"o","reduced_by":"6.00","ts_ms":9}').reduced_lots
        == 600
    )


def test_what_an_order_may_carry_is_sent_only_where_it_is_set() -> None:
    plain = json.loads(order_wire.create_body(CreateOrder("c-1", "A", 0, 4_400, 1_000)))
    order = CreateOrder(
        "c-1", "A", 0, 4_400, 1_000, "immediate_or_cancel", False, 1_795_000_000, True, True, "g-1"
    )
    body = json.loads(order_wire.create_body(order))
    assert {name: body[name] for name in body.keys() - plain.keys()} == {
        "expiration_time": 1_795_000_000,
        "reduce_only": True,
        "cancel_order_on_pause": True,
        "order_group_id": "g-1",
    }
    assert body["time_in_force"] == "immediate_or_cancel"


def test_decrease_says_what_shall_remain() -> None:
    body = json.loads(order_wire.decrease_body(DecreaseOrder("c-1", "o", "A", 250)))
    assert body == {"reduce_to": "2.50", "market_ticker": "A"}
    reply = order_wire.decrease_reply(b'{"order_id":"o","remaining_count":"2.50","ts_ms":8}')
    assert (reply.order_id, reply.remaining_lots) == ("o", 250)


def test_items_of_a_batch_are_answered_one_by_one() -> None:
    orders = [CreateOrder(f"b-{number}", "A", 0, 4_400, 500) for number in (1, 2, 3)]
    data = b"""{"orders":[
        {"order_id":"o-1","client_order_id":"b-1","fill_count":"0.00","remaining_count":"5.00","ts_ms":7},
        {"client_order_id":"b-2","error":{"code":"invalid_price","message":"invalid price"}},
        {"error":"too many requests"}]}"""
    assert order_wire.batch_create_reply(data, orders) == [
        CreateReply("b-1", "o-1", 0, 500, 7),
        Refusal("b-2", "invalid_price", "invalid price"),
        Refusal("b-3", "", "too many requests"),
    ]
    assert len(json.loads(order_wire.batch_create_body(orders))["orders"]) == 3


def test_batch_cancel_names_the_market_of_each_order() -> None:
    cancels = [CancelOrder("c-1", "o-1", "A"), CancelOrder("c-2", "o-2", "B")]
    assert json.loads(order_wire.batch_cancel_body(cancels))["orders"][1] == {
        "order_id": "o-2",
        "market_ticker": "B",
    }
    data = b"""{"orders":[{"order_id":"o-1","reduced_by":"5.00","ts_ms":7},
        {"order_id":"o-2","reduced_by":"0.00","error":{"code":"not_found","message":"gone"}}]}"""
    assert order_wire.batch_cancel_reply(data, cancels) == [
        CancelReply("o-1", 500, 7),
        Refusal("c-2", "not_found", "gone"),
    ]


def test_group_limits_are_text() -> None:
    assert json.loads(order_wire.limit_body(10_050)) == {"contracts_limit_fp": "100.50"}
    assert order_wire.created_group(b'{"order_group_id":"g-1","subaccount":3}') == CreatedGroup(
        "g-1", 3, 0
    )
    with pytest.raises(DecodeError):
        order_wire.created_group(b"{}")
