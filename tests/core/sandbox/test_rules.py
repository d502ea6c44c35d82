from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.market.market import FeeSchedule
from core.sandbox import order_checks
from core.sandbox.commands import Session
from core.sandbox.errors import ApiError
from core.sandbox.group_desk import GroupDesk
from core.sandbox.order_bodies import AmendBody, DecreaseBody, GroupBody
from core.sandbox.rules import ExchangeRules
from core.units import MICROS_PER_DOLLAR, Side

Floor = Any  # the class stands in conftest.py, which no test can import
FloorOf = Callable[..., Floor]
Sink = Any  # likewise

CANCEL = ExchangeRules(post_only_cross="cancel")


def listen(floor: Floor, sink: Sink, *channels: str) -> None:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    names = ",".join(f'"{channel}"' for channel in channels)
    ticker = floor.listing.ticker
    session.receive(
        f'{{"id":1,"cmd":"subscribe","params":{{"channels":[{names}],"market_ticker":"{ticker}"}}}}'
    )
    sink.take()


def refused(floor: Floor, **order: str) -> tuple[int, str]:
    fields = {"side": "bid", "price": "0.4000", "count": "1.00"} | order
    with pytest.raises(ApiError) as caught:
        floor.place(floor.ann, **fields)
    return caught.value.status, caught.value.body["error"]["code"]


# A post-only order that would cross.


def test_a_crossing_post_only_order_is_accepted_and_canceled(floor_of: FloorOf, sink: Sink) -> None:
    floor = floor_of(rules=CANCEL)
    floor.crowd(Side.ASK, 4_000, 100)
    listen(floor, sink, "user_orders", "orderbook_delta")
    order = floor.place(floor.ann, "bid", "0.4000", "1.00", post_only=True)
    assert (order.status, order.filled_lots, order.remaining_lots) == ("canceled", 0, 0)
    (told,) = sink.take()
    assert told["msg"]["status"] == "canceled"
    assert told["msg"]["last_update_reason"] == "PostOnlyCrossCancel"
    assert floor.ann.held_micros == 0
    assert floor.listing.book.best(Side.ASK) == (4_000, 100)
    rests = floor.place(floor.ann, "bid", "0.3900", "1.00", post_only=True)
    assert rests.status == "resting"


def test_an_amend_that_makes_a_post_only_order_cross_cancels_it(floor_of: FloorOf) -> None:
    floor = floor_of(rules=CANCEL)
    floor.crowd(Side.ASK, 4_000, 100)
    order = floor.place(floor.ann, "bid", "0.3000", "2.00", post_only=True)
    body = AmendBody(ticker=order.ticker, side="bid", price="0.4000", count="2.00")
    assert floor.desk.amend(floor.ann, order.order_id, body) == (order, 0, True)
    assert (order.status, order.reason) == ("canceled", "PostOnlyCrossCancel")
    assert floor.listing.book.best(Side.BID) is None


# Money.


def test_balances_align_to_the_cent(floor_of: FloorOf) -> None:
    floor = floor_of(rules=ExchangeRules(precision_micros=10_000))
    floor.crowd(Side.ASK, 5_500, 100)
    floor.place(floor.ann, "bid", "0.5500", "1.00")
    assert floor.ann.cash_micros == 1_000 * MICROS_PER_DOLLAR - 570_000


def test_cent_accounts_hold_back_what_alignment_may_add(floor_of: FloorOf) -> None:
    floor = floor_of(cash=1, rules=ExchangeRules(precision_micros=10_000), fees=FeeSchedule(0, 0))
    for cents in (51, 52, 53):
        floor.crowd(Side.ASK, cents * 100, 63)
    taken = 0
    while True:
        try:
            floor.place(floor.ann, "bid", "0.5300", "0.03", time_in_force="immediate_or_cancel")
        except ApiError:
            break
        taken += 3
    assert 0 <= floor.ann.cash_micros < 40_000
    assert taken > 60


def test_without_reservation_the_balance_stays_but_covers_everything(floor_of: FloorOf) -> None:
    floor = floor_of(cash=10, rules=ExchangeRules(reserves_resting=False))
    floor.place(floor.ann, "bid", "0.4000", "20.00")
    assert floor.ann.available_micros == 10 * MICROS_PER_DOLLAR
    assert floor.ann.held_micros > 8 * MICROS_PER_DOLLAR
    assert refused(floor, count="30.00") == (400, "insufficient_balance")
    assert refused(floor, count="5.00") == (400, "insufficient_balance")
    floor.crowd(Side.ASK, 4_000, 2_000)
    assert floor.ann.available_micros == floor.ann.cash_micros == 2 * MICROS_PER_DOLLAR


