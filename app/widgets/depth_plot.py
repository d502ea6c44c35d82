"""The depth chart: cumulative steps either side of the spread, our own orders as stems."""

from collections.abc import Sequence
from typing import cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.formatting import average_cents, contracts, contracts_short, price_cents
from app.models.book_summary import BookSummary, depth_to, summarise
from app.models.depth import DepthRange, height_at, steps, within
from app.theme import Theme
from app.views import BookView, OwnLevel
from app.widgets.stale_overlay import faded, paint_stale
from app.widgets.text_painting import DATA, LABEL, STRONG, Face, Ink, font, width
from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT, Side

_FILL_ALPHA = 44
_GRID_ALPHA = {"dark": 18, "light": 24, "contrast": 40}
_AXIS_WIDTH = 46
_AXIS_HEIGHT = 22
_BOTTOM_TICK_DENSITY = 1.5
_RIGHT_TICK_DENSITY = 0.6
_TAG = Face(11, 600)
_TAG_HEIGHT = 18
_SIDE_LETTERS = "BS"


class _ContractsAxis(pg.AxisItem):
    """Labels contracts short: 5 k, 20 k; the zero line needs no label."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [
            contracts_short(round(value * LOTS_PER_CONTRACT)) if value else "" for value in values
        ]


class DepthPlot(pg.PlotWidget):
    """Draws a book in fixed, seldom moving ranges; everything but the curves is painted over it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"right": _ContractsAxis("right")})
        self._theme = theme
        self._book: BookView | None = None
        self._summary: BookSummary | None = None
        self._range = DepthRange()
        self._pointer: QPointF | None = None
        self._curves = (pg.PlotCurveItem(fillLevel=0.0), pg.PlotCurveItem(fillLevel=0.0))
        self._plot = cast("pg.PlotItem", self.getPlotItem())
        self._axes = (self._plot.getAxis("bottom"), self._plot.getAxis("right"))
        self._box = self._plot.getViewBox()
        self.setAccessibleName("Depth chart")
        self._settle_plot()
        self.set_theme(theme)

    def _settle_plot(self) -> None:
        self.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)
        self.setFrameShape(pg.GraphicsView.Shape.NoFrame)
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        self._plot.hideAxis("left")
        self._plot.showAxis("right")
        self._plot.setContentsMargins(0, 4, 0, 0)
        self._box.setMouseEnabled(x=False, y=False)
        self._box.disableAutoRange()
        self._box.setDefaultPadding(0.0)
        bottom, right = self._axes
        bottom.setHeight(_AXIS_HEIGHT)
        right.setWidth(_AXIS_WIDTH)
        bottom.setTickDensity(_BOTTOM_TICK_DENSITY)
        right.setTickDensity(_RIGHT_TICK_DENSITY)
        for axis in self._axes:
            axis.setStyle(tickLength=-4, tickFont=font(LABEL), tickTextOffset=5, maxTickLevel=0)
        for curve in self._curves:
            self._plot.addItem(curve)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.setBackground(theme.panel)
        for axis in self._axes:
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.text3))
            axis.setTickPen(pg.mkPen(theme.text3))
        for curve, colour in zip(self._curves, (theme.bid, theme.ask), strict=True):
            curve.setPen(pg.mkPen(colour, width=1))
            curve.setBrush(faded(colour, _FILL_ALPHA))
        self.viewport().update()

    def set_span(self, span_cents: float | None) -> None:
        """Show this many cents either side of the mid; None shows every price."""
        self._range.set_span(span_cents)
        if self._book is not None:
            self.show_book(self._book)

    def show_book(self, book: BookView) -> None:
        """Show this book; another market is centred at once."""
        if self._book is None or book.ticker != self._book.ticker:
            self._range.forget()
        self._book = book
        self._summary = summarise(book)
        low, high = self._range.x_range(book)
        sides = (within(book.bids, low, high), within(book.asks, low, high))
        curves = (steps(sides[0], low), steps(sides[1], high))
        for item, curve in zip(self._curves, curves, strict=True):
            item.setData(curve.x_cents, curve.y_contracts, skipFiniteCheck=True)
        tops = [float(curve.y_contracts[-1]) for curve in curves if curve.y_contracts.size]
        self._set_ranges(low, high, self._range.y_top(max(tops, default=0.0)))
        self.viewport().update()

    def recentre(self) -> None:
        """Centre and scale anew now."""
        self._range.forget()
        if self._book is not None:
            self.show_book(self._book)

    def ranges(self) -> tuple[float, float, float]:
        """Return lowest and highest price in cents and the upper end in contracts."""
        (low, high), (_, top) = self._box.viewRange()
        return low, high, top

    def _set_ranges(self, low: float, high: float, top: float) -> None:
        if self.ranges() != (low, high, top):
            self._box.setRange(
                xRange=(low, high), yRange=(0.0, top), padding=0.0, disableAutoRange=True
            )

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Move the crosshair."""
        super().mouseMoveEvent(ev)
        self._pointer = ev.position()
        self.viewport().update()

    def leaveEvent(self, ev: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(ev)
        self._pointer = None
        self.viewport().update()

    def _area(self) -> QRectF:
        return self._box.sceneBoundingRect()

    def _x(self, price_pips: float) -> float:
        low, high, _ = self.ranges()
        area = self._area()
        return area.left() + (price_pips / PIPS_PER_CENT - low) / (high - low) * area.width()

    def _y(self, contracts_: float) -> float:
        area = self._area()
        return area.bottom() - contracts_ / self.ranges()[2] * area.height()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the spread zone and the mid below the curves."""
        super().drawBackground(painter, rect)
        area = self._area()
        self._paint_grid(painter, area)
        summary = self._summary
        if summary is None or summary.mid_pips is None:
            return
        if summary.bid_pips is None or summary.ask_pips is None:
            return
        left, right = round(self._x(summary.bid_pips)), round(self._x(summary.ask_pips))
        zone = QRect(left, round(area.top()), right - left, round(area.height()))
        painter.fillRect(zone, self._theme.input)
        middle = round(self._x(summary.mid_pips)) + 0.5
        painter.setPen(QPen(self._theme.text2, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(middle, area.top()), QPointF(middle, area.bottom()))

    def _paint_grid(self, painter: QPainter, area: QRectF) -> None:
        # Painted here because the axis's own grid costs three milliseconds a frame.
        colour = faded(self._theme.text3, _GRID_ALPHA[self._theme.name])
        low, high, top = self.ranges()
        box = area.toRect()  # whole pixels: fractional rectangles are filled much slower
        for cents in _major_ticks(self._axes[0], low, high, area.width()):
            painter.fillRect(
                round(self._x(cents * PIPS_PER_CENT)), box.top(), 1, box.height(), colour
            )
        for count in _major_ticks(self._axes[1], 0.0, top, area.height()):
            painter.fillRect(box.left(), round(self._y(count)), box.width(), 1, colour)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw own orders, the crosshair and, over a book that is not live, the stale look."""
        if self._book is None:
            return
        painter.save()
        painter.setClipRect(self._area())
        self._paint_own(Ink(painter), self._book)
        if self._book.status == "stale":
            paint_stale(painter, self._area(), self._theme, self._book.age_ms)
        elif self._pointer is not None and self._area().contains(self._pointer):
            self._paint_crosshair(Ink(painter), self._book, self._pointer)
        painter.restore()

    def _paint_own(self, ink: Ink, book: BookView) -> None:
        placed: list[QRectF] = []
        for own in book.own:
            x = round(self._x(own.price_pips)) + 0.5
            if self._area().left() <= x <= self._area().right():
                top = self._y(height_at(book, own.side, own.price_pips))
                self._paint_stem(ink.painter, own, x, top)
                placed.append(self._paint_tag(ink, own, x, top, placed))

    def _paint_stem(self, painter: QPainter, own: OwnLevel, x: float, top: float) -> None:
        style = Qt.PenStyle.DashLine if own.in_flight else Qt.PenStyle.SolidLine
        painter.setPen(QPen(self._theme.own, 1, style))
        painter.drawLine(QPointF(x, self._area().bottom()), QPointF(x, top))
        tip = -3.0 if own.side == Side.BID else 3.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self._theme.panel, 1))
        painter.setBrush(self._theme.own)
        painter.drawPolygon(
            QPolygonF([QPointF(x - 4, top - tip), QPointF(x + 4, top - tip), QPointF(x, top + tip)])
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_tag(
        self, ink: Ink, own: OwnLevel, x: float, top: float, placed: list[QRectF]
    ) -> QRectF:
        text = f"{_SIDE_LETTERS[own.side]} {contracts(own.lots)} @ {price_cents(own.price_pips)}"
        room = width(text, _TAG) + 12
        left = x - room - 4 if own.side == Side.BID else x + 4
        tag = QRectF(left, top - _TAG_HEIGHT - 6, room, _TAG_HEIGHT)
        tag = _pushed_apart(tag, self._area(), placed)
        pen = QPen(self._theme.own, 1, Qt.PenStyle.DashLine)
        ink.painter.setPen(pen if own.in_flight else Qt.PenStyle.NoPen)
        ink.painter.setBrush(self._theme.panel if own.in_flight else self._theme.own)
        ink.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        ink.painter.drawRoundedRect(tag, 2, 2)
        ink.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        colour = self._theme.own if own.in_flight else self._theme.own_text
        ink.text(text, colour, _TAG, tag.x() + 6, tag.y(), box_height=tag.height())
        return tag

    def _paint_crosshair(self, ink: Ink, book: BookView, pointer: QPointF) -> None:
        area, theme = self._area(), self._theme
        x = round(pointer.x()) + 0.5
        ink.painter.setPen(QPen(theme.text2, 1, Qt.PenStyle.DotLine))
        ink.painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        lines = self.reading_at(self._price_at(pointer.x()))
        if lines is None:
            return
        self.setAccessibleDescription(" ".join(lines))
        room = max(width(lines[0], STRONG), width(lines[1], DATA)) + 14
        plate = QRectF(x + 8, pointer.y() - 46, room, 38)
        if plate.right() > area.right():
            plate.moveRight(x - 8)
        plate.moveTop(max(area.top() + 2, plate.top()))
        ink.painter.setPen(QPen(theme.control, 1))
        ink.painter.setBrush(faded(theme.input, 242))
        ink.painter.drawRect(plate)
        ink.text(lines[0], theme.text, STRONG, plate.x() + 7, plate.y() + 2, 0, 18)
        ink.text(lines[1], theme.text2, DATA, plate.x() + 7, plate.y() + 18, 0, 18)

    def _price_at(self, x: float) -> float:
        low, high, _ = self.ranges()
        area = self._area()
        return (low + (x - area.left()) / area.width() * (high - low)) * PIPS_PER_CENT

    def reading_at(self, price_pips: float) -> tuple[str, str] | None:
        """Return the crosshair's two lines at a price; None without a mid or inside the spread."""
        if self._book is None or self._summary is None or self._summary.mid_pips is None:
            return None
        mid = self._summary.mid_pips
        side = Side.BID if price_pips < mid else Side.ASK
        depth = depth_to(self._book, side, price_pips)
        if depth.average_pips is None:
            return None
        mark = "≥" if side is Side.BID else "≤"
        away = (
            average_cents(price_pips - mid)
            if price_pips < mid
            else f"+{average_cents(price_pips - mid)}"
        )
        tenth = round(price_pips / 10) * 10
        return (
            f"{mark} {price_cents(tenth)}¢  {contracts_short(depth.lots)} ct",
            f"avg {average_cents(depth.average_pips)}¢ · {away}¢",
        )


def _major_ticks(axis: pg.AxisItem, low: float, high: float, room: float) -> Sequence[float]:
    levels = axis.tickValues(low, high, room)
    return levels[0][1] if levels else ()


def _pushed_apart(tag: QRectF, area: QRectF, placed: Sequence[QRectF]) -> QRectF:
    tag.moveLeft(max(area.left() + 2, min(tag.left(), area.right() - tag.width() - 2)))
    tag.moveTop(max(area.top() + 2, min(tag.top(), area.bottom() - tag.height() - 2)))
    for other in sorted(placed, key=QRectF.bottom, reverse=True):
        if tag.intersects(other):
            tag.moveBottom(other.top() - 3)
    return tag
