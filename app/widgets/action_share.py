"""Bar of the last minute's actions by share, with its legend above."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.models.decisions import ACTIONS, percentages
from app.theme import Theme
from app.widgets.stale_overlay import faded
from app.widgets.text_painting import LABEL, Ink, width

_PADDING = 10
_CAPTION = "60 s, %"
_LINE = 18
_MARK = 11
_GAP = 11
_BELOW = 20
_BAR_UP = 13
_BAR_HEIGHT = 4
_WIDEST = {name: 88 for name in ACTIONS}
_NO_ALPHA = 130


class Place(NamedTuple):
    """Where one action of the legend stands."""

    name: str
    text: str
    x: float
    y: int


class ActionShare(QWidget):
    """Paints legend and bar; the NO actions are fainter and dotted, so colour is not alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts: Counter[str] = Counter()
        self.setFixedHeight(_LINE + _BELOW)
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
        self.setAccessibleDescription(
            ", ".join(f"{name} {share}" for name, share in percentages(counts).items())
        )
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the widest legend needs at this width."""
        super().resizeEvent(event)
        last = self.places(_WIDEST)[-1]
        self.setFixedHeight(last.y + _LINE + _BELOW)

    def places(self, shares: Mapping[str, int]) -> list[Place]:
        """Return where each action of the legend stands; what has no room goes a line down."""
        places: list[Place] = []
        x, y = _PADDING + width(_CAPTION, LABEL) + 12, 0
        for name, share in shares.items():
            text = f"{name} {share}"
            room = _MARK + width(text, LABEL)
            if x + room > self.width() - 4 and x > _PADDING:
                x, y = _PADDING, y + _LINE
            places.append(Place(name, text, x, y))
            x += room + _GAP
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the legend, then the bar."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        ink = Ink(painter)
        ink.text(_CAPTION, self._theme.text3, LABEL, _PADDING, 3, box_height=_LINE)
        for place in self.places(percentages(self._counts)):
            self._paint_share(painter, place.name, round(place.x), place.y + 8, 7, 7)
            x, y = place.x + _MARK, place.y + 3
            ink.text(place.text, self._theme.text2, LABEL, x, y, box_height=_LINE)
        self._paint_bar(painter, self.height() - _BAR_UP)
        painter.end()

    def _paint_bar(self, painter: QPainter, top: int) -> None:
        room, total = self.width() - 2 * _PADDING, self._counts.total()
        if not total:
            painter.fillRect(_PADDING, top, room, _BAR_HEIGHT, self._theme.line)
            return
        done = 0
        for name in ACTIONS:
            start = _PADDING + room * done // total
            done += self._counts[name]
            end = _PADDING + room * done // total
            gap = 1 if done < total else 0
            self._paint_share(painter, name, start, top, end - start - gap, _BAR_HEIGHT)

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
