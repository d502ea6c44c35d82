"""Protocol 11.3: 429 body and refill, batch costs, cheaper cancels."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from exchange_host import Host, hosting
from plain_client import ANY_TICKER, ORDERS, Reply

TOO_MANY = Reply(429, {"error": "too many requests"})


@pytest.fixture
async def basic() -> AsyncIterator[Host]:
    """An exchange that grants 200 read and 100 write tokens a second."""
    async with hosting(tier="basic") as running:
        yield running


def item() -> dict[str, Any]:
    return {
        "ticker": ANY_TICKER,
        "side": "bid",
        "price": "0.1000",
        "count": "1.00",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    }


async def spend_writes(host: Host, creates: int) -> list[str]:
    return [(await host.ann.placed("bid", "0.1000", "1.00"))["order_id"] for _ in range(creates)]


async def test_eleventh_create_is_429_with_a_string(basic: Host) -> None:
    await spend_writes(basic, 10)
    assert await basic.ann.place("bid", "0.1000", "1.00") == TOO_MANY
    orders = (await basic.ann.get("/portfolio/orders"))["orders"]
    assert len(orders) == 10


async def test_bucket_refills_with_time_up_to_one_second(basic: Host) -> None:
    await spend_writes(basic, 10)
    await basic.pass_time(100)
    await spend_writes(basic, 1)
    assert await basic.ann.place("bid", "0.1000", "1.00") == TOO_MANY
    await basic.pass_time(5_000)
    await spend_writes(basic, 10)
    assert await basic.ann.place("bid", "0.1000", "1.00") == TOO_MANY


async def test_reads_and_writes_and_accounts_have_their_own_buckets(basic: Host) -> None:
    await spend_writes(basic, 10)
    assert await basic.ann.place("bid", "0.1000", "1.00") == TOO_MANY
    assert (await basic.ann.call("GET", "/portfolio/balance")).status == 200
    assert (await basic.bob.place("bid", "0.1000", "1.00")).status == 201


async def test_twenty_first_read_is_429(basic: Host) -> None:
    for _ in range(20):
        assert (await basic.ann.call("GET", "/portfolio/balance")).status == 200
    assert await basic.ann.call("GET", "/portfolio/balance") == TOO_MANY


async def test_cancels_cost_2(basic: Host) -> None:
    order_ids = await spend_writes(basic, 9)  # 10 tokens are left
    for order_id in order_ids[:5]:
        assert (await basic.ann.cancel(order_id)).status == 200
    assert await basic.ann.cancel(order_ids[5]) == TOO_MANY


async def test_batch_is_billed_per_item_and_as_a_whole(basic: Host) -> None:
    orders = {"orders": [item() for _ in range(11)]}
    assert await basic.ann.call("POST", f"{ORDERS}/batched", orders) == TOO_MANY
    assert (await basic.ann.get("/portfolio/orders"))["orders"] == []
    orders["orders"].pop()
    reply = await basic.ann.call("POST", f"{ORDERS}/batched", orders)
    assert reply.status == 201
    assert await basic.ann.place("bid", "0.1000", "1.00") == TOO_MANY


async def test_batch_cancel_costs_2_an_item(basic: Host) -> None:
    order_ids = await spend_writes(basic, 9)
    six = {"orders": [{"order_id": order_id} for order_id in order_ids[:6]]}
    assert await basic.ann.call("DELETE", f"{ORDERS}/batched", six) == TOO_MANY
    six["orders"].pop()
    assert (await basic.ann.call("DELETE", f"{ORDERS}/batched", six)).status == 200


async def test_single_order_read_costs_2(basic: Host) -> None:
    (order_id,) = await spend_writes(basic, 1)
    for _ in range(100):
        assert (await basic.ann.call("GET", f"/portfolio/orders/{order_id}")).status == 200
    reply = await basic.ann.call("GET", f"/portfolio/orders/{order_id}")
    assert reply == TOO_MANY


async def test_limits_and_costs_are_told(basic: Host) -> None:
    limits = await basic.ann.get("/account/limits")
    assert limits["usage_tier"] == "basic"
    assert limits["read"] == {"refill_rate": 200, "bucket_capacity": 200}
    assert limits["write"] == {"refill_rate": 100, "bucket_capacity": 100}
    costs = await basic.ann.get("/account/endpoint_costs")
    assert costs["default_cost"] == 10
    told = {(entry["method"], entry["path"]): entry["cost"] for entry in costs["endpoint_costs"]}
    for path in (":order_id", "batched"):
        assert told["DELETE", f"/trade-api/v2{ORDERS}/{path}"] == 2
    assert told["GET", "/trade-api/v2/portfolio/orders/:order_id"] == 2


@pytest.mark.parametrize(
    ("tier", "read", "write"),
    [
        ("basic", 200, 100),
        ("advanced", 300, 300),
        ("expert", 600, 600),
        ("premier", 1_000, 1_000),
        ("paragon", 2_000, 2_000),
        ("prime", 4_000, 4_000),
        ("prestige", 10_000, 8_000),
    ],
)
async def test_every_tier_has_its_rates(tier: str, read: int, write: int) -> None:
    async with hosting(tier=tier) as host:
        limits = await host.ann.get("/account/limits")
    rates = (limits["read"]["refill_rate"], limits["write"]["refill_rate"])
    assert (limits["usage_tier"], rates) == (tier, (read, write))
