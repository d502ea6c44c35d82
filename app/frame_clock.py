"""One timer for every panel: who repaints when, and how long a frame's work took."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAMES_PER_S = 30
_INTERVAL_MS = 33
_KEPT_FRAMES = 18_000
_NS_PER_MS = 1e6


class Refreshing(Protocol):
    """What the clock calls: `refresh_hz` times a second while it can be seen."""

    @property
    def refresh_hz(self) -> int:
        """Refreshes a second, at most `FRAMES_PER_S`."""
        ...

    def refresh(self) -> None:
        """Read the source and repaint what changed."""


@dataclass(slots=True)
class _Turn:
    widget: QWidget
    target: Refreshing
    credit: int  # grows by refresh_hz a tick; a refresh costs FRAMES_PER_S
    owed: bool = False


class FrameClock(QObject):
    """Refresh what is visible, at its own rate, and keep the cost of the last frames.

    A frame is one tick's refresh calls plus all painting until the next tick. A hidden widget
    costs nothing and is refreshed at the first tick that sees it.

    `began` and `ended` frame the refresh calls of a tick, so that a source can answer all of
    them from one instant.
    """

    began = Signal()
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[_Turn] = []
        self._watch = QElapsedTimer()
        self._watch.start()
        self._work_ns = 0
        self._ticks_ns: deque[int] = deque(maxlen=_KEPT_FRAMES)
        self._frames_ns: deque[int] = deque(maxlen=_KEPT_FRAMES)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.tick)

    def add(self, widget: QWidget, target: Refreshing, first_tick: int = 0) -> None:
        """Refresh `target` while `widget` can be seen.

        Args:
            widget: What must be seen.
            target: What is refreshed.
            first_tick: Its first turn. Those of one rate and one first turn share their frames
                and so show one instant; others are spread, so that a frame has less to do.
        """
        credit = FRAMES_PER_S - target.refresh_hz * (first_tick + 1)
        self._turns.append(_Turn(widget, target, credit))

    def start(self) -> None:
        """Start ticking."""
        self._timer.start()

    def stop(self) -> None:
        """Stop ticking; nothing is refreshed any more."""
        self._timer.stop()

    def forget(self) -> None:
        """Keep only what comes from here on."""
        self._ticks_ns.clear()
        self._frames_ns.clear()

    def hurry(self, widgets: Collection[QWidget] | None = None) -> None:
        """Refresh what is visible at the next tick: the trader changed what is shown.

        Turns keep their places, so that the tables stay spread afterwards.

        Args:
            widgets: Only these; everything if none are named.
        """
        for turn in self._turns:
            turn.owed = turn.owed or widgets is None or turn.widget in widgets

    def tick(self) -> None:
        """Close the frame before and refresh whoever is due."""
        if self._ticks_ns:
            self._frames_ns.append(self._work_ns)
        begun_ns = self._watch.nsecsElapsed()
        self._ticks_ns.append(begun_ns)
        self.began.emit()
        try:
            self._refresh_due()
        finally:
            self.ended.emit()
        self._work_ns = self._watch.nsecsElapsed() - begun_ns

    def _refresh_due(self) -> None:
        for turn in self._turns:
            turn.credit += turn.target.refresh_hz
            if turn.credit >= FRAMES_PER_S:
                turn.credit -= FRAMES_PER_S
                turn.owed = True
            if turn.owed and _is_seen(turn.widget):
                turn.owed = False
                turn.target.refresh()

    def now_ns(self) -> int:
        """Return the stopwatch reading, for `add_paint`."""
        return self._watch.nsecsElapsed()

    def add_paint(self, begun_ns: int) -> None:
        """Count the painting since `begun_ns` into the frame under way."""
        self._work_ns += self._watch.nsecsElapsed() - begun_ns

    def frame_times_ms(self) -> list[float]:
        """Return the work of the last frames, models and paint, oldest first."""
        return [frame_ns / _NS_PER_MS for frame_ns in self._frames_ns]

    def frame_gaps_ms(self) -> list[float]:
        """Return the time from each tick to the next, oldest first."""
        return [(after - before) / _NS_PER_MS for before, after in pairwise(self._ticks_ns)]


def _is_seen(widget: QWidget) -> bool:
    """A dock behind another tab counts as visible, but lies outside of its window."""
    if not widget.isVisible():
        return False
    window = widget.window()
    area = QRect(widget.mapTo(window, QPoint()), widget.size())
    return window.rect().intersects(area)
