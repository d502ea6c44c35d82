from typing import Any

from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.sandbox import rest_views
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import
Maker = Any

ORDER = [
    "order_id",
    "user_id",
    "client_order_id",
    "ticker",
    "outcome_side",
    "book_side",
    "type",
    "status",
    "yes_price_dollars",
    "no_price_dollars",
    "fill_count_fp",
    "remaining_count_fp",
    "initial_count_fp",
    "taker_fill_cost_dollars",
    "maker_fill_cost_dollars",
    "taker_fees_dollars",
    "maker_fees_dollars",
]
FILL = [
    "fill_id",
    "exchange_index",
    "trade_id",
    "order_id",
    "ticker",
    "market_ticker",
    "outcome_side",
    "book_side",
    "count_fp",
    "yes_price_dollars",
    "no_price_dollars",
    "is_taker",
    "fee_cost",
]
POSITION = [
    "ticker",
    "exchange_index",
    "total_traded_dollars",
    "position_fp",
    "market_exposure_dollars",
    "realized_pnl_dollars",
    "fees_paid_dollars",
    "last_updated_ts",
]


def test_required_members(floor: Floor) -> None:
    floor.crowd(Side.BID, 4_000, 100)
    order = floor.place(floor.ann, "ask", "0.4000", "1.00")
    view = rest_views.order_view(floor.ann, order)
    assert set(ORDER) <= set(view)
    assert (view["outcome_side"], view["side"], view["action"]) == ("no", "yes", "sell")
    assert set(FILL) <= set(rest_views.fill_view(floor.ann.fills[0]))
    position = rest_views.position_view(floor.ann.position(order.ticker))
    assert set(POSITION) <= set(position)
    assert position["position_fp"] == "-1.00"


def test_settled_market_shows_its_payout(floor: Floor) -> None:
    floor.life.determine(floor.listing, "yes")
    floor.life.settle(floor.listing)
    view = rest_views.market_view(floor.listing, floor.exchange.now_ms)
    assert (view["status"], view["result"]) == ("finalized", "yes")
    assert view["settlement_value_dollars"] == "1.0000"
    assert "settlement_ts" in view


def test_tick_structure_has_its_name(floor_of: Maker) -> None:
    tapered = floor_of(price_ranges=TAPERED_DECI_CENT_RANGES)
    view = rest_views.market_view(tapered.listing, 0)
    assert view["price_level_structure"] == "tapered_deci_cent"
    assert isinstance(view["price_ranges"], list)
    assert view["price_ranges"][0] == {"start": "0.0000", "end": "0.1000", "step": "0.0010"}
