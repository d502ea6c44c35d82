"""The archive, by a script over a real local exchange from which everything that is over leaves."""

import asyncio
from typing import Any

import pytest

from core.errors import RejectedError
from core.kalshi.holding_wire import EventHolding
from core.kalshi.queries import (
    FillQuery,
    MarketQuery,
    OrderQuery,
    PositionQuery,
    TimeRange,
    TradeQuery,
)

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


async def test_the_cutoff_says_where_the_archive_ends(archived: ScriptUser) -> None:
    cutoff = await archived.rest.historical_cutoff()
    assert cutoff.trades_created_ms == archived.now_ms + 1
    assert cutoff.market_settled_ms == cutoff.orders_updated_ms == cutoff.trades_created_ms
    assert cutoff.positions_updated_ms == cutoff.trades_created_ms


async def test_old_fills_and_orders_have_left_the_live_lists(archived: ScriptUser) -> None:
    bought = await archived.place(0, 6_000, 250)
    resting = await archived.place(0, 1_000, 100)
    assert await archived.rest.fills() == []
    (live,) = await archived.rest.orders()
    assert live.order_id == resting.order_id, "what rests is live whatever its age"
    (order,) = await archived.rest.historical_orders()
    assert (order.report.order_id, order.report.status) == (bought.order_id, "executed")
    assert order.taker_cost_micros == 250 * 6_000
    assert order.kind == "limit"
    (fill,) = await archived.rest.historical_fills()
    assert (fill.report.order_id, fill.report.quantity_lots) == (bought.order_id, 250)
    assert fill.fill_id == fill.report.trade_id
    assert order.taker_fees_micros == fill.report.fee_micros > 0


async def test_the_archive_takes_the_filters_of_the_live_lists(archived: ScriptUser) -> None:
    bought = await archived.place(0, 6_000, 100)
    rest, later = archived.rest, TimeRange(from_ms=archived.now_ms + 60_000)
    elsewhere = archived.tickers[1]
    assert len(await rest.historical_fills(FillQuery(order_id=bought.order_id))) == 1
    assert await rest.historical_fills(FillQuery(order_id="other")) == []
    assert await rest.historical_fills(FillQuery(time=later)) == []
    assert len(await rest.historical_orders(OrderQuery(status="executed"))) == 1
    assert await rest.historical_orders(OrderQuery(status="canceled")) == []
    assert await rest.historical_orders(OrderQuery(ticker=elsewhere)) == []


async def test_a_settled_market_lies_in_the_archive(archived: ScriptUser) -> None:
    bought = await archived.place(0, 6_000, 100)
    assert bought.filled_lots == 100
    with pytest.raises(RejectedError) as caught:
        await archived.rest.historical_market(archived.ticker)
    assert caught.value.status == 404, "it is live"
    archived.settle("yes")
    (market,) = await archived.rest.historical_markets()
    assert (market.ticker, market.result, market.status) == (archived.ticker, "yes", "finalized")
    assert await archived.rest.historical_market(archived.ticker) == market
    event = MarketQuery(event_ticker=archived.event, tickers=(archived.ticker,))
    assert await archived.rest.historical_markets(event) == [market]
    assert await archived.rest.historical_markets(MarketQuery(series_ticker="NONE")) == []
    assert [m.ticker for m in await archived.rest.markets()] == [archived.tickers[1]]


async def test_closed_positions_lie_in_the_archive(archived: ScriptUser) -> None:
    await archived.place(0, 6_000, 100)
    live = await archived.rest.holdings()
    assert [row.position_lots for row in live.markets] == [100]
    archived.settle("yes")
    old = await archived.rest.historical_positions()
    (row,) = old.markets
    assert (row.ticker, row.position_lots, row.cost_micros) == (archived.ticker, 0, 0)
    assert row.traded_micros == 100 * 6_000
    assert row.realized_micros == 100 * 4_000
    assert row.fees_micros > 0
    assert row.updated_ms >= archived.t0_ms
    assert old.events == (EventHolding(archived.event, 0, 600_000, 100, 400_000, row.fees_micros),)
    elsewhere = PositionQuery(ticker=archived.tickers[1])
    assert (await archived.rest.historical_positions(elsewhere)).markets == ()


async def test_old_trades_are_read_by_market_and_time(busy_archive: ScriptUser) -> None:
    rest, ticker = busy_archive.rest, busy_archive.ticker
    old = await rest.historical_trades(TradeQuery(ticker=ticker))
    times = [trade.ts_ms for trade in old]
    assert {trade.ticker for trade in old} == {ticker}
    assert times == sorted(times, reverse=True)
    assert times[0] < (await rest.historical_cutoff()).trades_created_ms
    until = TradeQuery(ticker=ticker, time=TimeRange(to_ms=times[-1]))
    assert await rest.historical_trades(until) == [
        trade for trade in old if trade.ts_ms // 1000 <= times[-1] // 1000
    ]
    later = TimeRange(from_ms=busy_archive.now_ms + 3_600_000)
    assert await rest.historical_trades(TradeQuery(time=later)) == []
    assert await rest.historical_trades(TradeQuery(is_block=True)) == []
    assert len(await rest.historical_trades(TradeQuery(is_block=False))) >= len(old)


async def test_candlesticks_of_an_old_market_have_the_same_meaning(
    busy_archive: ScriptUser,
) -> None:
    rest, ticker = busy_archive.rest, busy_archive.ticker
    period = (busy_archive.t0_ms, busy_archive.t0_ms + 60_000, 1)
    (live, *_) = await rest.candles((await rest.market(ticker)).series_ticker, ticker, *period)
    busy_archive.settle("yes")
    async with asyncio.timeout(20):
        while not await rest.historical_markets(MarketQuery(tickers=(ticker,))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    (old, *_) = await rest.historical_candles(ticker, *period)
    assert old == live
    assert old.end_ms == busy_archive.t0_ms // 60_000 * 60_000 + 60_000
