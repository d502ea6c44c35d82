"""Owner of background tasks: each is named, kept, watched, and cancelled in reverse order."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

_log = logging.getLogger(__name__)


class Tasks:
    """Tasks of one owner.

    Args:
        on_failure: told the name and the exception of a task that ended with one.
    """

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._running: dict[asyncio.Task[None], str] = {}

    def start(self, name: str, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Start a named task; it is kept until it ends."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[task] = name
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        name = self._running.pop(task, task.get_name())
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            _log.error("task %s failed", name, exc_info=error)
            self._on_failure(name, error)

    async def close(self) -> None:
        """Cancel what still runs, newest first, and wait for it."""
        for task in reversed(list(self._running)):
            task.cancel()
        if self._running:
            await asyncio.wait(list(self._running))
