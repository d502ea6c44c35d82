"""What another exchange tells of a market's life, carried out once and whatever was missed."""

from collections.abc import Callable
from typing import Any

import pytest

from core.market.events import MarketChanged
from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.sandbox.listings import SETTLEMENT_TIMER_MS
from core.sandbox.market_life import MarketLife
from core.sandbox.told_life import ToldLife

Floor = Any  # the class stands in conftest.py, which no test can import
T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
CLOSE_MS = T0 + 60_000


@pytest.fixture
def floor(floor_of: Callable[..., Floor]) -> Floor:
    floor: Floor = floor_of(close_ms=CLOSE_MS)
    return floor


@pytest.fixture
def told(floor: Floor) -> ToldLife:
    return ToldLife(floor.exchange, MarketLife(floor.exchange, pays_on_time=False))


def there(
    status: str,
    result: str = "",
    value_pips: int = -1,
    *,
    close_ms: int = CLOSE_MS,
    price_ranges: tuple[PriceRange, ...] = (),
) -> Market:
    return Market(
        TICKER,
        "KXT-26MAY11",
        "A",
        status=status,
        close_ms=close_ms,
        result=result,
        settlement_pips=value_pips,
        price_ranges=price_ranges,
    )


def state(floor: Floor) -> tuple[str, str, int]:
    listing = floor.listing
    return listing.status, listing.result, listing.settlement_pips


def own_a_contract(floor: Floor) -> None:
    floor.crowd(1, 4_000, 100)
    floor.place(floor.ann, "bid", "0.4000", "1.00")


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (there("active"), ("active", "", -1)),
        (there("inactive"), ("inactive", "", -1)),
        (there("closed"), ("closed", "", -1)),
        (there("determined", "yes"), ("determined", "yes", 10_000)),
        (there("disputed", "no"), ("disputed", "no", 0)),
        (there("amended", "no"), ("determined", "no", 0)),
        (there("finalized", "scalar", 3_300), ("finalized", "scalar", 3_300)),
        (there("a word of tomorrow"), ("active", "", -1)),
    ],
)
def test_a_market_is_brought_to_where_it_stands_there_and_stays(
    floor: Floor, told: ToldLife, read: Market, expected: tuple[str, str, int]
) -> None:
    own_a_contract(floor)
    told.agree(read)
    assert state(floor) == expected
    settled = [(one.result, one.position_lots) for one in floor.ann.settlements]
    told.agree(read)
    assert state(floor) == expected
    assert [(one.result, one.position_lots) for one in floor.ann.settlements] == settled
    assert len(settled) == (read.status == "finalized")


def test_no_time_that_passes_brings_a_result_or_a_payout(floor: Floor, told: ToldLife) -> None:
    own_a_contract(floor)
    told.change(MarketChanged(TICKER, "determined", result="yes"))
    floor.exchange.advance(T0 + 100 * SETTLEMENT_TIMER_MS)
    assert (state(floor), list(floor.ann.settlements)) == (("determined", "yes", 10_000), [])
    told.change(MarketChanged(TICKER, "settled"))
    assert (floor.listing.status, len(floor.ann.settlements)) == ("finalized", 1)


def test_a_settlement_without_a_known_value_waits_for_it(floor: Floor, told: ToldLife) -> None:
    own_a_contract(floor)
    told.change(MarketChanged(TICKER, "determined", result="scalar"))
    told.change(MarketChanged(TICKER, "settled"))
    told.agree(there("determined", "scalar"))
    assert (state(floor), list(floor.ann.settlements)) == (("closed", "", -1), [])
    told.agree(there("finalized", "scalar", 2_500))
    (settlement,) = floor.ann.settlements
    assert settlement.revenue_micros == 2_500 * 100


@pytest.mark.parametrize("is_disputed", [True, False])
def test_another_result_is_an_amended_one_and_the_same_is_no_news(
    floor: Floor, told: ToldLife, *, is_disputed: bool
) -> None:
    told.change(MarketChanged(TICKER, "determined", result="yes"))
    told.change(MarketChanged(TICKER, "determined", result="yes"))
    assert state(floor) == ("determined", "yes", 10_000)
    if is_disputed:
        told.agree(there("disputed", "yes"))
    told.change(MarketChanged(TICKER, "determined", result="scalar", settlement_pips=100))
    assert state(floor) == ("amended", "scalar", 100)
    told.agree(there("finalized", "no", 0))
    assert state(floor) == ("finalized", "no", 0)
    told.change(MarketChanged(TICKER, "determined", result="yes"))
    assert state(floor) == ("finalized", "no", 0)


@pytest.mark.parametrize("status", ["closed", "determined", "finalized"])
def test_a_market_that_ended_before_its_closing_time_does_not_open_again(
    floor: Floor, told: ToldLife, status: str
) -> None:
    told.change(MarketChanged(TICKER, "closed"))
    told.agree(there(status, "yes", close_ms=CLOSE_MS + 60_000))
    assert floor.listing.status == status


def test_a_time_of_the_same_second_is_the_same_and_one_that_is_unknown_none(
    floor: Floor, told: ToldLife
) -> None:
    for close_ms in (CLOSE_MS + 137, 0):
        told.agree(there("active", close_ms=close_ms))
        assert floor.listing.close_ms == CLOSE_MS
    told.agree(there("active", close_ms=CLOSE_MS - 1_000))
    assert floor.listing.close_ms == CLOSE_MS - 1_000


def test_a_grid_is_taken_once_and_an_unknown_one_is_none(floor: Floor, told: ToldLife) -> None:
    told.agree(there("active", price_ranges=TAPERED_DECI_CENT_RANGES))
    changed = floor.listing.market
    assert changed.price_ranges == TAPERED_DECI_CENT_RANGES
    told.agree(there("active", price_ranges=TAPERED_DECI_CENT_RANGES))
    told.agree(there("active"))
    assert floor.listing.market is changed


def test_a_market_that_opens_by_word_opens_before_its_time(
    floor: Floor, told: ToldLife, market: Callable[..., Market]
) -> None:
    name = "KXT-26MAY11-B"
    listing = floor.life.list_market(market(name, open_ms=T0 + 5_000), floor.listing.book)
    told.change(MarketChanged(name, "activated"))
    assert listing.status == "active"


def test_what_is_not_listed_is_no_business_here(floor: Floor, told: ToldLife) -> None:
    told.change(MarketChanged("KXOTHER-1", "settled"))
    told.agree(Market("KXOTHER-1", "KXOTHER", "Other", status="finalized", result="yes"))
    assert list(floor.exchange.listings) == [TICKER]
