"""Painted column of headings, facts, bars and a small curve; repaints only when a line changes."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import icons
from app.models.systems import Bar, Fact, Heading, History, Line, Steps, Words, spoken
from app.models.table import Align
from app.states import STEP
from app.theme import Theme
from app.widgets.text_painting import CAPTION, DATA, LABEL, Face, Ink, elided, width

_PADDING = 10
_VALUE = Face(weight=500)
_HEIGHTS = {Heading: 26, Fact: 18, Bar: 8, Steps: 18, History: 42}
_CURVE_HEIGHT = 24


def _height(line: Line, theme: Theme) -> int:
    return _HEIGHTS[type(line)] + (theme.row_step if isinstance(line, Fact | Steps) else 0)


class FactsView(QWidget):
    """Shows lines one below the other, as tall as they need."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Systems")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """Return the height of all lines."""
        return QSize(250, sum(_height(line, self._theme) for line in self._lines) + 12)

    def minimumSizeHint(self) -> QSize:
        """Return the same height: the scroll area around it scrolls instead."""
        return QSize(230, self.sizeHint().height())

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these lines and repaint those that differ."""
        before, self._lines = self._lines, lines
        if [type(line) for line in before] != [type(line) for line in lines]:
            self.updateGeometry()
            self.update()
        else:
            self._update_changed(before, lines)
        if before != lines:
            self.setAccessibleDescription(spoken(lines))

    def _update_changed(self, before: tuple[Line, ...], lines: tuple[Line, ...]) -> None:
        y = 0
        for old, new in zip(before, lines, strict=True):
            if old != new:
                self.update(0, y, self.width(), _height(new, self._theme))
            y += _height(new, self._theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines that the event asks for."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.panel)
        ink = Ink(painter, self._theme.text_step)
        y = 0
        for number, line in enumerate(self._lines):
            box = QRect(_PADDING, y, self.width() - 2 * _PADDING, _height(line, self._theme))
            if event.rect().intersects(box):
                self._paint_line(ink, line, box, is_first=number == 0)
            y += box.height()
        painter.end()

    def _paint_line(self, ink: Ink, line: Line, box: QRect, *, is_first: bool) -> None:
        if isinstance(line, Heading):
            self._paint_heading(ink, line, box, is_first=is_first)
        elif isinstance(line, Fact):
            taken = min(width(line.label, DATA, ink.step) + 10, box.width() / 2)
            room = self._paint_words(ink, line.value, box, _VALUE, taken)
            label = elided(line.label, DATA, max(0, box.width() - room - 8), ink.step)
            ink.text(label, self._theme.text2, DATA, box.x(), box.y(), box_height=box.height())
        elif isinstance(line, Bar):
            self._paint_bar(ink.painter, line, box)
        elif isinstance(line, Steps):
            self._paint_steps(ink, line, box)
        else:
            self._paint_history(ink, line, box)

    def _paint_heading(self, ink: Ink, line: Heading, box: QRect, *, is_first: bool) -> None:
        if not is_first:
            ink.painter.fillRect(box.x(), box.y() + 4, box.width(), 1, self._theme.line)
        words = box.adjusted(0, 6, 0, 0)
        ink.text(line.label, self._theme.text3, LABEL, words.x(), words.y(), 0, words.height())
        self._paint_words(ink, line.summary, words, LABEL, width(line.label, LABEL, ink.step) + 10)

    def _paint_words(self, ink: Ink, words: Words, box: QRect, face: Face, taken: float) -> int:
        icon_room = icons.ROW + 5 if words.icon else 0
        text = elided(words.text, face, max(0, round(box.width() - taken - icon_room)), ink.step)
        colour = self._theme.colour(words.colour)
        y, height = box.y(), box.height()
        start = ink.text(text, colour, face, box.x(), y, box.width(), height, Align.RIGHT)
        if words.icon:
            ratio = ink.painter.device().devicePixelRatioF()
            picture = icons.pixmap(words.icon, colour, icons.ROW, ratio)
            middle = y + (height - icons.ROW) // 2
            ink.painter.drawPixmap(round(start) - icons.ROW - 5, middle, picture)
        return round(box.right() - start) + icon_room

    def _paint_bar(self, painter: QPainter, line: Bar, box: QRect) -> None:
        done = round(box.width() * min(1.0, max(0.0, line.share)))
        painter.fillRect(box.x(), box.y() + 2, box.width(), 3, self._theme.input)
        painter.fillRect(box.x(), box.y() + 2, done, 3, self._theme.colour(line.colour))

    def _paint_steps(self, ink: Ink, line: Steps, box: QRect) -> None:
        room = box.width() // 2 if len(line.steps) > 1 else box.width()
        ratio = ink.painter.device().devicePixelRatioF()
        for number, step in enumerate(line.steps):
            x, y, look = box.x() + number * room, box.y(), STEP[step.state]
            picture = icons.pixmap(look.icon, self._theme.colour(look.colour), icons.ROW, ratio)
            ink.painter.drawPixmap(x, y + (box.height() - icons.ROW) // 2, picture)
            name = elided(step.name, DATA, room - 22, ink.step)
            colour = self._theme.text3 if step.state == "waiting" else self._theme.text
            ink.text(name, colour, DATA, x + 17, y, box_height=box.height())
            left = room - 26 - round(width(name, DATA, ink.step))
            if step.detail and width(step.detail, LABEL, ink.step) <= left:
                detail_x = x + 21 + width(name, DATA, ink.step)
                ink.text(step.detail, self._theme.text3, LABEL, detail_x, y, 0, box.height())

    def _paint_history(self, ink: Ink, line: History, box: QRect) -> None:
        base, top = box.y() + 2 + _CURVE_HEIGHT, max(line.values, default=0.0) or 1.0
        step = box.width() / max(1, len(line.values) - 1)
        points = [
            QPointF(box.x() + number * step, base - _CURVE_HEIGHT * value / top)
            for number, value in enumerate(line.values)
        ]
        ink.painter.fillRect(box.x(), base, box.width(), 1, self._theme.line)
        ink.painter.setPen(QPen(self._theme.text2, 1))
        ink.painter.drawPolyline(QPolygonF(points))
        ink.text(line.caption, self._theme.text3, CAPTION, box.x(), base + 2, 0, 13)
        ink.text(
            line.summary,
            self._theme.text3,
            CAPTION,
            box.x(),
            base + 2,
            box.width(),
            13,
            Align.RIGHT,
        )
