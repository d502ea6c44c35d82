from typing import Any

import pytest

from core.sandbox.accounts import Account
from core.sandbox.portfolio_views import balance_view, position_view
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import

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
    position = position_view(floor.ann.position(order.ticker))
    assert set(POSITION) <= set(position)
    assert position["position_fp"] == "-1.00"


@pytest.mark.parametrize(
    ("micros", "cents", "dollars"),
    [
        (19_999, 1, "0.019999"),
        (9_900, 0, "0.0099"),
        (-9_900, 0, "-0.0099"),
        (-10_000, -1, "-0.0100"),
        (-19_999, -1, "-0.019999"),
    ],
)
def test_the_balance_in_cents_is_truncated_toward_zero(
    micros: int, cents: int, dollars: str
) -> None:
    view = balance_view(Account(1, "ann", micros), 0, 0)
    assert (view["balance"], view["balance_dollars"]) == (cents, dollars)
