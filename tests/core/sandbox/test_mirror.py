"""How a mirror keeps time and order; the whole of it is a scenario."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from core.clock import ManualClock
from core.errors import JobError
from core.kalshi.events import FeedState
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, VenueTime
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.mirror import GRACE_MS, MirrorSource
from core.sandbox.publisher import Publisher, Subscription
from core.sandbox.read_back import CaughtUp
from core.sandbox.told_life import MarketRead

T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
BOOK = BookSnapshot(TICKER, ((4_000, 1_000),), (), ts_ms=T0)


Sink = Any  # the class stands in conftest.py, which no test can import


class Upstream:
    """An exchange of which only its time is asked, and a new beginning."""

    offset_ms = 40
    markets: dict[str, Any] = {}  # noqa: RUF012
    beginnings = 0

    def begin_anew(self) -> None:
        self.beginnings += 1


@pytest.fixture
def wall() -> ManualClock:
    return ManualClock(now_ms=T0)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def source(upstream: Upstream, wall: ManualClock) -> MirrorSource:
    return MirrorSource(upstream, wall)  # type: ignore[arg-type]


def played(source: MirrorSource) -> Callable[[], list[int]]:
    exchange = Exchange(Publisher(), 1, T0)
    source.open(exchange)

    def play() -> list[int]:
        times = []
        while source.next_ms() <= source.time()[0]:
            times.append(source.next_ms())
            exchange.advance(source.next_ms())
            source.take()
        return times

    return play


def test_without_a_stated_time_a_message_may_come_a_grace_late(
    source: MirrorSource, wall: ManualClock
) -> None:
    assert source.time() == (T0 + Upstream.offset_ms - GRACE_MS, 1.0)
    wall.advance_ms(1_000)
    assert source.time()[0] == T0 + 1_000 + Upstream.offset_ms - GRACE_MS


def test_a_stated_time_is_followed_with_its_speed(source: MirrorSource, wall: ManualClock) -> None:
    source.receive([VenueTime(T0 - 5_000, 0, 60.0)])
    wall.advance_ms(1_000)
    assert source.time() == (T0 - 5_000, 60.0)


def test_an_instant_is_played_whole_once_a_later_one_has_begun(source: MirrorSource) -> None:
    source.receive([VenueTime(T0 - 1, 0, 1.0)])
    play = played(source)
    source.receive([BOOK, BookDelta(TICKER, 0, 4_000, 500, T0)])
    assert play() == []
    source.receive([BookDelta(TICKER, 0, 4_000, 500, T0 + 7)])
    assert play() == [T0]
    assert source.next_ms() == T0 + 7


def test_what_comes_late_or_without_a_time_is_played_at_the_time_that_was_shown(
    source: MirrorSource,
) -> None:
    source.receive([VenueTime(T0 + 100, 0, 1.0)])
    play = played(source)
    source.receive([BOOK, MarketChanged(TICKER, "deactivated")])
    assert play() == [T0 + 100]
    assert source.next_ms() == sys.maxsize


def test_while_the_upstream_is_away_trading_pauses_and_followers_are_told(
    source: MirrorSource, sink: Sink
) -> None:
    source.receive([VenueTime(T0 - 1, 0, 1.0), BOOK])
    exchange = Exchange(Publisher(), 1, T0)
    source.open(exchange)
    exchange.publisher.add(Subscription(1, "orderbook_delta", sink, 0, {TICKER}))
    source.receive([BookDoubted(TICKER, "lost"), FeedState("disconnected", "gone")])
    while source.next_ms() <= source.time()[0]:
        source.take()
    assert not exchange.pauses.is_trading(exchange.now_ms)
    (ended,) = sink.take("error")
    assert (ended["sid"], ended["msg"]["code"]) == (1, 10)
    assert exchange.publisher.subscriptions("orderbook_delta") == []
    listing = exchange.listings[TICKER]
    source.receive([FeedState("recovering"), BOOK, FeedState("live")])
    assert source.next_ms() == sys.maxsize
    assert listing.book.is_doubted
    source.receive([MarketRead(Market(TICKER, "KXT-26MAY11", "A", status="inactive"))])
    source.take()
    assert (listing.status, listing.book.is_doubted) == ("inactive", True)
    assert not exchange.pauses.is_trading(exchange.now_ms)
    source.receive([CaughtUp()])
    while source.next_ms() <= source.time()[0]:
        source.take()
    assert not listing.book.is_doubted
    assert exchange.pauses.is_trading(exchange.now_ms)


def test_what_a_lost_connection_brought_and_nobody_read_is_never_played(
    source: MirrorSource,
) -> None:
    source.receive([VenueTime(T0 - 1, 0, 1.0), BOOK])
    play = played(source)
    source.receive([BookDoubted(TICKER, "lost"), FeedState("disconnected", "gone")])
    source.receive([BOOK, FeedState("live"), MarketChanged(TICKER, "determined", "yes")])
    source.receive([FeedState("disconnected", "gone again")])
    source.receive([FeedState("recovering"), FeedState("live"), CaughtUp()])
    play()
    listing = source._exchange.listings[TICKER]
    assert (listing.status, listing.book.is_doubted) == ("active", True)
    assert source._exchange.pauses.is_trading(T0)


def test_a_mirror_that_cannot_keep_up_says_so(
    source: MirrorSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.mirror.QUEUE_LIMIT", 3)
    with pytest.raises(JobError, match="--markets"):
        source.receive([BOOK] * 4)


def test_what_waits_for_a_read_is_no_lag_and_is_thrown_away_before_it_is_too_much(
    source: MirrorSource, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.mirror.QUEUE_LIMIT", 4)
    monkeypatch.setattr("core.sandbox.mirror.HELD_LIMIT", 5)
    source.receive([VenueTime(T0 - 1, 0, 1.0), BOOK])
    play = played(source)
    source.receive([BookDoubted(TICKER, "lost"), FeedState("disconnected", "gone")])
    play()
    source.receive([BOOK, *[BookDelta(TICKER, 0, 3_000, 500, T0)] * 4])
    assert upstream.beginnings == 0
    source.receive([BookDelta(TICKER, 0, 3_000, 500, T0), FeedState("live"), BOOK])
    source.receive([CaughtUp()])
    play()
    exchange = source._exchange
    book = exchange.listings[TICKER].book
    assert (upstream.beginnings, book.is_doubted) == (1, True)
    assert not exchange.pauses.is_trading(exchange.now_ms)
    source.receive([FeedState("disconnected", "closed here"), BOOK, FeedState("live")])
    play()
    assert book.is_doubted
    source.receive([CaughtUp(), VenueTime(T0 + 1_000, 0, 1.0)])
    play()
    assert (upstream.beginnings, book.is_doubted) == (1, False)
    assert book.levels() == ([(4_000, 1_000)], [])
    assert exchange.pauses.is_trading(exchange.now_ms)
