from typing import Any

import pytest

from core.sandbox.errors import ApiError
from core.sandbox.order_bodies import AmendBody, DecreaseBody
from core.sandbox.orders import Order
from core.units import MICROS_PER_DOLLAR, Side

Floor = Any  # the class stands in conftest.py, which no test can import


BID, ASK = Side.BID, Side.ASK


def code(error: pytest.ExceptionInfo[ApiError]) -> tuple[int, object]:
    body: Any = error.value.body
    return error.value.status, body["error"]["code"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"time_in_force": None}, (400, "missing_parameters")),
        ({"self_trade_prevention_type": None}, (400, "missing_parameters")),
        ({"ticker": "KXNONE"}, (404, "not_found")),
        ({"price": "0.4050"}, (400, "invalid_price")),
        ({"price": "1.0000"}, (400, "invalid_price")),
        ({"price": "0.0000"}, (400, "invalid_price")),
        ({"price": "cheap"}, (400, "invalid_price")),
        ({"count": "0.00"}, (400, "invalid_order_size")),
        ({"count": "-1.00"}, (400, "invalid_order_size")),
        ({"count": "1.005"}, (400, "invalid_order_size")),
        ({"side": "yes"}, (400, "invalid_order")),
        ({"time_in_force": "day"}, (400, "invalid_order")),
        ({"self_trade_prevention_type": "none"}, (400, "invalid_order")),
        ({"client_order_id": "has space"}, (400, "invalid_order")),
        ({"client_order_id": "x" * 65}, (400, "invalid_order")),
        ({"reduce_only": True}, (400, "invalid_order")),
        ({"post_only": True, "time_in_force": "immediate_or_cancel"}, (400, "invalid_order")),
        ({"expiration_time": 1}, (400, "invalid_order")),
        ({"expiration_time": 10_000_000_000_000}, (400, "invalid_order")),
        ({"order_group_id": "g"}, (404, "not_found")),
        ({"count": "100000.00"}, (400, "insufficient_balance")),
    ],
)
def test_refuses(floor: Floor, fields: dict[str, Any], expected: tuple[int, str]) -> None:
    body = floor.body("bid", "0.4000", "1.00")
    for name, value in fields.items():
        setattr(body, name, value)
    with pytest.raises(ApiError) as error:
        floor.desk.create(floor.ann, body)
    assert code(error) == expected
    assert not floor.ann.orders


def test_state_comes_before_price_and_price_before_count(floor: Floor) -> None:
    body = floor.body("bid", "0.4050", "0.00")
    with pytest.raises(ApiError) as error:
        floor.desk.create(floor.ann, body)
    assert code(error) == (400, "invalid_price")
    floor.life.close(floor.listing)
    with pytest.raises(ApiError) as error:
        floor.desk.create(floor.ann, body)
    assert code(error) == (409, "market_closed")


def test_limit_order_rests_partly(floor: Floor) -> None:
    floor.crowd(ASK, 4_000, 400)
    order = floor.place(floor.ann, "bid", "0.4400", "10.00")
    assert (order.filled_lots, order.remaining_lots, order.status) == (400, 600, "resting")
    assert order.taker_cost_micros == 4_000 * 400
    assert floor.listing.book.best(BID) == (4_400, 600)


def test_ioc_remainder_is_canceled(floor: Floor) -> None:
    floor.crowd(ASK, 4_000, 400)
    order = floor.place(floor.ann, "bid", "0.4400", "10.00", time_in_force="immediate_or_cancel")
    assert (order.filled_lots, order.remaining_lots, order.status) == (400, 0, "canceled")
    assert floor.listing.book.best(BID) is None
    assert floor.ann.held_micros == 0


def test_killed_fok_spends_its_client_id(floor: Floor) -> None:
    floor.crowd(ASK, 4_000, 400)
    body = floor.body("bid", "0.4400", "10.00", time_in_force="fill_or_kill")
    with pytest.raises(ApiError) as error:
        floor.desk.create(floor.ann, body)
    assert code(error) == (409, "fill_or_kill_insufficient_resting_volume")
    assert floor.listing.book.best(ASK) == (4_000, 400)
    body.time_in_force = "good_till_canceled"
    with pytest.raises(ApiError) as error:
        floor.desk.create(floor.ann, body)
    assert code(error) == (409, "order_already_exists")


