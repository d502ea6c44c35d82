"""How a stale book looks, everywhere: wash, hatch and a plate that says what is not done here."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from app import icons
from app.formatting import age
from app.theme import Theme
from app.widgets.text_painting import LABEL, STRONG, Ink, width

STALE_WORDS = "no decision and no order here"
_WASH_ALPHA = 115
_HATCH_ALPHA = 56
_PLATE_HEIGHT = 38


def stale_title(age_ms: int | None) -> str:
    """Return the plate's first line: "Stale: book 7.4 s old"."""
    return "Stale: age of the book unknown" if age_ms is None else f"Stale: book {age(age_ms)} old"


def paint_stale(painter: QPainter, area: QRectF, theme: Theme, age_ms: int | None) -> None:
    """Draw the 45 % wash, the 22 % warning hatch and the plate over a book."""
    painter.fillRect(area, faded(theme.panel, _WASH_ALPHA))
    painter.fillRect(area, QBrush(faded(theme.warn, _HATCH_ALPHA), Qt.BrushStyle.BDiagPattern))
    title = stale_title(age_ms)
    text_width = max(width(title, STRONG), width(STALE_WORDS, LABEL))
    plate = QRectF(0, 0, min(text_width + 48, area.width() - 8), _PLATE_HEIGHT)
    plate.moveCenter(area.center())
    plate = QRectF(plate.toRect()).translated(0.5, 0.5)
    painter.setPen(QPen(theme.warn, 1))
    painter.setBrush(theme.panel)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    _paint_words(painter, plate, theme, title)


def _paint_words(painter: QPainter, plate: QRectF, theme: Theme, title: str) -> None:
    ratio = painter.device().devicePixelRatioF()
    picture = icons.pixmap("triangle-alert", theme.warn, icons.TITLE, ratio)
    painter.drawPixmap(round(plate.x()) + 11, round(plate.y()) + 12, picture)
    ink = Ink(painter)
    ink.text(title, theme.warn, STRONG, plate.x() + 35, plate.y() + 3, box_height=17)
    ink.text(STALE_WORDS, theme.text2, LABEL, plate.x() + 35, plate.y() + 18, box_height=17)


def faded(colour: QColor, alpha: int) -> QColor:
    """Return a colour with this alpha, 0 to 255."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result
