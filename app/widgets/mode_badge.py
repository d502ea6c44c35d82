"""The badge at the left of the toolbar: mode, and whose books and whose fills these are."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import fonts, icons
from app.states import mode_icon
from app.theme import DARK, Theme
from app.widgets.modes import mode_pen

_TEXT_LEFT = 36
_WIDEST = 260


class ModeBadge(QWidget):
    """Show the mode read back from the running core."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._mode = ""
        self._line = ""
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_mode(self, mode: str, line: str) -> None:
        """Show a mode word and its one line of explanation."""
        if (mode, line) == (self._mode, self._line):
            return
        self._mode, self._line = mode, line
        self.setAccessibleName(f"Mode {mode}: {line}")
        self.setToolTip(f"{mode}: {line}")
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the mode's colour from another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for both lines, up to a limit after which the second is elided."""
        width = max(
            QFontMetricsF(fonts.interface(13, fonts.SEMIBOLD)).horizontalAdvance(self._mode),
            QFontMetricsF(fonts.interface(10)).horizontalAdvance(self._line),
        )
        return QSize(min(_WIDEST, max(150, int(width) + _TEXT_LEFT + 14)), 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.mode_colour(self._mode)
        ground = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        wash = type(colour)(colour)
        wash.setAlphaF(0.16)
        painter.setBrush(wash)
        painter.setPen(mode_pen(self._mode, colour, 1.5))
        painter.drawRoundedRect(ground, 4, 4)
        icon = icons.pixmap(mode_icon(self._mode), colour, icons.TOOLBAR, self.devicePixelRatioF())
        painter.drawPixmap(11, 9, icon)
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        width = self.width() - _TEXT_LEFT - 8
        painter.setFont(fonts.interface(13, fonts.SEMIBOLD))
        painter.setPen(self._theme.mode_colour(self._mode))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(_TEXT_LEFT, 2, width, 17), left, self._mode)
        font = fonts.interface(10)
        line = QFontMetricsF(font).elidedText(self._line, Qt.TextElideMode.ElideRight, width)
        painter.setFont(font)
        painter.setPen(self._theme.text)
        painter.drawText(QRectF(_TEXT_LEFT, 18, width, 13), left, line)
