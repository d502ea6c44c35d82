"""Lucide icons in a theme's colour, drawn once for each size, colour and screen."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import resources

ROW = 12
TITLE = 14
TOOLBAR = 16
EMPTY = 24

_STROKES = {ROW: 2.2, TITLE: 2.0, TOOLBAR: 2.0, EMPTY: 1.6}


def pixmap(name: str, colour: QColor, size: int = ROW, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a square picture.

    Args:
        name: File name of the icon without its ending.
        colour: Colour of its lines.
        size: Side in device-independent pixels.
        ratio: Device pixel ratio of the screen it is drawn on.

    Raises:
        FileNotFoundError: No such icon is shipped.
    """
    return _pixmap(name, colour.name(), size, ratio)


def icon(name: str, colour: QColor, size: int = TOOLBAR, disabled: QColor | None = None) -> QIcon:
    """Return an icon for buttons and menus, sharp at one and at two device pixels."""
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, colour, size, ratio))
        if disabled is not None:
            result.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return result


@cache
def _source(name: str) -> str:
    return resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")


@cache
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    svg = _source(name).replace("currentColor", colour)
    svg = svg.replace('stroke-width="2"', f'stroke-width="{_STROKES.get(size, 2.0)}"', 1)
    side = round(size * ratio)
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
