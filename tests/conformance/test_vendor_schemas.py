"""Every reply and frame of the exchange against the vendor's own schemas of 10 June 2026.

What changed after that day is excused by name, with the protocol section that states it. An
excuse that nothing needs any more fails too.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from further_walks import NOBODY
from journey import Journey
from vendor_schemas import VendorSchemas

ROOT = Path(__file__).resolve().parents[2]

# What differs today, and the protocol section that says so.
REPLY_EXCUSES = {
    "DELETE /portfolio/events/orders: no such method": "3.4, 4.6: cancel-all since 27 Aug 2026",
    "EventData.available_on_brokers: missing": "12: no longer a member",
    "EventData.settlement_sources: not in the file": "4.4, 12",
    "ExchangeStatus.exchange_index_statuses: not in the file": "4.2, 12",
    "ExchangeStatus.intra_exchange_transfers_active: not in the file": "4.2, 12",
    "Fill.exchange_index: not in the file": "9.3, 12",
    "GET /historical/positions: no such path": "1.3, 9.4",
    "GenerateApiKeyResponse.key_type: not in the file": "2.7, 12: Ed25519 since 24 Sep 2026",
    "GetHistoricalCutoffResponse.market_positions_last_updated_ts: not in the file": "12",
    "GetPortfolioRestingOrderTotalValueResponse.resting_order_value_breakdown: not in the file": (
        "4.8, 12"
    ),
    "Market.fractional_trading_enabled: missing": "3.4: removed on 9 Jul 2026",
    "Market.liquidity_dollars: missing": "3.4: removed on 1 Oct 2026",
    "Market.settlement_bounds_type: not in the file": "9.3, 12",
    "Market.settlement_floor_dollars: not in the file": "6.7, 12",
    "MarketPosition.exchange_index: not in the file": "9.3, 12",
    "MarketPosition.resting_orders_count: missing": "3.4: removed on 9 Jul 2026",
    "GET /portfolio/intra_exchange_instance_transfers: no such path": "9.4: transfer calls",
    "POST /portfolio/intra_exchange_instance_transfer: no such path": "9.4: transfer calls",
    "Series.categories: not in the file": "4.4, 12",
    "Series.exchange_index: not in the file": "12",
    "Settlement.exchange_index: not in the file": "9.3, 12",
    "SubaccountBalance.exchange_index: not in the file": "0, 9.4: 3.34.0 requires it",
    "SubaccountNettingConfig.exchange_index: not in the file": "0, 9.4: 3.34.0 requires it",
    "SubaccountTransfer.exchange_index: not in the file": "0, 9.4: 3.34.0 requires it",
}
FRAME_EXCUSES = {
    "error.msg.code: maximum of 26": "5.2: market limit exceeded",
    "error.msg.code: maximum of 27": "5.2: too many requests",
    "errorResponsePayload.seq: not in the file": "5.2: an error that ends a subscription",
    "errorResponsePayload.sid: not in the file": "5.2: an error that ends a subscription",
    "eventFeeUpdatePayload.seq: not in the file": "5.3: lifecycle messages carry seq",
    "eventLifecyclePayload.seq: not in the file": "5.3: lifecycle messages carry seq",
    "fill.msg.exchange_index: not in the file": "5.7, 12",
    "marketLifecycleV2Payload.seq: not in the file": "5.3: lifecycle messages carry seq",
    "market_lifecycle_v2.msg.exchange_index: not in the file": "5.8, 12",
    "market_lifecycle_v2.msg.price_ranges: not in the file": "5.8, 12",
    "orderbookSnapshotPayload.id: not in the file": "5.2: get_snapshot is answered under its id",
    "orderbookSnapshotPayload.sending_ts_ms: not in the file": "5.1: since about Oct 2026",
    "trade.msg.is_block_trade: not in the file": "5.6, 12",
    "tradePayload.seq: not in the file": "5.3: trades carry seq",
    "user_order.msg.exchange_index: not in the file": "5.7, 12",
    "user_order.msg.last_update_reason: not in the file": "5.7, 12",
}

# The file has one shape of errors, and leaves statuses of many calls out; the wire has more.
ERROR_EXCUSES = {
    "DELETE /portfolio/orders/batched: no status 410": "3.4, 4.10: gone since mid 2026",
    "DELETE /portfolio/orders/{order_id}: no status 410": "3.4, 4.10: gone since mid 2026",
    "GET /portfolio/balance: no status 429": "4.9, 4.10: any call",
    "GET /portfolio/intra_exchange_instance_transfers/{id}: no such path": "9.4: transfer calls",
    "GET /series/{series_ticker}/events/{ticker}/candlesticks: no status 404": "4.10: unknown",
    "GET /series/{series_ticker}: no status 404": "4.10: unknown",
    "POST /api_keys/generate: no status 403": "2.7: missing scope",
    "POST /portfolio/events/orders: no status 403": "2.7: missing scope",
    "POST /portfolio/events/orders: no status 404": "4.10: unknown market",
    "POST /portfolio/events/orders: no status 503": "4.10: state unknown",
    "POST /portfolio/intra_exchange_instance_transfer: no such path": "9.4: transfer calls",
    "POST /portfolio/orders/batched: no status 410": "3.4, 4.10: gone since mid 2026",
    "POST /portfolio/orders/{order_id}/amend: no status 410": "3.4, 4.10: gone since mid 2026",
    "POST /portfolio/orders/{order_id}/decrease: no status 410": "3.4, 4.10: gone since mid 2026",
    "POST /portfolio/orders: no status 410": "3.4, 4.10: gone since mid 2026",
    "an error in words": "4.10: the fourth shape",
    "an error inside `error`": "4.10: the first shape",
    "an error of a query in `msg`": "4.10: the third shape",
}


@pytest.fixture(scope="module")
def folder() -> Path:
    """The folder of the vendor's files, or skip where this machine has none."""
    data = os.environ.get("KALSHIFLOW_TEST_DATA")
    shared = Path(data).parents[1] if data else ROOT.parent / "shared"
    found = shared / "reference" / "kalshi"
    if not found.is_dir():
        pytest.skip(f"no vendor schemas at {found}")
    return found


