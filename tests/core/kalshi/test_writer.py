"""What every write has in common: paid for before it is sent, and sent once."""

import pytest
from scripted_http import SIGNER, serving

from core.clock import ManualClock, SystemClock
from core.errors import RateLimitedError
from core.kalshi.account_budget import AccountBudget
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.group_rest import GroupWriter
from core.kalshi.limits import BASIC_WRITE_PER_S, DEFAULT_COST

KEPT = BASIC_WRITE_PER_S // 5


async def test_a_write_without_tokens_is_not_sent() -> None:
    wall = ManualClock()
    budget = AccountBudget(wall)
    paid_for = (BASIC_WRITE_PER_S - KEPT) // DEFAULT_COST
    async with serving() as exchange:
        endpoint = OrderEndpoint.sandbox(exchange.rest_url)
        writer = GroupWriter(endpoint, SIGNER, SystemClock(), budget=budget)
        exchange.answer(*[{"order_group_id": "g"}] * paid_for, {})
        for _ in range(paid_for):
            await writer.create_group(100)
        with pytest.raises(RateLimitedError, match="not sent: 10 write tokens"):
            await writer.create_group(100)
        assert len(exchange.requests) == paid_for
        await writer.trigger_group("g")  # it ends orders, so it may have what is kept
        assert len(exchange.requests) == paid_for + 1
        await writer.close()


async def test_after_a_refusal_nothing_is_sent_until_tokens_come() -> None:
    wall = ManualClock()
    async with serving() as exchange:
        endpoint = OrderEndpoint.sandbox(exchange.rest_url)
        writer = GroupWriter(endpoint, SIGNER, SystemClock(), budget=AccountBudget(wall))
        exchange.answer({"error": {"code": "too_many_requests", "message": "slow"}}, status=429)
        with pytest.raises(RateLimitedError, match="slow"):
            await writer.create_group(100)
        with pytest.raises(RateLimitedError, match="not sent"):
            await writer.trigger_group("g")
        wall.advance_ms(1_000)
        exchange.answer({})
        await writer.trigger_group("g")
        assert [path for _, path, _, _ in exchange.requests] == [
            "/portfolio/order_groups/create",
            "/portfolio/order_groups/g/trigger",
        ]
        await writer.close()
