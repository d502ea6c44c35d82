"""The running core: before it has run, when parts of it fail, and its end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from core.errors import ConfigError, RefusedError, UnreachableError
from core.kalshi.events import OrderReport
from core.runtime import checklist
from core.runtime.checklist import StepState
from core.runtime.commands import CancelAllOrders, StartTrading, StopTrading
from core.runtime.runtime import Runtime
from core.settings import Settings
from core.storage.embedded import EmbeddedPostgres
from core.storage.recorder import Recorder
from core.trading.events import OrderChanged

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
Until = Any  # the fixture's type stands in conftest.py, which no test can import
RESTING = OrderReport("v1", "actor-tag-1", "T", 0, 4_000, 500, 0, 500, "resting", 1)


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(Settings(home=tmp_path), ManualClock(now_ms=1_000_000))


def test_an_unknown_strategy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown strategy 'magic': use one of hardcoded, hold"):
        Runtime(Settings(home=tmp_path, strategy="magic"))


def test_live_never_gets_a_runtime(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        Runtime(Settings(home=tmp_path, mode="live"))


async def test_a_command_before_the_start_is_answered(runtime: Runtime) -> None:
    answer = await runtime.execute(StartTrading("hardcoded"))
    assert (answer.accepted, answer.text) == (False, "Cannot trade: start-up is not done.")
    assert not runtime.actor.is_armed


async def test_what_a_command_did_is_told_to_observers(runtime: Runtime) -> None:
    told: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, OrderChanged):
            told.append(event.state)

    runtime.bus.subscribe(note)
    runtime.orders.on_report(RESTING)
    answer = await runtime.execute(StopTrading())
    assert answer.text == "Stopped: 1 order is being cancelled, no position is held."
    assert told == ["resting", "cancelling"]


async def test_stopping_what_never_started_is_fine(runtime: Runtime) -> None:
    await runtime.stop()
    assert runtime.recorder_stats() is None
    assert (runtime.portfolio, runtime.exchange_pid) == (None, None)
    assert (runtime.trades_kind, runtime.source_text) == ("none", "generated")


@asynccontextmanager
async def started(tmp_path: Path, until: Until) -> AsyncIterator[Runtime]:
    """A replay that trades nothing and is recorded nowhere."""
    settings = Settings(
        home=tmp_path, sessions=(DEMO,), speed=20.0, strategy="hold", database_url=NO_DATABASE
    )
    runtime = Runtime(settings)
    await runtime.start()
    try:
        await until(lambda: runtime.can_trade)
        await until(lambda: runtime.feed_watch.state == "live")
        await until(lambda: runtime.portfolio and not runtime.portfolio.is_behind)
        yield runtime
    finally:
        await runtime.stop()


async def test_quiet_waits_for_requests_of_others_without_starving_them(
    tmp_path: Path, until: Until
) -> None:
    async with started(tmp_path, until) as runtime:
        ticker = next(iter(runtime.markets))
        runtime.orders.on_report(
            OrderReport("v1", "manual-1", ticker, 0, 4_000, 500, 0, 500, "resting", 1)
        )
        await runtime.execute(CancelAllOrders())
        (order,) = runtime.orders.orders.open()
        assert order.is_in_flight
        drift = await runtime.quiet()
        assert drift is not None
        assert drift.is_zero
        assert not order.is_open


async def test_an_exchange_that_dies_ends_trading_and_everything_that_asks_it(
    tmp_path: Path, until: Until
) -> None:
    async with started(tmp_path, until) as runtime:
        assert (await runtime.execute(StartTrading("hold"))).accepted
        assert runtime.exchange_pid is not None
        os.kill(runtime.exchange_pid, signal.SIGKILL)
        await until(lambda: not runtime.actor.is_armed)
        names = {"feed stream", "portfolio"}
        await until(lambda: not names & {task.get_name() for task in asyncio.all_tasks()})
        assert runtime.feed_watch.state == "disconnected"
        assert not runtime.can_trade
        assert "trading stopped" in runtime.alert()
        assert await runtime.quiet() is None


async def test_every_part_is_closed_even_if_one_fails(tmp_path: Path, until: Until) -> None:
    before = asyncio.all_tasks()
    async with started(tmp_path, until) as runtime:
        link, pid = runtime.link, runtime.exchange_pid
        assert link is not None
        assert pid is not None
        close = link.close

        async def close_badly() -> None:
            await close()
            raise UnreachableError("it is gone")

        link.close = close_badly  # type: ignore[method-assign]
        with pytest.raises(UnreachableError):
            await runtime.stop()
        link.close = close  # type: ignore[method-assign]
        assert asyncio.all_tasks() == before
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_stop_ends_a_start_under_way_and_leaves_nothing(home: Path, until: Until) -> None:
    before, children = asyncio.all_tasks(), running_children()
    runtime = Runtime(Settings(home=home, sessions=(DEMO,)))
    starting = asyncio.get_running_loop().create_task(runtime.start(), name="start")
    await until(lambda: running_children() - children)
    assert not starting.done()
    await runtime.stop()
    await starting
    assert runtime.exchange_pid is None
    assert running_children() == children
    assert asyncio.all_tasks() == before


async def test_a_runtime_that_was_stopped_does_not_start(tmp_path: Path) -> None:
    runtime = Runtime(Settings(home=tmp_path, database_url=NO_DATABASE))
    await runtime.stop()
    await runtime.start()
    assert runtime.exchange_pid is None
    assert {step.state for step in runtime.checklist} == {StepState.WAITING}


async def test_a_database_that_goes_before_the_session_begins_costs_the_recording_alone(
    home: Path, until: Until
) -> None:
    async with EmbeddedPostgres(home) as server:
        settings = Settings(home=home, sessions=(DEMO,), speed=20.0, database_url=server.dsn)
        runtime = Runtime(settings)
        begin = runtime.recording.begin

        async def begin_too_late(venue: str, source: str, venue_ms: int) -> Recorder | None:
            await server.stop()
            return await begin(venue, source, venue_ms)

        runtime.recording.begin = begin_too_late  # type: ignore[method-assign]
        await runtime.start()
        try:
            await until(lambda: runtime.can_trade and runtime.books.counters.deltas)
            (failure,) = runtime.checklist.failures()
            assert failure.name == checklist.DATABASE
            assert "Nothing is recorded; open the sandbox" in failure.detail
            assert runtime.recording.detail in failure.detail
        finally:
            await runtime.stop()


def running_children() -> set[str]:
    """Processes that this one has started and that still run."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.add(stat.parent.name)
    return found
