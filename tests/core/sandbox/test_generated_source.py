from dataclasses import replace
from typing import Any

import pytest

from core.sandbox.desk import Desk
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_profiles import FAST_CRYPTO
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.market_views import market_view
from core.sandbox.order_bodies import CreateBody
from core.sandbox.publisher import LIFECYCLE, Publisher, Subscription
from core.sandbox.rules import ExchangeRules
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR

Sink = Any  # the class stands in conftest.py, which no test can import
T0 = 1_778_477_863_000
QUARTER_HOUR_MS = 15 * 60_000


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(Publisher(), 1, T0)


def play(exchange: Exchange, source: GeneratedSource, until_ms: int) -> None:
    while (now_ms := source.next_ms()) is not None and now_ms <= until_ms:
        exchange.advance(now_ms)
        source.take()
        for listing in exchange.listings.values():
            bids, asks = listing.book.levels()
            assert not bids or not asks or bids[-1][0] < asks[0][0]


def test_same_seed_same_books() -> None:
    books, interests = [], []
    for _ in range(2):
        exchange = Exchange(Publisher(), 1, T0)
        source = GeneratedSource(GeneratedFlow(5, 2, T0), T0)
        source.open(exchange)
        play(exchange, source, T0 + 20_000)
        books.append([listing.book.levels() for listing in exchange.listings.values()])
        interests.append([listing.open_interest_lots for listing in exchange.listings.values()])
        volumes = [listing.volume_lots for listing in exchange.listings.values()]
        assert all(0 < lots <= most for lots, most in zip(interests[-1], volumes, strict=True))
    assert books[0] == books[1]
    assert interests[0] == interests[1]
    assert any(levels != ([], []) for levels in books[0])


def test_orders_of_closed_markets_are_dropped(exchange: Exchange) -> None:
    profile = replace(FAST_CRYPTO, life_ms=60_000, overlap_ms=10_000)
    source = GeneratedSource(GeneratedFlow(1, 2, T0, profile), T0)
    source.open(exchange)
    for minutes in (1, 2, 3):
        play(exchange, source, T0 + minutes * 60_000)
        kept = {order.ticker for order in source._orders.values()}
        assert kept
        assert {exchange.listings[ticker].status for ticker in kept} == {"active"}


def test_an_event_trades_closes_and_settles_for_an_account(exchange: Exchange) -> None:
    source = GeneratedSource(GeneratedFlow(5, 2, T0), T0)
    source.open(exchange)
    account = exchange.open_account(1_000 * MICROS_PER_DOLLAR)
    play(exchange, source, T0 + 10_000)
    listing = next(iter(exchange.listings.values()))
    body = CreateBody(
        ticker=listing.ticker,
        side="bid",
        count="1.00",
        price="0.9900",
        time_in_force="good_till_canceled",
        self_trade_prevention_type="taker_at_cross",
    )
    Desk(exchange).create(account, body)
    play(exchange, source, T0 + QUARTER_HOUR_MS - 1_000)
    assert 0.2 < listing.open_interest_lots / listing.volume_lots < 1
    play(exchange, source, T0 + QUARTER_HOUR_MS + 120_000)
    assert listing.open_interest_lots == 0
    exchange.advance(T0 + QUARTER_HOUR_MS + 120_000)
    assert listing.volume_lots > 0
    assert listing.status == "finalized"
    assert listing.result in ("yes", "no")
    assert listing.book.levels() == ([], [])
    assert len(exchange.listings) > 2
    everyone = exchange.accounts.values()
    fees = sum(p.fees_micros for p in account.positions.values())
    pairs = sum(max(0, p.lots) for a in everyone for p in a.positions.values())
    total = sum(a.cash_micros for a in everyone) + fees + pairs * PIPS_PER_DOLLAR
    assert total == 1_000 * MICROS_PER_DOLLAR
    assert not account.resting


def test_the_next_event_is_listed_before_it_opens_and_opens_by_the_clock(
    exchange: Exchange, sink: Sink
) -> None:
    profile = replace(FAST_CRYPTO, life_ms=60_000, overlap_ms=10_000, announce_ms=5_000)
    source = GeneratedSource(GeneratedFlow(1, 2, T0, profile), T0)
    source.open(exchange)
    exchange.publisher.add(Subscription(1, LIFECYCLE, sink, 1))
    open_ms = T0 + 50_000
    play(exchange, source, open_ms - 4_000)
    later = list(exchange.listings.values())[2:]
    assert [market_view(listing, exchange.now_ms)["status"] for listing in later] == [
        "initialized",
        "initialized",
    ]
    assert [listing.book.levels() for listing in later] == [([], [])] * 2
    event, *created = sink.take()
    assert event["type"] == "event_lifecycle"
    assert [frame["msg"]["event_type"] for frame in created] == ["created"] * 2
    assert {frame["msg"]["open_ts"] for frame in created} == {open_ms // 1000}
    play(exchange, source, open_ms)
    assert [listing.status for listing in later] == ["active", "active"]
    assert all(bids or asks for bids, asks in (listing.book.levels() for listing in later))
    assert sink.take() == []


def test_books_stand_still_while_trading_is_paused(exchange: Exchange) -> None:
    source = GeneratedSource(GeneratedFlow(5, 2, T0), T0)
    source.open(exchange)
    play(exchange, source, T0 + 20_000)

    def books() -> list[object]:
        return [listing.book.levels() for listing in exchange.listings.values()]

    def volume() -> int:
        return sum(listing.volume_lots for listing in exchange.listings.values())

    before, traded = books(), volume()
    exchange.pause("trading", T0 + 50_000)
    play(exchange, source, T0 + 49_000)
    assert (books(), volume()) == (before, traded)
    play(exchange, source, T0 + 60_000)
    assert books() != before
    play(exchange, source, T0 + 180_000)
    assert volume() > traded
    assert not source._held


def test_generated_markets_keep_the_hours_of_the_week() -> None:
    pause_ms = 1_778_742_000_000  # Thursday 14 May 2026, 3:00 in New York
    for rules, trades in ((ExchangeRules(), False), (ExchangeRules(weekly_pause=False), True)):
        exchange = Exchange(Publisher(), 1, pause_ms - 5_000, rules)
        source = GeneratedSource(GeneratedFlow(5, 2, pause_ms - 5_000), pause_ms - 5_000)
        source.open(exchange)
        play(exchange, source, pause_ms + 1_000)
        assert exchange.pauses.is_trading(exchange.now_ms) is trades
