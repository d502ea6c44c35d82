from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.recorded_source import RecordedSource

Client = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Serve = Any
T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
ORDERS = "/portfolio/events/orders"


def settle(client: Client, ticker: str, result: str) -> None:
    """Give a market its result and let its settlement timer run out."""
    exchange = client.sandbox.exchange
    MarketLife(exchange).determine(exchange.listings[ticker], result)
    exchange.advance(exchange.now_ms + SETTLEMENT_TIMER_MS)


async def test_an_order_lives_and_dies(serve: Serve) -> None:
    async with serve() as client:
        status, created = await client.call(
            "POST", ORDERS, client.order(count="10.00", price="0.3900", client_order_id="one")
        )
        assert status == 201
        assert (created["fill_count"], created["remaining_count"]) == ("0.00", "10.00")
        assert "average_fill_price" not in created
        one = f"{ORDERS}/{created['order_id']}"
        status, amended = await client.call(
            "POST",
            f"{one}/amend",
            {"ticker": TICKER, "side": "bid", "price": "0.3800", "count": "8.00"},
        )
        assert (status, amended["remaining_count"], amended["fill_count"]) == (200, "8.00", "0.00")
        status, decreased = await client.call("POST", f"{one}/decrease", {"reduce_by": "3.00"})
        assert (status, decreased["remaining_count"]) == (200, "5.00")
        status, canceled = await client.call("DELETE", f"{one}?market_ticker={TICKER}")
        assert (status, canceled["reduced_by"], canceled["client_order_id"]) == (200, "5.00", "one")
        status, body = await client.call("DELETE", one)
        assert (status, body["error"]["code"]) == (404, "not_found")
        _, read = await client.call("GET", f"/portfolio/orders/{created['order_id']}")
        assert (read["order"]["status"], read["order"]["remaining_count_fp"]) == (
            "canceled",
            "0.00",
        )


async def test_a_taken_order_shows_everywhere(serve: Serve) -> None:
    async with serve() as client:
        _, created = await client.call("POST", ORDERS, client.order(count="10.00", price="0.6000"))
        assert created["average_fill_price"] == "0.6000"
        assert created["average_fee_paid"] == "0.0168"
        _, fills = await client.call("GET", "/portfolio/fills")
        (fill,) = fills["fills"]
        assert (fill["fill_id"], fill["fee_cost"]) == (fill["trade_id"], "0.168000")
        assert (fill["exchange_index"], fill["is_taker"], fill["outcome_side"]) == (0, True, "yes")
        _, positions = await client.call("GET", "/portfolio/positions")
        (position,) = positions["market_positions"]
        assert position["position_fp"] == "10.00"
        assert position["market_exposure_dollars"] == "6.000000"
        (event,) = positions["event_positions"]
        assert event["event_exposure_dollars"] == "6.000000"
        _, balance = await client.call("GET", "/portfolio/balance")
        assert balance["balance_dollars"] == "993.8320"
        assert (balance["balance"], balance["portfolio_value"]) == (99_383, 400)
        _, settled = await client.call("GET", "/portfolio/positions?settlement_status=settled")
        assert settled["market_positions"] == []


async def test_reserved_money_is_told_exactly(serve: Serve) -> None:
    async with serve() as client:
        await client.call("POST", ORDERS, client.order(count="10.01", price="0.3900"))
        _, balance = await client.call("GET", "/portfolio/balance")
        _, held = await client.call("GET", "/portfolio/summary/total_resting_order_value")
        (part,) = held["resting_order_value_breakdown"]
        assert part == {"exchange_index": 0, "balance": "4.0739"}
        assert held["total_resting_order_value"] == 407
        assert balance["balance_dollars"] == "995.9261"


async def test_orders_page_newest_first(serve: Serve) -> None:
    async with serve() as client:
        ids = []
        for number in range(5):
            body = client.order(price="0.1000", client_order_id=f"n{number}")
            ids.append((await client.call("POST", ORDERS, body))[1]["order_id"])
        await client.call("DELETE", f"{ORDERS}/{ids[2]}")
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            _, body = await client.call("GET", f"/portfolio/orders?limit=2&cursor={cursor}")
            seen += [order["order_id"] for order in body["orders"]]
            cursor = body["cursor"]
        assert (seen, cursor) == (ids[::-1], "")
        _, body = await client.call("GET", f"/portfolio/orders?status=resting&ticker={TICKER}")
        assert [order["order_id"] for order in body["orders"]] == [ids[i] for i in (4, 3, 1, 0)]
        assert (await client.call("GET", "/portfolio/orders?limit=1001"))[0] == 400
        assert (await client.call("GET", "/portfolio/orders?status=pending"))[0] == 400