# The order of messages.


def test_messages_of_a_match_are_shuffled_by_the_seed_and_each_channel_stays_in_order(
    floor_of: FloorOf, new_sink: Callable[[], Sink]
) -> None:
    orders = set()
    for _ in range(2):
        heard: list[str] = []
        floor = floor_of()
        sink = new_sink()
        listen(floor, sink, "orderbook_delta", "trade", "fill", "user_orders", "market_positions")
        for _ in range(8):
            for price in (4_000, 4_100, 4_200):
                floor.crowd(Side.ASK, price, 100)
            sink.take()
            floor.place(floor.ann, "bid", "0.4200", "3.00")
            messages = sink.take()
            heard.append(" ".join(message["type"] for message in messages))
            check_channels(messages)
        orders.add(tuple(heard))
        assert len(set(heard)) > 4
    assert len(orders) == 1  # one seed, one order


def check_channels(messages: list[dict[str, Any]]) -> None:
    by_type: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        by_type.setdefault(message["type"], []).append(message)
    prices = [m["msg"]["price_dollars"] for m in by_type["orderbook_delta"]]
    assert prices == ["0.6000", "0.5900", "0.5800"]
    traded = [m["msg"]["trade_id"] for m in by_type["trade"]]
    assert traded == [m["msg"]["trade_id"] for m in by_type["fill"]]
    positions = [float(m["msg"]["post_position_fp"]) for m in by_type["fill"]]
    assert positions == sorted(positions)
    assert len(set(positions)) == 3
    assert by_type["market_position"][0]["msg"]["position_fp"] == f"{positions[-1]:.2f}"
    for kind in ("orderbook_delta", "trade"):
        seqs = [m["seq"] for m in by_type[kind]]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_a_fixed_order_is_always_the_same(floor_of: FloorOf, sink: Sink) -> None:
    floor = floor_of(rules=ExchangeRules(event_order="fixed"))
    listen(floor, sink, "orderbook_delta", "trade", "fill", "user_orders", "market_positions")
    for _ in range(5):
        floor.crowd(Side.ASK, 4_000, 100)
        sink.take()
        floor.place(floor.ann, "bid", "0.4000", "1.00")
        assert [message["type"] for message in sink.take()] == [
            "trade",
            "fill",
            "orderbook_delta",
            "user_order",
            "market_position",
        ]


def test_a_group_is_triggered_before_its_cancels(floor_of: FloorOf, sink: Sink) -> None:
    floor = floor_of()
    desk = GroupDesk(floor.exchange)
    listen(floor, sink, "order_group_updates", "user_orders", "fill")
    for _ in range(8):
        group = desk.create(floor.ann, GroupBody(contracts_limit=1))
        other = floor.place(floor.ann, "bid", "0.1000", "1.00", order_group_id=group.group_id)
        floor.crowd(Side.ASK, 4_000, 200)
        sink.take()
        floor.place(floor.ann, "bid", "0.4000", "2.00", order_group_id=group.group_id)
        told = [m["msg"].get("event_type") or m["msg"].get("status") for m in sink.take()]
        assert other.status == "canceled"
        assert told[-2:] == ["triggered", "canceled"]


# The price scale of a subscription that does not say.


@pytest.mark.parametrize(("default", "price"), [(False, "0.6000"), (True, "0.4000")])
def test_the_price_scale_nobody_asked_for(
    floor_of: FloorOf, sink: Sink, default: bool, price: str
) -> None:
    floor = floor_of(rules=ExchangeRules(use_yes_price=default))
    listen(floor, sink, "orderbook_delta")
    floor.crowd(Side.ASK, 4_000, 100)
    (delta,) = sink.take("orderbook_delta")
    assert delta["msg"]["price_dollars"] == price


# Pauses.


