"""Every account call by a script over the real local exchange."""

from typing import Any

from core.kalshi.account_wire import OrderGroup, QueuePosition
from core.kalshi.queries import MarketQuery, OrderQuery, SettlementQuery, TimeRange

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


async def test_a_settlement_tells_what_was_paid(user: ScriptUser) -> None:
    assert await user.rest.settlements() == []
    await user.place(0, 6_000, 300)
    user.settle("yes")
    (settled,) = await user.rest.settlements(SettlementQuery(ticker=user.ticker))
    assert (settled.ticker, settled.event_ticker, settled.result) == (
        user.ticker,
        user.event,
        "yes",
    )
    assert (settled.yes_lots, settled.yes_cost_micros, settled.no_lots) == (300, 1_800_000, 0)
    assert (settled.revenue_micros, settled.yes_pips) == (3_000_000, 10_000)
    assert settled.fee_micros > 0
    assert settled.settled_ms >= user.t0_ms
    assert (
        await user.rest.settlements(SettlementQuery(time=TimeRange(user.t0_ms + 3_600_000))) == []
    )


async def test_what_lies_ahead_in_the_queue(user: ScriptUser) -> None:
    order = await user.place(0, 4_000, 100)
    assert await user.rest.queue_position(order.order_id) == 1_000
    listed = await user.rest.queue_positions([user.ticker])
    assert listed == [QueuePosition(order.order_id, user.ticker, 1_000)]
    assert await user.rest.queue_positions(event_ticker=user.event) == listed
    assert await user.rest.queue_positions([user.tickers[1]]) == []


async def test_groups_and_their_orders(user: ScriptUser) -> None:
    assert await user.rest.order_groups() == []
    group_id = (await user.orders.create_group(2_000)).group_id
    order = await user.place(0, 3_000, 100, order_group_id=group_id)
    assert await user.rest.order_groups() == [OrderGroup(group_id, 2_000, True)]
    assert await user.rest.order_group(group_id) == OrderGroup(
        group_id, 2_000, True, (order.order_id,)
    )


async def test_freshness_and_costs(user: ScriptUser) -> None:
    as_of_ms = await user.rest.data_as_of_ms()
    assert user.t0_ms <= as_of_ms <= user.now_ms
    costs = await user.rest.endpoint_costs()
    assert costs.default_cost == 10
    cancel = {(cost.method, cost.cost) for cost in costs.endpoint_costs if "DELETE" in cost.method}
    assert ("DELETE", 2) in cancel


async def test_what_every_run_reads_is_read_by_a_script_too(user: ScriptUser) -> None:
    assert (await user.rest.exchange_status()).trading_active
    open_markets = await user.rest.markets(MarketQuery(status="open"))
    assert sorted(market.ticker for market in open_markets) == list(user.tickers)
    assert (await user.rest.market(user.ticker)).event_ticker == user.event
    filled = await user.place(0, 6_000, 300)
    rested = await user.place(0, 3_000, 100)
    assert [order.order_id for order in await user.rest.orders(OrderQuery(status="resting"))] == [
        rested.order_id
    ]
    assert (await user.rest.order(filled.order_id)).status == "executed"
    assert [fill.order_id for fill in await user.rest.fills()] == [filled.order_id]
    assert [row.position_lots for row in await user.rest.positions()] == [300]
    assert (await user.rest.balance()).reserved_micros >= 300_000, "with its highest fee"
    assert (await user.rest.account_limits()).usage_tier
