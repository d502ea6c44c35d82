"""One side of the depth chart: its step curve over a translucent fill."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.models.depth import Steps

_BAND_PX = 64
"""Rows blended at once, in px of the device. From 96 on, Qt hands them to threads and waits for
them, which takes milliseconds while the processor has other work."""


class DepthCurve(pg.PlotCurveItem):
    """Draws steps down to zero contracts."""

    def __init__(self) -> None:
        super().__init__()
        self._fill_path = QPainterPath()
        self._fill_colour = QColor()

    def set_colours(self, line: QColor, fill: QColor) -> None:
        """Paint with other colours."""
        self._fill_colour = fill
        self.setPen(pg.mkPen(line, width=1))

    def show_steps(self, curve: Steps) -> None:
        """Show this curve, which begins at zero contracts."""
        x, y = curve.x_cents, curve.y_contracts
        down = np.zeros_like(y[-1:])
        self._fill_path = pg.arrayToQPath(np.append(x, x[-1:]), np.append(y, down))
        self.setData(x, y, skipFiniteCheck=True)

    def paint(self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget) -> None:
        """Draw the fill, then the steps."""
        if not self._fill_path.isEmpty():
            self._paint_fill(p)
        super().paint(p, opt, widget)

    def _paint_fill(self, painter: QPainter) -> None:
        transform = painter.worldTransform()
        area = transform.mapRect(self._fill_path.boundingRect()).toAlignedRect()
        height = max(1, int(_BAND_PX / painter.device().devicePixelRatioF()))
        area &= painter.viewport()
        for top in range(area.top(), area.bottom() + 1, height):
            painter.save()
            painter.resetTransform()
            band = QRect(area.left(), top, area.width(), height)
            painter.setClipRect(band, Qt.ClipOperation.IntersectClip)
            painter.setWorldTransform(transform)
            painter.fillPath(self._fill_path, self._fill_colour)
            painter.restore()
