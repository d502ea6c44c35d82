"""Which markets a run follows, as the exchange lists, determines and settles them."""

import asyncio
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.events import Bus
from core.kalshi.queries import MarketQuery
from core.market.book import BookStatus
from core.market.discovery import MarketFilter
from core.market.events import BookDelta, BookSnapshot, MarketChanged
from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.runtime import following
from core.runtime.following import MOST_READS, OVER_KEPT
from core.runtime.recording import Recording
from core.sandbox.engine import MatchingBook
from core.settings import Settings
from core.storage.embedded import EmbeddedPostgres
from core.storage.recorded_session import ImportReport, RecordedSession

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Serve = Any
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


async def test_a_database_that_takes_its_time_holds_no_market_up(
    station: Station, until: Until, home: Path
) -> None:
    async with EmbeddedPostgres(home) as server:
        recording = Recording(Settings(home=home, database_url=server.dsn), Bus())
        await recording.open()
        station.link.following.record_to(await recording.begin("SANDBOX", "still", 0))
        other = await asyncpg.connect(server.dsn)
        async with other.transaction():
            await other.execute("lock table markets")
            await station.link.portfolio.open()
            finding = station.tasks.start("finding", station.link.following.find())
            await until(lambda: station.books.get(station.ticker) is not None)
            station.link.start()
            await until(lambda: station.books.get(station.ticker).status is BookStatus.LIVE)
            assert not finding.done()
        await finding
        (stored,) = await other.fetch("select ticker from markets")
        assert stored["ticker"] == station.ticker
        await other.close()
        await recording.end(0)
        await recording.close()


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


