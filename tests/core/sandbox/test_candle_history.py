import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.candle_history import KEPT_PERIODS, CandleHistory, DayAgo
from core.sandbox.candles import DAY_S, HOUR_S, MINUTE_S, Span, end_s

NOON_MS = 1_778_500_800_000


def test_a_minute_opens_where_the_last_one_closed() -> None:
    history = CandleHistory()
    history.take_quote(NOON_MS, 4_000, 4_400, 0)
    history.take_quote(NOON_MS + 10_000, 3_900, 4_500, 100)
    history.take_quote(NOON_MS + 61_000, 4_100, 4_500, 100)
    first, second = history.candles(MINUTE_S)
    assert first.bid == Span(4_000, 3_900, 4_000, 3_900)
    assert first.ask == Span(4_400, 4_400, 4_500, 4_500)
    assert second.bid == Span(3_900, 3_900, 4_100, 4_100)
    assert (first.start_s, second.start_s) == (NOON_MS // 1000, NOON_MS // 1000 + 60)
    assert second.open_interest_lots == 100


def test_trades_are_summed_and_remembered() -> None:
    history = CandleHistory()
    history.take_trade(NOON_MS, 4_200, 300)
    history.take_trade(NOON_MS + 1, 4_400, 100)
    history.take_quote(NOON_MS + 200_000, 1, 2, 0)
    first, later = history.candles(MINUTE_S)
    assert first.price == Span(4_200, 4_200, 4_400, 4_400)
    assert (first.volume_lots, first.traded_micros) == (400, 4_200 * 300 + 4_400 * 100)
    assert (first.previous_pips, later.previous_pips) == (0, 4_400)
    assert (later.volume_lots, later.price) == (0, Span(0, 0, 0, 0))


def test_hours_and_days_are_sums_of_minutes() -> None:
    history = CandleHistory()
    for minute in range(90):
        history.take_trade(NOON_MS + minute * 60_000, 4_000 + minute, 100)
    first, second = history.candles(HOUR_S)
    assert (first.volume_lots, second.volume_lots) == (6_000, 3_000)
    assert first.price == Span(4_000, 4_000, 4_059, 4_059)
    assert second.previous_pips == 4_059
    (day,) = history.candles(DAY_S)
    assert (day.volume_lots, day.price.close) == (9_000, 4_089)
    assert day.start_s % HOUR_S == 0


@pytest.mark.parametrize("traded_minute", [0, 1])
def test_a_period_without_a_trade_adds_no_price(traded_minute: int) -> None:
    history = CandleHistory()
    for minute in range(2):
        history.take_quote(NOON_MS + minute * 60_000, 4_000, 5_000, 0)
        if minute == traded_minute:
            history.take_trade(NOON_MS + minute * 60_000, 4_500, 100)
    (hour,) = history.candles(HOUR_S)
    assert hour.price == Span(4_500, 4_500, 4_500, 4_500)


def test_ranges_go_by_the_end_of_a_candle() -> None:
    history = CandleHistory()
    for minute in range(180):
        history.take_quote(NOON_MS + minute * 60_000, 4_000 + minute, 5_000, 0)
    for period_s in (MINUTE_S, HOUR_S, DAY_S):
        everything = history.candles(period_s)
        ends = [end_s(candle.start_s, period_s) for candle in everything]
        steps = range(0, len(ends), 1 + len(ends) // 10)
        for first, last in itertools.combinations(steps, 2):
            found = history.candles(period_s, ends[first], ends[last])
            assert found == everything[first : last + 1]
            assert history.candles(period_s, ends[first] + 1, ends[last] - 1) == found[1:-1]
            latest = history.latest_before(period_s, ends[first])
            assert latest == (everything[first - 1] if first else None)
        assert history.latest_before(period_s, ends[-1] + 1) == everything[-1]


def test_a_day_ago_is_what_the_market_was_then() -> None:
    history = CandleHistory()
    assert history.last_day(NOON_MS) == DayAgo(0, 0, 0, 0)
    history.take_quote(NOON_MS, 4_000, 4_400, 0)
    history.take_trade(NOON_MS, 4_200, 300)
    assert history.last_day(NOON_MS) == DayAgo(0, 0, 0, 300)
    history.take_quote(NOON_MS + 3_600_000, 5_000, 5_400, 0)
    history.take_trade(NOON_MS + 3_600_000, 5_200, 100)
    assert history.last_day(NOON_MS + DAY_S * 1000 + 60_000) == DayAgo(4_200, 4_000, 4_400, 100)
    later = history.last_day(NOON_MS + 2 * DAY_S * 1000)
    assert later == DayAgo(5_200, 5_000, 5_400, 0)


def test_memory_is_bounded() -> None:
    history = CandleHistory()
    kept_minutes = KEPT_PERIODS[MINUTE_S]
    for minute in range(kept_minutes + 10):
        history.take_quote(NOON_MS + minute * 60_000, 1 + minute, 5_000, 0)
    kept = history.candles(MINUTE_S)
    assert len(kept) == kept_minutes + 1
    assert kept[0].start_s == NOON_MS // 1000 + 9 * 60
    assert history.candles(HOUR_S)[0].bid == Span(1, 1, 60, 60)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 2**40)), min_size=1, max_size=9))
def test_a_closed_minute_is_the_one_that_ran(trades: list[tuple[int, int]]) -> None:
    history = CandleHistory()
    history.take_quote(NOON_MS, 10, 9_990, 2**40)
    for price_pips, lots in trades:
        history.take_trade(NOON_MS, price_pips, lots)
    (running,) = history.candles(MINUTE_S)
    history.take_quote(NOON_MS + 60_000, 10, 9_990, 0)
    assert history.candles(MINUTE_S)[0] == running
    prices = [price_pips for price_pips, _ in trades]
    assert running.price == Span(prices[0], min(prices), max(prices), prices[-1])
    assert running.traded_micros == sum(price_pips * lots for price_pips, lots in trades)
