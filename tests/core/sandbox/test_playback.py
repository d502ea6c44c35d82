"""Events of a recording or of another exchange, played into books that are served here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, VenueTime
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.playback import Playback
from core.sandbox.publisher import Publisher
from core.sandbox.told_life import MarketRead

T0 = 1_778_477_863_000
HOUR_MS = 3_600_000
TICKER = "KXT-26MAY11-A"
BOOK = BookSnapshot(TICKER, ((4_000, 1_000),), ((6_000, 1_000),), ts_ms=T0)
Sink = Any
SessionOf = Callable[..., Any]


def stage(market: Market | None = None) -> tuple[Exchange, Playback]:
    exchange = Exchange(Publisher(), 1, T0)
    playback = Playback(exchange, {TICKER: market} if market else {})
    playback.apply(BOOK)
    return exchange, playback


def test_a_market_is_listed_with_its_first_snapshot_and_what_is_known_of_it() -> None:
    exchange, _ = stage(Market(TICKER, "KXT-26MAY11", title="Known"))
    assert exchange.listings[TICKER].market.title == "Known"
    unknown, _ = stage()
    assert unknown.listings[TICKER].market == Market(TICKER, "KXT-26MAY11", title=TICKER)


def test_a_doubted_book_takes_nothing_until_its_snapshot() -> None:
    exchange, playback = stage()
    delta = BookDelta(TICKER, 0, 4_000, 500, T0 + 1)
    playback.apply(BookDoubted(TICKER, "lost"))
    playback.apply(delta)
    assert exchange.listings[TICKER].book.levels() == ([(4_000, 1_000)], [(6_000, 1_000)])
    playback.apply(BOOK)
    playback.apply(delta)
    assert exchange.listings[TICKER].book.levels() == ([(4_000, 1_500)], [(6_000, 1_000)])


def test_the_life_of_the_market_is_followed() -> None:
    exchange, playback = stage(Market(TICKER, "KXT-26MAY11", title="A", close_ms=T0 + 60_000))
    listing = exchange.listings[TICKER]
    told = [
        (MarketChanged(TICKER, "deactivated"), "inactive"),
        (MarketChanged(TICKER, "activated"), "active"),
        (MarketChanged(TICKER, "close_date_updated", close_ms=T0), "closed"),
        (MarketChanged(TICKER, "close_date_updated", close_ms=T0 + 9_000), "active"),
        (MarketChanged(TICKER, "determined", result="yes"), "determined"),
        (MarketChanged(TICKER, "settled"), "finalized"),
    ]
    for event, status in told:
        playback.apply(event)
        assert (event.kind, listing.status) == (event.kind, status)
    assert listing.settlement_pips == 10_000


def test_a_market_of_now_appears_as_it_stands_and_only_words_end_it() -> None:
    exchange = Exchange(Publisher(), 1, T0)
    known = Market(TICKER, "KXT-26MAY11", title="A", status="inactive", close_ms=T0 + 60_000)
    playback = Playback(exchange, {TICKER: known}, is_live=True)
    playback.apply(BOOK)
    listing = exchange.listings[TICKER]
    assert listing.status == "inactive"
    playback.apply(MarketRead(replace(known, status="disputed", result="yes")))
    exchange.advance(T0 + HOUR_MS)
    assert (listing.status, listing.result) == ("disputed", "yes")
    playback.apply(MarketRead(replace(known, status="finalized", result="no")))
    assert (listing.status, listing.result, listing.settlement_pips) == ("finalized", "no", 0)


def test_a_recording_pays_though_it_ends_before_the_payout() -> None:
    market = Market(TICKER, "KXT-26MAY11", title="A", status="finalized", result="yes")
    exchange, playback = stage(market)
    listing = exchange.listings[TICKER]
    assert listing.status == "active"
    playback.apply(MarketChanged(TICKER, "determined", result="yes"))
    exchange.advance(T0 + HOUR_MS)
    assert listing.status == "finalized"


def test_what_is_none_of_a_market_is_ignored() -> None:
    exchange, playback = stage()
    playback.apply(VenueTime(T0, 0, 1.0))
    playback.apply(MarketChanged("KXOTHER-1", "determined", result="yes"))
    playback.end_group(T0)
    assert list(exchange.listings) == [TICKER]
