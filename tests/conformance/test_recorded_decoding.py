"""Our client reads the venue's recorded answers and frames, with their units."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from exchange_host import ANY
from recordings import DEMO, PREFIX, PUBLIC, RECORDED, WS_PATH, body_of, raw_frames

from core.clock import SystemClock
from core.kalshi import wire
from core.kalshi.account_wire import EndpointCost
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.rest import KalshiRest
from core.market.events import Trade
from core.units import Side

pytestmark = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"no recordings at {PUBLIC}")


@asynccontextmanager
async def replaying(bodies: Mapping[str, object]) -> AsyncIterator[KalshiRest]:
    """Our client of a server that gives the recorded answers."""

    async def answer(request: web.Request) -> web.Response:
        body = bodies[request.path.removeprefix(PREFIX)]
        return web.json_response(body)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    endpoint = DataEndpoint(f"http://{host}:{port}{PREFIX}", f"ws://{host}:{port}{WS_PATH}")
    client = KalshiRest(endpoint, None, SystemClock(), random.Random(1))
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def test_recorded_answers_decode() -> None:
    """The client reads the answers of June."""
    page = body_of(DEMO, "markets__status_settled")
    bodies = {
        "/exchange/status": body_of(DEMO, "exchange__status"),
        "/markets": page | {"cursor": ""},
        f"/markets/{ANY.ticker}": body_of(DEMO, "markets__single"),
        f"/markets/{ANY.ticker}/orderbook": body_of(DEMO, "orderbook__base"),
        "/portfolio/balance": body_of(DEMO, "auth__balance_ok"),
        "/portfolio/summary/total_resting_order_value": {"total_resting_order_value": 0},
        "/portfolio/positions": body_of(DEMO, "portfolio__positions"),
        "/portfolio/orders": body_of(DEMO, "portfolio__orders_list"),
        "/portfolio/fills": body_of(DEMO, "fills__after_taker"),
        "/account/limits": body_of(DEMO, "account__limits"),
    }
    async with replaying(bodies) as client:
        assert (await client.exchange_status()).trading_active
        assert {market.result for market in await client.markets()} <= {"yes", "no"}
        assert (await client.market(ANY.ticker)).close_ms == 1_782_403_200_000
        assert (await client.orderbook(ANY.ticker)).bids == ((4_700, 300),)
        assert (await client.balance()).available_micros == 98_018_600
        assert (await client.positions())[0].cost_micros == 2_500_000
        assert (await client.orders())[0].status == "executed"
        assert [fill.fee_micros for fill in await client.fills()][:2] == [17_500, 700]
        assert (await client.account_limits()).write.refill_rate == 100
        assert (await client.cash()).available_micros == 98_018_600
        assert (await client.holdings()).markets[0].cost_micros == 2_500_000
        assert [order.report for order in await client.order_records()] == await client.orders()
        assert [fill.report for fill in await client.fill_records()] == await client.fills()


async def test_recorded_lists_decode() -> None:
    """Trades and costs with their units; what had no rows is read as none."""
    bodies = {
        "/markets/trades": body_of(DEMO, "trades__public_recorded"),
        "/account/endpoint_costs": body_of(DEMO, "account__endpoint_costs"),
        "/series/fee_changes": body_of(DEMO, "series__fee_changes"),
        "/portfolio/settlements": body_of(DEMO, "settlements__page"),
    }
    async with replaying(bodies) as client:
        trades = await client.trades(limit=12)
        costs = await client.endpoint_costs()
        assert await client.series_fee_changes() == []
        assert await client.settlements() == []
    assert len({trade.trade_id for trade in trades}) == 12
    assert trades[0] == Trade(
        trade_id="56932642-f55c-41a6-1cad-35b95c27373b",
        ticker="KXPGATOUR-USO26-JDAY",
        price_pips=300,
        quantity_lots=777,
        taker_side=int(Side.BID),
        ts_ms=1_781_538_522_609,
    )
    assert (costs.default_cost, len(costs.endpoint_costs)) == (10, 16)
    cancel = EndpointCost("DELETE", PREFIX + "/portfolio/events/orders/:order_id", 2)
    assert cancel in costs.endpoint_costs
    async with replaying(
        {"/portfolio/settlements": body_of(DEMO, "settlements__end_of_session")}
    ) as client:
        assert await client.settlements() == []


PAGES = [case.name for case in RECORDED if case.path.startswith("/markets?")]


@pytest.mark.parametrize(
    "name", [name for name in PAGES if name != "markets__limit_over_max"] + ["markets__high_temp"]
)
async def test_every_recorded_page_of_markets_decodes(name: str) -> None:
    page = body_of(DEMO, name)
    async with replaying({"/markets": page | {"cursor": ""}}) as client:
        markets = await client.markets()
        records = await client.market_records()
    assert [record.market for record in records] == markets
    assert [record.created_ms > 0 for record in records] == [True] * len(records)
    assert [market.ticker for market in markets] == [row["ticker"] for row in page["markets"]]
    for market, row in zip(markets, page["markets"], strict=True):
        assert (market.status, market.result) == (row["status"], row["result"])
        paid = {"0.0000": 0, "1.0000": 10_000}.get(row.get("settlement_value_dollars"), -1)
        assert market.settlement_pips == paid
        assert market.volume_lots == round(float(row["volume_fp"]) * 100)
        assert market.price_ranges


def test_recorded_frames_decode() -> None:
    kinds = {type(wire.decode(text)) for text in raw_frames()}
    assert wire.UnknownFrame not in kinds
    assert len(kinds) == 7