def test_a_trading_pause_leaves_only_cancels(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.3000", "2.00")
    floor.exchange.pause("trading")
    paused = (409, "trading_is_paused")
    assert refused(floor) == paused
    amend = AmendBody(ticker=order.ticker, side="bid", price="0.2000", count="2.00")
    for change in (
        lambda: floor.desk.amend(floor.ann, order.order_id, amend),
        lambda: floor.desk.decrease(floor.ann, order.order_id, DecreaseBody(reduce_to="1.00")),
    ):
        with pytest.raises(ApiError) as caught:
            change()
        assert caught.value.body["error"]["code"] == "trading_is_paused"
    floor.desk.cancel(floor.ann, order.order_id)
    assert order.status == "canceled"
    floor.exchange.resume()
    assert floor.place(floor.ann, "bid", "0.3000", "1.00").status == "resting"


def test_a_pause_of_the_exchange_refuses_cancels_too(floor: Floor) -> None:
    groups = GroupDesk(floor.exchange)
    group = groups.create(floor.ann, GroupBody(contracts_limit=1))
    order = floor.place(floor.ann, "bid", "0.3000", "2.00", order_group_id=group.group_id)
    floor.exchange.pause("exchange", floor.exchange.now_ms + 1_000)
    for change in (
        lambda: floor.desk.cancel(floor.ann, order.order_id),
        lambda: floor.desk.cancel_all(floor.ann),
        lambda: groups.trigger(floor.ann, group.group_id),
        lambda: groups.delete(floor.ann, group.group_id),
        lambda: groups.create(floor.ann, GroupBody(contracts_limit=1)),
    ):
        with pytest.raises(ApiError) as caught:
            change()
        assert caught.value.status == 409
    assert order.status == "resting"
    floor.exchange.advance(floor.exchange.now_ms + 1_000)
    floor.desk.cancel(floor.ann, order.order_id)


def test_a_pause_cancels_the_orders_that_ask_for_it(floor: Floor, sink: Sink) -> None:
    stays = floor.place(floor.ann, "bid", "0.3000", "2.00")
    goes = floor.place(floor.ann, "bid", "0.3000", "2.00", cancel_order_on_pause=True)
    listen(floor, sink, "user_orders", "orderbook_delta")
    floor.exchange.pause()
    assert (stays.status, goes.status, goes.reason) == ("resting", "canceled", "HaltCancel")
    told = {message["type"]: message["msg"] for message in sink.take()}
    assert told["user_order"]["last_update_reason"] == "HaltCancel"
    assert told["orderbook_delta"]["delta_fp"] == "-2.00"


def test_the_hours_of_the_week_are_kept(floor: Floor) -> None:
    exchange = floor.exchange
    exchange.keep_hours()
    begins_ms = 1_778_742_000_000  # Thursday 14 May 2026, 3:00 in New York
    goes = floor.place(floor.ann, "bid", "0.3000", "2.00", cancel_order_on_pause=True)
    exchange.advance(begins_ms - 1)
    assert goes.status == "resting"
    for week in range(2):
        shift_ms = week * 7 * 86_400_000
        exchange.advance(begins_ms + shift_ms)
        assert goes.reason == "HaltCancel"
        assert refused(floor) == (409, "trading_is_paused")
        assert exchange.pauses.resume_ms(exchange.now_ms) == begins_ms + shift_ms + 7_200_000
        exchange.advance(begins_ms + shift_ms + 7_200_000)
        assert floor.place(floor.ann, "bid", "0.3000", "1.00").status == "resting"


def test_an_exchange_that_starts_within_the_pause_is_paused(floor: Floor) -> None:
    floor.exchange.advance(1_778_742_000_000 + 1)
    assert floor.exchange.pauses.is_trading(floor.exchange.now_ms)
    floor.exchange.keep_hours()
    assert not floor.exchange.pauses.is_trading(floor.exchange.now_ms)


# Limits of an account.


def test_open_orders_are_limited(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_checks, "MOST_OPEN_ORDERS", 2)
    first, _ = (floor.place(floor.ann, "bid", "0.3000", "1.00") for _ in range(2))
    assert refused(floor, price="0.3000") == (400, "invalid_order")
    immediate = floor.place(floor.ann, "bid", "0.3000", "1.00", time_in_force="immediate_or_cancel")
    assert immediate.status == "canceled"
    floor.desk.cancel(floor.ann, first.order_id)
    assert floor.place(floor.ann, "bid", "0.3000", "1.00").status == "resting"


def test_rules_may_change_while_the_exchange_runs(floor: Floor) -> None:
    floor.crowd(Side.ASK, 4_000, 100)
    assert refused(floor, post_only=True) == (400, "invalid_order")
    floor.exchange.rules = replace(floor.exchange.rules, post_only_cross="cancel")
    assert floor.place(floor.ann, "bid", "0.4000", "1.00", post_only=True).status == "canceled"
