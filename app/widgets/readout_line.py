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
_RIGHT = 2
_WIDE, _NARROW = 14, 6
_AFTER_LABEL = 4


class Reading(NamedTuple):
    """One labelled value; `colour` names an attribute of the theme.

    Attributes:
        widest: a value as wide as they usually get, so that readings do not come and go with it.
        is_last: stands at the right end, where its place never changes.
    """

    label: str
    value: str
    colour: str = "text"
    widest: str = ""
    is_last: bool = False


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

    def places(self) -> list[tuple[Reading, float]]:
        """Return the readings that fit with the x where each ends."""
        shown = list(self._readings)
        while shown and self._needed(shown, _NARROW) > self.width():
            shown.pop()
        gap = _WIDE if self._needed(shown, _WIDE) <= self.width() else _NARROW
        x, right = float(_PADDING), float(self.width() - _RIGHT)
        placed: list[tuple[Reading, float]] = []
        for reading in shown:
            if reading.is_last:
                placed.append((reading, right))
                right -= _room(reading, self._theme.text_step) + gap
            else:
                x += _width(reading, self._theme.text_step)
                placed.append((reading, x))
                x += gap
        return placed

    def _needed(self, shown: Sequence[Reading], gap: int) -> float:
        step = self._theme.text_step
        return _PADDING + _RIGHT + sum(_room(reading, step) + gap for reading in shown) - gap

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw label and value of each reading that fits."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        step = self._theme.text_step
        ink = Ink(painter, step)
        for reading, end in self.places():
            start = end - (_room(reading, step) if reading.is_last else _width(reading, step))
            ink.text(reading.label, self._theme.text3, LABEL, start, 0.5, box_height=HEIGHT)
            colour = self._theme.colour(reading.colour)
            value_x = end - width(reading.value, STRONG, step)
            ink.text(reading.value, colour, STRONG, value_x, 0, box_height=HEIGHT)
        painter.end()


def _room(reading: Reading, step: int) -> float:
    return max(_width(reading, step), _width(reading._replace(value=reading.widest), step))


def _width(reading: Reading, step: int) -> float:
    return width(reading.label, LABEL, step) + _AFTER_LABEL + width(reading.value, STRONG, step)
