"""How a mode is framed: the pen, and the frame painted round the window and the badge."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

FRAME = 3
"""Width of the window's frame in pixels."""


def mode_pen(mode: str, colour: QColor, width: float) -> QPen:
    """Return the pen of a mode's frame: dashed for a replay, solid otherwise."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if mode.upper() == "REPLAY":
        pen.setDashPattern([4.0, 2.0])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def paint_frame(painter: QPainter, area: QRectF, mode: str, colour: QColor) -> None:
    """Paint the frame of a mode just inside an area."""
    inset = FRAME / 2
    painter.setPen(mode_pen(mode, colour, FRAME))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(inset, inset, -inset, -inset))
