from datetime import datetime
from typing import Any

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def test_exchange_status(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.call("GET", "/exchange/status")
        assert body["exchange_active"]
        assert body["trading_active"]
        assert body["exchange_index_statuses"][0]["exchange_index"] == 0


async def test_the_schedule_tells_the_thursday_pause_where_it_is_kept(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.send("GET", "/exchange/schedule", {})
        (hours,) = body["schedule"]["standard_hours"]
        assert hours["thursday"] == hours["friday"], "a recording trades when it did"
        client.sandbox.exchange.keep_hours()
        status, body = await client.send("GET", "/exchange/schedule", {})
        assert status == 200
        schedule = body["schedule"]
        assert schedule["maintenance_windows"] == []
        (hours,) = schedule["standard_hours"]
        assert set(hours) == {"start_time", "end_time", *DAYS}
        assert hours["monday"] == [{"open_time": "00:00", "close_time": "00:00"}]
        assert [part["close_time"] for part in hours["thursday"]] == ["03:00", "00:00"]
        assert datetime.fromisoformat(hours["start_time"]) < datetime.fromisoformat(
            hours["end_time"]
        )


async def test_user_data_are_as_fresh_as_venue_time(serve: Serve) -> None:
    async with serve() as client:
        before_ms = client.sandbox.exchange.now_ms
        _, body = await client.send("GET", "/exchange/user_data_timestamp", {})
        as_of_ms = datetime.fromisoformat(body["as_of_time"]).timestamp() * 1000
        assert before_ms <= round(as_of_ms) <= client.sandbox.exchange.now_ms


async def test_the_historical_cutoff_is_months_ago(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.send("GET", "/historical/cutoff", {})
        assert set(body) == {
            "market_settled_ts",
            "trades_created_ts",
            "orders_updated_ts",
            "market_positions_last_updated_ts",
        }
        venue_s = client.sandbox.exchange.now_ms / 1000
        for text in body.values():
            days = (venue_s - datetime.fromisoformat(text).timestamp()) / 86_400
            assert 89 < days < 91


async def test_the_status_tells_a_pause_and_its_end(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        until_ms = exchange.now_ms + 3_600_000
        exchange.pause("trading", until_ms)
        _, body = await client.send("GET", "/exchange/status", {})
        assert (body["exchange_active"], body["trading_active"]) == (True, False)
        resume = datetime.fromisoformat(body["exchange_estimated_resume_time"])
        assert resume.timestamp() * 1000 == until_ms
        assert not body["exchange_index_statuses"][0]["trading_active"]
        exchange.pause("exchange")
        _, body = await client.send("GET", "/exchange/status", {})
        assert (body["exchange_active"], body["trading_active"]) == (False, False)
        assert "exchange_estimated_resume_time" not in body
        exchange.resume()
        _, body = await client.send("GET", "/exchange/status", {})
        assert (body["exchange_active"], body["trading_active"]) == (True, True)


async def test_a_paused_exchange_answers_409_and_a_paused_market_lets_cancel(serve: Serve) -> None:
    async with serve() as client:
        orders = "/portfolio/events/orders"
        _, created = await client.call("POST", orders, client.order())
        client.sandbox.exchange.pause("exchange")
        for method, path in (("DELETE", f"{orders}/{created['order_id']}"), ("DELETE", orders)):
            status, body = await client.call(method, path)
            assert (status, body["error"]["code"]) == (409, "trading_is_paused")
        client.sandbox.exchange.pause("trading")
        status, body = await client.call("POST", orders, client.order())
        assert (status, body["error"]["code"]) == (409, "trading_is_paused")
        assert (await client.call("DELETE", f"{orders}/{created['order_id']}"))[0] == 200
        assert (await client.call("GET", "/portfolio/orders"))[0] == 200


async def test_user_data_are_behind_by_the_greatest_lag(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        exchange.reads.set_lag((300, 60_000), exchange.accounts.values())
        _, body = await client.send("GET", "/exchange/user_data_timestamp", {})
        as_of_ms = datetime.fromisoformat(body["as_of_time"]).timestamp() * 1000
        assert round(as_of_ms) <= exchange.now_ms - 60_000
