"""What an order may carry and its answers may say, by a script over a real local exchange."""

import json
from typing import Any

import pytest

from core.errors import RejectedError
from core.kalshi import order_wire
from core.kalshi.queries import FillQuery, OrderQuery, PositionQuery, SettlementQuery
from core.kalshi.requests import (
    AmendOrder,
    CancelOrder,
    CreateOrder,
    CreateReply,
    DecreaseOrder,
)

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


def test_account_and_shard_stand_where_the_protocol_has_them() -> None:
    routed: dict[str, Any] = {"subaccount": 3, "exchange_index": -1}
    create = json.loads(order_wire.create_body(CreateOrder("c", "A", 0, 4_400, 100, **routed)))
    assert (create["subaccount"], create["exchange_index"]) == (3, -1)
    amend = AmendOrder("c", "o", "A", 0, 4_400, 100, **routed)
    body = json.loads(order_wire.amend_body(amend))
    assert body["exchange_index"] == -1
    assert "subaccount" not in body
    assert order_wire.query(amend) == {"subaccount": "3"}
    decrease = DecreaseOrder("c", "o", "A", 100, **routed)
    body = json.loads(order_wire.decrease_body(decrease))
    assert body == {"reduce_to": "1.00", "market_ticker": "A", "exchange_index": -1}
    assert order_wire.query(decrease) == {"subaccount": "3"}
    cancel = CancelOrder("c", "o", "A", **routed)
    assert order_wire.query(cancel) == {
        "market_ticker": "A",
        "subaccount": "3",
        "exchange_index": "-1",
    }
    assert json.loads(order_wire.batch_cancel_body([cancel])) == {
        "orders": [{"order_id": "o", "market_ticker": "A", "subaccount": 3, "exchange_index": -1}]
    }
    assert json.loads(order_wire.group_body(100, 0, 0)) == {
        "contracts_limit_fp": "1.00",
        "subaccount": 0,
        "exchange_index": 0,
    }


def test_an_amend_says_what_shall_become_of_the_expiry() -> None:
    kept = json.loads(order_wire.amend_body(AmendOrder("c", "o", "A", 0, 4_400, 100)))
    assert "expiration_time" not in kept
    removed = AmendOrder("c", "o", "A", 0, 4_400, 100, expires_s=0, updated_client_order_id="d")
    body = json.loads(order_wire.amend_body(removed))
    assert (body["expiration_time"], body["updated_client_order_id"]) == (0, "d")


async def test_an_order_in_a_subaccount_is_changed_there_only(user: ScriptUser) -> None:
    number = user.open_subaccount()
    order = await user.place(0, 3_000, 300, subaccount=number)
    (listed,) = await user.rest.order_records(OrderQuery(subaccount=number))
    assert (listed.report.order_id, listed.subaccount) == (order.order_id, number)
    assert await user.rest.orders(OrderQuery(subaccount=0)) == []
    at = {"subaccount": number, "exchange_index": 0}
    amend = AmendOrder("c", order.order_id, user.ticker, 0, 3_100, 300)
    decrease = DecreaseOrder("c", order.order_id, user.ticker, 100)
    cancel = CancelOrder("c", order.order_id, user.ticker)
    with pytest.raises(RejectedError, match="404"):
        await user.orders.amend_order(amend)
    with pytest.raises(RejectedError, match="404"):
        await user.orders.decrease_order(decrease)
    with pytest.raises(RejectedError, match="404"):
        await user.orders.cancel_order(cancel)
    amend = AmendOrder("c", order.order_id, user.ticker, 0, 3_100, 300, **at)
    assert (await user.orders.amend_order(amend)).client_order_id == "script-1"
    decrease = DecreaseOrder("c", order.order_id, user.ticker, 100, **at)
    assert (await user.orders.decrease_order(decrease)).remaining_lots == 100
    cancel = CancelOrder("c", order.order_id, user.ticker, **at)
    canceled = await user.orders.cancel_order(cancel)
    assert (canceled.reduced_lots, canceled.client_order_id) == (100, "script-1")


async def test_batches_name_the_account_of_each_item(user: ScriptUser) -> None:
    number = user.open_subaccount()
    placed = await user.orders.create_orders(
        [user.order(0, 3_000, 100), user.order(0, 3_000, 100, subaccount=number)]
    )
    assert [type(reply) for reply in placed] == [CreateReply, CreateReply]
    (first,) = await user.rest.orders(OrderQuery(subaccount=0))
    (second,) = await user.rest.orders(OrderQuery(subaccount=number))
    cancels = [
        CancelOrder("script-1", first.order_id, user.ticker, subaccount=0),
        CancelOrder("script-2", second.order_id, user.ticker, subaccount=number),
    ]
    canceled = await user.orders.cancel_orders(cancels)
    assert [reply.reduced_lots for reply in canceled] == [100, 100]


async def test_cancel_all_of_one_account_leaves_the_others(user: ScriptUser) -> None:
    number = user.open_subaccount()
    await user.place(0, 3_000, 100)
    await user.place(0, 3_000, 100, subaccount=number)
    await user.orders.cancel_all(number)
    (left,) = await user.rest.order_records(OrderQuery(status="resting"))
    assert left.subaccount == 0
    await user.orders.cancel_all()
    assert await user.rest.orders(OrderQuery(status="resting")) == []