async def test_queue_position_counts_what_is_displayed(serve: Serve) -> None:
    async with serve() as client:
        _, created = await client.call("POST", ORDERS, client.order())
        path = f"/portfolio/orders/{created['order_id']}/queue_position"
        assert (await client.call("GET", path))[1] == {"queue_position_fp": "10.00"}


SETTLEMENT = {
    "ticker",
    "exchange_index",
    "event_ticker",
    "market_result",
    "yes_count_fp",
    "yes_total_cost_dollars",
    "no_count_fp",
    "no_total_cost_dollars",
    "revenue",
    "settled_time",
    "fee_cost",
}


@pytest.mark.parametrize(("result", "revenue", "value"), [("yes", 1_000, 100), ("no", 0, 0)])
async def test_a_settlement_tells_what_was_paid(
    serve: Serve, result: str, revenue: int, value: int
) -> None:
    async with serve() as client:
        _, none = await client.call("GET", "/portfolio/settlements")
        assert none == {"cursor": "", "settlements": []}
        await client.call("POST", ORDERS, client.order(count="10.00", price="0.6000"))
        settle(client, TICKER, result)
        _, body = await client.call("GET", "/portfolio/settlements")
        (paid,) = body["settlements"]
        assert set(paid) >= SETTLEMENT
        assert (paid["event_ticker"], paid["market_result"]) == ("KXT-26MAY11", result)
        assert (paid["yes_count_fp"], paid["yes_total_cost_dollars"]) == ("10.00", "6.000000")
        assert (paid["no_count_fp"], paid["no_total_cost_dollars"]) == ("0.00", "0.000000")
        assert (paid["revenue"], paid["value"], paid["fee_cost"]) == (revenue, value, "0.168000")
        _, balance = await client.call("GET", "/portfolio/balance")
        profit_dollars = paid["revenue"] / 100 - 6.0 - 0.168
        assert float(balance["balance_dollars"]) == pytest.approx(1_000 + profit_dollars)


async def test_a_short_settles_on_the_no_side(serve: Serve) -> None:
    async with serve() as client:
        body = client.order(side="ask", count="10.00", price="0.4000")
        await client.call("POST", ORDERS, body)
        settle(client, TICKER, "no")
        _, body = await client.call("GET", "/portfolio/settlements")
        (paid,) = body["settlements"]
        assert (paid["yes_count_fp"], paid["no_count_fp"]) == ("0.00", "10.00")
        assert (paid["no_total_cost_dollars"], paid["revenue"]) == ("6.000000", 1_000)
        assert paid["value"] == 0


async def test_settlements_are_filtered(serve: Serve) -> None:
    async with serve() as client:
        await client.call("POST", ORDERS, client.order(price="0.6000"))
        settle(client, TICKER, "yes")
        settled_s = client.sandbox.exchange.listings[TICKER].settled_ms // 1000
        for query, count in {
            f"ticker={TICKER}": 1,
            "ticker=OTHER": 0,
            "event_ticker=KXT-26MAY11": 1,
            "event_ticker=KXU-26MAY11": 0,
            f"min_ts={settled_s}&max_ts={settled_s}": 1,
            f"min_ts={settled_s + 1}": 0,
            "cursor=garbage": 1,
        }.items():
            status, body = await client.call("GET", f"/portfolio/settlements?{query}")
            assert (status, len(body["settlements"])) == (200, count), query
        status, body = await client.call("GET", "/portfolio/settlements?limit=1001")
        assert (status, set(body)) == (400, {"msg"})


async def test_settlements_page_newest_first(
    serve: Serve, session_of: Maker, market: Maker
) -> None:
    tickers = [f"KXT-26MAY11-{letter}" for letter in "ABC"]
    books = [BookSnapshot(ticker, (), ((6_000, 2_000),), ts_ms=T0) for ticker in tickers]
    session = session_of(books, markets=[market(ticker) for ticker in tickers])
    async with serve(RecordedSource([session])) as client:
        for ticker in tickers:
            await client.call("POST", ORDERS, client.order(ticker=ticker, price="0.6000"))
            settle(client, ticker, "yes")
        _, first = await client.call("GET", "/portfolio/settlements?limit=2")
        assert [paid["ticker"] for paid in first["settlements"]] == tickers[:0:-1]
        path = f"/portfolio/settlements?limit=2&cursor={first['cursor']}"
        _, last = await client.call("GET", path)
        assert [paid["ticker"] for paid in last["settlements"]] == tickers[:1]
        assert last["cursor"] == ""
