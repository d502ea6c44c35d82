from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import ExchangeRules
from core.sandbox.wire_text import time_text
from core.units import Side

Client = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Serve = Any
T0 = 1_778_477_863_000
DONE, OPEN = "KXT-26MAY11-A", "KXT-26MAY11-B"
ORDERS = "/portfolio/events/orders"
HOUR_MS = 3_600_000


@pytest.fixture
async def client(serve: Serve, session_of: Maker, market: Maker) -> AsyncIterator[Client]:
    """One market settled an hour and more ago, with rows of its own; the other lives."""
    books = [BookSnapshot(t, ((4_000, 900),), ((6_000, 900),), ts_ms=T0) for t in (DONE, OPEN)]
    source = RecordedSource([session_of(books, markets=[market(DONE), market(OPEN)])])
    async with serve(source, rules=ExchangeRules(live_data_ms=HOUR_MS)) as client:
        for ticker in (DONE, OPEN):
            await client.call("POST", ORDERS, client.order(ticker=ticker, price="0.6000"))
            await client.call("POST", ORDERS, client.order(ticker=ticker, price="0.3000"))
            exchange = client.sandbox.exchange
            listing = exchange.listings[ticker]
            exchange.publisher.trade(listing, ticker, Side.BID, 6_000, 100, exchange.now_ms)
        MarketLife(exchange).determine(exchange.listings[DONE], "yes")
        exchange.advance(T0 + SETTLEMENT_TIMER_MS + HOUR_MS + 60_000)
        await client.call("POST", ORDERS, client.order(ticker=OPEN, price="0.6000"))
        exchange.publisher.trade(listing, "new", Side.BID, 6_000, 100, exchange.now_ms)
        yield client


async def rows(client: Client, path: str, key: str) -> list[dict[str, Any]]:
    status, body = await client.call("GET", path)
    assert (status, body.get("cursor", "")) == (200, "")
    return body[key]


async def test_the_cutoff_follows_the_setting(client: Client) -> None:
    _, body = await client.send("GET", "/historical/cutoff", {})
    cutoff_ms = client.sandbox.exchange.now_ms - HOUR_MS
    assert set(body.values()) == {time_text(cutoff_ms)}
    assert set(body) == {
        "market_settled_ts",
        "trades_created_ts",
        "orders_updated_ts",
        "market_positions_last_updated_ts",
    }


async def test_old_markets_leave_the_live_endpoints(client: Client) -> None:
    assert [m["ticker"] for m in await rows(client, "/markets", "markets")] == [OPEN]
    assert [m["ticker"] for m in await rows(client, "/historical/markets", "markets")] == [DONE]
    for path in (f"/markets/{DONE}", f"/markets/{DONE}/orderbook", f"/historical/markets/{OPEN}"):
        assert (await client.call("GET", path))[0] == 404
    _, body = await client.call("GET", f"/historical/markets/{DONE}")
    assert (body["market"]["ticker"], body["market"]["status"]) == (DONE, "finalized")
    _, body = await client.call("GET", f"/markets/orderbooks?tickers={DONE}&tickers={OPEN}")
    assert [book["ticker"] for book in body["orderbooks"]] == [OPEN]
    assert await rows(client, f"/historical/markets?tickers={OPEN}", "markets") == []
    assert await rows(client, "/historical/markets?event_ticker=KXNO", "markets") == []


async def test_an_event_stays_without_its_old_markets(client: Client) -> None:
    _, body = await client.call("GET", "/events/KXT-26MAY11?with_nested_markets=true")
    assert [market["ticker"] for market in body["markets"]] == [OPEN]
    assert [market["ticker"] for market in body["event"]["markets"]] == [OPEN]


async def test_old_trades_and_fills(client: Client) -> None:
    assert [t["trade_id"] for t in await rows(client, "/markets/trades", "trades")] == ["new"]
    old = await rows(client, "/historical/trades", "trades")
    assert [trade["trade_id"] for trade in old] == [OPEN, DONE]
    old = await rows(client, f"/historical/trades?ticker={DONE}", "trades")
    assert [trade["trade_id"] for trade in old] == [DONE]
    assert [f["ticker"] for f in await rows(client, "/portfolio/fills", "fills")] == [OPEN]
    old = await rows(client, "/historical/fills", "fills")
    assert [fill["ticker"] for fill in old] == [OPEN, DONE]


async def test_old_orders_leave_but_resting_ones_stay(client: Client) -> None:
    live = await rows(client, "/portfolio/orders", "orders")
    assert [order["status"] for order in live] == ["executed", "resting"]
    old = await rows(client, "/historical/orders", "orders")
    assert [(order["ticker"], order["status"]) for order in old] == [
        (OPEN, "executed"),
        (DONE, "canceled"),
        (DONE, "executed"),
    ]
    _, body = await client.call("GET", f"/portfolio/orders/{old[1]['order_id']}")
    assert body["order"]["status"] == "canceled"


async def test_old_closed_positions(client: Client) -> None:
    path = "/portfolio/positions?settlement_status=all"
    live = await rows(client, path, "market_positions")
    assert [position["ticker"] for position in live] == [OPEN]
    _, body = await client.call("GET", "/historical/positions")
    assert [position["ticker"] for position in body["market_positions"]] == [DONE]
    assert body["event_positions"][0]["event_ticker"] == "KXT-26MAY11"


async def test_old_candles_have_their_own_form(client: Client) -> None:
    span = "start_ts=0&end_ts=9999999999&period_interval=60"
    status, _ = await client.send("GET", f"/series/KXT/markets/{DONE}/candlesticks?{span}", {})
    assert status == 404
    path = f"/historical/markets/{DONE}/candlesticks?{span}"
    _, body = await client.send("GET", path, {})
    first = body["candlesticks"][0]
    assert set(first) == {
        "end_period_ts",
        "yes_bid",
        "yes_ask",
        "price",
        "volume",
        "open_interest",
    }
    assert (first["price"]["close"], first["price"]["previous"]) == ("0.6000", None)
    assert first["volume"] == "1.00"


async def test_own_history_needs_a_signature(client: Client) -> None:
    for rows_of in ("fills", "orders", "positions"):
        assert (await client.send("GET", f"/historical/{rows_of}", {}))[0] == 401
    for rows_of in ("markets", "trades"):
        assert (await client.send("GET", f"/historical/{rows_of}", {}))[0] == 200
        status, body = await client.send("GET", f"/historical/{rows_of}?limit=1001", {})
        assert (status, set(body)) == (400, {"msg"})
