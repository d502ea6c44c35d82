"""The market every panel shows: chosen in the toolbar or the markets table, followed by all."""

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """Hold the chosen market's ticker; empty while there is none."""

    changed = Signal(str)

    def __init__(self, ticker: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticker = ticker

    @property
    def ticker(self) -> str:
        """Ticker of the chosen market, or an empty string."""
        return self._ticker

    def choose(self, ticker: str) -> None:
        """Choose a market and tell the panels, unless it is the chosen one already."""
        if ticker != self._ticker:
            self._ticker = ticker
            self.changed.emit(ticker)
