"""What trades within the crowd do to open interest: bounded, seeded, and as recorded markets do."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.events import BookSnapshot, Trade
from core.market.market import Market
from core.sandbox.candles import MINUTE_S
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.listings import SETTLEMENT_TIMER_MS, Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.market_views import market_view
from core.sandbox.open_interest import HALF_CLOSING_LOTS, MOST_CLOSING, CrowdInterest
from core.sandbox.orders import CROWD, Order
from core.sandbox.playback import Playback
from core.sandbox.publisher import TICKER as TICKER_CHANNEL
from core.sandbox.publisher import Publisher, Subscription

Sink = Any  # the class stands in conftest.py, which no test can import
T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
MARKET = Market(TICKER, "KXT-26MAY11", title="A")


def listed(volume_lots: int = 0) -> Listing:
    listing = Listing(MARKET, "id", MatchingBook(), T0)
    listing.volume_lots = volume_lots
    return listing


@given(st.lists(st.integers(1, 100_000), max_size=60), st.integers(0, 1 << 32), st.booleans())
def test_it_never_falls_below_zero_nor_rises_above_what_was_traded(
    trades: list[int], seed: int, is_old: bool
) -> None:
    listing = listed(50 * HALF_CLOSING_LOTS if is_old else 0)
    interest = CrowdInterest(Random(seed))
    for lots in trades:
        before = listing.open_interest_lots
        interest.take_trade(listing, lots)
        assert listing.open_interest_lots >= max(0, before - lots)
        assert listing.open_interest_lots <= before + lots
        assert listing.account_pairs_lots == 0


def test_the_first_trade_of_a_market_only_opens() -> None:
    listing = listed()
    CrowdInterest(Random(1)).take_trade(listing, 500)
    assert listing.open_interest_lots == listing.crowd_pairs_lots == 500


class _Closing(Random):
    """Draws that always mean closing."""

    def random(self) -> float:
        return 0.0


def test_two_closers_end_what_there_is_and_open_the_rest() -> None:
    listing = listed(HALF_CLOSING_LOTS)
    listing.crowd_pairs_lots = 300
    CrowdInterest(_Closing()).take_trade(listing, 200)
    assert listing.open_interest_lots == 100
    CrowdInterest(_Closing()).take_trade(listing, 250)
    assert listing.open_interest_lots == 150  # 100 ended, 150 made


@pytest.mark.parametrize(("contracts", "share"), [(3_000, 0.91), (20_000, 0.68), (350_000, 0.37)])
def test_the_share_of_the_volume_is_that_of_recorded_markets(contracts: int, share: float) -> None:
    listing, interest = listed(), CrowdInterest(Random(3))
    lots = contracts * 100 // 10_000
    for _ in range(10_000):
        interest.take_trade(listing, lots)
        listing.volume_lots += lots
    assert listing.open_interest_lots / listing.volume_lots == pytest.approx(share, abs=0.02)
    assert 0 < MOST_CLOSING < 0.5  # else what is held could not grow at last


def crowd(exchange: Exchange, listing: Listing, side: int, lots: int) -> None:
    order = Order("crowd", CROWD, TICKER, side, 6_000, lots, lots)
    exchange.carry_out(listing, listing.book.place(order))


def traded(seed: int, sizes: list[int]) -> tuple[Exchange, Listing]:
    exchange = Exchange(Publisher(), seed, T0)
    listing = MarketLife(exchange).list_market(MARKET, MatchingBook())
    for lots in sizes:
        crowd(exchange, listing, 1, lots)
        crowd(exchange, listing, 0, lots)
    return exchange, listing


def test_one_seed_gives_one_course() -> None:
    sizes = [100_000 + 1_000 * number for number in range(60)]
    one, other, third = (traded(seed, sizes)[1].open_interest_lots for seed in (5, 5, 6))
    assert one == other != third


def test_rest_ticker_and_candle_say_the_same_up_to_the_payout(new_sink: Callable[[], Sink]) -> None:
    exchange, listing = traded(1, [400])
    sink = new_sink()
    exchange.publisher.add(Subscription(1, TICKER_CHANNEL, sink, 1, None, False))
    crowd(exchange, listing, 1, 300)
    crowd(exchange, listing, 0, 300)
    assert said(exchange, listing, sink) == ["7.00"] * 3
    MarketLife(exchange).determine(listing, "yes")
    exchange.advance(T0 + 2 * SETTLEMENT_TIMER_MS)
    assert listing.status == "finalized"
    assert said(exchange, listing, sink) == ["0.00"] * 3


def said(exchange: Exchange, listing: Listing, sink: Sink) -> list[str]:
    """The market object's, the last ticker's and the running candle's open interest."""
    exchange.publisher.quotes.sample_all(exchange.now_ms)
    candle = listing.history.candles(MINUTE_S)[-1]
    told = sink.take("ticker")[-1]["msg"]["open_interest_fp"]
    shown = market_view(listing, exchange.now_ms)["open_interest_fp"]
    return [shown, told, f"{candle.open_interest_lots / 100:.2f}"]


def test_a_recorded_trade_moves_it_by_the_same_rule() -> None:
    exchange = Exchange(Publisher(), 1, T0)
    playback = Playback(exchange, {TICKER: MARKET})
    playback.apply(BookSnapshot(TICKER, ((4_000, 1_000),), ((6_000, 1_000),), ts_ms=T0))
    playback.apply(Trade("t-1", TICKER, 6_000, 250, 0, T0))
    playback.end_group(T0)
    listing = exchange.listings[TICKER]
    assert (listing.crowd_pairs_lots, listing.account_pairs_lots) == (250, 0)
    assert listing.history.candles(MINUTE_S)[-1].open_interest_lots == 250
