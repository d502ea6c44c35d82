"""Fees that the exchange sets for an event reach what a run knows of its markets."""

from typing import Any

import pytest

from core.market.events import EventFeesChanged
from core.market.market import FeeSchedule
from core.runtime import event_fees
from core.runtime.event_fees import EventFees

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


async def test_fees_of_an_event_are_taken_and_those_of_its_series_after_it(
    station: Station, until: Until
) -> None:
    await station.follow()
    await until(lambda: station.feed.state == "live")
    changes, now_ms = station.sandbox.fee_changes, station.sandbox.exchange.now_ms
    event = station.markets[station.ticker].event_ticker
    before = station.markets[station.ticker]
    changes.change_event(event, "quadratic_with_maker_fees", 500, now_ms)
    half = FeeSchedule(3_500, 875)
    await until(lambda: station.markets[station.ticker].fees == half)
    assert station.sandbox.exchange.listings[station.ticker].market.fees == half
    changes.change_series(before.series_ticker, "quadratic", 250, now_ms)
    changes.change_event(event, None, 0, now_ms)
    await until(lambda: station.markets[station.ticker].fees == FeeSchedule(1_750, 0))
    assert station.markets[station.ticker].title == before.title


async def test_fees_of_events_that_nobody_follows_are_not_asked_for(station: Station) -> None:
    await station.follow()
    fees = EventFees(station.link.rest, station.markets, station.tasks)
    fees.observe(EventFeesChanged("KXOTHER-1"))
    assert not fees._is_reading


async def test_what_could_not_be_read_is_asked_for_again(
    sandbox: Sandbox,
    connect: Connect,
    relay: Relay,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(event_fees, "RETRY_SECONDS", 0.01)
    async with connect(sandbox, relay) as station:
        await station.follow()
        await until(lambda: station.feed.state == "live")
        relay.loses = "requests"
        event = station.markets[station.ticker].event_ticker
        sandbox.fee_changes.change_event(event, "quadratic", 0, sandbox.exchange.now_ms)
        await until(lambda: "could not be read" in caplog.text)
        relay.loses = ""
        await until(lambda: station.markets[station.ticker].fees == FeeSchedule(0, 0))
