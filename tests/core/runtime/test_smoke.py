"""The unattended run says what did not happen; a whole one is a scenario."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from core.runtime.runtime import Runtime
from core.runtime.smoke import must_fill, run_smoke
from core.settings import Settings
from core.storage.store import Storage

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


class Frames:
    """A window's frames, counted anew when told."""

    def __init__(self) -> None:
        self.work_ms = [500.0]

    def frame_times_ms(self) -> list[float]:
        return self.work_ms

    def frame_gaps_ms(self) -> list[float]:
        return [16.0, 17.0]

    def forget(self) -> None:
        self.work_ms = [1.0, 2.0, 3.0]


async def test_a_run_without_a_database_fails_for_that_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sessions=(DEMO,), speed=60.0, database_url=NO_DATABASE)
    seen: list[bool] = []
    runtime = Runtime(settings)

    async def look() -> None:
        seen.append(runtime.actor.is_armed)

    result = await run_smoke(runtime, 0.5, Frames(), look)
    assert [failure.split(":")[0] for failure in result.failures] == [
        "no rows recorded",
        "Database",
    ]
    summary = result.summary
    assert (summary["mode"], summary["source"], summary["trades"]) == ("replay", DEMO.name, "real")
    wanted = ("deltas", "books_live", "decisions", "orders", "fills")
    assert all(summary[name] for name in wanted)
    assert (summary["late"], summary["gaps"], summary["dropped"]) == (0, 0, 0)
    assert (summary["frame_ms_p50"], summary["frame_ms_max"]) == (2.0, 3.0)
    assert summary["frame_gap_ms_max"] == 17.0
    assert seen == [True]
    assert not runtime.actor.is_armed


async def test_an_exchange_that_dies_still_leaves_a_summary_and_no_task(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, sessions=(DEMO,), speed=60.0, strategy="hold", database_url=NO_DATABASE
    )
    runtime = Runtime(settings)
    before = asyncio.all_tasks()

    async def kill() -> None:
        assert runtime.exchange_pid is not None
        os.kill(runtime.exchange_pid, signal.SIGKILL)

    result = await run_smoke(runtime, 0.2, before_stop=kill)
    assert result.summary["decisions"]
    assert "positions or cash were not shown equal to the exchange's" in result.failures
    assert any(failure.startswith("Local exchange: ") for failure in result.failures)
    assert not runtime.actor.is_armed
    assert asyncio.all_tasks() == before


async def test_a_run_without_an_exchange_ends_at_once_with_the_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "missing.jsonl"
    settings = Settings(home=tmp_path, sessions=(missing,), database_url=NO_DATABASE)
    result = await run_smoke(Runtime(settings), 600.0)
    (failure,) = result.failures
    assert failure.startswith("Local exchange: ")
    assert "missing.jsonl" in failure
    assert result.summary["decisions"] == 0
    assert result.summary["frame_ms_p50"] is None


async def test_a_second_interruption_does_not_cut_the_recording_short(home: Path) -> None:
    runtime = Runtime(Settings(home=home, sessions=(DEMO,), strategy="hold"))
    before = asyncio.all_tasks()
    running = asyncio.get_running_loop().create_task(run_smoke(runtime, 600.0), name="smoke")
    end = runtime.recording.end

    async def end_interrupted(venue_ms: int) -> None:
        running.cancel()
        await end(venue_ms)

    runtime.recording.end = end_interrupted  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        while not runtime.actor.is_armed:  # noqa: ASYNC110  (state of another process)
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == before
    storage = await Storage.open(home)
    (session,) = await storage.sessions()
    await storage.close()
    assert session.ended_wall_ms is not None
    assert session.snapshots > 0


@pytest.mark.parametrize(
    ("kind", "trades", "must"),
    [
        ("real", 0, True),
        ("generated", 0, True),
        ("mixed", 0, True),
        ("inferred", 1, True),
        ("inferred", 0, False),
        ("none", 5, False),
    ],
)
def test_fills_are_required_where_the_session_has_trades(
    kind: str, trades: int, must: bool
) -> None:
    assert must_fill(kind, trades) is must
