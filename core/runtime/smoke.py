"""The main job once, unattended: connect, watch, trade, record, stop; then say what happened."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import JobError
from core.events import Event, Observer
from core.market.book import BookStatus
from core.market.events import Trade
from core.runtime.commands import StartTrading, StopTrading
from core.runtime.metrics import percentile
from core.runtime.runtime import Runtime
from core.runtime.signals import on_stop_signal
from core.trading.reconciliation import Drift

BOOKS_SECONDS = 60.0
QUIET_SECONDS = 30.0
"""A busy machine may make the feed lag; nobody waits at a window here."""
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 300.0
"""A recording may begin in the one-sided end of a market: go on so long for a first fill."""
Summary = dict[str, str | int | float | None]


@dataclass(frozen=True)
class SmokeResult:
    """The summary line, and what did not happen; empty if the main job was done."""

    summary: Summary
    failures: tuple[str, ...]


class Frames(Protocol):
    """What a window knows of its frames, in ms, oldest first."""

    def frame_times_ms(self) -> list[float]:
        """Work of each frame, models and paint."""

    def frame_gaps_ms(self) -> list[float]:
        """Time from each frame to the next."""

    def forget(self) -> None:
        """Count anew from here."""


async def run_smoke(
    runtime: Runtime,
    seconds: float,
    frames: Frames | None = None,
    before_stop: Callable[[], Awaitable[None]] | None = None,
) -> SmokeResult:
    """Do the main job with a runtime that is not started yet, and stop it.

    Args:
        runtime: the core to run.
        seconds: wall seconds of trading.
        frames: the window's frames, counted from the start of trading to the picture.
        before_stop: called while everything still runs, for a picture.
    """
    run = _Run()
    task = asyncio.current_task()
    if task is not None:
        on_stop_signal(task.cancel)
    try:
        await runtime.start()
        await _do_the_job(runtime, seconds, run, frames, before_stop)
    except JobError as error:
        run.failure = str(error)
    finally:
        await _stop_whole(runtime)
    summary = _summary(runtime, run)
    if run.failure:
        return SmokeResult(summary, (run.failure,))
    failures = [*_missing(summary), *_drifted(run.drift is not None and run.drift.is_zero)]
    failures += [f"{step.name}: {step.detail}" for step in runtime.checklist.failures()]
    return SmokeResult(summary, tuple(failures))


async def _stop_whole(runtime: Runtime) -> None:
    """Stop in order, even if a second Ctrl-C comes meanwhile."""
    stopping = asyncio.get_running_loop().create_task(runtime.stop(), name="stop")
    try:
        await asyncio.shield(stopping)
    finally:
        await asyncio.wait([stopping])


@dataclass
class _Run:
    """What must be remembered beyond the runtime's own end."""

    books_live: int = 0
    trades: int = 0
    painted: Summary = field(default_factory=dict)
    drift: Drift | None = None
    failure: str = ""


def _count_trades(run: _Run) -> Observer:
    def observe(event: Event) -> None:
        run.trades += isinstance(event, Trade)

    return observe


async def _do_the_job(
    runtime: Runtime,
    seconds: float,
    run: _Run,
    frames: Frames | None,
    before_stop: Callable[[], Awaitable[None]] | None,
) -> None:
    await _wait_for_books(runtime)
    run.books_live = _live(runtime)
    runtime.bus.subscribe(_count_trades(run))
    answer = await runtime.execute(StartTrading(runtime.actor.policy.name))
    if not answer.accepted:
        raise JobError(answer.text)
    if frames is not None:
        frames.forget()
    await asyncio.sleep(seconds)
    await _be_patient(runtime)
    run.books_live = max(run.books_live, _live(runtime))  # a market may close meanwhile
    run.painted = _painted(frames)
    if before_stop is not None:
        await before_stop()
    await runtime.execute(StopTrading())
    run.drift = await runtime.quiet(QUIET_SECONDS)


def _live(runtime: Runtime) -> int:
    return sum(book.status is BookStatus.LIVE for book in runtime.books)


async def _wait_for_books(runtime: Runtime) -> None:
    try:
        async with asyncio.timeout(BOOKS_SECONDS):
            while not (_live(runtime) and runtime.can_trade):
                blockers = runtime.checklist.blockers()
                if blockers and not runtime.can_trade:
                    raise JobError(f"{blockers[0].name}: {blockers[0].detail}")
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise JobError(f"no book was live within {BOOKS_SECONDS:.0f} s") from error


async def _be_patient(runtime: Runtime) -> None:
    """Wait for the fill that the session must bring to our orders, but not for ever."""
    if runtime.trades_kind == "none" or not runtime.metrics.orders:
        return
    with suppress(TimeoutError):  # the summary says that it did not come
        async with asyncio.timeout(PATIENCE_SECONDS):
            while runtime.can_trade and not runtime.ledger.fills:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)


def _painted(frames: Frames | None) -> Summary:
    work_ms = frames.frame_times_ms() if frames else []
    gap_ms = frames.frame_gaps_ms() if frames else []
    return {
        "frame_ms_p50": _rounded(percentile(work_ms, 0.50)),
        "frame_ms_p99": _rounded(percentile(work_ms, 0.99)),
        "frame_ms_max": _rounded(max(work_ms, default=None)),
        "frame_gap_ms_p99": _rounded(percentile(gap_ms, 0.99)),
        "frame_gap_ms_max": _rounded(max(gap_ms, default=None)),
    }


def must_fill(kind: str, trades: int) -> bool:
    """Fills are required where the session has trades; inferred ones may be none at all."""
    return kind != "none" and (kind != "inferred" or trades > 0)


def _summary(runtime: Runtime, run: _Run) -> Summary:
    stats = runtime.recorder_stats()
    decision_ms = runtime.metrics.decision_ms
    return {
        "mode": runtime.settings.mode if not runtime.settings.sessions else "replay",
        "venue": runtime.venue.word,
        "source": runtime.source_text,
        "trades": runtime.trades_kind,
        "trades_played": run.trades,
        "deltas": runtime.books.counters.deltas,
        "books_live": run.books_live,
        "decisions": runtime.metrics.decisions,
        "orders": runtime.metrics.orders,
        "fills": runtime.ledger.fills,
        "rows_recorded": stats.written if stats else 0,
        "dropped": stats.dropped if stats else 0,
        "late": runtime.metrics.late,
        "gaps": runtime.feed.counters.gaps,
        **(run.painted or _painted(None)),
        "decision_ms_p50": _rounded(percentile(decision_ms, 0.50)),
        "decision_ms_p99": _rounded(percentile(decision_ms, 0.99)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _missing(summary: Summary) -> list[str]:
    """What the main job must have shown; fills only where the session has trades."""
    wanted = ["deltas", "books_live", "decisions", "orders", "rows_recorded"]
    if must_fill(str(summary["trades"]), int(summary["trades_played"] or 0)):
        wanted.append("fills")
    failures = [f"no {name.replace('_', ' ')}" for name in wanted if not summary[name]]
    failures += [f"{summary[name]} {name}" for name in ("dropped", "late") if summary[name]]
    return failures


def _drifted(is_equal: bool) -> list[str]:
    return [] if is_equal else ["positions or cash were not shown equal to the exchange's"]
