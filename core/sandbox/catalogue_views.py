"""REST objects of events and series, and of changes of their fees."""

from core.sandbox.fee_changes import FeeChange
from core.sandbox.listings import Listing
from core.sandbox.rest_json import Json
from core.sandbox.wire_text import time_text

CATEGORY = "Local exchange"


def event_view(listing: Listing, override: FeeChange | None) -> Json:
    """The event of a market."""
    market = listing.market
    view: Json = {
        "event_ticker": market.event_ticker,
        "series_ticker": market.series_ticker,
        "title": market.title,
        "sub_title": "",
        "category": CATEGORY,
        "collateral_return_type": "",
        "mutually_exclusive": False,
        "settlement_sources": [],
        "last_updated_ts": time_text(listing.created_ms),
        "exchange_index": 0,
    }
    if override is not None:
        view["fee_type_override"] = override.fee_type
        view["fee_multiplier_override"] = override.multiplier
    return view


def event_metadata_view(listings: list[Listing]) -> Json:
    """What an event is shown with: no pictures here, a color for each market."""
    return {
        "image_url": "",
        "featured_image_url": "",
        "settlement_sources": [],
        "market_details": [
            {"market_ticker": listing.ticker, "image_url": "", "color_code": "#7F7F7F"}
            for listing in listings
        ],
    }


def series_view(listing: Listing, change: FeeChange | None) -> Json:
    """The series of a market, with its changed fees or those that its markets' own mean."""
    fees = listing.own_fees
    fee_type = "quadratic_with_maker_fees" if fees.maker_rate else "quadratic"
    return {
        "ticker": listing.market.series_ticker,
        "frequency": "custom",
        "title": listing.market.series_ticker,
        "category": CATEGORY,
        "categories": [CATEGORY],
        "tags": [],
        "settlement_sources": [],
        "contract_url": "",
        "contract_terms_url": "",
        "fee_type": change.fee_type if change else fee_type,
        "fee_multiplier": change.multiplier if change else fees.taker_rate / 7_000,
        "additional_prohibitions": [],
        "exchange_index": 0,
    }


def series_fee_change_view(change: FeeChange) -> Json:
    """One change of a series' fees."""
    return {
        "id": change.change_id,
        "series_ticker": change.series_ticker,
        "fee_type": change.fee_type,
        "fee_multiplier": change.multiplier,
        "scheduled_ts": time_text(change.due_ms),
    }


def event_fee_change_view(change: FeeChange) -> Json:
    """One change of an event's fees; null where it falls back to its series."""
    return {
        "id": change.change_id,
        "event_ticker": change.event_ticker,
        "series_ticker": change.series_ticker,
        "fee_type_override": change.fee_type,
        "fee_multiplier_override": change.multiplier,
        "scheduled_ts": time_text(change.due_ms),
    }
