"""Every way an order request can end, at a real exchange over a real socket."""

from typing import Any

import pytest

from core.sandbox.limits import Tier
from core.trading.events import OrderChanged
from core.trading.orders import OrderState

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Serve = Any
Station = Any
Until = Any


async def test_an_accepted_order_rests_with_the_exchanges_id(station: Station) -> None:
    order = await station.place(0, 4_000, 1_000)
    assert order.state is OrderState.RESTING
    assert station.account.by_id[order.order_id].client_order_id == order.client_order_id
    told = [event.state for event in station.events if isinstance(event, OrderChanged)]
    assert told == ["requested", "resting"]
    assert station.link.rtt_ms is not None


async def test_an_order_that_crosses_is_filled_at_once(station: Station) -> None:
    order = await station.place(0, 6_000, 1_000)
    assert order.state is OrderState.FILLED
    assert station.account.lots(order.ticker) == 1_000


async def test_amend_and_cancel_are_carried_out(station: Station) -> None:
    order = await station.resting()
    station.amend(order, 3_900)
    await station.send()
    assert (order.state, order.price_pips) == (OrderState.RESTING, 3_900)
    assert station.account.by_id[order.order_id].price_pips == 3_900
    station.cancel(order)
    await station.send()
    assert order.state is OrderState.CANCELLED
    assert station.account.resting == {}


async def test_a_refusal_rejects_the_order_and_says_why(station: Station) -> None:
    station.account.cash_micros = 0
    order = await station.place(0, 4_000, 1_000)
    assert order.state is OrderState.REJECTED
    assert "balance" in order.reason
    assert station.account.orders == []


async def test_an_order_that_exists_already_is_the_one_that_was_asked_for(
    station: Station,
) -> None:
    """A repeated request, whoever repeated it, proves that the first one arrived."""
    await station.link.portfolio.open()
    order = station.ask(0, 4_000, 1_000)
    station.trade(station.account, "bid", "0.4000", "10.00", order.client_order_id)
    await station.send()
    assert order.state is OrderState.UNKNOWN
    await station.link.portfolio.sync()
    assert order.state is OrderState.RESTING
    assert len(station.account.orders) == 1
    assert station.link.portfolio.drift.is_zero


async def test_a_closed_market_rejects_the_order(station: Station) -> None:
    listing = station.sandbox.exchange.listings[station.ticker]
    station.life.close(listing)
    order = await station.place(0, 4_000, 1_000)
    assert order.state is OrderState.REJECTED


async def test_an_order_the_exchange_no_longer_has_is_unknown_until_its_list_tells(
    station: Station,
) -> None:
    order = await station.resting()
    listing = station.sandbox.exchange.listings[order.ticker]
    station.sandbox.exchange.withdraw(listing, station.account.by_id[order.order_id], "")
    station.cancel(order)
    await station.send()
    assert order.state is OrderState.UNKNOWN
    assert "unknown" in station.orders.obstacle(order.ticker)
    await station.link.portfolio.sync()
    assert order.state is OrderState.CANCELLED


async def test_too_many_requests_change_nothing(
    serve: Serve, connect: Connect, until: Until
) -> None:
    stingy = Tier("stingy", read_per_s=100_000, write_per_s=1)
    async with serve(tier=stingy) as sandbox, connect(sandbox) as station:
        rested = station.trade(station.account, "bid", "0.3000", "1.00")
        await station.link.portfolio.open()
        order = await station.place(0, 4_000, 1_000)
        assert (order.state, order.reason) == (OrderState.REJECTED, "too many requests")
        own = station.orders.orders.get(rested.client_order_id)
        refused_ms = station.clock.now_ms()
        await until(lambda: station.clock.now_ms() > refused_ms + 2)  # the budget waits as well
        station.cancel(own)
        await station.send()
        assert (own.state, own.reason) == (OrderState.RESTING, "too many requests")
        assert station.account.orders == [rested]
        assert rested.status == "resting"


@pytest.mark.parametrize(
    ("loses", "arrived", "after"),
    [("answers", 1, OrderState.RESTING), ("requests", 0, OrderState.REJECTED)],
)
async def test_a_lost_create_is_unknown_until_the_exchanges_list_proves_it(
    relayed: Station, relay: Relay, loses: str, arrived: int, after: OrderState
) -> None:
    await relayed.link.portfolio.open()
    relay.loses = loses
    order = await relayed.place(0, 4_000, 1_000)
    assert order.state is OrderState.UNKNOWN
    assert len(relayed.account.orders) == arrived
    assert "unknown" in relayed.orders.obstacle(order.ticker)
    relay.loses = ""
    await relayed.link.portfolio.sync()
    assert order.state is after
    assert relayed.orders.obstacle(order.ticker) == ""
    assert relayed.link.portfolio.drift.is_zero


async def test_a_lost_cancel_is_settled_by_the_list(relayed: Station, relay: Relay) -> None:
    order = await relayed.resting()
    relay.loses = "answers"
    relayed.cancel(order)
    await relayed.send()
    assert order.state is OrderState.UNKNOWN
    relay.loses = ""
    await relayed.link.portfolio.sync()
    assert order.state is OrderState.CANCELLED
    assert relayed.account.resting == {}


async def test_latency_is_taken_when_the_request_is_written(station: Station) -> None:
    order = station.ask(0, 4_000, 1_000)
    station.metrics.decided(order.client_order_id, station.wall.monotonic_ns())
    await station.send()
    assert len(station.metrics.decision_ms) == 1
    assert station.metrics.decision_ms[0] > 0
