"""Tokens of an account: by which time they come, and every call of both clients against them."""

from typing import Any

import pytest
from scripted_http import SIGNER, serving

from core.clock import ManualClock, SystemClock, VenueClock
from core.errors import RateLimitedError, RejectedError
from core.kalshi.account_budget import AccountBudget
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.limits import (
    CANCEL_COST,
    DEFAULT_COST,
    ORDER_READ_COST,
    UPGRADE_COST,
)
from core.kalshi.order_rest import OrderRest
from core.kalshi.queries import OrderQuery
from core.kalshi.requests import CancelOrder, CreateOrder, DecreaseOrder
from core.kalshi.rest_wire import AccountLimits, BucketLimit

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any
EXPERT = AccountLimits("expert", BucketLimit(600, 600), BucketLimit(600, 1_200))


def test_a_new_account_has_the_lowest_tier_until_the_exchange_says_more() -> None:
    budget = AccountBudget(ManualClock())
    assert (budget.read_tokens, budget.write_tokens) == (200, 100)
    budget.keep_to(EXPERT)
    assert (budget.read_tokens, budget.write_tokens) == (600, 1_200)


def test_limits_told_again_give_nothing() -> None:
    budget = AccountBudget(ManualClock())
    budget.keep_to(EXPERT)
    assert budget.reserve_read(500) == 0
    assert budget.take_write(900, ends_orders=False)
    budget.keep_to(EXPERT)
    assert (budget.read_tokens, budget.write_tokens) == (100, 300)


def test_tokens_come_with_the_faster_of_wall_and_venue_time() -> None:
    wall = ManualClock(1_000_000, 0)
    venue = VenueClock(wall)
    venue.publish(50_000, 0, 10.0)
    budget = AccountBudget(wall, venue)
    assert budget.reserve_read(200) == 0
    wall.advance_ms(50)
    assert budget.read_tokens == 80, "half a second of venue time at 160 a second"
    venue.publish(60_000, wall.monotonic_ns(), 0.0)
    venue_end = budget.read_tokens
    wall.advance_ms(100)
    assert budget.read_tokens == min(200, venue_end + 16), "venue time has ended"
    venue.publish(10_000, wall.monotonic_ns(), 0.0)
    assert budget.reserve_read(200) == 0
    assert budget.read_tokens == 0, "a clock set back gives nothing"


def test_a_429_empties_the_bucket_that_it_was_for() -> None:
    budget = AccountBudget(ManualClock())
    budget.read_refused()
    assert (budget.read_tokens, budget.write_tokens) == (0, 100)
    budget.write_refused()
    assert budget.write_tokens == 0


async def test_our_costs_are_those_that_the_exchange_lists(user: ScriptUser) -> None:
    costs = await user.rest.endpoint_costs()
    listed = {
        (cost.method, cost.path.removeprefix("/trade-api/v2")): cost.cost
        for cost in costs.endpoint_costs
    }
    orders = "/portfolio/events/orders"
    assert costs.default_cost == DEFAULT_COST
    assert listed["DELETE", f"{orders}/:order_id"] == CANCEL_COST
    assert listed["DELETE", f"{orders}/batched"] == CANCEL_COST
    assert listed["GET", "/portfolio/orders/:order_id"] == ORDER_READ_COST
    assert listed["POST", "/account/api_usage_level/upgrade"] == UPGRADE_COST
    ours = {path for _, path in listed if path.startswith((orders, "/portfolio/order_groups"))}
    assert ours == {f"{orders}/:order_id", f"{orders}/batched"}, "all else costs the default"


async def test_the_account_tells_both_clients_how_fast_they_may_ask(basic: ScriptUser) -> None:
    limits = await basic.rest.account_limits()
    assert (limits.usage_tier, limits.write.bucket_capacity) == ("basic", 100)
    assert basic.rest.budget.write_tokens == 100
    await basic.place(0, 1_000, 100)
    assert 90 <= basic.rest.budget.write_tokens < 95


