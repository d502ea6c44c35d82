from dataclasses import replace
from typing import Any

import pytest

from core.sandbox.accounts import Position
from core.sandbox.archive import Archive
from core.sandbox.errors import ApiError
from core.sandbox.listings import Listing

Floor = Any  # the class stands in conftest.py, which no test can import
LIVE_MS = 60_000


@pytest.fixture
def archive(floor: Floor) -> Archive:
    floor.exchange.rules = replace(floor.exchange.rules, live_data_ms=LIVE_MS)
    return Archive(floor.exchange)


def settle(floor: Floor, age_ms: int) -> Listing:
    listing: Listing = floor.listing
    listing.settled_ms = floor.exchange.now_ms - age_ms
    return listing


@pytest.mark.parametrize(("age_ms", "is_old"), [(LIVE_MS, False), (LIVE_MS + 1, True)])
def test_a_market_is_old_by_its_settlement(
    floor: Floor, archive: Archive, age_ms: int, is_old: bool
) -> None:
    listing = settle(floor, age_ms)
    assert archive.is_old_market(listing) == is_old
    assert archive.live_among([listing.ticker, "NONE"]) == ([] if is_old else [listing])
    found, missing = (archive.old, archive.live) if is_old else (archive.live, archive.old)
    assert found(listing.ticker) is listing
    for ask, ticker in ((missing, listing.ticker), (found, "NONE")):
        with pytest.raises(ApiError) as error:
            ask(ticker)
        assert error.value.status == 404


def test_what_is_open_is_live_whatever_its_age(floor: Floor, archive: Archive) -> None:
    order = floor.place(floor.ann, "bid", "0.4000", "1.00")
    held, closed = (Position(floor.listing.ticker, lots=lots) for lots in (100, 0))
    floor.exchange.advance(floor.exchange.now_ms + LIVE_MS + 1)
    assert not archive.is_old_market(floor.listing)
    assert not archive.is_old_order(order)
    assert (archive.is_old_position(held), archive.is_old_position(closed)) == (False, True)
    order.status = "canceled"
    assert archive.is_old_order(order)
