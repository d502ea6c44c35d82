"""Orders and fills with all that lists say of them."""

import msgspec

from core.kalshi.order_records import FillRow, OrderRow, fill_record, order_record
from core.kalshi.reports import fill, order

ORDER = {
    "order_id": "o-1",
    "client_order_id": "c-1",
    "ticker": "A",
    "side": "yes",
    "action": "buy",
    "outcome_side": "yes",
    "book_side": "bid",
    "status": "resting",
    "yes_price_dollars": "0.4400",
    "no_price_dollars": "0.5600",
    "initial_count_fp": "10.00",
    "fill_count_fp": "2.50",
    "remaining_count_fp": "7.50",
    "created_time": "2026-05-11T05:37:43Z",
    "last_update_time": "2026-05-11T05:37:44Z",
}
MORE = {
    "user_id": "u-1",
    "type": "limit",
    "taker_fill_cost_dollars": "0.8800",
    "maker_fill_cost_dollars": "0.2200",
    "taker_fees_dollars": "0.034500",
    "maker_fees_dollars": "0.000100",
    "expiration_time": "2026-05-11T06:00:00Z",
    "self_trade_prevention_type": "maker",
    "order_group_id": "g-1",
    "cancel_order_on_pause": True,
    "subaccount_number": 3,
    "exchange_index": 1,
}
FILL = {
    "trade_id": "t-1",
    "order_id": "o-1",
    "client_order_id": "c-1",
    "ticker": "A",
    "market_ticker": "A",
    "side": "yes",
    "action": "buy",
    "outcome_side": "yes",
    "book_side": "bid",
    "count_fp": "2.50",
    "yes_price_dollars": "0.4400",
    "no_price_dollars": "0.5600",
    "is_taker": True,
    "fee_cost": "0.034500",
    "created_time": "2026-05-11T05:37:43Z",
    "ts": 1_778_477_863,
}


def test_an_order_keeps_every_member_of_its_row() -> None:
    row = msgspec.convert(ORDER | MORE, OrderRow)
    record = order_record(row)
    assert record.report == order(row)
    assert (record.report.order_id, record.report.remaining_lots) == ("o-1", 750)
    assert (record.user_id, record.kind) == ("u-1", "limit")
    assert (record.taker_cost_micros, record.maker_cost_micros) == (880_000, 220_000)
    assert (record.taker_fees_micros, record.maker_fees_micros) == (34_500, 100)
    assert (record.created_ms, record.expires_ms) == (1_778_477_863_000, 1_778_479_200_000)
    assert (record.self_trade_prevention, record.order_group_id) == ("maker", "g-1")
    assert record.is_canceled_on_pause
    assert (record.subaccount, record.exchange_index) == (3, 1)


def test_what_a_row_leaves_out_is_none_of_it() -> None:
    record = order_record(msgspec.convert(ORDER, OrderRow))
    assert (record.expires_ms, record.self_trade_prevention, record.order_group_id) == (0, "", "")
    assert (record.is_canceled_on_pause, record.subaccount, record.exchange_index) == (False, 0, 0)
    assert (record.taker_cost_micros, record.maker_fees_micros) == (0, 0)


def test_a_fill_is_named_by_its_own_id_or_else_by_its_trade() -> None:
    named = msgspec.convert(FILL | {"fill_id": "f-1", "subaccount_number": 2}, FillRow)
    assert fill_record(named).report == fill(named)
    assert (fill_record(named).fill_id, fill_record(named).subaccount) == ("f-1", 2)
    of_old = msgspec.convert(FILL, FillRow)
    assert (fill_record(of_old).fill_id, fill_record(of_old).subaccount) == ("t-1", 0)
