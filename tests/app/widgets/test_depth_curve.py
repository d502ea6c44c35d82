"""The fill of a depth curve: painted in bands, and nobody can tell."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget
from pytestqt.qtbot import QtBot

from app.models.depth import Steps
from app.widgets.depth_curve import DepthCurve

WIDTH, HEIGHT = 300, 700
FILL = QColor(40, 200, 90, 44)
STEPS = Steps(
    np.array([10.0, 10.0, 90.3, 90.3, 205.7, 205.7, 280.0]),
    np.array([0.0, 77.7, 77.7, 333.3, 333.3, 690.0, 690.0]),
)


def blank(ratio: float) -> QImage:
    image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("black"))
    return image


def painted(curve: DepthCurve, ratio: float) -> QImage:
    image = blank(ratio)
    painter = QPainter(image)
    curve.paint(painter, QStyleOptionGraphicsItem(), QWidget())
    painter.end()
    return image


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_the_bands_of_a_fill_make_one_fill(qtbot: QtBot, ratio: float) -> None:
    whole = QPainterPath()
    whole.moveTo(10.0, 0.0)
    for x, y in zip(STEPS.x_cents, STEPS.y_contracts, strict=True):
        whole.lineTo(float(x), float(y))
    whole.lineTo(280.0, 0.0)
    expected = blank(ratio)
    painter = QPainter(expected)
    painter.fillPath(whole, FILL)
    painter.end()
    curve = DepthCurve()
    curve.set_colours(QColor("red"), FILL)
    curve.setPen(None)
    curve.show_steps(STEPS)
    assert painted(curve, ratio) == expected
    assert painted(curve, ratio) != blank(ratio)


def test_an_empty_side_paints_nothing(qtbot: QtBot) -> None:
    curve = DepthCurve()
    curve.set_colours(QColor("red"), FILL)
    curve.show_steps(STEPS)
    curve.show_steps(Steps(np.empty(0), np.empty(0)))
    assert painted(curve, 1.0) == blank(1.0)
