"""What signs for one account shares one key and one idea of the exchange's clock."""

from typing import Any

import pytest

from core.clock import SystemClock
from core.errors import RefusedError
from core.kalshi.queries import MarketQuery
from core.kalshi.requests import CreateOrder
from core.runtime.exchange_clients import ExchangeClients
from core.runtime.exchange_process import Served
from core.sandbox.auth import private_pem
from core.sandbox.limits import BASIC, TIERS

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Sandbox = Any
Serve = Any


def served(sandbox: Sandbox, base_url: str = "") -> Served:
    pem = private_pem(sandbox.private_key)
    return Served(base_url or sandbox.base_url, sandbox.ws_url, sandbox.api_key_id, pem)


async def test_reads_orders_and_status_of_one_exchange(sandbox: Sandbox) -> None:
    written: list[str] = []
    clients = ExchangeClients(served(sandbox), SystemClock(), lambda name, _: written.append(name))
    try:
        assert clients.rtt_ms is None
        assert (await clients.status()).trades == "real"
        (market,) = await clients.rest.markets(MarketQuery(status="open"))
        read_ms = clients.rtt_ms
        reply = await clients.orders.create_order(CreateOrder("mine", market.ticker, 0, 100, 100))
        assert reply.remaining_lots == 100
        assert written == ["mine"]
        assert read_ms is not None
        assert clients.rtt_ms not in (None, read_ms)
    finally:
        await clients.close()


async def test_what_a_read_learns_of_the_clock_corrects_an_order(sandbox: Sandbox) -> None:
    clients = ExchangeClients(served(sandbox), SystemClock(), lambda *_: None)
    try:
        (market,) = await clients.rest.markets(MarketQuery(status="open"))
        sandbox._server_clock.step_ms = 60_000
        await clients.rest.balance()
        assert abs((clients.rest.clock_offset_ms or 0) - 60_000) < 2_000
        await clients.orders.create_order(CreateOrder("late", market.ticker, 0, 100, 100))
    finally:
        await clients.close()


async def test_the_reads_of_a_start_wait_for_nothing(serve: Serve, connect: Connect) -> None:
    async with serve(tier=BASIC) as running, connect(running) as station:
        limits = await station.link.check()
        assert limits.usage_tier == "basic"
        await station.link.portfolio.open()
        await station.link.following.find()
        assert station.link.rest.budget.read_tokens >= limits.read.bucket_capacity // 4


async def test_reads_keep_to_what_the_account_may(serve: Serve, connect: Connect) -> None:
    async with serve(tier=TIERS["premier"]) as running, connect(running) as station:
        assert station.link.rest.budget.read_tokens == 200
        await station.link.check()
        assert 900 < station.link.rest.budget.read_tokens <= 1_000


def test_orders_go_nowhere_but_this_machine(sandbox: Sandbox) -> None:
    elsewhere = "https://external-api.kalshi.com/trade-api/v2"
    with pytest.raises(RefusedError):
        ExchangeClients(served(sandbox, elsewhere), SystemClock(), lambda *_: None)