async def test_every_write_is_paid_for(user: ScriptUser) -> None:
    user.rest.budget.keep_to(  # a bucket that fills so slowly that time plays no part
        AccountLimits("test", BucketLimit(200, 200), BucketLimit(1, 100_000))
    )
    held = user.rest.budget.write_tokens
    cost: list[int] = []

    def spent() -> int:
        nonlocal held
        held, before = user.rest.budget.write_tokens, held
        cost.append(before - held)
        return cost[-1]

    order = await user.place(0, 1_000, 300)
    assert spent() == 10
    await user.orders.decrease_order(DecreaseOrder("c", order.order_id, user.ticker, 200))
    assert spent() == 10
    await user.orders.cancel_order(CancelOrder("c", order.order_id, user.ticker))
    assert spent() == 2
    both = [user.order(0, 1_000, 100), user.order(0, 1_100, 100)]
    placed = await user.orders.create_orders(both)
    assert spent() == 20
    await user.orders.cancel_orders([CancelOrder("c", p.order_id, user.ticker) for p in placed])
    assert spent() == 4
    await user.orders.cancel_all()
    assert spent() == 10
    group_id = (await user.orders.create_group(1_000)).group_id
    await user.orders.limit_group(group_id, 2_000)
    await user.orders.trigger_group(group_id)
    await user.orders.reset_group(group_id)
    await user.orders.delete_group(group_id)
    assert spent() == 50


async def test_no_mix_of_calls_is_ever_refused_by_the_exchange(basic: ScriptUser) -> None:
    """The client's own refusal comes before the exchange's, and leaves what cancels need."""
    placed = [await basic.place(0, 1_000, 100) for _ in range(4)]
    batch = [basic.order(0, 1_100, 100) for _ in range(3)]
    placed += await basic.orders.create_orders(batch)
    while basic.rest.budget.write_tokens >= 30:
        placed.append(await basic.place(0, 1_200, 100))
    with pytest.raises(RateLimitedError, match="not sent"):
        await basic.orders.create_orders(batch)
    for reply in placed:
        cancel = CancelOrder("c", reply.order_id, basic.ticker)
        assert (await basic.orders.cancel_order(cancel)).reduced_lots == 100
    assert await basic.rest.orders(OrderQuery(status="resting")) == []


async def test_reads_wait_their_turn_instead_of_being_refused(basic: ScriptUser) -> None:
    for _ in range(26):
        await basic.rest.balance()
    assert basic.rest.budget.read_tokens < 30, "one second's worth was asked for at once"


async def test_a_batch_that_never_fits_is_refused_before_it_is_sent(basic: ScriptUser) -> None:
    batch = [basic.order(0, 1_100, 100) for _ in range(9)]
    with pytest.raises(RateLimitedError, match="90 write tokens are needed"):
        await basic.orders.create_orders(batch)
    assert await basic.rest.orders() == []


async def test_a_refused_write_empties_the_bucket_and_is_not_sent_again() -> None:
    async with serving() as exchange:
        clock = SystemClock()
        budget = AccountBudget(clock)
        endpoint = OrderEndpoint.sandbox(exchange.rest_url)
        client = OrderRest(endpoint, SIGNER, clock, budget=budget)
        exchange.answer({"error": "too many requests"}, status=429)
        with pytest.raises(RateLimitedError, match="HTTP 429"):
            await client.create_order(CreateOrder("c-1", "A", 0, 4_400, 100))
        assert budget.write_tokens < 50
        assert len(exchange.requests) == 1
        await client.close()


async def test_what_an_order_manager_paid_for_is_not_paid_twice() -> None:
    async with serving() as exchange:
        clock = SystemClock()
        budget = AccountBudget(clock)
        endpoint = OrderEndpoint.sandbox(exchange.rest_url)
        client = OrderRest(endpoint, SIGNER, clock, budget=budget, is_prepaid=True)
        exchange.answer(*[{"error": {"code": "not_found", "message": "no"}}] * 2, status=404)
        for _ in range(2):
            with pytest.raises(RejectedError):
                await client.cancel_order(CancelOrder("c-1", "o", "A"))
        assert budget.write_tokens == 100
        exchange.answer({"error": {"code": "not_found", "message": "no"}}, status=404)
        with pytest.raises(RejectedError):
            await client.decrease_order(DecreaseOrder("c-1", "o", "A", 100))
        assert budget.write_tokens < 100
        await client.close()
