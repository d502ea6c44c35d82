import asyncio
import os
import signal

import pytest

from core.runtime.signals import on_stop_signal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_stop_signal_calls_and_does_not_end_the_process(number: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    before = signal.signal(number, signal.SIG_IGN)
    try:
        called = asyncio.Event()
        on_stop_signal(called.set)
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await called.wait()
    finally:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(each)
        signal.signal(number, before)