def test_client_id_is_never_free_again(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "1.00", client_order_id="once")
    floor.desk.cancel(floor.ann, order.order_id)
    with pytest.raises(ApiError) as error:
        floor.place(floor.ann, "bid", "0.4000", "1.00", client_order_id="once")
    assert code(error) == (409, "order_already_exists")
    assert floor.place(floor.bob, "bid", "0.4000", "1.00", client_order_id="once").remaining_lots


def test_post_only_that_crosses_is_refused(floor: Floor) -> None:
    floor.crowd(ASK, 4_000, 400)
    with pytest.raises(ApiError) as error:
        floor.place(floor.ann, "bid", "0.4000", "1.00", post_only=True)
    assert code(error) == (400, "invalid_order")
    assert floor.place(floor.ann, "bid", "0.3900", "1.00", post_only=True).status == "resting"


def test_self_trade_taker_at_cross_stops_there(floor: Floor) -> None:
    own = floor.place(floor.ann, "ask", "0.5000", "1.00")
    floor.crowd(ASK, 4_900, 100)
    order = floor.place(floor.ann, "bid", "0.5000", "3.00")
    assert (order.filled_lots, order.remaining_lots) == (100, 0)
    assert (order.status, order.reason) == ("canceled", "SelfTradeCancel")
    assert own.status == "resting"


def test_self_trade_maker_cancels_the_resting_order(floor: Floor) -> None:
    own = floor.place(floor.ann, "ask", "0.5000", "1.00")
    floor.crowd(ASK, 5_000, 100)
    order = floor.place(floor.ann, "bid", "0.5000", "3.00", self_trade_prevention_type="maker")
    assert (own.status, own.reason, own.remaining_lots) == ("canceled", "SelfTradeCancel", 0)
    assert (order.filled_lots, order.remaining_lots) == (100, 200)
    assert list(floor.ann.resting[floor.listing.ticker].values()) == [order]


def test_cancel_twice_is_not_found(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "2.00")
    assert floor.desk.cancel(floor.ann, order.order_id) == (order, 200)
    for account in (floor.ann, floor.bob):
        with pytest.raises(ApiError) as error:
            floor.desk.cancel(account, order.order_id)
        assert code(error) == (404, "not_found")


def amend(floor: Floor, order: Order, price: str, count: str, **fields: object) -> tuple[int, bool]:
    body = AmendBody(ticker=order.ticker, side="bid", price=price, count=count, **fields)
    return floor.desk.amend(floor.ann, order.order_id, body)[1:]  # type: ignore[no-any-return]


