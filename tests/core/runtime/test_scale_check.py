"""A real exchange that changes its price scale: no book is traded wrong, and few questions asked.

No book here is crossed in either scale, so none shows by itself what it is.
"""

from itertools import pairwise
from typing import Any

import pytest

from core.errors import UnreachableError
from core.market.book import BookStatus
from core.market.events import BookSnapshot, GroupClosed
from core.market.market import Market
from core.runtime import scale_check
from core.sandbox.faults import DropMessage
from core.storage.recorded_session import ImportReport, RecordedSession

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Serve = Any
Station = Any
Until = Any

T0 = 1_778_477_863_000
BIDS = ((3_000, 5_000), (4_000, 1_000))
ASKS = ((5_500, 2_000), (5_600, 500))
RIGHT = b'"no_dollars_fp":[["0.5500","20.00"],["0.5600","5.00"]]'
WRONG = b'"no_dollars_fp":[["0.4400","5.00"],["0.4500","20.00"]]'


def shallow(names: tuple[str, ...] = ("A",)) -> RecordedSession:
    markets = tuple(Market(f"KXT-26MAY11-{name}", "KXT-26MAY11", title=name) for name in names)
    books = tuple(BookSnapshot(market.ticker, BIDS, ASKS, ts_ms=T0) for market in markets)
    return RecordedSession("shallow", markets, books, T0, T0 + 600_000, "real", ImportReport())


def flip(data: bytes) -> bytes:
    """Hand the asks on in NO prices, whatever was subscribed to."""
    return data.replace(RIGHT, WRONG)


def asks_told(station: Station) -> set[tuple[tuple[int, int], ...]]:
    """The asks of every snapshot that went to the books."""
    return {event.asks for event in station.events if isinstance(event, BookSnapshot)}


def status(station: Station) -> BookStatus:
    book = station.books.get(station.ticker)
    made: BookStatus = book.status
    return made


async def start(station: Station) -> None:
    """Follow what is open, whatever comes."""
    await station.link.portfolio.open()
    await station.link.following.find()
    station.link.start()


async def test_a_subscription_flipped_by_the_exchange_is_replaced_before_it_shows_a_book(
    serve: Serve, connect: Connect, until: Until
) -> None:
    async with serve(shallow()) as sandbox, connect(sandbox) as station:
        await station.follow()
        (sent,) = sandbox.exchange.publisher.subscriptions("orderbook_delta")
        assert sent.use_yes_price
        sent.use_yes_price = False
        sandbox.faults.inject(DropMessage())
        station.trade_as_another("bid", "0.3500", "1.00")
        station.trade_as_another("bid", "0.3600", "1.00")
        await until(lambda: station.feed.counters.wrong_scale)
        await until(lambda: station.feed.state == "live")
        assert asks_told(station) == {ASKS}
        assert station.feed.counters.wrong_scale == 1
        assert station.feed.counters.resubscribes == 1
        (renewed,) = sandbox.exchange.publisher.subscriptions("orderbook_delta")
        assert renewed is not sent
        assert renewed.use_yes_price
        assert station.books.get(station.ticker).best_ask() == 5_500
        assert station.failed == []


async def test_repairs_that_stay_flipped_never_reach_a_book(
    serve: Serve, connect: Connect, until: Until
) -> None:
    async with serve(shallow()) as sandbox, connect(sandbox) as station:
        await station.follow()
        station.feed_relay.forges = flip
        station.feed_relay.cut()
        await until(lambda: station.watch.state == "disconnected")
        station.feed_relay.is_down = False
        await until(lambda: station.feed.counters.wrong_scale >= 4)
        assert status(station) is BookStatus.STALE
        assert asks_told(station) == {ASKS}
        station.feed_relay.forges = bytes
        await until(lambda: station.feed.state == "live")
        assert status(station) is BookStatus.LIVE
        assert asks_told(station) == {ASKS}


async def test_first_books_in_the_other_scale_are_found_by_the_exchanges_own_answer(
    serve: Serve, connect: Connect, until: Until
) -> None:
    async with serve(shallow()) as sandbox, connect(sandbox) as station:
        station.feed_relay.forges = flip
        await start(station)
        await until(lambda: station.link.cross_check.counters.other_scale)
        assert status(station) is BookStatus.STALE
        before = station.books.counters.snapshots
        await until(lambda: station.feed.counters.wrong_scale >= 3)
        assert status(station) is BookStatus.STALE
        assert station.books.counters.snapshots == before
        station.feed_relay.forges = bytes
        await until(lambda: station.feed.state == "live")
        assert station.books.get(station.ticker).best_ask() == 5_500
        assert station.link.cross_check.counters.mismatched == 0
        assert station.link.cross_check.counters.other_scale == 1


async def test_one_market_answers_for_a_subscription_of_many(
    serve: Serve, connect: Connect, until: Until
) -> None:
    names = tuple(f"T{number:02}" for number in range(40))
    async with serve(shallow(names)) as sandbox, connect(sandbox, limit=40) as station:
        asked: list[str] = []
        answer = station.link.rest.orderbook

        async def note(ticker: str) -> BookSnapshot:
            asked.append(ticker)
            told: BookSnapshot = await answer(ticker)
            return told

        station.link.rest.orderbook = note
        await station.follow()
        assert len(station.feed.live_tickers) == 40
        assert len(asked) == 1
        async with station.gap():
            pass
        await until(lambda: len(station.feed.live_tickers) == 40)
        await until(lambda: not station.link.scale_check.is_open)
        assert len(asked) == 2, "one for each subscription"


async def test_the_minute_check_tells_another_scale_from_a_mismatch(
    serve: Serve, connect: Connect, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale_check, "LEAST_PAUSE_SECONDS", 3_600.0)
    async with serve(shallow()) as sandbox, connect(sandbox) as station:
        await station.follow()
        book = station.books.get(station.ticker)
        for (pips, lots), (mirror, _) in zip(ASKS, ((4_500, 0), (4_400, 0)), strict=True):
            assert book.apply(1, pips, -lots, book.changed_ms)
            assert book.apply(1, mirror, lots, book.changed_ms)
        assert await station.link.cross_check.check(station.ticker) is False
        counters = station.link.cross_check.counters
        assert (counters.other_scale, counters.mismatched) == (1, 0)
        assert station.feed.counters.wrong_scale == 1
        await until(lambda: station.feed.state == "live")
        assert book.best_ask() == 5_500


async def test_questions_come_at_growing_distance_while_the_exchange_is_silent(
    serve: Serve, connect: Connect, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale_check, "LEAST_PAUSE_SECONDS", 0.0)
    async with serve(shallow(), speed=60.0) as sandbox, connect(sandbox) as station:
        asked_ms: list[int] = []

        async def silent(_ticker: str) -> BookSnapshot:
            asked_ms.append([e.ts_ms for e in station.events if isinstance(e, GroupClosed)][-1])
            raise UnreachableError("nobody answers")

        station.link.rest.orderbook = silent
        await start(station)
        await until(lambda: len(asked_ms) >= 6)
        pauses = [later - sooner for sooner, later in pairwise(asked_ms)]
        assert [pause >= 1_000 * 2**step for step, pause in enumerate(pauses)] == [True] * 5
        assert status(station) is BookStatus.LIVE
