"""The calendar follows what the exchange publishes."""

from typing import Any

from core.market.calendar import STANDING
from core.runtime.trading_hours import TradingHours

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any


async def test_hours_are_read_and_the_standing_week_stands_in_for_no_answer(
    sandbox: Sandbox, connect: Connect, relay: Relay
) -> None:
    async with connect(sandbox, relay) as station:
        calendar = station.actor.calendar
        hours = TradingHours(station.link.rest, calendar)
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
