"""Owner of background tasks: each is named, kept, watched, and cancelled in reverse order."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

_log = logging.getLogger(__name__)
PATIENCE_SECONDS = 5.0
CANCELLATIONS = 3


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

    async def finish(self, patience_s: float) -> None:
        """Wait so many seconds for what runs to end by itself, then close."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=patience_s)
        await self.close()

    async def close(self, patience_s: float = PATIENCE_SECONDS) -> None:
        """Cancel what still runs, newest first, and wait for it.

        One that goes on is cancelled again: a library may have lost the first time. What outlasts
        that too is left behind and logged by name, because a console must end.

        Args:
            patience_s: seconds to wait after each cancellation.
        """
        for _ in range(CANCELLATIONS):
            if not self._running:
                return
            for task in reversed(list(self._running)):
                task.cancel()
            await asyncio.wait(list(self._running), timeout=patience_s)
        if self._running:
            _log.error("tasks that do not end: %s", ", ".join(self._running.values()))
