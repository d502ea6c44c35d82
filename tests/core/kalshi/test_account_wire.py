"""Settlements, queue places and groups as the exchange writes them."""

from core.kalshi import account_wire
from core.kalshi.account_wire import OrderGroup, QueuePosition, Settlement
from core.kalshi.rest_wire import parse


def test_settlement_cents_become_micros_and_pips() -> None:
    data = b"""{"cursor":"","settlements":[{"ticker":"A","event_ticker":"E","exchange_index":0,
     "market_result":"scalar","yes_count_fp":"4.00","yes_total_cost_dollars":"1.760000",
     "no_count_fp":"0.00","no_total_cost_dollars":"0.000000","revenue":148,"value":37,
     "fee_cost":"0.069000","settled_time":"2026-12-01T16:00:00Z"}]}"""
    (row,) = parse(data, account_wire.SettlementsPage).settlements
    assert account_wire.settlement(row) == Settlement(
        "A", "E", "scalar", 400, 1_760_000, 0, 0, 1_480_000, 69_000, 1_796_140_800_000, 3_700
    )
    row.value = None
    assert account_wire.settlement(row).yes_pips is None


def test_absent_lists_are_empty() -> None:
    assert account_wire.groups(parse(b"{}", account_wire.GroupsReply)) == []
    assert account_wire.queue_positions(parse(b"{}", account_wire.QueuePositionsReply)) == []


def test_queue_places_and_groups() -> None:
    data = b"""{"queue_positions":[{"order_id":"o","market_ticker":"A",
     "queue_position_fp":"120.00"}]}"""
    listed = account_wire.queue_positions(parse(data, account_wire.QueuePositionsReply))
    assert listed == [QueuePosition("o", "A", 12_000)]
    data = b"""{"order_groups":[{"id":"g","is_auto_cancel_enabled":false}]}"""
    assert account_wire.groups(parse(data, account_wire.GroupsReply)) == [
        OrderGroup("g", None, False)
    ]
    data = b"""{"is_auto_cancel_enabled":true,"contracts_limit_fp":"100.00","orders":["o"]}"""
    assert account_wire.group("g", parse(data, account_wire.GroupReply)) == OrderGroup(
        "g", 10_000, True, ("o",)
    )
