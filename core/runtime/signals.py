"""Ctrl-C and SIGTERM as a call on the loop, so that everything is closed in order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable


def on_stop_signal(stop: Callable[[], object]) -> None:
    """Call `stop` on SIGINT and SIGTERM; Windows keeps its KeyboardInterrupt instead."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)
