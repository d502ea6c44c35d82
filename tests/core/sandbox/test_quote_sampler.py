from collections.abc import Callable
from typing import Any

from core.sandbox.candles import MINUTE_S
from core.sandbox.engine import MatchingBook
from core.sandbox.quote_sampler import SAMPLED_PER_STEP
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import


def sampled(floor: Floor) -> int:
    """Markets that have a candle."""
    listings = floor.exchange.listings.values()
    return sum(bool(listing.history.candles(MINUTE_S)) for listing in listings)


def test_a_touched_book_is_sampled_when_its_second_ends(floor: Floor) -> None:
    exchange, history = floor.exchange, floor.listing.history
    floor.crowd(Side.BID, 4_000, 100)
    floor.crowd(Side.ASK, 4_600, 100)
    assert history.candles(MINUTE_S) == []
    exchange.advance(exchange.now_ms + 1_000)
    (candle,) = history.candles(MINUTE_S)
    assert (candle.bid.close, candle.ask.close) == (4_000, 4_600)
    exchange.advance(exchange.now_ms + 120_000)
    assert len(history.candles(MINUTE_S)) == 1


def test_a_minute_closes_at_its_last_quote(floor: Floor) -> None:
    exchange, history = floor.exchange, floor.listing.history
    exchange.advance(exchange.now_ms // 60_000 * 60_000 + 60_000)
    floor.crowd(Side.BID, 4_000, 100)
    exchange.advance(exchange.now_ms + 59_500)
    floor.crowd(Side.BID, 4_100, 100)
    exchange.advance(exchange.now_ms + 600)
    floor.crowd(Side.BID, 4_200, 100)
    exchange.advance(exchange.now_ms + 1_000)
    first, second = history.candles(MINUTE_S)
    assert (first.bid.open, first.bid.close) == (4_000, 4_100)
    assert (second.bid.open, second.bid.close) == (4_100, 4_200)


def test_no_step_samples_more_than_a_few(floor: Floor, market: Callable[..., Any]) -> None:
    exchange = floor.exchange
    exchange.advance(exchange.now_ms // 60_000 * 60_000 + 60_000)
    for number in range(SAMPLED_PER_STEP + 4):
        listing = floor.life.list_market(market(f"KXT-26MAY11-{number}"), MatchingBook())
        exchange.publisher.book_delta(listing, Side.BID, 4_000, 100, exchange.now_ms, None)
    exchange.advance(exchange.now_ms + 1_000)
    assert sampled(floor) == SAMPLED_PER_STEP
    exchange.advance(exchange.now_ms + 1)
    assert sampled(floor) == SAMPLED_PER_STEP + 4
    exchange.publisher.quotes.sample_all(exchange.now_ms)
    assert sampled(floor) == SAMPLED_PER_STEP + 4
