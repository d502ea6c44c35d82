"""What a ticker tells of a market that nobody has read."""

from typing import Any

import pytest

from core.market.discovery import MarketFilter
from core.runtime.open_markets import OpenMarkets

Station = Any  # the fixture's type stands in conftest.py, which no test can import.


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (MarketFilter(), (True, True, True)),
        (MarketFilter(series=("KXA",)), (True, True, False)),
        (MarketFilter(events=("KXA-1",)), (True, False, False)),
        (MarketFilter(series=("KXAB",), events=("KXA-12",)), (False, True, True)),
        (MarketFilter(categories=("Crypto",)), (False, False, False)),
    ],
)
async def test_series_and_event_stand_in_the_ticker(
    station: Station, wanted: MarketFilter, names: tuple[bool, ...]
) -> None:
    markets = OpenMarkets(station.link.rest)
    tickers = ("KXA-1-T", "KXA-12", "KXAB-1-T")
    assert tuple(markets.may_name(ticker, wanted) for ticker in tickers) == names


async def test_a_listed_category_names_its_series(station: Station) -> None:
    markets = OpenMarkets(station.link.rest)
    (series,) = {market.series_ticker for market in await station.link.rest.markets()}
    (category,) = {s.category for s in await station.link.rest.series_in("") if s.ticker == series}
    wanted = MarketFilter(categories=(category,))
    assert not markets.may_name(station.ticker, wanted)
    assert [market.category for market in await markets.listed(wanted)] == [category]
    assert markets.may_name(station.ticker, wanted)
    assert (await markets.one(station.ticker)).category == category
