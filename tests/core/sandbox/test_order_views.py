from typing import Any

from core.sandbox.order_views import fill_view, order_view
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import

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


def test_required_members(floor: Floor) -> None:
    floor.crowd(Side.BID, 4_000, 100)
    order = floor.place(floor.ann, "ask", "0.4000", "1.00")
    view = order_view(floor.ann, order)
    assert set(ORDER) <= set(view)
    assert (view["outcome_side"], view["side"], view["action"]) == ("no", "yes", "sell")
    assert set(FILL) <= set(fill_view(floor.ann.fills[0]))
