import json
import os
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.rules import ExchangeRules

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
UPGRADE = "/account/api_usage_level/upgrade"
ORDERS = "/portfolio/events/orders"
DATA = Path(__file__).parents[4] / "shared" / "data" / "kalshi"
RECORDED = Path(os.environ.get("KALSHIFLOW_TEST_DATA") or DATA) / "public" / "rest-demo-2026-06"


def recorded(name: str) -> dict[str, Any]:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no recorded answer {path}")
    return json.loads(path.read_text())


async def test_the_limits_of_a_basic_account_are_those_recorded(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        assert (await client.call("GET", "/account/limits"))[1] == recorded("account__limits")


async def test_the_costs_are_those_recorded(serve: Serve) -> None:
    async with serve() as client:
        status, costs = await client.send("GET", "/account/endpoint_costs", {})
        assert (status, costs["default_cost"]) == (200, 10)
        assert costs == recorded("account__endpoint_costs")


async def test_an_upgrade_needs_an_order_and_is_told_in_the_limits(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        status, body = await client.call("POST", UPGRADE)
        assert (status, body["error"]["code"]) == (403, "forbidden")
        await client.call("POST", ORDERS, client.order())
        assert await client.empty("POST", UPGRADE) == 201
        _, limits = await client.call("GET", "/account/limits")
        assert limits["usage_tier"] == "advanced"
        assert limits["read"] == {"refill_rate": 300, "bucket_capacity": 300}
        assert limits["write"] == {"refill_rate": 300, "bucket_capacity": 600}
        (grant,) = limits["grants"]
        assert (grant["exchange_instance"], grant["level"]) == ("event_contract", "advanced")


async def test_the_tier_is_a_rule_of_the_exchange(serve: Serve) -> None:
    async with serve(is_limited=True, rules=ExchangeRules(tier="prestige")) as client:
        _, limits = await client.call("GET", "/account/limits")
        assert limits["usage_tier"] == "prestige"
        assert limits["write"] == {"refill_rate": 8_000, "bucket_capacity": 16_000}


async def test_an_upgrade_is_private(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.send("POST", UPGRADE, {}))[0] == 401
