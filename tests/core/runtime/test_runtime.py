"""The running core before it has run: settings, commands and readers. Runs are in scenarios."""

from pathlib import Path

import pytest

from core.clock import ManualClock
from core.errors import ConfigError, RefusedError
from core.kalshi.events import OrderReport
from core.runtime.commands import StartTrading, StopTrading
from core.runtime.runtime import Runtime
from core.settings import Settings
from core.trading.events import OrderChanged

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
    assert answer.text == "Stopped: 1 orders cancelling, no position is held."
    assert told == ["resting", "cancelling"]


async def test_stopping_what_never_started_is_fine(runtime: Runtime) -> None:
    await runtime.stop()
    assert runtime.recorder_stats() is None
    assert (runtime.portfolio, runtime.exchange_pid) == (None, None)
    assert (runtime.trades_kind, runtime.source_text) == ("none", "generated")
