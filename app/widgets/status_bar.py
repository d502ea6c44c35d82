"""The status bar, 26 px: one painted line of segments that give room up in a stated order."""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import fonts, icons
from app.status_segments import GIVEN_UP, Part, Segment
from app.theme import DARK, Theme

_GAP = 5
_GROUP = 20
_MARGIN = 12
_ICON = icons.ROW
_PIXELS = 11
_KEPT_WIDTHS = 1_024
"""Labels and the values of the last seconds; ages and amounts never stop being new."""


class StatusBar(QWidget):
    """Paint segments; what does not fit becomes "+n" and is listed in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._mode = ""
        self._all: tuple[Segment, ...] = ()
        self._shown: tuple[Segment, ...] = ()
        self._given_up = 0
        self.setProperty("role", "statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def shown(self) -> tuple[Segment, ...]:
        """The segments now painted, in the form they are painted."""
        return self._shown

    def show_segments(self, segments: tuple[Segment, ...]) -> None:
        """Show other segments, left to right."""
        if segments != self._all:
            self._all = segments
            self._mode = next((s.parts[0][0] for s in segments if s.key == "mode"), "")
            self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again what fits."""
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the fixed height."""
        return QSize(400, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the segments with a hairline between them, and "+n" at the right end."""
        painter = QPainter(self)
        x = float(_MARGIN)
        for segment in self._shown:
            x = self._paint_segment(painter, x, segment)
            painter.setPen(self._theme.line)
            if segment is not self._shown[-1]:
                painter.drawLine(round(x + _GROUP / 2), 6, round(x + _GROUP / 2), 19)
            x += _GROUP
        if self._given_up:
            area = QRectF(self.rect()).adjusted(0, 0, -_MARGIN, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.setFont(_font("text3"))
            painter.setPen(self._theme.text2)
            painter.drawText(area, right, f"+{self._given_up}")

    def _paint_segment(self, painter: QPainter, x: float, segment: Segment) -> float:
        if segment.icon:
            colour = self._colour(segment.icon_colour)
            icon = icons.pixmap(segment.icon, colour, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(round(x), (self.height() - _ICON) // 2, icon)
            x += _ICON + _GAP
        for text, token in segment.parts:
            painter.setFont(_font(token))
            painter.setPen(self._colour(token))
            width = _advance(text, token)
            area = QRectF(x, 0, width + 1, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + _GAP
        return x - _GAP

    def _colour(self, token: str) -> QColor:
        return self._theme.mode_colour(self._mode) if token == "mode" else self._theme.colour(token)

    def _fit(self) -> None:
        shown = list(self._all)
        given_up: list[str] = []
        for key in GIVEN_UP:
            if _width(shown) <= self.width() - 2 * _MARGIN - (40 if given_up else 0):
                break
            given_up += _give_up(shown, key)
        self._shown, self._given_up = tuple(shown), len(given_up)
        self.setToolTip("\n".join(given_up))
        self.setAccessibleName("Status: " + "; ".join(s.words for s in self._all))
        self.update()


def _give_up(shown: list[Segment], key: str) -> list[str]:
    for index, segment in enumerate(shown):
        if segment.key == key:
            short = Segment(key, segment.icon, segment.icon_colour, segment.short)
            shown[index : index + 1] = [short] if segment.short else []
            return [segment.words]
    return []


def _width(shown: Sequence[Segment]) -> float:
    gaps = sum(_GROUP for _ in pairwise(shown))
    return gaps + sum(_segment_width(segment.icon, segment.parts) for segment in shown)


def _segment_width(icon: str, parts: tuple[Part, ...]) -> float:
    words = sum(_advance(text, token) + _GAP for text, token in parts)
    return words - _GAP + (_ICON + _GAP if icon else 0)


@lru_cache(maxsize=_KEPT_WIDTHS)
def _advance(text: str, token: str) -> float:
    return _metrics(_weight(token)).horizontalAdvance(text)


@cache
def _metrics(weight: QFont.Weight) -> QFontMetricsF:
    return QFontMetricsF(fonts.interface(_PIXELS, weight))


def _font(token: str) -> QFont:
    return fonts.interface(_PIXELS, _weight(token))


def _weight(token: str) -> QFont.Weight:
    return fonts.REGULAR if token == "text3" else fonts.SEMIBOLD