async def test_a_group_belongs_to_its_account(user: ScriptUser) -> None:
    number = user.open_subaccount()
    group = await user.orders.create_group(1_000, subaccount=number, exchange_index=0)
    assert (group.subaccount, group.exchange_index) == (number, 0)
    assert await user.rest.order_groups(subaccount=0) == []
    (listed,) = await user.rest.order_groups(subaccount=number)
    assert (listed.group_id, listed.limit_lots, listed.exchange_index) == (group.group_id, 1_000, 0)
    order = await user.place(0, 3_000, 100, subaccount=number, order_group_id=group.group_id)
    at = (group.group_id, number)
    assert (await user.rest.order_group(*at)).order_ids == (order.order_id,)
    with pytest.raises(RejectedError, match="404"):
        await user.orders.trigger_group(group.group_id)
    await user.orders.trigger_group(*at)
    assert (await user.rest.order(order.order_id)).status == "canceled"
    await user.orders.reset_group(*at)
    await user.orders.limit_group(group.group_id, 500, number)
    assert (await user.rest.order_group(*at)).limit_lots == 500
    await user.orders.delete_group(*at)
    assert await user.rest.order_groups() == []


async def test_which_own_order_gives_way_is_the_orders_own_word(user: ScriptUser) -> None:
    resting = await user.place(1, 5_000, 100)
    coming = await user.place(0, 5_000, 100)
    assert (coming.filled_lots, coming.remaining_lots) == (0, 0), "the coming one is cut"
    winner = await user.place(0, 5_000, 100, self_trade_prevention="maker")
    assert winner.remaining_lots == 100
    record = await user.rest.order_record(resting.order_id)
    assert (record.report.status, record.self_trade_prevention) == ("canceled", "taker_at_cross")
    assert (await user.rest.order_record(winner.order_id)).self_trade_prevention == "maker"


async def test_an_amend_moves_removes_and_keeps_the_expiry(user: ScriptUser) -> None:
    first_s = user.now_ms // 1000 + 3_600
    order = await user.place(0, 3_000, 100, expires_s=first_s, cancel_on_pause=True)

    async def amended(price_pips: int, expires_s: int | None) -> int:
        request = AmendOrder(
            "c", order.order_id, user.ticker, 0, price_pips, 100, expires_s=expires_s
        )
        await user.orders.amend_order(request)
        record = await user.rest.order_record(order.order_id)
        assert (record.report.price_pips, record.is_canceled_on_pause) == (price_pips, True)
        return int(record.expires_ms)

    assert await amended(3_100, None) == first_s * 1000
    assert await amended(3_200, first_s + 60) == (first_s + 60) * 1000
    assert await amended(3_300, 0) == 0


async def test_an_amended_client_order_id_is_new_and_the_old_one_spent(user: ScriptUser) -> None:
    order = await user.place(0, 3_000, 100)
    request = AmendOrder(
        "script-1", order.order_id, user.ticker, 0, 3_000, 100, updated_client_order_id="renamed"
    )
    assert (await user.orders.amend_order(request)).client_order_id == "renamed"
    assert (await user.rest.order(order.order_id)).client_order_id == "renamed"
    with pytest.raises(RejectedError) as caught:
        await user.orders.create_order(CreateOrder("script-1", user.ticker, 0, 3_000, 100))
    assert caught.value.code == "order_already_exists"


async def test_answers_say_what_a_contract_cost(user: ScriptUser) -> None:
    resting = await user.place(0, 3_000, 100)
    assert (resting.average_price_micros, resting.average_fee_micros) == (None, None)
    taken = await user.place(0, 6_000, 200)
    assert taken.average_price_micros == 600_000
    (fill,) = await user.rest.fill_records(FillQuery(order_id=taken.order_id))
    assert taken.average_fee_micros == fill.report.fee_micros // 2 > 0
    request = AmendOrder("c", resting.order_id, user.ticker, 0, 6_000, 300)
    amended = await user.orders.amend_order(request)
    assert (amended.filled_lots, amended.remaining_lots) == (300, 0)


async def test_records_say_all_that_lists_do(user: ScriptUser) -> None:
    order = await user.place(0, 6_000, 200)
    record = await user.rest.order_record(order.order_id)
    assert record.report == await user.rest.order(order.order_id)
    assert (record.kind, record.taker_cost_micros, record.maker_cost_micros) == (
        "limit",
        1_200_000,
        0,
    )
    assert record.created_ms == record.report.ts_ms == user.now_ms
    assert (record.expires_ms, record.order_group_id, record.exchange_index) == (0, "", 0)
    assert record.user_id == user.sandbox.exchange.accounts[1].user_id
    (fill,) = await user.rest.fill_records()
    assert [fill.report] == await user.rest.fills()
    assert record.taker_fees_micros == fill.report.fee_micros
    assert (fill.fill_id, fill.subaccount) == (fill.report.trade_id, 0)


async def test_holdings_and_cash_are_those_of_one_account(user: ScriptUser) -> None:
    number = user.open_subaccount(50_000_000)
    await user.place(0, 6_000, 200, subaccount=number)
    assert (await user.rest.holdings()).markets == ()
    own = await user.rest.holdings(PositionQuery(subaccount=number, with_position=True))
    (market,), (event,) = own.markets, own.events
    assert (market.ticker, market.position_lots, market.exchange_index) == (user.ticker, 200, 0)
    assert market.cost_micros == market.traded_micros == event.cost_micros == 1_200_000
    assert (event.event_ticker, event.traded_lots) == (user.event, 200)
    assert market.updated_ms == user.now_ms
    cash = await user.rest.cash(number)
    assert cash.available_micros == 50_000_000 - 1_200_000 - market.fees_micros
    assert cash.shards == {0: cash.available_micros}
    assert cash.portfolio_micros > 0
    assert cash.updated_ms == user.now_ms // 1000 * 1000
    user.settle("yes")
    (settled,) = await user.rest.settlements(SettlementQuery(subaccount=number))
    assert (settled.revenue_micros, settled.exchange_index) == (2_000_000, 0)
    assert await user.rest.settlements(SettlementQuery(subaccount=0)) == []
