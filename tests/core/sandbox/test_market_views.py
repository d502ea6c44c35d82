from typing import Any

from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.sandbox.market_views import market_view

Floor = Any  # the class stands in conftest.py, which no test can import
Maker = Any


def test_settled_market_shows_its_payout(floor: Floor) -> None:
    floor.life.determine(floor.listing, "yes")
    floor.life.settle(floor.listing)
    view = market_view(floor.listing, floor.exchange.now_ms)
    assert (view["status"], view["result"]) == ("finalized", "yes")
    assert view["settlement_value_dollars"] == "1.0000"
    assert "settlement_ts" in view


def test_tick_structure_has_its_name(floor_of: Maker) -> None:
    tapered = floor_of(price_ranges=TAPERED_DECI_CENT_RANGES)
    view = market_view(tapered.listing, 0)
    assert view["price_level_structure"] == "tapered_deci_cent"
    assert isinstance(view["price_ranges"], list)
    assert view["price_ranges"][0] == {"start": "0.0000", "end": "0.1000", "step": "0.0010"}
