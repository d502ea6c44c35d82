from typing import Any

from core.market.market import FeeSchedule
from core.sandbox.catalogue_views import (
    event_fee_change_view,
    event_metadata_view,
    event_view,
    series_fee_change_view,
    series_view,
)
from core.sandbox.fee_changes import FeeChange

Floor = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
HALF = FeeChange("id", "KXT", "KXT-26MAY11", "quadratic", 500, 1_778_477_863_000)
CLEARED = FeeChange("id", "KXT", "KXT-26MAY11", None, 500, 1_778_477_863_000)


def test_an_event_shows_only_fees_of_its_own(floor: Floor) -> None:
    assert "fee_type_override" not in event_view(floor.listing, None)
    view = event_view(floor.listing, HALF)
    assert (view["fee_type_override"], view["fee_multiplier_override"]) == ("quadratic", 0.5)


def test_a_series_shows_changed_fees_or_those_of_its_markets(floor_of: Maker) -> None:
    listing = floor_of(fees=FeeSchedule(3_500, 875)).listing
    view = series_view(listing, None)
    assert (view["fee_type"], view["fee_multiplier"]) == ("quadratic_with_maker_fees", 0.5)
    view = series_view(listing, HALF)
    assert (view["fee_type"], view["fee_multiplier"]) == ("quadratic", 0.5)


def test_a_cleared_change_is_null() -> None:
    view = event_fee_change_view(CLEARED)
    assert view["fee_type_override"] is view["fee_multiplier_override"] is None
    assert view["scheduled_ts"] == "2026-05-11T05:37:43.000000Z"
    assert series_fee_change_view(HALF)["fee_multiplier"] == 0.5


def test_metadata_names_every_market(floor: Floor) -> None:
    view = event_metadata_view([floor.listing])
    assert view["market_details"] == [
        {"market_ticker": floor.listing.ticker, "image_url": "", "color_code": "#7F7F7F"}
    ]
