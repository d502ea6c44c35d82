"""A two-line box of the toolbar: a caption, a value, and a menu when there is a choice."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from app import fonts, icons
from app.theme import DARK, Theme

_PADDING = 9
_CHEVRON = 22


@dataclass(frozen=True, slots=True)
class Choice:
    """What a selector shows: the value, and a remark after it in the label colour."""

    value: str
    remark: str = ""


class Selector(QPushButton):
    """Show the current choice; with a menu it is a button, without one a plain box."""

    def __init__(self, caption: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._caption = caption
        self._choice = Choice("")
        self._widest = width
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def offer(self, menu: QMenu) -> None:
        """Make the box a button that opens a menu of choices."""
        self.setMenu(menu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_choice(self, choice: Choice) -> None:
        """Show another value."""
        if choice != self._choice:
            self._choice = choice
            text = f"{self._caption}: {choice.value} {choice.remark}".rstrip()
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the preferred width."""
        return QSize(self._widest, 34)

    def minimumSizeHint(self) -> QSize:
        """Return a width that still shows a short value."""
        return QSize(self._widest * 2 // 3, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint border, caption, value, remark and chevron."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        room = self.width() - 2 * _PADDING - (_CHEVRON if self.menu() else 0)
        caption = fonts.interface(10)
        _text(painter, QRectF(_PADDING, 3, room, 13), caption, self._theme.text3, self._caption)
        value = fonts.interface(12, fonts.SEMIBOLD)
        area = QRectF(_PADDING, 16, room, 15)
        used = _text(painter, area, value, self._theme.text, self._choice.value)
        area.setLeft(area.left() + used + 6)
        self._paint_remark(painter, area)

    def _paint_remark(self, painter: QPainter, area: QRectF) -> None:
        font = fonts.interface(11)
        if area.width() >= QFontMetricsF(font).horizontalAdvance(self._choice.remark):
            _text(painter, area, font, self._theme.text3, self._choice.remark)

    def _paint_ground(self, painter: QPainter) -> None:
        theme = self._theme
        border = theme.accent if self.hasFocus() else theme.control if self.menu() else theme.line
        painter.setPen(QPen(border, 1))
        painter.setBrush(theme.input if self.menu() and self.underMouse() else theme.title)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self.menu():
            ratio = self.devicePixelRatioF()
            chevron = icons.pixmap("chevron-down", theme.text2, icons.TITLE, ratio)
            painter.drawPixmap(self.width() - _CHEVRON, 10, chevron)


def _text(painter: QPainter, area: QRectF, font: QFont, colour: QColor, text: str) -> float:
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown)
