"""The calendar follows what the exchange publishes."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from core.kalshi.rest_wire import ExchangeStatus
from core.market.calendar import STANDING, Halt
from core.runtime import trading_hours
from core.runtime.trading_hours import TradingHours

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


async def test_hours_are_read_and_the_standing_week_stands_in_for_no_answer(
    sandbox: Sandbox, connect: Connect, relay: Relay
) -> None:
    async with connect(sandbox, relay) as station:
        calendar = station.actor.calendar
        hours = TradingHours(station.link.rest, calendar, station.clock)
        relay.loses = "requests"
        await hours.read()
        assert calendar.schedule is STANDING
        relay.loses = ""
        sandbox.exchange.keep_hours()
        await hours.read()
        assert calendar.schedule == await station.link.rest.schedule()
        assert calendar.schedule is not STANDING
        read = calendar.schedule
        relay.loses = "requests"
        await hours.read()
        assert calendar.schedule is read


async def test_a_halt_is_learnt_with_its_end_and_forgotten_when_it_is_over(
    sandbox: Sandbox, connect: Connect, relay: Relay
) -> None:
    async with connect(sandbox, relay) as station:
        calendar, exchange = station.actor.calendar, sandbox.exchange
        hours = TradingHours(station.link.rest, calendar, station.clock)
        await hours.look()
        assert calendar.halt is None
        later_ms = station.clock.now_ms() + 3_600_000
        exchange.pause("trading", later_ms)
        await hours.look()
        assert calendar.halt == Halt(later_ms)
        exchange.pause("exchange")
        await hours.look()
        assert calendar.halt == Halt(is_whole=True)
        relay.loses = "requests"
        await hours.look()
        assert calendar.halt == Halt(is_whole=True)  # nobody said otherwise
        relay.loses = ""
        exchange.resume()
        await hours.look()
        assert calendar.halt is None


@pytest.mark.parametrize("resumes", ["2001-01-01T00:00:00Z", "soon"])
async def test_a_time_that_tells_nothing_is_an_unknown_one(
    station: Station, monkeypatch: pytest.MonkeyPatch, resumes: str
) -> None:
    calendar, rest = station.actor.calendar, station.link.rest
    station.sandbox.exchange.pause()
    status = structs.replace(await rest.exchange_status(), exchange_estimated_resume_time=resumes)

    async def told() -> ExchangeStatus:
        return status

    monkeypatch.setattr(rest, "exchange_status", told)
    await TradingHours(rest, calendar, station.clock).look()
    assert calendar.halt == Halt()
    assert calendar.obstacle(station.clock.now_ms()) == "paused: trading is halted"


async def test_a_running_client_sees_a_halt_come_and_go(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading_hours, "LOOK_SECONDS", 0.01)
    calendar = station.actor.calendar
    hours = TradingHours(station.link.rest, calendar, station.clock)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(hours.run(), name="trading hours")
        station.sandbox.exchange.pause()
        await until(lambda: calendar.halt == Halt())
        station.sandbox.exchange.resume()
        await until(lambda: calendar.halt is None)
        running.cancel()
