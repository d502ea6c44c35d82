import asyncio
import os
import signal

from core.runtime.signals import on_stop_signal


async def test_both_stop_signals_call_and_do_not_end_the_process() -> None:
    loop = asyncio.get_running_loop()
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            called = asyncio.Event()
            on_stop_signal(called.set)
            os.kill(os.getpid(), number)
            async with asyncio.timeout(10):
                await called.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
