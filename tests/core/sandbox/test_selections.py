from dataclasses import replace
from typing import Any

import pytest

from core.sandbox.archive import Archive
from core.sandbox.errors import ApiError
from core.sandbox.selections import Selections
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import


@pytest.fixture
def selections(floor: Floor) -> Selections:
    return Selections(floor.exchange, Archive(floor.exchange))


def test_orders_come_newest_first_whatever_the_status(floor: Floor, selections: Selections) -> None:
    placed = [floor.place(floor.ann, "bid", f"0.{tens}000", "1.00") for tens in (3, 1, 2)]
    for query in ({"status": "resting"}, {}):
        found = selections.orders([floor.ann], query, "GetOrders", is_old=False)
        assert list(found) == placed[::-1]
    assert list(selections.orders([floor.bob], {}, "GetOrders", is_old=False)) == []


def test_fills_of_one_order(floor: Floor, selections: Selections) -> None:
    floor.crowd(Side.ASK, 4_000, 300)
    orders = [floor.place(floor.ann, "bid", "0.4000", "1.00") for _ in range(2)]
    query = {"order_id": orders[0].order_id}
    (fill,) = selections.fills([floor.ann], query, "GetFills", is_old=False)
    assert fill.order is orders[0]
    found = list(selections.fills([floor.ann], {}, "GetFills", is_old=False))
    assert [each.order for each in found] == orders[::-1]
    assert list(selections.fills([floor.ann], {}, "GetFills", is_old=True)) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"count_filter": "position"}, 0),
        ({"count_filter": "total_traded"}, 1),
        ({"count_filter": "position,total_traded"}, 0),
        ({"settlement_status": "settled"}, 0),
        ({"settlement_status": "all"}, 1),
        ({"event_ticker": "KXNO"}, 0),
    ],
)
def test_a_closed_position_is_found_by_what_it_traded(
    floor: Floor, selections: Selections, query: dict[str, str], count: int
) -> None:
    floor.crowd(Side.ASK, 4_000, 100)
    floor.crowd(Side.BID, 3_900, 100)
    floor.place(floor.ann, "bid", "0.4000", "1.00")
    floor.place(floor.ann, "ask", "0.3900", "1.00")
    found = selections.positions(floor.ann, query, "GetPositions", is_old=False)
    assert len(found) == count


@pytest.mark.parametrize(
    "query", [{"count_filter": "resting_orders"}, {"settlement_status": "paid"}]
)
def test_unknown_words_are_refused(
    floor: Floor, selections: Selections, query: dict[str, str]
) -> None:
    with pytest.raises(ApiError) as error:
        selections.positions(floor.ann, query, "GetPositions", is_old=False)
    assert set(error.value.body) == {"msg"}


def test_trades_are_live_or_old(floor: Floor, selections: Selections) -> None:
    floor.exchange.rules = replace(floor.exchange.rules, live_data_ms=1_000)
    for pause_ms in (2_000, 0):
        floor.crowd(Side.ASK, 4_000, 100)
        floor.crowd(Side.BID, 4_000, 100)
        floor.exchange.advance(floor.exchange.now_ms + pause_ms)
    (live,) = selections.trades({}, "GetTrades", is_old=False)
    (old,) = selections.trades({"ticker": floor.listing.ticker}, "GetTrades", is_old=True)
    assert live.serial > old.serial
    assert list(selections.trades({"ticker": "NONE"}, "GetTrades", is_old=True)) == []
    assert list(selections.trades({"is_block_trade": "true"}, "GetTrades", is_old=False)) == []
