"""Every reply and message of the exchange against the required-field matrix (section 12)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest
from field_matrix import MESSAGES, OBJECTS, faults, frame_faults
from further_walks import TOO_MANY_ROWS, UNKNOWN_READS
from journey import Journey

_ID = r"[0-9a-f-]{36}"
_TICKER = r"[A-Z0-9-]+"
_GROUP = rf"/portfolio/order_groups/{_ID}"
_WIDE_TRANSFER = "POST /portfolio/intra_exchange_instance_transfer"

ROUTES = {
    "GET /exchange/status": "ExchangeStatus",
    "GET /exchange/schedule": "GetExchangeScheduleResponse",
    "GET /exchange/user_data_timestamp": "GetUserDataTimestampResponse",
    "GET /series/fee_changes": "GetSeriesFeeChangesResponse",
    "GET /markets": "GetMarketsResponse",
    rf"GET /markets/{_TICKER}": "GetMarketResponse",
    rf"GET /markets/{_TICKER}/orderbook": "GetMarketOrderbookResponse",
    "GET /markets/orderbooks": "GetMarketOrderbooksResponse",
    "GET /markets/trades": "GetTradesResponse",
    "GET /series": "GetSeriesListResponse",
    rf"GET /series/{_TICKER}": "GetSeriesResponse",
    rf"GET /series/{_TICKER}/markets/{_TICKER}/candlesticks": "GetMarketCandlesticksResponse",
    "GET /markets/candlesticks": "BatchGetMarketCandlesticksResponse",
    rf"GET /series/{_TICKER}/events/{_TICKER}/candlesticks": "GetEventCandlesticksResponse",
    "GET /events": "GetEventsResponse",
    rf"GET /events/{_TICKER}": "GetEventResponse",
    rf"GET /events/{_TICKER}/metadata": "GetEventMetadataResponse",
    "GET /events/fee_changes": "GetEventFeeChangesResponse",
    "POST /portfolio/events/orders": "CreateOrderV2Response",
    rf"DELETE /portfolio/events/orders/{_ID}": "CancelOrderV2Response",
    rf"POST /portfolio/events/orders/{_ID}/amend": "AmendOrderV2Response",
    rf"POST /portfolio/events/orders/{_ID}/decrease": "DecreaseOrderV2Response",
    "POST /portfolio/events/orders/batched": "BatchCreateOrdersV2Response",
    "DELETE /portfolio/events/orders/batched": "BatchCancelOrdersV2Response",
    "GET /portfolio/orders": "GetOrdersResponse",
    rf"GET /portfolio/orders/{_ID}": "GetOrderResponse",
    rf"GET /portfolio/orders/{_ID}/queue_position": "GetOrderQueuePositionResponse",
    "GET /portfolio/orders/queue_positions": "GetOrderQueuePositionsResponse",
    "GET /portfolio/balance": "GetBalanceResponse",
    "GET /portfolio/positions": "GetPositionsResponse",
    "GET /portfolio/fills": "GetFillsResponse",
    "GET /portfolio/settlements": "GetSettlementsResponse",
    "GET /portfolio/summary/total_resting_order_value": (
        "GetPortfolioRestingOrderTotalValueResponse"
    ),
    "POST /portfolio/subaccounts": "CreateSubaccountResponse",
    "GET /portfolio/subaccounts/balances": "GetSubaccountBalancesResponse",
    "GET /portfolio/subaccounts/transfers": "GetSubaccountTransfersResponse",
    "GET /portfolio/subaccounts/netting": "GetSubaccountNettingResponse",
    _WIDE_TRANSFER: "IntraExchangeInstanceTransferResponse",
    "GET /portfolio/intra_exchange_instance_transfers": (
        "GetIntraExchangeInstanceTransfersResponse"
    ),
    "POST /portfolio/order_groups/create": "CreateOrderGroupResponse",
    "GET /portfolio/order_groups": "GetOrderGroupsResponse",
    rf"GET {_GROUP}": "GetOrderGroupResponse",
    "GET /account/limits": "GetAccountApiLimitsResponse",
    "GET /account/endpoint_costs": "GetAccountEndpointCostsResponse",
    "GET /api_keys": "GetApiKeysResponse",
    "POST /api_keys": "CreateApiKeyResponse",
    "POST /api_keys/generate": "GenerateApiKeyResponse",
    "GET /historical/cutoff": "GetHistoricalCutoffResponse",
    "GET /historical/markets": "GetMarketsResponse",
    rf"GET /historical/markets/{_TICKER}": "GetMarketResponse",
    rf"GET /historical/markets/{_TICKER}/candlesticks": "GetMarketCandlesticksHistoricalResponse",
    "GET /historical/trades": "GetTradesResponse",
    "GET /historical/fills": "GetFillsResponse",
    "GET /historical/orders": "GetOrdersResponse",
    "GET /historical/positions": "GetPositionsResponse",
}
EMPTY_OBJECT = (
    "POST /portfolio/subaccounts/transfer",
    rf"PUT {_GROUP}/reset",
    rf"PUT {_GROUP}/trigger",
    rf"PUT {_GROUP}/limit",
    rf"DELETE {_GROUP}",
)
NO_BODY = (
    "PUT /portfolio/subaccounts/netting",
    "DELETE /portfolio/events/orders",
    rf"DELETE /api_keys/{_ID}",
    "POST /account/api_usage_level/upgrade",
)
# Kinds of objects that the local exchange never answers, each with the reason.
NEVER_SHOWN = {
    "IntraExchangeInstanceTransfer": "it has one shard, so no transfer leaves it",
    "MaintenanceWindow": "it plans no maintenance",
    "SettlementSource": "its outcomes have no source outside it",
}
# Lists that it only answers empty, by their objects, each with the reason.
ALWAYS_EMPTY = {
    "EventData.settlement_sources": "its outcomes have no source outside it",
    "GetEventMetadataResponse.settlement_sources": "its outcomes have no source outside it",
    "GetIntraExchangeInstanceTransfersResponse.transfers": "no transfer leaves its one shard",
    "Schedule.maintenance_windows": "it plans no maintenance",
    "Series.additional_prohibitions": "its markets are not under any contract terms",
    "Series.settlement_sources": "its outcomes have no source outside it",
    "Series.tags": "its series have none",
}
# Error codes that it never sends, each with the reason.
NEVER_SENT = {
    6: "retired: a second subscription is accepted",
    9: "without a key the socket is refused as a whole",
    16: "retired",
    17: "retired",
    23: "of a channel that is not served",
    24: "of a channel that is not served",
    28: "of a channel that is not served",
}


def asked(journey: Journey) -> dict[str, list[tuple[int, object]]]:
    """Statuses and bodies of successful requests by "METHOD /path"."""
    found = defaultdict(list)
    for method, path, _, status, body in journey.replies:
        if status < 300:
            found[f"{method} {path.partition('?')[0]}"].append((status, body))
    return found


def answers(journey: Journey, route: str) -> list[tuple[int, object]]:
    """Successful answers of one route; literal paths go before patterns."""
    return [
        answer
        for request, group in asked(journey).items()
        if re.fullmatch(route, request) and (request == route or request not in ROUTES)
        for answer in group
    ]


def name(route: str) -> str:
    """A route as a readable test id."""
    for pattern, word in ((_ID, "id"), (_TICKER, "ticker")):
        route = route.replace(pattern, word)
    return route


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_every_reply_fits(journey: Journey, route: str) -> None:
    found = answers(journey, route)
    assert found
    wrong = {line for _, body in found for line in faults(body, ROUTES[route], ROUTES[route])}
    assert sorted(wrong) == []
    created = route.startswith("POST") and not route.endswith(("amend", "decrease", "_transfer"))
    assert {status for status, _ in found} == {201 if created else 200}


@pytest.mark.parametrize("route", EMPTY_OBJECT, ids=name)
def test_every_empty_reply_is_an_object(journey: Journey, route: str) -> None:
    found = answers(journey, route)
    assert found
    assert all(answer == (200, {}) for answer in found)


@pytest.mark.parametrize("route", NO_BODY, ids=name)
def test_every_reply_without_body_is_empty(journey: Journey, route: str) -> None:
    found = answers(journey, route)
    assert found
    assert {body for _, body in found} == {None}


def test_every_request_of_the_journey_is_checked(journey: Journey) -> None:
    routes = (*ROUTES, *EMPTY_OBJECT, *NO_BODY)
    assert [r for r in asked(journey) if not any(re.fullmatch(p, r) for p in routes)] == []


def test_reads_never_fail(journey: Journey) -> None:
    refused = [
        (exchanged.path, exchanged.status)
        for exchanged in journey.replies
        if exchanged.method == "GET" and exchanged.status >= 300
    ]
    expected = {(path, 404) for path in UNKNOWN_READS} | {(path, 400) for path in TOO_MANY_ROWS}
    assert set(refused) == expected | {("/portfolio/balance", 401), ("/portfolio/balance", 429)}


def shown(journey: Journey, routes: Iterable[str] = ROUTES) -> tuple[set[str], Counter[str]]:
    """Kinds of objects that were answered, and how many items each "Object.list" had."""
    kinds: set[str] = set()
    items: Counter[str] = Counter()

    def visit(value: object, form: str, place: str) -> None:
        if form.endswith("?"):
            visit(value, form[:-1], place)
        elif form.startswith("list["):
            rows = value if isinstance(value, list) else []
            items[place] += len(rows)
            for row in rows:
                visit(row, form[5:-1], place + "[]")
        elif form in OBJECTS and isinstance(value, dict):
            kinds.add(form)
            members = OBJECTS[form].get("required", {}) | OBJECTS[form].get("optional", {})
            for name, member in value.items():
                visit(member, members.get(name, "str"), f"{form}.{name}")

    for route in routes:
        for _, body in answers(journey, route):
            visit(body, ROUTES[route], "")
    return kinds, items


def test_every_object_of_the_matrix_was_shown(journey: Journey) -> None:
    kinds, _ = shown(journey)
    assert sorted(OBJECTS.keys() - kinds) == sorted(NEVER_SHOWN)


def test_every_list_was_answered_with_items(journey: Journey) -> None:
    """By route, as a list of trades that has rows says nothing of the one of old trades."""
    empty = set()
    for route in ROUTES:
        _, items = shown(journey, [route])
        empty |= {place for place, count in items.items() if not count}
    assert sorted(empty) == sorted(ALWAYS_EMPTY)


def test_every_step_of_a_market_was_told(journey: Journey) -> None:
    kind = "market_lifecycle_v2"
    told = {frame["msg"]["event_type"] for frame in journey.frames if frame["type"] == kind}
    steps = MESSAGES[kind]["required"]["event_type"].removeprefix("str{").removesuffix("}")
    assert told == set(steps.split("|"))


def test_every_error_of_the_socket_was_sent(journey: Journey) -> None:
    codes = {frame["msg"]["code"] for frame in journey.frames if frame["type"] == "error"}
    assert set(range(1, 29)) - codes == NEVER_SENT.keys()


def test_every_status_of_a_market_was_read(journey: Journey) -> None:
    found = answers(journey, rf"GET /markets/{_TICKER}")
    read = {body["market"]["status"] for _, body in found if isinstance(body, dict)}
    statuses = OBJECTS["Market"]["required"]["status"].removeprefix("str{").removesuffix("}")
    assert read == set(statuses.split("|"))


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_fits(journey: Journey, kind: str) -> None:
    frames = [frame for frame in journey.frames if frame["type"] == kind]
    assert frames
    assert sorted({line for frame in frames for line in frame_faults(frame)}) == []


def test_no_other_message_is_sent(journey: Journey) -> None:
    kinds = {frame["type"] for frame in journey.frames}
    assert kinds - MESSAGES.keys() == {"ok", "unsubscribed"}


def test_unsubscribed_and_ok_have_no_more_than_their_envelope(journey: Journey) -> None:
    for frame in journey.frames:
        if frame["type"] == "unsubscribed":
            assert set(frame) == {"id", "sid", "seq", "type"}
        elif frame["type"] == "ok" and "sid" in frame:
            assert set(frame) == {"id", "sid", "seq", "type", "msg"}
            assert set(frame["msg"]) == {"market_tickers"}


@pytest.mark.parametrize(
    "kind", ["orderbook_snapshot", "orderbook_delta", "user_order", "fill", "market_lifecycle_v2"]
)
def test_optional_members_were_seen_with_and_without(journey: Journey, kind: str) -> None:
    frames = [frame["msg"] for frame in journey.frames if frame["type"] == kind]
    for name in ("client_order_id", "last_update_reason", "yes_dollars_fp", "result"):
        if name in MESSAGES[kind].get("optional", {}):
            assert {name in msg for msg in frames} == {True, False}, name


def test_error_bodies_have_the_four_shapes(journey: Journey) -> None:
    refused = [exchanged for exchanged in journey.replies if exchanged.status >= 400]
    shapes = {tuple(sorted(exchanged.body)) for exchanged in refused}
    flat = {("code", "message"), ("code", "details", "message")}
    assert shapes == flat | {("error",), ("msg",)}
    worded = [e for e in refused if isinstance(e.body.get("error"), str)]
    assert {e.status for e in worded} == {429}
    nested = [e.body["error"] for e in refused if isinstance(e.body.get("error"), dict)]
    plain = [e.body for e in refused if "code" in e.body]
    assert nested
    assert plain
    assert [line for error in nested + plain for line in faults(error, "ErrorResponse")] == []


TRADE = {
    "trade_id": "8f0d6d0e-6f6b-4a51-9b1e-0a4b0a4d7b11",
    "ticker": "KXDEMORAIN-26DEC31-T2",
    "count_fp": "5.00",
    "yes_price_dollars": "0.4400",
    "no_price_dollars": "0.5600",
    "taker_outcome_side": "yes",
    "taker_book_side": "bid",
    "is_block_trade": False,
    "created_time": "2026-11-20T09:30:10.998112Z",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"count_fp": 5},
        {"count_fp": "5.0"},
        {"yes_price_dollars": "0.44"},
        {"yes_price_dollars": "1.4400"},
        {"taker_book_side": "buy"},
        {"is_block_trade": 0},
        {"created_time": "2026-11-20T09:30:10+01:00"},
        {"created_time": None},
        {"trade_id": "trade-1"},
        {"novelty": 1},
    ],
    ids=str,
)
def test_the_matrix_is_strict(wrong: dict[str, object]) -> None:
    assert list(faults(TRADE, "Trade")) == []
    assert len(list(faults(TRADE | wrong, "Trade"))) == 1
    missing = {name: value for name, value in TRADE.items() if name not in wrong}
    assert len(list(faults(missing, "Trade"))) == ("novelty" not in wrong)
