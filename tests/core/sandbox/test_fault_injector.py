import asyncio
from typing import Any

from core.clock import SystemClock
from core.sandbox.fault_actions import FaultActions
from core.sandbox.fault_injector import KEPT, MISSED, FaultInjector
from core.sandbox.fault_requests import RequestFaults, SteppedClock
from core.sandbox.faults import ChangeBalance, Fault, Schedule, planned
from core.sandbox.ws_api import WsApi

Floor = Any  # the class stands in conftest.py, which no test can import
MONEY = ("balance",)


async def never(_down_ms: int, _spared: asyncio.Transport | None) -> None:
    raise AssertionError("no restart was asked for")


def injector_of(floor: Floor) -> FaultInjector:
    clock = SystemClock()
    ws = WsApi(floor.exchange, floor.exchange.publisher, clock)
    actions = FaultActions(floor.exchange, ws, RequestFaults(), SteppedClock(clock), never)
    return FaultInjector(floor.exchange, actions, clock)


def done(injector: FaultInjector) -> list[tuple[int, Fault]]:
    return [(record.venue_ms, record.fault) for record in injector.records]


def test_a_schedule_in_venue_time_happens_exactly_then(floor: Floor) -> None:
    schedule = Schedule(5, kinds=MONEY, count=10)
    injector = injector_of(floor)
    begun_ms, cash = floor.exchange.now_ms, floor.ann.cash_micros
    expected = [(begun_ms + after_ms, fault) for after_ms, fault in planned(schedule)]
    injector.follow(schedule)
    floor.exchange.advance(begun_ms + 4_999)
    assert done(injector) == expected[:5]
    floor.exchange.advance(begun_ms + 20_000)
    assert done(injector) == expected
    assert injector.schedule is None
    changes = [f.change_micros for _, f in done(injector) if isinstance(f, ChangeBalance)]
    assert floor.ann.cash_micros == cash + sum(changes)


def test_another_schedule_takes_the_place_of_the_first(floor: Floor) -> None:
    injector = injector_of(floor)
    injector.follow(Schedule(5, kinds=MONEY))
    injector.follow(Schedule(6, every_ms=60_000, kinds=MONEY, count=1))
    floor.exchange.advance(floor.exchange.now_ms + 60_000)
    assert len(injector.records) == 1
    injector.follow(Schedule(5, kinds=MONEY))
    injector.clear()
    floor.exchange.advance(floor.exchange.now_ms + 60_000)
    assert len(injector.records) == 1


def test_faults_that_miss_do_not_stop_a_schedule(floor: Floor) -> None:
    injector = injector_of(floor)
    injector.follow(Schedule(5, kinds=("drop", "balance"), count=40))
    floor.exchange.advance(floor.exchange.now_ms + 60_000)
    assert injector.counts[MISSED] + injector.counts["balance"] == 40
    assert {record.missed for record in injector.records} == {
        "",
        "nobody subscribes to orderbook_delta",
    }


def test_the_list_is_bounded(floor: Floor) -> None:
    injector = injector_of(floor)
    for _ in range(KEPT + 5):
        injector.inject(ChangeBalance(1))
    assert len(injector.records) == KEPT
    assert injector.counts["balance"] == KEPT + 5


async def test_closing_ends_a_schedule_in_wall_time(floor: Floor) -> None:
    injector = injector_of(floor)
    injector.follow(Schedule(5, every_ms=1, kinds=MONEY, time="wall"))
    async with asyncio.timeout(5):
        while len(injector.records) < 3:  # noqa: ASYNC110  (timers)
            await asyncio.sleep(0.001)
    await injector.close()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "sandbox-faults"] == []
