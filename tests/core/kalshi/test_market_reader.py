"""Every market call by a script over the real local exchange."""

from typing import Any

import pytest

from core.errors import RejectedError
from core.kalshi.queries import EventQuery, SeriesQuery, TimeRange, TradeQuery

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


async def test_books_of_many_markets_are_those_of_each(user: ScriptUser) -> None:
    books = await user.rest.orderbooks(user.tickers)
    assert sorted(book.ticker for book in books) == list(user.tickers)
    for book in books:
        assert book == await user.rest.orderbook(book.ticker)
    assert await user.rest.orderbooks([]) == []


async def test_trades_are_listed_newest_first(busy: ScriptUser) -> None:
    trades = await busy.rest.trades(TradeQuery(ticker=busy.ticker))
    assert {trade.ticker for trade in trades} == {busy.ticker}
    times = [trade.ts_ms for trade in trades]
    assert times == sorted(times, reverse=True)
    assert len({trade.trade_id for trade in trades}) == len(trades)
    assert (
        trades[-3:]
        == (await busy.rest.trades(TradeQuery(ticker=busy.ticker, time=TimeRange(None, times[0]))))[
            -3:
        ]
    )
    (newest,) = await busy.rest.trades(TradeQuery(ticker=busy.ticker), limit=1)
    assert newest.ts_ms >= times[0]
    assert await busy.rest.trades(TradeQuery(ticker="NONE")) == []


async def test_candles_in_their_three_forms_hold_the_trades(busy: ScriptUser) -> None:
    period = (busy.t0_ms, busy.t0_ms + 120_000, 1)
    series = busy.ticker.split("-", 1)[0]
    alone = await busy.rest.candles(series, busy.ticker, *period)
    first = alone[0]
    trades = await busy.rest.trades(
        TradeQuery(ticker=busy.ticker, time=TimeRange(None, first.end_ms))
    )
    traded = [trade for trade in trades if trade.ts_ms < first.end_ms]
    assert sum(trade.quantity_lots for trade in traded) == first.volume_lots
    if first.price is not None:
        assert first.price.high_pips == max(trade.price_pips for trade in traded)
        assert first.price.close_pips == traded[0].price_pips
    batch = await busy.rest.candles_of([busy.ticker], *period)
    assert batch[busy.ticker][0] == first
    event = busy.ticker.rsplit("-", 1)[0]
    assert (await busy.rest.event_candles(series, event, *period)).markets[busy.ticker][0] == first


async def test_events_bring_their_markets(user: ScriptUser) -> None:
    one = await user.rest.event(user.event)
    assert (one.ticker, one.series_ticker) == (user.event, "KXT")
    assert sorted(market.ticker for market in one.markets) == list(user.tickers)
    assert [event.ticker for event in await user.rest.events(EventQuery(series_ticker="KXT"))] == [
        user.event
    ]
    (nested,) = await user.rest.events(EventQuery(status="open", with_markets=True))
    assert len(nested.markets) == 2
    assert await user.rest.events(EventQuery(status="settled")) == []
    with pytest.raises(RejectedError, match="HTTP 404"):
        await user.rest.event("NONE")


async def test_terms_of_a_series_name_its_fees(user: ScriptUser) -> None:
    terms = await user.rest.series_terms("KXT")
    assert (terms.ticker, terms.fee_type) == ("KXT", "quadratic")
    assert terms.multiplier_millionths == 1_000_000
    assert await user.rest.series_fee_changes("KXT") == []
    assert await user.rest.event_fee_changes(user.event) == []


async def test_the_archive_begins_before_everything_that_is_live(user: ScriptUser) -> None:
    cutoff = await user.rest.historical_cutoff()
    assert 0 < cutoff.market_settled_ms < user.t0_ms
    assert 0 < cutoff.trades_created_ms < user.t0_ms
    assert 0 < cutoff.orders_updated_ms < user.t0_ms


async def test_an_event_tells_what_it_is_shown_with(user: ScriptUser) -> None:
    shown = await user.rest.event_metadata(user.event)
    assert sorted(look.market_ticker for look in shown.market_details) == list(user.tickers)
    assert {look.color_code for look in shown.market_details} == {"#7F7F7F"}
    assert (shown.image_url, shown.settlement_sources) == ("", ())
    with pytest.raises(RejectedError, match="404"):
        await user.rest.event_metadata("KXNOBODY-1")


async def test_all_series_are_listed_with_their_terms(busy: ScriptUser) -> None:
    series = await busy.rest.series_list()
    assert [terms.ticker for terms in series] == [busy.ticker.split("-")[0]]
    (terms,) = series
    assert terms == await busy.rest.series_terms(terms.ticker)
    assert (terms.categories, terms.volume_lots) == ((terms.category,), None)
    (counted,) = await busy.rest.series_list(SeriesQuery(category=terms.category, with_volume=True))
    assert (counted.volume_lots or 0) > 0
    assert await busy.rest.series_list(SeriesQuery(category="Elsewhere")) == []
    assert await busy.rest.series_list(SeriesQuery(tags=("none",))) == []
    later = SeriesQuery(updated_from_ms=busy.now_ms + 3_600_000)
    assert await busy.rest.series_list(later) == []


async def test_candlesticks_say_mean_and_previous_and_bridge_to_the_one_before(
    busy: ScriptUser,
) -> None:
    market = await busy.rest.market(busy.ticker)
    whole = (market.series_ticker, busy.ticker, busy.t0_ms, busy.now_ms + 60_000, 1)
    candles = await busy.rest.candles(*whole)
    for candle in candles:
        assert (candle.mean_micros is None) == (candle.price is None)
        if candle.price is not None:
            low, high = candle.price.low_pips * 100, candle.price.high_pips * 100
            assert low <= (candle.mean_micros or 0) <= high
    later_ms = candles[0].end_ms + 3_600_000 * 24
    after = (market.series_ticker, busy.ticker, later_ms, later_ms + 60_000, 1)
    assert await busy.rest.candles(*after) == []
    (bridge,) = await busy.rest.candles(*after, with_before=True)
    assert (bridge.volume_lots, bridge.end_ms) == (0, later_ms)
    batch = await busy.rest.candles_of([busy.ticker], *after[2:], with_before=True)
    assert [candle.volume_lots for candle in batch[busy.ticker]] == [0]


async def test_candlesticks_of_an_event_say_how_far_they_reach(busy: ScriptUser) -> None:
    market = await busy.rest.market(busy.ticker)
    period = (busy.t0_ms, busy.t0_ms + 60_000, 1)
    found = await busy.rest.event_candles(market.series_ticker, market.event_ticker, *period)
    assert found.end_ms == (busy.t0_ms + 60_000) // 1000 * 1000
    assert busy.ticker in found.markets
