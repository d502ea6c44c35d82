"""Bar of the last minute's actions by share, with its legend above."""

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.models.decisions import ACTIONS
from app.theme import Theme
from app.widgets.stale_overlay import faded
from app.widgets.text_painting import LABEL, Ink, width

HEIGHT = 38
_PADDING = 10
_BAR_TOP = 25
_BAR_HEIGHT = 4
_NO_ALPHA = 130


class ActionShare(QWidget):
    """Paints legend and bar; the NO actions are fainter and dotted, so colour is not alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts: Counter[str] = Counter()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Actions of the last 60 seconds")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.update()

    def show_counts(self, counts: Counter[str]) -> None:
        """Show these counts by action."""
        if counts == self._counts:
            return
        self._counts = counts
        self.setAccessibleDescription(", ".join(self._legend()))
        self.update()

    def _legend(self) -> list[str]:
        total = self._counts.total()
        return (
            [f"{name} {100 * self._counts[name] / total:.0f}" for name in ACTIONS] if total else []
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the legend as far as it fits, then the bar."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        ink = Ink(painter)
        ink.text("60 s, %", self._theme.text3, LABEL, _PADDING, 3, box_height=18)
        self._paint_legend(ink, _PADDING + width("60 s, %", LABEL) + 12)
        self._paint_bar(painter)
        painter.end()

    def _paint_legend(self, ink: Ink, x: float) -> None:
        for name, text in zip(ACTIONS, self._legend(), strict=False):
            end = x + 11 + width(text, LABEL)
            if end > self.width() - 4:
                return
            self._paint_share(ink.painter, name, round(x), 8, 7, 7)
            ink.text(text, self._theme.text2, LABEL, x + 11, 3, box_height=18)
            x = end + 11

    def _paint_bar(self, painter: QPainter) -> None:
        room, total = self.width() - 2 * _PADDING, self._counts.total()
        if not total:
            painter.fillRect(_PADDING, _BAR_TOP, room, _BAR_HEIGHT, self._theme.line)
            return
        done = 0
        for name in ACTIONS:
            start = _PADDING + room * done // total
            done += self._counts[name]
            end = _PADDING + room * done // total
            gap = 1 if done < total else 0
            self._paint_share(painter, name, start, _BAR_TOP, end - start - gap, _BAR_HEIGHT)

    def _paint_share(
        self, painter: QPainter, name: str, x: int, y: int, room: int, height: int
    ) -> None:
        if room <= 0:
            return
        if name == "HOLD":
            painter.fillRect(x, y, room, height, faded(self._theme.text3, _NO_ALPHA))
            return
        colour = self._theme.colour(ACTIONS[name].colour)
        if name.endswith("YES"):
            painter.fillRect(x, y, room, height, colour)
            return
        painter.fillRect(x, y, room, height, faded(colour, _NO_ALPHA))
        painter.fillRect(x, y, room, height, QBrush(self._theme.panel, Qt.BrushStyle.Dense6Pattern))