def test_replies_differ_only_where_the_exchange_changed(folder: Path, journey: Journey) -> None:
    schemas = VendorSchemas(folder / "openapi-2026-06-10.yaml", is_socket=False)
    found: set[str] = set()
    checked = 0
    for method, path, _, status, body in journey.replies:
        if status >= 400:
            continue
        schema = schemas.reply_schema(method, path.partition("?")[0], status)
        if isinstance(schema, str):
            found.add(schema)
        else:
            found |= schemas.differences(body, schema, f"{method} {path.partition('?')[0]}")
            checked += 1
    assert checked > 600
    assert sorted(found - REPLY_EXCUSES.keys()) == []
    assert sorted(REPLY_EXCUSES.keys() - found) == []


def test_errors_differ_only_where_the_wire_does(folder: Path, journey: Journey) -> None:
    """Each has a status that its call names, and the file's flat shape or another that is known."""
    schemas = VendorSchemas(folder / "openapi-2026-06-10.yaml", is_socket=False)
    flat = schemas.component("ErrorResponse") | {"required": ["code", "message"]}
    found: set[str] = set()
    statuses = set()
    for method, path, _, status, body in journey.replies:
        if status < 400:
            continue
        statuses.add(status)
        schema = schemas.reply_schema(method, path.partition("?")[0], status)
        if isinstance(schema, str):
            found.add(schema.replace(NOBODY, "{id}"))
        found |= error_differences(schemas, flat, body)
    assert statuses == {400, 401, 403, 404, 409, 410, 429, 503}
    assert sorted(found - ERROR_EXCUSES.keys()) == []
    assert sorted(ERROR_EXCUSES.keys() - found) == []


def error_differences(schemas: VendorSchemas, flat: dict[str, Any], body: Any) -> set[str]:  # noqa: ANN401
    """How a body departs from the file's error; another shape is told by what it has to be."""
    match body:
        case {"error": dict(inner), **rest} if not rest:
            return {"an error inside `error`"} | schemas.differences(inner, flat, "error")
        case {"error": str(), **rest} if not rest:
            return {"an error in words"}
        case {"msg": str(), **rest} if not rest:
            return {"an error of a query in `msg`"}
    return schemas.differences(body, flat, "error")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ({"code": "x", "message": "y", "service": "exchange"}, set()),
        ({"code": "x"}, {"ErrorResponse.message: missing"}),
        ({"error": {"code": 1, "message": "y"}}, {"error.code: type of 1"}),
        ({"error": {"message": "y"}}, {"ErrorResponse.code: missing"}),
        ({"code": "x", "message": "y", "hint": ""}, {"ErrorResponse.hint: not in the file"}),
        ({"error": "x", "code": "y", "message": "z"}, {"ErrorResponse.error: not in the file"}),
    ],
)
def test_a_wrong_error_is_found(folder: Path, body: object, lines: set[str]) -> None:
    schemas = VendorSchemas(folder / "openapi-2026-06-10.yaml", is_socket=False)
    flat = schemas.component("ErrorResponse") | {"required": ["code", "message"]}
    assert error_differences(schemas, flat, body) - {"an error inside `error`"} == lines


def test_frames_differ_only_where_the_exchange_changed(folder: Path, journey: Journey) -> None:
    schemas = VendorSchemas(folder / "asyncapi-2026-06-10.yaml", is_socket=True)
    found: set[str] = set()
    for frame in journey.frames:
        kind = frame["type"]
        if kind == "ok" and isinstance(frame["msg"], list):
            kind = "list_subscriptions"
        found |= schemas.differences(frame, schemas.frame_schema(kind), kind)
    assert len(journey.frames) > 200
    assert sorted(found - FRAME_EXCUSES.keys()) == []
    assert sorted(FRAME_EXCUSES.keys() - found) == []


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ({"balance": "98"}, "GET /portfolio/balance.balance: type of '98'"),
        ({"bonus": 1}, "GetBalanceResponse.bonus: not in the file"),
        ({"updated_ts": None}, "GET /portfolio/balance.updated_ts: type of None"),
    ],
)
def test_a_wrong_reply_is_found(folder: Path, broken: dict[str, object], line: str) -> None:
    schemas = VendorSchemas(folder / "openapi-2026-06-10.yaml", is_socket=False)
    name = "GET /portfolio/balance"
    schema = schemas.reply_schema("GET", "/portfolio/balance", 200)
    assert isinstance(schema, dict)
    balance = {"balance": 98, "balance_dollars": "0.9800", "portfolio_value": 0, "updated_ts": 1}
    assert schemas.differences(balance, schema, name) == set()
    assert schemas.differences(balance | broken, schema, name) == {line}
