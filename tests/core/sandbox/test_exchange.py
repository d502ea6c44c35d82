from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.market.market import FeeSchedule
from core.sandbox.exchange import Exchange
from core.sandbox.publisher import Publisher
from core.units import PIPS_PER_DOLLAR, Side

Floor = Any  # the class stands in conftest.py, which no test can import


def test_ids_are_uuids_and_reproducible() -> None:
    first, second = (Exchange(Publisher(), 7, 0) for _ in range(2))
    ids = [first.new_id() for _ in range(3)]
    assert ids == [second.new_id() for _ in range(3)]
    assert len({UUID(text).version for text in ids}) == 1


def test_timers_run_in_order_at_their_own_time(floor: Floor) -> None:
    exchange, seen = floor.exchange, []
    start = exchange.now_ms
    exchange.at(start + 20, lambda: seen.append(exchange.now_ms - start))
    exchange.at(start + 10, lambda: exchange.at(start + 15, lambda: seen.append(15)))
    exchange.advance(start + 30)
    assert seen == [15, 20]
    assert exchange.now_ms == start + 30


def test_venue_time_never_runs_back(floor: Floor) -> None:
    now_ms = floor.exchange.now_ms
    floor.exchange.advance(now_ms - 5)
    assert floor.exchange.now_ms == now_ms


def test_a_match_books_both_sides_and_open_interest(floor: Floor) -> None:
    floor.place(floor.ann, "bid", "0.4000", "2.00")
    floor.place(floor.bob, "ask", "0.4000", "2.00")
    ticker = floor.listing.ticker
    assert (floor.ann.lots(ticker), floor.bob.lots(ticker)) == (200, -200)
    assert floor.listing.open_interest_lots == 200
    (made,), (took,) = floor.ann.fills, floor.bob.fills
    assert made.trade_id == took.trade_id
    assert (made.is_taker, took.is_taker) == (False, True)
    assert made.fee_micros == 0
    assert took.fee_micros == 33_600
    floor.place(floor.bob, "bid", "0.4000", "2.00")
    floor.place(floor.ann, "ask", "0.4000", "2.00")
    assert floor.listing.open_interest_lots == 0


def test_the_crowd_takes_the_other_side(floor: Floor) -> None:
    floor.crowd(Side.ASK, 3_000, 100)
    floor.place(floor.ann, "bid", "0.3000", "1.00")
    crowd, ticker = floor.exchange.crowd, floor.listing.ticker
    assert crowd.lots(ticker) == -100
    assert crowd.cash_micros == -(PIPS_PER_DOLLAR - 3_000) * 100


def test_maker_fees_where_the_series_has_them(floor_of: Callable[..., Any]) -> None:
    floor = floor_of(fees=FeeSchedule(7_000, 1_750))
    floor.place(floor.ann, "bid", "0.5000", "1.00")
    floor.place(floor.bob, "ask", "0.5000", "1.00")
    assert floor.ann.fills[0].fee_micros == 4_400
    assert floor.bob.fills[0].fee_micros == 17_500
