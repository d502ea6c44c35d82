"""The core without a window: its status line, and a run that a signal ends."""

import asyncio
import io
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from core.kalshi.events import PositionReport
from core.runtime.headless import run_headless, status_line
from core.runtime.runtime import Runtime
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
Until = Any  # the fixture's type stands in conftest.py, which no test can import


def test_status_line_says_what_matters(tmp_path: Path) -> None:
    runtime = Runtime(Settings(home=tmp_path))
    runtime.ledger.open(1_234_560_000, [])
    assert status_line(runtime) == (
        "SANDBOX · feed connecting · 0 msg/s · 0 deltas · actor off · 0 decisions · "
        "0 open orders · 0 fills · equity $1,234.56 · not recording"
    )


def test_status_line_shows_no_figure_it_does_not_know(tmp_path: Path) -> None:
    runtime = Runtime(Settings(home=tmp_path))
    runtime.ledger.open(1_000_000, [PositionReport("T", 100, 1_000, 0, 0)])
    assert "equity – ·" in status_line(runtime)


async def test_runs_and_trades_until_a_signal_and_tells_what_failed(
    tmp_path: Path, until: Until
) -> None:
    out = io.StringIO()
    settings = Settings(home=tmp_path, sessions=(DEMO,), speed=20.0, database_url=NO_DATABASE)
    running = asyncio.get_running_loop().create_task(
        run_headless(settings, is_trading=True, out=out), name="headless"
    )
    await until(lambda: running.done() or "feed live" in out.getvalue())
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 1
    said = out.getvalue()
    assert " with hardcoded." in said
    assert "REPLAY · feed live" in said
    assert "Database: " in said.splitlines()[-1]
    assert "Nothing is recorded" in said.splitlines()[-1]


async def test_a_signal_ends_a_start_under_way(home: Path, until: Until) -> None:
    before = asyncio.all_tasks()
    out = io.StringIO()
    running = asyncio.get_running_loop().create_task(
        run_headless(Settings(home=home, sessions=(DEMO,)), is_trading=True, out=out),
        name="headless",
    )
    await until(lambda: any(task.get_name() == "start exchange" for task in asyncio.all_tasks()))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    assert "feed" not in out.getvalue()
    assert asyncio.all_tasks() == before


async def test_a_terminal_that_is_gone_ends_the_run_in_order(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    settings = Settings(home=tmp_path, sessions=(DEMO,), database_url=NO_DATABASE)
    out = os.fdopen(writing, "w")
    assert await run_headless(settings, is_trading=False, out=out) == 1  # for the database alone
    with pytest.raises(BrokenPipeError):
        out.close()
