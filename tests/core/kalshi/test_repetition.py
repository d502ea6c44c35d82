"""Every call of both clients: reads are tried again where no answer came, writes never are."""

import inspect
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from scripted_http import SIGNER, Exchange, serving

from core.clock import SystemClock
from core.errors import RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import AmendOrder, CancelOrder, CreateOrder, DecreaseOrder
from core.kalshi.rest import KalshiRest

CREATE = CreateOrder("c", "A", 0, 4_400, 100)
CANCEL = CancelOrder("c", "o", "A")
READS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "exchange_status": ("/exchange/status", ()),
    "schedule": ("/exchange/schedule", ()),
    "data_as_of_ms": ("/exchange/user_data_timestamp", ()),
    "markets": ("/markets", ()),
    "market": ("/markets/A", ("A",)),
    "market_records": ("/markets", ()),
    "market_record": ("/markets/A", ("A",)),
    "orderbook": ("/markets/A/orderbook", ("A",)),
    "orderbooks": ("/markets/orderbooks", (["A"],)),
    "trades": ("/markets/trades", ()),
    "candles": ("/series/S/markets/A/candlesticks", ("S", "A", 0, 1, 1)),
    "candles_of": ("/markets/candlesticks", (["A"], 0, 1, 1)),
    "event_candles": ("/series/S/events/E/candlesticks", ("S", "E", 0, 1, 1)),
    "events": ("/events", ()),
    "event": ("/events/E", ("E",)),
    "event_metadata": ("/events/E/metadata", ("E",)),
    "event_fee_changes": ("/events/fee_changes", ()),
    "series_in": ("/series", ("C",)),
    "series_list": ("/series", ()),
    "series_terms": ("/series/S", ("S",)),
    "series_fee_changes": ("/series/fee_changes", ()),
    "orders": ("/portfolio/orders", ()),
    "order": ("/portfolio/orders/o", ("o",)),
    "order_records": ("/portfolio/orders", ()),
    "order_record": ("/portfolio/orders/o", ("o",)),
    "queue_position": ("/portfolio/orders/o/queue_position", ("o",)),
    "queue_positions": ("/portfolio/orders/queue_positions", ()),
    "balance": ("/portfolio/balance", ()),
    "cash": ("/portfolio/balance", ()),
    "positions": ("/portfolio/positions", ()),
    "holdings": ("/portfolio/positions", ()),
    "fills": ("/portfolio/fills", ()),
    "fill_records": ("/portfolio/fills", ()),
    "settlements": ("/portfolio/settlements", ()),
    "order_groups": ("/portfolio/order_groups", ()),
    "order_group": ("/portfolio/order_groups/g", ("g",)),
    "account_limits": ("/account/limits", ()),
    "endpoint_costs": ("/account/endpoint_costs", ()),
    "api_keys": ("/api_keys", ()),
    "key_scopes": ("/api_keys", ("k",)),
    "historical_cutoff": ("/historical/cutoff", ()),
    "historical_markets": ("/historical/markets", ()),
    "historical_market": ("/historical/markets/A", ("A",)),
    "historical_candles": ("/historical/markets/A/candlesticks", ("A", 0, 1, 1)),
    "historical_trades": ("/historical/trades", ()),
    "historical_orders": ("/historical/orders", ()),
    "historical_fills": ("/historical/fills", ()),
    "historical_positions": ("/historical/positions", ()),
}
ORDERS, GROUPS = "/portfolio/events/orders", "/portfolio/order_groups"
WRITES: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "create_order": ("POST", ORDERS, (CREATE,)),
    "amend_order": ("POST", f"{ORDERS}/o/amend", (AmendOrder("c", "o", "A", 0, 4_400, 100),)),
    "decrease_order": ("POST", f"{ORDERS}/o/decrease", (DecreaseOrder("c", "o", "A", 100),)),
    "cancel_order": ("DELETE", f"{ORDERS}/o", (CANCEL,)),
    "cancel_all": ("DELETE", ORDERS, ()),
    "create_orders": ("POST", f"{ORDERS}/batched", ([CREATE],)),
    "cancel_orders": ("DELETE", f"{ORDERS}/batched", ([CANCEL],)),
    "create_group": ("POST", f"{GROUPS}/create", (100,)),
    "reset_group": ("PUT", f"{GROUPS}/g/reset", ("g",)),
    "trigger_group": ("PUT", f"{GROUPS}/g/trigger", ("g",)),
    "limit_group": ("PUT", f"{GROUPS}/g/limit", ("g", 100)),
    "delete_group": ("DELETE", f"{GROUPS}/g", ("g",)),
    "create_key": ("POST", "/api_keys", ("mine", "PEM")),
    "generate_key": ("POST", "/api_keys/generate", ("mine",)),
    "delete_key": ("DELETE", "/api_keys/k", ("k",)),
    "upgrade_usage_level": ("POST", "/account/api_usage_level/upgrade", ()),
}
NO = {"error": {"code": "not_found", "message": "not found"}}


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with serving() as peer:
        yield peer


def calls(client: type) -> set[str]:
    """Names of what a client can be asked for."""
    named = {name for name in dir(client) if not name.startswith("_")} - {"close"}
    return {name for name in named if inspect.iscoroutinefunction(getattr(client, name))}


def test_every_call_stands_here() -> None:
    assert calls(KalshiRest) == READS.keys()
    assert calls(OrderRest) == WRITES.keys()


@pytest.mark.parametrize("name", READS)
async def test_a_read_without_an_answer_is_tried_again(exchange: Exchange, name: str) -> None:
    path, arguments = READS[name]
    endpoint = DataEndpoint(exchange.rest_url, "ws://127.0.0.1:1/trade-api/ws/v2")
    client = KalshiRest(endpoint, SIGNER, SystemClock(), random.Random(1))
    exchange.answer({"code": "service_unavailable"}, status=503)
    exchange.answer(NO, status=404)
    with pytest.raises(RejectedError):
        await getattr(client, name)(*arguments)
    assert [request[:2] for request in exchange.requests] == [("GET", path)] * 2
    assert exchange.requests[0][2] == exchange.requests[1][2]
    await client.close()


@pytest.mark.parametrize("how", ["503", "lost"])
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_without_an_answer_is_not_sent_again(
    exchange: Exchange, name: str, how: str
) -> None:
    method, path, arguments = WRITES[name]
    client = OrderRest(OrderEndpoint.sandbox(exchange.rest_url), SIGNER, SystemClock())
    exchange.dropped = int(how == "lost")
    exchange.answer({"code": "service_unavailable"}, status=503)
    with pytest.raises(UnreachableError):
        await getattr(client, name)(*arguments)
    assert [request[:2] for request in exchange.requests] == [(method, path)]
    await client.close()
