"""Where the docks stand: the default arrangement for two window sizes, kept and brought back."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

VERSION: Final = 1
"""Raised whenever docks come or go, so that an old arrangement is refused, not half applied."""

DEFAULT_SIZE: Final = QSize(1600, 900)
LEAST_SIZE: Final = QSize(1280, 720)

COMPACT_BELOW: Final = 1500
"""Window widths below this get the compact arrangement."""

SMALLEST: Final[Mapping[str, tuple[int, int]]] = {
    "markets": (220, 90),
    "ladder": (280, 300),
    "depth": (300, 160),
    "decisions": (220, 90),
    "orders": (220, 90),
    "positions": (220, 90),
    "systems": (250, 220),
    "log": (220, 90),
}
"""Smallest size of each panel's body in pixels."""

_STATE_KEY = "layout/docks"
_ACROSS = Qt.Orientation.Horizontal
_DOWN = Qt.Orientation.Vertical

Docks = Mapping[str, QDockWidget]


def arrange(host: QMainWindow, docks: Docks, width: int) -> None:
    """Put every dock in its default place for a window of this width."""
    for dock in docks.values():
        dock.setFloating(False)
        host.removeDockWidget(dock)
    _split(host, docks, compact=width < COMPACT_BELOW)
    for dock in docks.values():
        dock.show()


def set_sizes(host: QMainWindow, docks: Docks, width: int) -> None:
    """Give the default arrangement its sizes; the host must have its own size already."""
    resize = _resize_compact if width < COMPACT_BELOW else _resize_wide
    resize(host, docks)


def save(host: QMainWindow, settings: QSettings) -> None:
    """Keep the arrangement."""
    settings.setValue(_STATE_KEY, host.saveState(VERSION))


def restore(host: QMainWindow, settings: QSettings) -> bool:
    """Bring the kept arrangement back.

    Returns:
        Whether there was one of this version.
    """
    state = settings.value(_STATE_KEY)
    return isinstance(state, QByteArray) and host.restoreState(state, VERSION)


def forget(settings: QSettings) -> None:
    """Drop the kept arrangement."""
    settings.remove(_STATE_KEY)


def _split(host: QMainWindow, docks: Docks, *, compact: bool) -> None:
    # Split first, tabify last: the other way round leaves ghost tab bars.
    host.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["markets"])
    host.splitDockWidget(docks["markets"], docks["ladder"], _ACROSS)
    if compact:
        _split_compact(host, docks)
    else:
        _split_wide(host, docks)


def _split_wide(host: QMainWindow, docks: Docks) -> None:
    host.splitDockWidget(docks["ladder"], docks["orders"], _DOWN)
    host.splitDockWidget(docks["ladder"], docks["depth"], _ACROSS)
    host.splitDockWidget(docks["depth"], docks["decisions"], _ACROSS)
    host.splitDockWidget(docks["decisions"], docks["log"], _DOWN)
    host.splitDockWidget(docks["orders"], docks["positions"], _ACROSS)
    host.splitDockWidget(docks["markets"], docks["systems"], _DOWN)


def _split_compact(host: QMainWindow, docks: Docks) -> None:
    host.splitDockWidget(docks["ladder"], docks["depth"], _ACROSS)
    host.splitDockWidget(docks["depth"], docks["decisions"], _ACROSS)
    host.splitDockWidget(docks["depth"], docks["orders"], _DOWN)
    host.splitDockWidget(docks["decisions"], docks["log"], _DOWN)
    host.tabifyDockWidget(docks["markets"], docks["systems"])
    host.tabifyDockWidget(docks["orders"], docks["positions"])
    docks["markets"].raise_()
    docks["orders"].raise_()


def _resize_wide(host: QMainWindow, docks: Docks) -> None:
    _resize(host, docks, {"markets": 306, "ladder": 316, "depth": 506, "decisions": 454}, _ACROSS)
    _resize(host, docks, {"markets": 268, "systems": 528}, _DOWN)
    _resize(host, docks, {"ladder": 611, "orders": 185}, _DOWN)
    _resize(host, docks, {"decisions": 380, "log": 227}, _DOWN)
    _resize(host, docks, {"orders": 670, "positions": 610}, _ACROSS)


def _resize_compact(host: QMainWindow, docks: Docks) -> None:
    _resize(host, docks, {"markets": 250, "ladder": 280, "depth": 382, "decisions": 350}, _ACROSS)
    _resize(host, docks, {"depth": 436, "orders": 180}, _DOWN)
    _resize(host, docks, {"decisions": 376, "log": 240}, _DOWN)


def _resize(
    host: QMainWindow, docks: Docks, sizes: Mapping[str, int], along: Qt.Orientation
) -> None:
    host.resizeDocks([docks[key] for key in sizes], list(sizes.values()), along)
