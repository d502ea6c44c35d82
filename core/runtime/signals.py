"""Ctrl-C, SIGTERM and a lost terminal as a call on the loop: everything is closed in order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable

STOP_SIGNALS = tuple(
    number
    for number in signal.Signals
    if number.name in ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
)


def on_stop_signal(stop: Callable[[], object]) -> None:
    """Call `stop` on these signals; Windows keeps its KeyboardInterrupt instead."""
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)
