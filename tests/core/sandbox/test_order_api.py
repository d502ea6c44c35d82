from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox.recorded_source import RecordedSource

Client = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Serve = Any
T0 = 1_778_477_863_000
TICKERS = ("KXT-26MAY11-A", "KXT-26MAY11-B", "KXT-26MAY12-A")
ORDERS, READS = "/portfolio/events/orders", "/portfolio/orders"


@pytest.fixture
def source(session_of: Maker, market: Maker) -> RecordedSource:
    books = [BookSnapshot(t, ((4_000, 1_000),), ((6_000, 2_000),), ts_ms=T0) for t in TICKERS]
    return RecordedSource([session_of(books, markets=[market(t) for t in TICKERS])])


async def place(client: Client, ticker: str, **fields: object) -> str:
    body = client.order(ticker=ticker, **fields)
    status, created = await client.call("POST", ORDERS, body)
    assert status == 201
    return created["order_id"]


async def test_orders_are_filtered(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        placed = [await place(client, ticker) for ticker in TICKERS]
        await client.call("DELETE", f"{ORDERS}/{placed[0]}")
        await place(client, TICKERS[2], price="0.6000")
        second = client.sandbox.exchange.now_ms // 1000
        for query, count in {
            "": 4,
            "status=resting": 2,
            "status=canceled": 1,
            "status=executed": 1,
            f"ticker={TICKERS[2]}": 2,
            "event_ticker=KXT-26MAY11": 2,
            "event_ticker=KXT-26MAY11,KXT-26MAY12": 4,
            "event_ticker=KXNO": 0,
            f"min_ts={second}": 4,
            f"min_ts={second + 1}": 0,
            f"max_ts={second - 1}": 0,
            "cursor=garbage": 4,
        }.items():
            status, body = await client.call("GET", f"{READS}?{query}")
            assert (status, len(body["orders"])) == (200, count), query


@pytest.mark.parametrize(
    "query",
    [
        "limit=1001",
        "limit=0",
        "status=pending",
        "min_ts=soon",
        "event_ticker=" + ",".join(f"E{number}" for number in range(11)),
    ],
)
async def test_bad_queries_have_their_own_shape(serve: Serve, query: str) -> None:
    async with serve() as client:
        status, body = await client.call("GET", f"{READS}?{query}")
        assert (status, set(body)) == (400, {"msg"})
        assert "GetOrders" in body["msg"]


async def test_queue_positions_of_all_resting_orders(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        placed = [await place(client, ticker) for ticker in TICKERS]
        again = await place(client, TICKERS[0])
        for query, ids in {
            "": [*placed, again],
            f"market_tickers={TICKERS[0]},{TICKERS[2]}": [placed[0], again, placed[2]],
            "event_ticker=KXT-26MAY11": [placed[0], again, placed[1]],
            "event_ticker=KXNO": [],
        }.items():
            status, body = await client.call("GET", f"{READS}/queue_positions?{query}")
            assert status == 200
            assert {each["order_id"] for each in body["queue_positions"]} == set(ids), query
        _, body = await client.call("GET", f"{READS}/queue_positions?market_tickers={TICKERS[0]}")
        assert body["queue_positions"] == [
            {"order_id": placed[0], "market_ticker": TICKERS[0], "queue_position_fp": "10.00"},
            {"order_id": again, "market_ticker": TICKERS[0], "queue_position_fp": "11.00"},
        ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", READS),
        ("POST", f"{READS}/batched"),
        ("DELETE", f"{READS}/batched"),
        ("DELETE", f"{READS}/some-id"),
        ("POST", f"{READS}/some-id/amend"),
        ("POST", f"{READS}/some-id/decrease"),
    ],
)
async def test_old_order_endpoints_are_gone(serve: Serve, method: str, path: str) -> None:
    async with serve() as client:
        status, body = await client.call(method, path, {})
        assert (status, body["error"]["code"]) == (410, "deprecated_v1_order_endpoint")
        assert (await client.send(method, path, {}, {}))[0] == 401


async def test_wrong_places_and_methods(serve: Serve) -> None:
    async with serve() as client:
        status, body = await client.call("GET", "/portfolio/nothing")
        assert (status, body["error"]["code"]) == (404, "not_found")
        status, body = await client.call("PUT", ORDERS, {})
        assert (status, body["error"]["code"]) == (405, "method_not_allowed")
        status, body = await client.call("GET", f"{READS}/unknown")
        assert (status, body["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "fields", [{"count": 10}, {"price": 0.4}, {"expiration_time": "soon"}, {"post_only": "yes"}]
)
async def test_wrong_json_types_are_flat_400(serve: Serve, fields: dict[str, object]) -> None:
    async with serve() as client:
        status, body = await client.call("POST", ORDERS, client.order(**fields))
        assert (status, body["code"], body["message"]) == (400, "bad_request", "bad request")
        assert body["details"].startswith("json: ")


async def test_other_content_types_are_flat_400(serve: Serve) -> None:
    async with serve() as client:
        signed = client.headers("POST", f"/trade-api/v2{ORDERS}")
        sent = signed | {"Content-Type": "text/plain"}
        status, body = await client.send("POST", ORDERS, sent, client.order())
        assert (status, body["code"]) == (400, "invalid_content_type")
