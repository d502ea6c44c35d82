"""Painted text that is shaped once: a frame of unchanged numbers costs no text layout."""

from functools import cache, lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from app import fonts
from app.models.table import Align


class Face(NamedTuple):
    """Size in px, weight, and whether it is struck through or monospaced."""

    pixels: int = 12
    weight: int = 400
    struck: bool = False
    mono: bool = False


DATA = Face()
STRONG = Face(weight=600)
HEADLINE = Face(13, 600)
LABEL = Face(11, 500)
CAPTION = Face(10)


@cache
def font(face: Face) -> QFont:
    """Return the font of a face; treat it as read-only."""
    if face.mono:
        return fonts.monospace(face.pixels)
    return fonts.interface(face.pixels, QFont.Weight(face.weight))


@cache
def _metrics(face: Face) -> QFontMetricsF:
    return QFontMetricsF(font(face))


PREPARED_TEXTS = 2_048
"""Several windows full; a text takes a KiB, and numbers never stop being new."""


@lru_cache(maxsize=PREPARED_TEXTS)
def _prepared(text: str, face: Face) -> tuple[QStaticText, float, float]:
    static = QStaticText(text)
    static.setTextFormat(Qt.TextFormat.PlainText)
    static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    static.prepare(font=font(face))
    size = static.size()
    return static, size.width(), size.height()


def width(text: str, face: Face = DATA, step: int = 0) -> float:
    """Return how wide a text is in px; `step` px are added to the face."""
    return _prepared(text, grown(face, step))[1]


def grown(face: Face, step: int) -> Face:
    """Return the face `step` px larger."""
    return face._replace(pixels=face.pixels + step) if step else face


@lru_cache(maxsize=PREPARED_TEXTS)
def elided(text: str, face: Face, room: int, step: int = 0) -> str:
    """Return the text as far as it fits into `room` px, with an ellipsis if it was cut."""
    return _metrics(grown(face, step)).elidedText(text, Qt.TextElideMode.ElideRight, room)


class Ink:
    """A painter that remembers its pen and font, and draws prepared text with them.

    Args:
        painter: Where to draw.
        step: Px added to every face.
    """

    def __init__(self, painter: QPainter, step: int = 0) -> None:
        self.painter = painter
        self.step = step
        self._face: Face | None = None

    def text(
        self,
        text: str,
        colour: QColor,
        face: Face,
        x: float,
        y: float,
        box_width: float = 0.0,
        box_height: float = 0.0,
        align: Align = Align.LEFT,
    ) -> float:
        """Draw one line in a box, vertically centred, and return the x where it starts."""
        face = grown(face, self.step)
        static, text_width, text_height = _prepared(text, face)
        if align is Align.RIGHT:
            x += box_width - text_width
        elif align is Align.CENTRE:
            x += (box_width - text_width) / 2
        if face != self._face:
            self.painter.setFont(font(face))
            self._face = face
        self.painter.setPen(colour)
        self.painter.drawStaticText(QPointF(x, y + (box_height - text_height) / 2), static)
        if face.struck:  # prepared text places Qt's own strike-out wrongly
            middle = round(y + box_height / 2)
            self.painter.fillRect(round(x) - 2, middle, round(text_width) + 4, 1, colour)
        return x
