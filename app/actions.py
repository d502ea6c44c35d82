"""Every action of the window with its shortcut: what menus, toolbar and the shortcut list show."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

DOCK_ORDER = (
    "markets",
    "ladder",
    "depth",
    "decisions",
    "orders",
    "positions",
    "systems",
    "log",
)
"""Docks by the digit that focuses them: Ctrl+1 ... Ctrl+8."""


class Actions:
    """The window's actions. They belong to the window, so shortcuts work with any dock focused."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.start = self._add("Start trading", "F5")
        self.stop = self._add("Stop trading", "Shift+F5")
        self.cancel_all = self._add("Cancel all orders", "Ctrl+Shift+X")
        self.open_session = self._add("Open recorded session…", "Ctrl+O")
        self.open_sandbox = self._add("Sandbox (generated market)", "Ctrl+Shift+O")
        self.quit = self._add("Quit", "Ctrl+Q")
        self.full_screen = self._add("Full screen", "F11", checkable=True)
        self.reset_layout = self._add("Reset layout", "Ctrl+Shift+R")
        self.follow = self._add("Follow markets…", "Ctrl+M")
        self.next_market = self._add("Next market", "Ctrl+PgDown")
        self.previous_market = self._add("Previous market", "Ctrl+PgUp")
        self.shortcuts = self._add("Keyboard shortcuts", "Ctrl+F1")
        self.about = self._add("About Kalshi Flow")

    def focus_dock(self, digit: int, name: str, focus: Callable[[], None]) -> QAction:
        """Make the action that brings a dock to the front."""
        action = self._add(f"Go to {name}", f"Ctrl+{digit}")
        action.triggered.connect(focus)
        return action

    def listed(self) -> list[tuple[str, str]]:
        """Return (what it does, keys) of every action that has a shortcut."""
        native = QKeySequence.SequenceFormat.NativeText
        return [
            (action.text().rstrip("…"), action.shortcut().toString(native))
            for action in self._window.actions()
            if not action.shortcut().isEmpty()
        ]

    def _add(self, text: str, keys: str = "", *, checkable: bool = False) -> QAction:
        action = QAction(text, self._window)
        action.setCheckable(checkable)
        if keys:
            action.setShortcut(QKeySequence(keys))
        self._window.addAction(action)
        return action
