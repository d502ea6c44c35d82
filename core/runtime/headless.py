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
    """Run until interrupted. Returns the exit code."""
    runtime = Runtime(settings)
    stop = asyncio.Event()
    on_stop_signal(stop.set)
    await runtime.start()
    try:
        if is_trading:
            await _until_ready(runtime, stop)
            answer = await runtime.execute(StartTrading(settings.strategy))
            print(answer.text, file=out)
        while not stop.is_set():
            print(f"\r{status_line(runtime)}", end="\x1b[K", file=out, flush=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await stop.wait()
        print(file=out)
        if is_trading:
            await runtime.execute(StopTrading())
            await runtime.quiet()
    finally:
        await runtime.stop()
    failures = runtime.checklist.failures()
    for step in failures:
        print(f"{step.name}: {step.detail}", file=out)
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


async def _until_ready(runtime: Runtime, stop: asyncio.Event) -> None:
    """Wait for the exchange's first word; without it the start is refused with its reason."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_SECONDS):
            while not (runtime.can_trade or stop.is_set()):  # noqa: ASYNC110  (state of another process)
                await asyncio.sleep(POLL_SECONDS)
