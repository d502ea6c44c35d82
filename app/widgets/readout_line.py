"""The 24 px line above a chart or ladder: a few labelled values, dropped from the right."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme
from app.widgets.text_painting import LABEL, STRONG, Ink, width

HEIGHT = 24
_PADDING = 10
_GAPS = (14, 9)


class Reading(NamedTuple):
    """One labelled value; `colour` names an attribute of the theme."""

    label: str
    value: str
    colour: str = "text"


class ReadoutLine(QWidget):
    """Paints readings side by side; what does not fit whole is left out, never cut."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._readings: tuple[Reading, ...] = ()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Read-out")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def minimumSizeHint(self) -> QSize:
        """Return a height only: the line gives way to the controls beside it."""
        return QSize(0, HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.update()

    def show_readings(self, readings: Sequence[Reading]) -> None:
        """Show these readings, most important first."""
        shown = tuple(readings)
        if shown == self._readings:
            return
        self._readings = shown
        self.setAccessibleDescription(", ".join(f"{r.label} {r.value}" for r in shown))
        self.update()

    def _gap(self) -> int:
        wide, narrow = _GAPS
        needed = 2 * _PADDING + sum(_width(reading) + wide for reading in self._readings)
        return wide if needed - wide <= self.width() else narrow

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw label and value of each reading that fits."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        ink = Ink(painter)
        gap = self._gap()
        x = float(_PADDING)
        for reading in self._readings:
            end = x + _width(reading)
            if end > self.width() - 2:
                break
            ink.text(reading.label, self._theme.text3, LABEL, x, 0.5, box_height=HEIGHT)
            colour = self._theme.colour(reading.colour)
            value_x = end - width(reading.value, STRONG)
            ink.text(reading.value, colour, STRONG, value_x, 0, box_height=HEIGHT)
            x = end + gap
        painter.end()


def _width(reading: Reading) -> float:
    return width(reading.label, LABEL) + 5 + width(reading.value, STRONG)
