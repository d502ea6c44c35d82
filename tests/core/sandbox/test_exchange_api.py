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


async def test_the_schedule_tells_the_thursday_pause(serve: Serve) -> None:
    async with serve() as client:
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
