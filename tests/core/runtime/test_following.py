"""Which markets a run follows, as the exchange lists, determines and settles them."""

import asyncio
from typing import Any

import pytest

from core.market.book import BookStatus
from core.market.events import BookDelta, MarketChanged
from core.market.market import Market
from core.runtime.following import SETTLED_KEPT
from core.sandbox.engine import MatchingBook

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


def new_market(name: str) -> Market:
    return Market(f"KXNEW-26MAY11-{name}", "KXNEW-26MAY11", title=f"New {name}")


def subscribed(station: Station) -> set[str]:
    """Markets whose book the exchange sends."""
    (subscription,) = station.sandbox.exchange.publisher.subscriptions("orderbook_delta")
    return set(subscription.tickers)


async def test_the_most_active_open_markets_are_found_up_to_the_limit(
    sandbox: Sandbox, connect: Connect
) -> None:
    async with connect(sandbox, limit=2) as station:
        for name, lots in (("B", 500), ("C", 900)):
            listing = station.life.list_market(new_market(name), MatchingBook())
            listing.volume_lots = lots
        found = await station.link.following.find()
        assert [market.ticker for market in found] == [
            new_market("C").ticker,
            new_market("B").ticker,
        ]
        assert list(station.markets) == [market.ticker for market in found]
        assert await station.link.following.find() == []


async def test_a_market_created_later_is_followed(station: Station, until: Until) -> None:
    await station.follow()
    added = new_market("B")
    station.life.list_market(added, MatchingBook())
    await until(lambda: station.books.get(added.ticker) and station.books.counters.snapshots == 2)
    assert station.markets[added.ticker].title == added.title
    assert station.books.get(added.ticker).status is BookStatus.EMPTY
    await until(lambda: subscribed(station) == {station.ticker, added.ticker})


async def test_a_market_that_opens_later_is_followed_when_it_does(
    station: Station, until: Until
) -> None:
    await station.follow()
    opens_ms = station.sandbox.exchange.now_ms + 3_600_000
    added = Market("KXNEW-26MAY11-L", "KXNEW-26MAY11", title="Later", open_ms=opens_ms)
    listing = station.life.list_market(added, MatchingBook())
    await until(lambda: MarketChanged(added.ticker, "created") in station.lifecycle())
    station.life.open(listing)
    await until(lambda: added.ticker in station.markets)
    assert station.markets[added.ticker].status == "active"


async def test_markets_created_together_do_not_exceed_the_limit(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=2) as station:
        await station.follow()
        for name in ("B", "C", "D"):
            station.life.list_market(new_market(name), MatchingBook())
        await until(lambda: len(station.lifecycle("activated")) == 3)
        await until(lambda: not station.is_reading)
        assert len(station.markets) == 2
        await until(lambda: subscribed(station) == set(station.markets))


@pytest.mark.parametrize("result", ["yes", "no"])
async def test_a_determined_market_keeps_its_result_and_a_settled_one_is_dropped(
    station: Station, until: Until, result: str
) -> None:
    await station.follow()
    listing = station.sandbox.exchange.listings[station.ticker]
    station.life.determine(listing, result)
    await until(lambda: station.markets[station.ticker].status == "determined")
    assert station.markets[station.ticker].result == result
    station.life.settle(listing)
    await until(lambda: station.markets[station.ticker].status == "finalized")
    await until(lambda: not station.sandbox.exchange.publisher.subscriptions("orderbook_delta"))
    assert station.books.get(station.ticker) is None


async def test_only_the_newest_settled_markets_are_remembered(station: Station) -> None:
    following = station.link.following
    for number in range(SETTLED_KEPT + 5):
        ticker = f"KXOLD-{number}"
        station.markets[ticker] = Market(ticker, "KXOLD", "over")
        following.observe(MarketChanged(ticker, "settled"))
    assert "KXOLD-4" not in station.markets
    assert len([name for name in station.markets if name.startswith("KXOLD")]) == SETTLED_KEPT


async def test_a_market_that_ends_makes_room_for_an_open_one(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    """The next event opens while the one before it still fills every place."""
    async with connect(sandbox, limit=1) as station:
        await station.follow()
        added = new_market("B")
        station.life.list_market(added, MatchingBook())
        await until(lambda: len(station.lifecycle("activated")) == 1)
        await until(lambda: not station.is_reading)
        assert added.ticker not in station.markets
        station.life.determine(sandbox.exchange.listings[station.ticker], "yes")
        await until(lambda: added.ticker in station.markets)
        await until(lambda: added.ticker in subscribed(station))


async def test_a_market_that_ended_while_the_feed_was_away_makes_room(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=1) as station:
        await station.follow()
        added = new_market("B")
        async with station.gap():
            station.life.list_market(added, MatchingBook())
            station.life.determine(sandbox.exchange.listings[station.ticker], "yes")
        assert station.markets[station.ticker].status in ("determined", "finalized")
        assert station.markets[station.ticker].result == "yes"
        await until(lambda: subscribed(station) == {station.ticker, added.ticker})
        assert [event.kind for event in station.lifecycle("determined")] == ["determined"]


async def test_an_end_told_by_the_feed_while_it_is_asked_for_is_told_once(
    relayed: Station, relay: Relay, until: Until
) -> None:
    await relayed.follow()
    listing = relayed.sandbox.exchange.listings[relayed.ticker]
    held = asyncio.Event()
    real = relayed.link.rest.market

    async def market_late(ticker: str) -> Market:
        answer: Market = await real(ticker)
        held.set()
        await until(lambda: relayed.markets[ticker].status == "finalized")
        return answer

    relayed.life.determine(listing, "yes")
    await until(lambda: relayed.lifecycle("determined"))
    relayed.link.rest.market = market_late
    asking = relayed.tasks.start("market ends", relayed.link.following.reread())
    await held.wait()
    relayed.life.settle(listing)
    await asking
    assert [change.kind for change in relayed.lifecycle()] == ["determined", "settled"]


async def test_a_new_market_that_cannot_be_read_is_left_out(
    relayed: Station,
    relay: Relay,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await relayed.follow()
    added = new_market("B")

    def lose_market(request: bytes) -> None:
        if added.ticker.encode() in request:
            relay.loses = "answers"

    relay.heard = lose_market
    relayed.life.list_market(added, MatchingBook())
    await until(lambda: "could not be read" in caplog.text)
    assert added.ticker not in relayed.markets


async def test_events_that_are_no_news_of_a_market_change_nothing(station: Station) -> None:
    await station.link.following.find()
    before = dict(station.markets)
    station.link.following.observe(BookDelta(station.ticker, 0, 4_000, 1, 1))
    station.link.following.observe(MarketChanged("KXOTHER", "settled"))
    assert station.markets == before
