"""What share of the area each dock has, so that growing gives back what shrinking took."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.widgets.dock_title import HEIGHT


class DockShares:
    """Sizes of the docks as the trader left them, and the size of the area at that time.

    Docks at their smallest size take room from the others while the window is small; without a
    memory that would stay so in a large one.
    """

    def __init__(self, host: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        self._host = host
        self._docks = docks
        self._area = QSize()
        self._sizes: dict[str, QSize] = {}

    def note(self) -> None:
        """Take the sizes of now as those the trader wants."""
        self._area = self._host.size()
        self._sizes = {}
        for dock in self._in_front().values():
            others = self._host.tabifiedDockWidgets(dock)
            place = dock.size() + QSize(0, HEIGHT if others else 0)  # tabs stand above the docks
            for shown_here in (dock, *others):
                self._sizes[self._key_of(shown_here)] = place

    def apply(self) -> None:
        """Give each dock its share of the area there is now."""
        front = {key: dock for key, dock in self._in_front().items() if key in self._sizes}
        if not front:
            return
        across = self._host.width() / self._area.width()
        down = self._host.height() / self._area.height()
        widths = [round(self._sizes[key].width() * across) for key in front]
        heights = [round(self._sizes[key].height() * down) for key in front]
        docks = list(front.values())
        self._host.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
        self._host.resizeDocks(docks, heights, Qt.Orientation.Vertical)

    def _in_front(self) -> dict[str, QDockWidget]:
        area = self._host.rect()
        return {
            key: dock
            for key, dock in self._docks.items()
            if dock.isVisible() and not dock.isFloating() and area.contains(dock.geometry())
        }

    def _key_of(self, dock: QDockWidget) -> str:
        return next(key for key, known in self._docks.items() if known is dock)
