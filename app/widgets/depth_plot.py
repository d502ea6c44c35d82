"""The depth chart: cumulative steps either side of the spread, our own orders as stems."""

from collections.abc import Sequence
from math import ceil
from typing import cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from app.formatting import contracts_short
from app.models.book_summary import BookSummary, summarise
from app.models.depth import DepthRange, steps, within
from app.theme import Theme
from app.views import BookView
from app.widgets.depth_curve import DepthCurve
from app.widgets.depth_overlay import (
    DepthFrame,
    crosshair_reading,
    paint_crosshair,
    paint_grid,
    paint_own_orders,
    paint_spread,
)
from app.widgets.stale_overlay import faded, paint_stale
from app.widgets.text_painting import LABEL, Ink, font, width
from core.units import LOTS_PER_CONTRACT

_FILL_ALPHA = 44
_WIDEST_LABEL = "888.8 k"
_LABEL_OFFSET = 5
_AXIS_SPARE = 4
_AXIS_HEIGHT = 22
_BOTTOM_TICK_DENSITY = 1.5
_RIGHT_TICK_DENSITY = 0.6


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
        self._curves = (DepthCurve(), DepthCurve())
        self._plot = cast("pg.PlotItem", self.getPlotItem())
        self._axes = (self._plot.getAxis("bottom"), self._plot.getAxis("right"))
        self._grid = (_MajorTicks(self._axes[0]), _MajorTicks(self._axes[1]))
        self._box = self._plot.getViewBox()
        self.setAccessibleName("Depth chart")
        self._settle_plot()
        self.set_theme(theme)

    def _settle_plot(self) -> None:
        self.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)
        self.setFrameShape(pg.GraphicsView.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
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
        right.setWidth(ceil(width(_WIDEST_LABEL, LABEL)) + _LABEL_OFFSET + _AXIS_SPARE)
        bottom.setTickDensity(_BOTTOM_TICK_DENSITY)
        right.setTickDensity(_RIGHT_TICK_DENSITY)
        for axis in self._axes:
            axis.setStyle(
                tickLength=-4, tickFont=font(LABEL), tickTextOffset=_LABEL_OFFSET, maxTickLevel=0
            )
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
            curve.set_colours(colour, faded(colour, _FILL_ALPHA))
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
            item.show_steps(curve)
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
        lines = self.reading_at(self._frame().price_at(self._pointer.x()))
        self.setAccessibleDescription(" ".join(lines or ()))
        self.viewport().update()

    def leaveEvent(self, ev: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(ev)
        self._pointer = None
        self.viewport().update()

    def _frame(self) -> DepthFrame:
        return DepthFrame(self._box.sceneBoundingRect(), *self.ranges())

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the grid, the spread zone and the mid below the curves."""
        super().drawBackground(painter, rect)
        frame = self._frame()
        across, up = self._grid
        cents = across.between(frame.low_cents, frame.high_cents, frame.area.width())
        counts = up.between(0.0, frame.top_contracts, frame.area.height())
        paint_grid(painter, frame, self._theme, cents, counts)
        if self._summary is not None:
            paint_spread(painter, frame, self._theme, self._summary)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw own orders, the crosshair and, over a book that is not live, the stale look."""
        if self._book is None:
            return
        frame, ink = self._frame(), Ink(painter)
        painter.save()
        painter.setClipRect(frame.area)
        paint_own_orders(ink, frame, self._theme, self._book)
        if self._book.status == "stale":
            paint_stale(painter, frame.area, self._theme, self._book.age_ms)
        elif self._pointer is not None and frame.area.contains(self._pointer):
            lines = self.reading_at(frame.price_at(self._pointer.x()))
            paint_crosshair(ink, frame, self._theme, self._pointer, lines)
        painter.restore()

    def reading_at(self, price_pips: float) -> tuple[str, str] | None:
        """Return the crosshair's two lines at a price; None where there is nothing to read."""
        if self._book is None or self._summary is None:
            return None
        return crosshair_reading(self._book, self._summary, price_pips)


class _MajorTicks:
    """Where an axis has its lines; they move only with its range."""

    def __init__(self, axis: pg.AxisItem) -> None:
        self._axis = axis
        self._span: tuple[float, float, float] | None = None
        self._ticks: Sequence[float] = ()

    def between(self, low: float, high: float, room: float) -> Sequence[float]:
        """Return the major ticks of a range drawn on so many px."""
        if (low, high, room) != self._span:
            levels = self._axis.tickValues(low, high, room)
            self._span, self._ticks = (low, high, room), levels[0][1] if levels else ()
        return self._ticks
