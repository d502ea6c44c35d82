"""The same core without a window: a status line a second until Ctrl-C, or the smoke run."""

import asyncio
import contextlib
import sys
from typing import TextIO

from core.runtime.commands import StartTrading, StopTrading
from core.runtime.runtime import Runtime
from core.runtime.signals import on_stop_signal
from core.runtime.valuation import equity_micros
from core.settings import Settings
from core.units import MICROS_PER_DOLLAR

READY_SECONDS = 10.0
POLL_SECONDS = 0.05


async def run_headless(settings: Settings, is_trading: bool, out: TextIO = sys.stderr) -> int:
    """Run until interrupted, or until `out` cannot be written. Returns the exit code."""
    runtime = Runtime(settings)
    stop = asyncio.Event()
    on_stop_signal(stop.set)
    try:
        await _start(runtime, stop)
        if is_trading:
            await _until_ready(runtime, stop)
        is_trading = is_trading and not stop.is_set()
        if is_trading:
            answer = await runtime.execute(StartTrading(settings.strategy))
            _say(f"{answer.text}\n", out, stop)
        while not stop.is_set():
            _say(f"\r{status_line(runtime)}\x1b[K", out, stop)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await stop.wait()
        _say("\n", out, stop)
        if is_trading:
            await runtime.execute(StopTrading())
            await runtime.quiet()
    finally:
        await runtime.stop()
    failures = runtime.checklist.failures()
    for step in failures:
        _say(f"{step.name}: {step.detail}\n", out, stop)
    return 1 if failures else 0


def status_line(runtime: Runtime) -> str:
    """Everything that matters in one line."""
    stats = runtime.recorder_stats()
    equity = equity_micros(runtime.ledger, runtime.books)
    parts = [
        runtime.venue.word,
        f"feed {runtime.feed_watch.state}",
        f"{runtime.rates.messages_per_s:.0f} msg/s",
        f"{runtime.books.counters.deltas} deltas",
        f"actor {runtime.actor_state()[0]}",
        f"{runtime.metrics.decisions} decisions",
        f"{len(runtime.orders.orders.open())} open orders",
        f"{runtime.ledger.fills} fills",
        "equity –" if equity is None else f"equity ${equity / MICROS_PER_DOLLAR:,.2f}",
        f"{stats.written} rows recorded" if stats else "not recording",
    ]
    return " · ".join(parts)


def _say(text: str, out: TextIO, stop: asyncio.Event) -> None:
    """Write this; a terminal that is gone ends the run like a signal."""
    try:
        out.write(text)
        out.flush()
    except OSError:
        stop.set()


async def _start(runtime: Runtime, stop: asyncio.Event) -> None:
    """Start, or return as soon as the run is to stop: `Runtime.stop` ends what has begun."""
    loop = asyncio.get_running_loop()
    tasks = [
        loop.create_task(runtime.start(), name="start"),
        loop.create_task(stop.wait(), name="stop asked for"),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _until_ready(runtime: Runtime, stop: asyncio.Event) -> None:
    """Wait for the exchange's first word; without it the start is refused with its reason."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_SECONDS):
            while not (runtime.can_trade or stop.is_set()):  # noqa: ASYNC110  (state of another process)
                await asyncio.sleep(POLL_SECONDS)
