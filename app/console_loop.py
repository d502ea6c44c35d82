"""The asyncio loop inside Qt's, with its ready callbacks run in turns instead of one by one.

qasync gives every `call_soon` a Qt timer of its own. The way from a frame of the feed to the bytes
of an order has half a dozen of them, and between any two Qt may paint for milliseconds. Here they
run one after another, like those of asyncio's own loop, until none is left or the turn is over.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context

import qasync
from PySide6.QtCore import (
    QBasicTimer,
    QCoreApplication,
    QElapsedTimer,
    QEvent,
    QObject,
    Qt,
    QTimerEvent,
)
from PySide6.QtWidgets import QApplication

_TURN_NS = 4_000_000
_RUN = QEvent.Type(QEvent.registerEventType())


class ConsoleLoop(qasync.QEventLoop):
    """qasync's loop for the console.

    Args:
        app: The Qt application, made and not yet running.
    """

    def __init__(self, app: QApplication) -> None:
        self._turns = _Turns()  # before the base class, which may call soon
        super().__init__(app)

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` in this turn or the next one, after those that wait already.

        Raises:
            RuntimeError: the loop is closed.
        """
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._turns.add(handle)
        return handle

    def close(self) -> None:
        """Close the loop; callbacks that still wait are dropped, as asyncio does."""
        super().close()
        self._turns.clear()


class _Turns(QObject):
    """Runs handles in the order they came; after each turn Qt sees to everything else."""

    def __init__(self) -> None:
        super().__init__()
        self._handles: deque[asyncio.Handle] = deque()
        self._is_called = False
        self._is_running = False
        self._rest = QBasicTimer()
        self._watch = QElapsedTimer()

    def add(self, handle: asyncio.Handle) -> None:
        """Let a handle run soon, before anything is painted."""
        self._handles.append(handle)
        if self._is_running:
            # The turn under way takes it, unless it is over first or a handle runs a loop in it.
            if not self._rest.isActive():
                self._rest.start(0, self)
        elif not self._is_called:
            self._is_called = True
            QCoreApplication.postEvent(self, QEvent(_RUN), Qt.EventPriority.HighEventPriority.value)

    def clear(self) -> None:
        """Drop whatever waits."""
        self._handles.clear()
        self._rest.stop()

    def event(self, event: QEvent) -> bool:
        """Take a turn when called."""
        if event.type() != _RUN:
            return super().event(event)
        self._is_called = False
        self._run()
        return True

    def timerEvent(self, event: QTimerEvent) -> None:
        """Take a turn for what the last one left."""
        self._run()

    def _run(self) -> None:
        self._watch.start()
        was_running, self._is_running = self._is_running, True
        try:
            while self._handles and self._watch.nsecsElapsed() < _TURN_NS:
                handle = self._handles.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            self._is_running = was_running
            self._go_on()

    def _go_on(self) -> None:
        if not self._handles:
            self._rest.stop()
        elif not self._rest.isActive():
            self._rest.start(0, self)
