"""What goes wrong gets a sentence that says what to do, and the rest goes on."""

import asyncio
import gzip
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.runtime import checklist
from core.runtime.checklist import StepState
from core.runtime.commands import StartTrading
from core.runtime.runtime import Runtime
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
LIMIT_SECONDS = 60.0


def kalshiflow(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "--home", str(home), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not condition():  # noqa: ASYNC110  (state of other processes)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--mode", "live"], 3, "live trading does not exist"),
        (["--mode", "paper"], 2, "not in this version"),
        (["--mode", "replay"], 2, "add --session"),
        (["--mode", "yolo"], 2, "unknown mode"),
        (["--session", "/nowhere/x.jsonl.gz"], 1, "does not exist: check the path"),
        (["--speed", "-3"], 2, "speed"),
        (["--speed", "fast"], 2, "neither a number nor max"),
        (["--markets", "0"], 2, "ask for 1 to 1000"),
        (["--strategy", "magic", "--headless"], 2, "use one of hardcoded, hold"),
    ],
)
def test_a_wrong_argument_is_answered_at_once(
    home: Path, arguments: list[str], code: int, sentence: str
) -> None:
    ended = kalshiflow(home, *arguments)
    assert ended.returncode == code
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    ended = kalshiflow(blocked / "home", "--headless", "--smoke", "1")
    assert ended.returncode == 1
    assert "choose another with --home" in ended.stderr


def test_a_file_that_is_no_session_fails_the_run_and_says_so(home: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.jsonl"
    junk.write_text("hello\nworld\n")
    ended = kalshiflow(home, "--headless", "--smoke", "1", "--session", str(junk))
    assert ended.returncode == 1
    assert "junk.jsonl" in ended.stderr
    summary = json.loads(ended.stdout.splitlines()[-1])
    assert summary["decisions"] == 0


async def test_a_session_damaged_in_the_middle_plays_up_to_the_damage_and_says_so(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(DEMO.read_bytes()[:200_000])
    with pytest.raises(EOFError), gzip.open(damaged) as lines:
        lines.read()
    runtime = Runtime(Settings(home=home, sessions=(damaged,), speed=50.0))
    await runtime.start()
    try:
        await until(lambda: runtime.books.counters.deltas > 1_000)
        assert runtime.checklist.failures() == []
        warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
        assert any("is damaged" in text and "played up to there" in text for text in warnings)
    finally:
        await runtime.stop()


def test_sessions_days_apart_are_refused(tmp_path: Path, recordings: Path) -> None:
    folder = recordings / "public" / "kxbtc15m-ws"
    first = folder / "kxbtc15m-20260511T053743Z.jsonl.gz"
    later = folder / "kxbtc15m-20260514T130135Z.jsonl.gz"
    ended = kalshiflow(tmp_path, "--headless", "--smoke", "1", "--session", str(first), str(later))
    assert ended.returncode == 1
    assert "replay them one by one" in ended.stderr


async def test_the_exchange_killed_stops_trading_and_keeps_the_recording(home: Path) -> None:
    runtime = Runtime(Settings(home=home, sessions=(DEMO,), speed=10.0))
    await runtime.start()
    await until(lambda: runtime.books.counters.deltas and runtime.can_trade)
    answer = await runtime.execute(StartTrading("hardcoded"))
    assert answer.accepted
    await until(lambda: runtime.metrics.decisions > 20)
    assert runtime.exchange_pid is not None
    os.kill(runtime.exchange_pid, signal.SIGKILL)
    await until(lambda: runtime.checklist.state(checklist.EXCHANGE) is StepState.FAILED)
    (failure,) = runtime.checklist.failures()
    assert "what was recorded is safe" in failure.detail
    assert not runtime.actor.is_armed
    refused = await runtime.execute(StartTrading("hardcoded"))
    assert not refused.accepted
    await runtime.stop()
    stats = runtime.recorder_stats()
    assert stats is not None
    assert (stats.queued, stats.dropped) == (0, 0)
    assert stats.written >= runtime.books.counters.deltas + runtime.metrics.decisions


async def test_without_a_database_the_console_still_runs_and_says_that_nothing_is_recorded(
    home: Path,
) -> None:
    settings = Settings(
        home=home,
        sessions=(DEMO,),
        speed=10.0,
        database_url="postgresql://nobody@127.0.0.1:1/none",
    )
    runtime = Runtime(settings)
    await runtime.start()
    try:
        (failure,) = runtime.checklist.failures()
        assert failure.name == checklist.DATABASE
        assert "Nothing is recorded" in failure.detail
        await until(lambda: runtime.books.counters.deltas and runtime.can_trade)
        assert (await runtime.execute(StartTrading("hardcoded"))).accepted
        await until(lambda: runtime.metrics.decisions > 5)
    finally:
        await runtime.stop()