def test_amend_keeps_its_place_only_when_it_shrinks(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00")
    floor.crowd(BID, 4_000, 100)
    book = floor.listing.book
    assert amend(floor, order, "0.4000", "3.00") == (0, True)
    assert book.queue_ahead_lots(order) == 0
    assert amend(floor, order, "0.4000", "4.00") == (0, True)
    assert book.queue_ahead_lots(order) == 100
    floor.crowd(BID, 4_100, 100)
    assert amend(floor, order, "0.4100", "4.00") == (0, False)
    assert book.queue_ahead_lots(order) == 100


def test_amend_count_is_the_total(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00")
    floor.crowd(ASK, 4_000, 200)
    assert amend(floor, order, "0.4000", "3.00") == (0, True)
    assert (order.filled_lots, order.remaining_lots, order.initial_lots) == (200, 100, 300)


def test_amend_may_fill(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00")
    floor.crowd(ASK, 4_500, 200)
    assert amend(floor, order, "0.4500", "5.00") == (200, True)
    assert order.remaining_lots == 300
    assert floor.ann.held_micros == floor.ann.required_micros(order.ticker, [order], 7_000)


def test_amend_moves_the_client_id_and_burns_the_old(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00", client_order_id="old")
    amend(floor, order, "0.3900", "5.00", client_order_id="old", updated_client_order_id="new")
    assert order.client_order_id == "new"
    for used in ("old", "new"):
        with pytest.raises(ApiError) as error:
            floor.place(floor.ann, "bid", "0.4000", "1.00", client_order_id=used)
        assert code(error) == (409, "order_already_exists")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ticker": "KXOTHER"}, (400, "order_ticker_mismatch")),
        ({"side": "ask"}, (400, "order_side_mismatch")),
        ({"client_order_id": "else"}, (400, "order_id_and_client_order_id_mismatch")),
        ({"price": "0.405"}, (400, "invalid_price")),
        ({"count": "0.00"}, (400, "invalid_order_size")),
        ({"count": "9999.00"}, (400, "insufficient_balance")),
    ],
)
def test_amend_refuses(floor: Floor, fields: dict[str, str], expected: tuple[int, str]) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00")
    body = AmendBody(ticker=order.ticker, side="bid", price="0.3900", count="5.00")
    for name, value in fields.items():
        setattr(body, name, value)
    with pytest.raises(ApiError) as error:
        floor.desk.amend(floor.ann, order.order_id, body)
    assert code(error) == expected
    assert (order.price_pips, order.remaining_lots) == (4_000, 500)


def test_decrease_keeps_its_place_and_to_zero_cancels(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "5.00")
    floor.crowd(BID, 4_000, 100)
    floor.desk.decrease(floor.ann, order.order_id, DecreaseBody(reduce_by="2.00"))
    assert order.remaining_lots == 300
    assert floor.listing.book.queue_ahead_lots(order) == 0
    for body in (DecreaseBody(), DecreaseBody(reduce_by="1.00", reduce_to="1.00")):
        with pytest.raises(ApiError):
            floor.desk.decrease(floor.ann, order.order_id, body)
    floor.desk.decrease(floor.ann, order.order_id, DecreaseBody(reduce_to="0.00"))
    assert (order.status, order.reason) == ("canceled", "Decrease")


def test_expiry_cancels_at_its_second(floor: Floor) -> None:
    now_s = floor.exchange.now_ms // 1000
    order = floor.place(floor.ann, "bid", "0.4000", "5.00", expiration_time=now_s + 5)
    floor.exchange.advance((now_s + 5) * 1000 - 1)
    assert order.status == "resting"
    floor.exchange.advance((now_s + 9) * 1000)
    assert (order.status, order.reason) == ("canceled", "ExpiryCancel")
    assert order.updated_ms == (now_s + 5) * 1000


def test_amended_expiry_replaces_the_first(floor: Floor) -> None:
    now_s = floor.exchange.now_ms // 1000
    order = floor.place(floor.ann, "bid", "0.4000", "5.00", expiration_time=now_s + 5)
    amend(floor, order, "0.4000", "5.00", expiration_time=0)
    floor.exchange.advance((now_s + 60) * 1000)
    assert order.status == "resting"


def test_reduce_only_is_capped_at_the_position(floor: Floor) -> None:
    ioc = {"reduce_only": True, "time_in_force": "immediate_or_cancel"}
    with pytest.raises(ApiError) as error:
        floor.place(floor.ann, "ask", "0.4000", "9.00", **ioc)
    assert code(error) == (400, "invalid_order")
    floor.crowd(ASK, 4_000, 300)
    floor.place(floor.ann, "bid", "0.4000", "3.00")
    floor.crowd(BID, 3_900, 900)
    floor.place(floor.ann, "ask", "0.3900", "9.00", **ioc)
    assert floor.ann.lots(floor.listing.ticker) == 0


def test_resting_orders_hold_cash_back(free_floor: Floor) -> None:
    floor = free_floor
    floor.place(floor.ann, "bid", "0.4000", "10.00")
    floor.place(floor.ann, "ask", "0.7000", "10.00")
    assert floor.ann.held_micros == 7 * MICROS_PER_DOLLAR
    assert floor.ann.available_micros == 993 * MICROS_PER_DOLLAR
    with pytest.raises(ApiError) as error:
        floor.place(floor.ann, "bid", "0.5000", "1987.00")
    assert code(error) == (400, "insufficient_balance")
