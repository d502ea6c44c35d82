"""Who is refreshed in which frame: the work of a third of a second, spread evenly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.dock_host import DockHost
from app.frame_clock import FrameClock
from app.panel import Panel, as_panel

_BOOKS_TICK, TABLES_TICK, _LAST_TICK = 0, 1, 2
"""What is compared shows one instant; at 10 Hz the tables take the frames the books leave out."""
_FIRST_TICKS = {
    "ladder": _BOOKS_TICK,
    "depth": _BOOKS_TICK,
    "log": _LAST_TICK,
    "systems": _LAST_TICK,
}


def schedule(
    frames: FrameClock,
    panels: Mapping[str, QWidget],
    host: DockHost,
    status: QWidget,
    show_status: Callable[[], None],
) -> None:
    """Give every panel and the status bar their turns."""
    for key, panel in panels.items():
        titled = _TitledPanel(as_panel(panel), host, key)
        frames.add(panel, titled, _FIRST_TICKS.get(key, TABLES_TICK))
    frames.add(status, _StatusTurn(show_status), _BOOKS_TICK)


@dataclass(slots=True)
class _TitledPanel:
    """A panel whose dock title is written after each refresh."""

    panel: Panel
    host: DockHost
    key: str

    @property
    def refresh_hz(self) -> int:
        return self.panel.refresh_hz

    def refresh(self) -> None:
        self.panel.refresh()
        self.host.refresh_title(self.key)


@dataclass(slots=True)
class _StatusTurn:
    """The status bar, as often as its figures can be read."""

    show: Callable[[], None]
    refresh_hz: int = 2

    def refresh(self) -> None:
        self.show()