async def test_a_market_that_opens_by_the_clock_alone_is_followed_soon_after(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    await station.follow()
    await until(lambda: station.feed.state == "live")
    opens_ms = station.sandbox.exchange.now_ms + 3_600_000
    added = Market("KXNEW-26MAY11-L", "KXNEW-26MAY11", title="Later", open_ms=opens_ms)
    listing = station.life.list_market(added, MatchingBook())
    await until(lambda: MarketChanged(added.ticker, "created") in station.lifecycle())
    await until(lambda: not station.is_reading)
    station.link.following.note_opened()
    assert not station.is_reading  # it is not the time
    assert added.ticker not in station.markets
    listing.status = "active"  # as the exchange's own clock does
    monkeypatch.setattr(station.clock, "now_ms", lambda: opens_ms)
    station.link.following.note_opened()
    await until(lambda: added.ticker in station.markets)
    assert MarketChanged(added.ticker, "activated") not in station.lifecycle()
    assert station.books.get(added.ticker) is not None


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
    for number in range(OVER_KEPT + 5):
        ticker = f"KXOLD-{number}"
        station.markets[ticker] = Market(ticker, "KXOLD", "over")
        following.observe(MarketChanged(ticker, "settled"))
    assert "KXOLD-4" not in station.markets
    assert len([name for name in station.markets if name.startswith("KXOLD")]) == OVER_KEPT


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
    real = relayed.link.rest.markets

    async def markets_late(asked: MarketQuery) -> list[Market]:
        answer: list[Market] = await real(asked)
        held.set()
        await until(lambda: relayed.markets[relayed.ticker].status == "finalized")
        return answer

    relayed.life.determine(listing, "yes")
    await until(lambda: relayed.lifecycle("determined"))
    relayed.link.rest.markets = markets_late
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


async def test_other_markets_are_followed_on_the_same_connection(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=3) as station:
        await station.follow()
        for name in ("B", "C", "D"):
            station.life.list_market(new_market(name), MatchingBook())
        await until(lambda: len(subscribed(station)) == 3)
        station.link.following.ask(MarketFilter(events=("KXNEW-26MAY11",)), 2)
        await until(lambda: station.ticker not in station.markets and len(station.markets) == 2)
        await until(lambda: subscribed(station) == set(station.markets))
        assert station.books.get(station.ticker) is None
        assert MarketChanged(station.ticker, "unfollowed") in station.events
        station.link.following.ask(MarketFilter(series=("KXT",)), 2)
        await until(lambda: subscribed(station) == {station.ticker})
        await until(lambda: station.books.get(station.ticker).status is BookStatus.LIVE)
        assert station.feed.counters.lost_connections == 0
        assert station.feed.counters.gaps == 0


async def test_a_quiet_market_loses_its_place_after_whole_rounds_whatever_was_read_again(
    sandbox: Sandbox, connect: Connect, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranked by changes, a book that nobody has watched stands before one that was quiet."""
    busy = MarketFilter(activity="changes")
    sandbox.exchange.listings["KXT-26MAY11-A"].volume_lots = 900
    async with connect(sandbox, limit=1, wanted=busy) as station:
        await station.follow()
        added = new_market("B")
        station.life.list_market(added, MatchingBook())
        for _ in range(2):
            async with station.gap():
                pass
            await station.link.following.reread()
            await station.link.following.find()
        assert set(station.markets) == {station.ticker}
        assert station.lifecycle("unfollowed") == [], "no round has ended"
        monkeypatch.setattr(following, "LOOK_SECONDS", 0.001)
        rounds = station.tasks.start("rounds", station.link.following.run())
        await until(lambda: added.ticker in station.markets)
        rounds.cancel()
        assert station.ticker not in station.markets


async def test_what_is_held_stays_whatever_is_asked_for(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    station.life.list_market(new_market("B"), MatchingBook())
    await until(lambda: len(station.markets) == 2)
    wanted = MarketFilter(series=("KXNONE",))
    station.link.following.ask(wanted, 1)
    await until(lambda: set(station.markets) == {station.ticker})
    station.cancel(order)
    await station.send()
    await until(lambda: not station.orders.orders.open())
    await station.link.following.find()
    assert not station.markets
    assert station.books.get(station.ticker) is None
    await until(lambda: not station.sandbox.exchange.publisher.subscriptions("orderbook_delta"))


async def test_a_category_is_followed_by_the_series_in_it(
    sandbox: Sandbox, connect: Connect
) -> None:
    async with connect(sandbox) as station:
        (series,) = {market.series_ticker for market in await station.link.rest.markets()}
        listed = await station.link.rest.series_in("")
        (category,) = {known.category for known in listed if known.ticker == series}
        station.link.following.wanted = MarketFilter(categories=(category,))
        found = await station.link.following.find()
        assert [market.category for market in found] == [category]
        station.link.following.wanted = MarketFilter(categories=("Nothing of the kind",))
        await station.link.following.find()
        assert not station.markets


async def test_a_market_whose_closing_time_has_passed_gives_its_place_away(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    """The exchange sends no message when a closing time passes."""
    async with connect(sandbox, limit=1) as station:
        await station.follow()
        await until(lambda: station.feed.state == "live")
        market = station.markets[station.ticker]
        station.markets[station.ticker] = replace(market, close_ms=station.clock.now_ms())
        station.link.following.note_closed()
        assert station.markets[station.ticker].status == "closed"
        assert station.books.get(station.ticker) is not None
        added = new_market("B")
        station.life.list_market(added, MatchingBook())
        await until(lambda: added.ticker in station.markets)


async def test_many_markets_that_open_at_once_cost_few_requests(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=100) as station:
        await station.follow()
        asked = counting_requests(station)
        for number in range(60):
            station.life.list_market(new_market(f"T{number}"), MatchingBook())
        await until(lambda: len(station.markets) == 61)
        await until(lambda: subscribed(station) == set(station.markets))
        assert asked.count("market") <= 30
        await until(lambda: not station.is_reading)
        asked.clear()
        for number in range(60):
            listing = sandbox.exchange.listings[new_market(f"T{number}").ticker]
            station.life.determine(listing, "no")
        await until(lambda: len(station.lifecycle("determined")) == 60)
        await until(lambda: not station.is_reading)
        assert 1 <= asked.count("markets") <= 10


async def test_news_of_markets_outside_the_filter_cost_no_request(
    sandbox: Sandbox, connect: Connect
) -> None:
    async with connect(sandbox, limit=1_000, wanted=MarketFilter(series=("KXT",))) as station:
        await station.follow()
        asked = counting_requests(station)
        for number in range(500):
            for kind in ("created", "activated"):
                station.link.following.observe(MarketChanged(f"KXOTHER-26MAY11-{number}", kind))
        assert not station.is_reading
        assert asked == []


async def test_news_of_many_markets_share_a_few_requests(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=1_000) as station:
        await station.follow()
        asked = counting_requests(station)
        for number in range(500):
            for kind in ("created", "activated"):
                station.link.following.observe(MarketChanged(f"KXT-26MAY11-{number}", kind))
        await until(lambda: not station.is_reading)
        assert asked.count("market") == MOST_READS
        assert 1 <= asked.count("markets") <= 2


@pytest.mark.parametrize("ends", [("determined",), ("determined", "settled"), ("closed",)])
async def test_a_list_that_lags_does_not_bring_an_ended_market_back(
    station: Station, until: Until, ends: tuple[str, ...]
) -> None:
    await station.follow()
    stale = await station.link.rest.markets(MarketQuery(status="open"))
    assert [market.ticker for market in stale] == [station.ticker]
    for kind in ends:
        if kind == "closed":
            closed = replace(stale[0], close_ms=station.clock.now_ms())
            station.markets[station.ticker] = closed
            station.link.following.note_closed()
        else:
            station.link.following.observe(MarketChanged(station.ticker, kind, "yes"))
    ended = station.markets[station.ticker]
    assert ended.status != "active"
    await until(lambda: not station.is_reading)

    async def lagging(_: MarketQuery) -> list[Market]:
        return stale

    station.link.rest.markets = lagging
    assert await station.link.following.find() == []
    assert station.markets[station.ticker] == ended


async def test_an_ended_market_that_nobody_followed_is_followed_once_it_opens_again(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    async with connect(sandbox, limit=2) as station:
        await station.follow()
        added = new_market("B")
        following = station.link.following
        following.observe(MarketChanged(added.ticker, "determined", "yes"))
        station.life.list_market(added, MatchingBook())
        listing = sandbox.exchange.listings[added.ticker]
        assert listing.status == "active"
        await until(lambda: added.ticker in station.markets)
        assert MarketChanged(added.ticker, "activated") in station.lifecycle()


async def test_a_listed_market_whose_closing_time_has_passed_is_left_out(station: Station) -> None:
    await station.follow()
    late = replace(new_market("B"), close_ms=station.clock.now_ms())

    async def lagging(_: MarketQuery) -> list[Market]:
        return [late]

    station.link.rest.markets = lagging
    assert await station.link.following.find() == []
    assert late.ticker not in station.markets


def counting_requests(station: Station) -> list[str]:
    """Names of the calls for markets made from now on."""
    asked: list[str] = []
    rest = station.link.rest
    for name in ("market", "markets"):
        setattr(rest, name, counted(getattr(rest, name), name, asked))
    return asked


def counted(call: Any, name: str, asked: list[str]) -> Any:  # noqa: ANN401
    """The same call, noted every time."""

    async def counting(*arguments: object) -> object:
        asked.append(name)
        return await call(*arguments)

    return counting


async def test_a_thousand_markets_are_followed_at_once(
    serve: Serve, connect: Connect, until: Until
) -> None:
    """Over one connection, in a bounded amount of memory."""
    async with serve(thousand()) as sandbox, connect(sandbox, limit=1_000) as station:
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        await station.link.following.find()
        station.link.start()
        await until(lambda: station.books.counters.snapshots >= 1_000)
        await until(lambda: station.feed.state == "live")
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sum(book.status is BookStatus.LIVE for book in station.books) == 1_000
        station.link.following.ask(MarketFilter(), 200)
        await until(lambda: len(station.markets) == 200)
        await until(lambda: subscribed(station) == set(station.markets))
        assert len(list(station.books)) == 200
        assert station.feed.counters.lost_connections == 0
        assert after - before < 60_000_000


def thousand() -> RecordedSession:
    """A still session of a thousand books on the finest grid, twenty levels a side."""
    start_ms = 1_778_477_863_000
    bids = tuple((price, 10_000) for price in range(2_000, 4_000, 100))
    asks = tuple((price, 10_000) for price in range(6_000, 8_000, 100))
    names = [f"KXM{number // 100}-26MAY11-T{number % 100}" for number in range(1_000)]
    markets = tuple(
        Market(name, name.rpartition("-")[0], title=name, price_ranges=TAPERED_DECI_CENT_RANGES)
        for name in names
    )
    books = tuple(BookSnapshot(name, bids, asks, ts_ms=start_ms) for name in names)
    report = ImportReport()
    return RecordedSession("thousand", markets, books, start_ms, start_ms + 600_000, "none", report)
