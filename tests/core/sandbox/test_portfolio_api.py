from typing import Any

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"
ORDERS = "/portfolio/events/orders"


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


async def test_limits_and_costs(serve: Serve) -> None:
    async with serve(is_limited=True) as client:
        _, limits = await client.call("GET", "/account/limits")
        assert limits["usage_tier"] == "basic"
        assert limits["write"] == {"refill_rate": 100, "bucket_capacity": 100}
        _, costs = await client.call("GET", "/account/endpoint_costs")
        assert costs["default_cost"] == 10
        assert {entry["cost"] for entry in costs["endpoint_costs"]} == {2}
