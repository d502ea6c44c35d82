"""What a run knows of a followed market stays right when the exchange changes its terms."""

from dataclasses import replace
from typing import Any

import pytest

from core.kalshi.queries import MarketQuery
from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.runtime import changed_markets
from core.runtime.changed_markets import TICKERS_A_PAGE, ChangedMarkets
from core.sandbox.engine import MatchingBook

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


async def test_a_new_price_grid_is_followed_and_orders_may_use_it(
    station: Station, until: Until
) -> None:
    await station.follow()
    ticker = station.ticker
    status = station.markets[ticker].status
    assert not station.markets[ticker].ticks().is_tradable(110)
    assert station.life.change_ticks(ticker, TAPERED_DECI_CENT_RANGES)
    await until(lambda: station.markets[ticker].price_ranges == TAPERED_DECI_CENT_RANGES)
    assert station.markets[ticker].ticks().is_tradable(110)
    assert station.markets[ticker].status == status


async def test_a_new_subtitle_is_followed(station: Station, until: Until) -> None:
    await station.follow()
    assert station.life.change_metadata(station.ticker, "above $95,000", None)
    await until(lambda: station.markets[station.ticker].subtitle == "above $95,000")


async def test_many_that_change_at_once_are_read_in_pages(
    sandbox: Sandbox, connect: Connect, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(sandbox, limit=1_000) as station:
        for number in range(2 * TICKERS_A_PAGE):
            ticker = f"KXMANY-26MAY11-{number}"
            station.life.list_market(Market(ticker, "KXMANY-26MAY11", "Old"), MatchingBook())
        await station.follow()
        asked: list[MarketQuery] = []
        read = station.link.rest.markets

        async def counted(query: MarketQuery) -> list[Market]:
            asked.append(query)
            return list(await read(query))

        monkeypatch.setattr(station.link.rest, "markets", counted)
        changed = ChangedMarkets(station.link.rest, station.markets, station.tasks)
        for ticker in [*station.markets, *station.markets]:
            station.markets[ticker] = Market(ticker, "KXMANY-26MAY11", "Stale")
            changed.note(ticker)
        changed.note("KXUNKNOWN-1")
        await until(lambda: all(m.title != "Stale" for m in station.markets.values()))
        assert len(asked) == 3
        assert all(len(query.tickers) <= TICKERS_A_PAGE for query in asked)
        assert "KXUNKNOWN-1" not in station.markets


async def test_what_could_not_be_read_is_read_again(
    sandbox: Sandbox,
    connect: Connect,
    relay: Relay,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(changed_markets, "RETRY_SECONDS", 0.01)
    async with connect(sandbox, relay) as station:
        await station.follow()
        relay.loses = "requests"
        changed = ChangedMarkets(station.link.rest, station.markets, station.tasks)
        listing = sandbox.exchange.listings[station.ticker]
        listing.market = replace(listing.market, subtitle="again")  # no message tells it
        changed.note(station.ticker)
        await until(lambda: "changed markets could not be read" in caplog.text)
        relay.loses = ""
        await until(lambda: station.markets[station.ticker].subtitle == "again")
