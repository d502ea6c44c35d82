"""Steps of the scenario when venue time passes: settlement, and data that become history."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sdk_client import Client, Report, word

Facts = dict[str, Any]
DEADLINE_S = 40.0


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """The first true result."""
    async with asyncio.timeout(DEADLINE_S):
        while not (result := await condition()):  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.05)
    return result


async def settlement_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """The ending market pays YES: ann's 4 YES at 0.60 pay 4 dollars, bob's 4 NO nothing."""
    with report.step("get_settlements"):

        async def settled() -> Any:  # noqa: ANN401
            return (await ann.get_settlements(ticker=facts["ending"])).settlements

        (row,) = await until(settled)
        assert (row.ticker, row.event_ticker) == (facts["ending"], facts["event"])
        assert (word(row.market_result), row.value, row.revenue) == ("yes", 100, 400)
        assert (row.yes_count_fp, row.yes_total_cost_dollars) == ("4.00", "2.400000")
        assert (row.no_count_fp, row.no_total_cost_dollars) == ("0.00", "0.000000")
        assert row.fee_cost == "0.067200"
        (lost,) = (await bob.get_settlements()).settlements
        assert (lost.no_count_fp, lost.no_total_cost_dollars) == ("4.00", "1.600000")
        assert lost.revenue == 0
    with report.step("get_positions"):
        rows = (await ann.get_positions()).market_positions
        assert [row.ticker for row in rows] == [facts["open"]]


async def history_steps(report: Report, ann: Client, facts: Facts) -> None:
    """What is older than the cutoff has left the live lists for the historical ones."""
    both = {facts["open"], facts["ending"]}
    with report.step("get_historical_markets"):

        async def moved() -> Any:  # noqa: ANN401
            return (await ann.get_historical_markets(event_ticker=facts["event"])).markets

        (market,) = await until(moved)
        assert (market.ticker, word(market.status)) == (facts["ending"], "finalized")
        assert (market.result, market.settlement_value_dollars) == ("yes", "1.0000")
    with report.step("get_historical_cutoff"):
        cutoff = await ann.get_historical_cutoff()
        for time in (cutoff.market_settled_ts, cutoff.trades_created_ts, cutoff.orders_updated_ts):
            assert time.timestamp() * 1000 > facts["start_ms"]
    with report.step("get_trades_historical"):
        trades = (await ann.get_trades_historical()).trades
        assert sorted(t.count_fp for t in trades) == ["1.00", "2.00", "4.00", "4.00"]
        assert (await ann.get_trades()).trades == []
    with report.step("get_fills_historical"):
        fills = (await ann.get_fills_historical()).fills
        assert {fill.trade_id for fill in fills} == {trade.trade_id for trade in trades}
        assert (await ann.get_fills()).fills == []
    with report.step("get_historical_orders"):
        orders = (await ann.get_historical_orders()).orders
        assert {word(order.status) for order in orders} == {"executed", "canceled"}
        assert {order.ticker for order in orders} == both
        live = (await ann.get_orders()).orders
        assert [word(order.status) for order in live] == ["resting"]
    with report.step("get_historical_positions"):
        (row,) = (await ann.get_historical_positions()).market_positions
        assert (row.ticker, row.position_fp) == (facts["ending"], "0.00")
        assert row.realized_pnl_dollars == "1.600000"
