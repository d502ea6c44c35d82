"""What is painted under and over the depth curves: grid, spread, own orders, crosshair."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.formatting import average_cents, contracts, count, decimal, price_cents
from app.models.book_summary import BookSummary, depth_to
from app.models.depth import height_at
from app.theme import Theme
from app.views import BookView, OwnLevel
from app.widgets.stale_overlay import faded
from app.widgets.text_painting import DATA, STRONG, Face, Ink, width
from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT, Side

_GRID_ALPHA = {"dark": 18, "light": 24, "contrast": 40}
_TAG = Face(11, 600)
_TAG_HEIGHT = 18
_SIDE_LETTERS = "BS"


@dataclass(frozen=True)
class DepthFrame:
    """Where the chart's area is on screen and which prices and contracts it spans."""

    area: QRectF
    low_cents: float
    high_cents: float
    top_contracts: float

    def x(self, price_pips: float) -> float:
        """Return the screen x of a price."""
        share = (price_pips / PIPS_PER_CENT - self.low_cents) / (self.high_cents - self.low_cents)
        return self.area.left() + share * self.area.width()

    def y(self, contracts_: float) -> float:
        """Return the screen y of a number of contracts."""
        return self.area.bottom() - contracts_ / self.top_contracts * self.area.height()

    def price_at(self, x: float) -> float:
        """Return the price in pips at a screen x."""
        share = (x - self.area.left()) / self.area.width()
        return (self.low_cents + share * (self.high_cents - self.low_cents)) * PIPS_PER_CENT


def paint_grid(
    painter: QPainter,
    frame: DepthFrame,
    theme: Theme,
    cents: Sequence[float],
    counts: Sequence[float],
) -> None:
    """Draw faint lines at these prices and contracts.

    The axes could do it, but theirs costs three milliseconds a frame.
    """
    # opaque: blending a tall line costs several times as much as drawing it
    colour = _over(theme.panel, theme.text3, _GRID_ALPHA[theme.name])
    box = frame.area.toRect()  # whole pixels: fractional rectangles are filled much slower
    for value in cents:
        x = round(frame.x(value * PIPS_PER_CENT))
        painter.fillRect(x, box.top(), 1, box.height(), colour)
    for value in counts:
        painter.fillRect(box.left(), round(frame.y(value)), box.width(), 1, colour)


def _over(ground: QColor, colour: QColor, alpha: int) -> QColor:
    def mixed(below: int, above: int) -> int:
        return round(below + (above - below) * alpha / 255)

    return QColor(
        mixed(ground.red(), colour.red()),
        mixed(ground.green(), colour.green()),
        mixed(ground.blue(), colour.blue()),
    )


def paint_spread(painter: QPainter, frame: DepthFrame, theme: Theme, summary: BookSummary) -> None:
    """Draw the grey zone between the best prices and the dashed mid, if both sides are there."""
    if summary.bid_pips is None or summary.ask_pips is None or summary.mid_pips is None:
        return
    left, right = round(frame.x(summary.bid_pips)), round(frame.x(summary.ask_pips))
    top, height = round(frame.area.top()), round(frame.area.height())
    painter.fillRect(QRect(left, top, right - left, height), theme.input)
    middle = round(frame.x(summary.mid_pips)) + 0.5
    painter.setPen(QPen(theme.text2, 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(middle, frame.area.top()), QPointF(middle, frame.area.bottom()))


def paint_own_orders(ink: Ink, frame: DepthFrame, theme: Theme, book: BookView) -> None:
    """Draw a stem and a tag for each own order in the area; tags that touch are pushed apart."""
    placed: list[QRectF] = []
    for own in book.own:
        x = round(frame.x(own.price_pips)) + 0.5
        if frame.area.left() <= x <= frame.area.right():
            top = QPointF(x, frame.y(height_at(book, own.side, own.price_pips)))
            _paint_stem(ink.painter, frame, theme, own, top)
            placed.append(_paint_tag(ink, frame, theme, own, top, placed))


def _paint_stem(
    painter: QPainter, frame: DepthFrame, theme: Theme, own: OwnLevel, top: QPointF
) -> None:
    style = Qt.PenStyle.DashLine if own.in_flight else Qt.PenStyle.SolidLine
    painter.setPen(QPen(theme.own, 1, style))
    painter.drawLine(QPointF(top.x(), frame.area.bottom()), top)
    tip = QPointF(0, -3.0 if own.side == Side.BID else 3.0)
    half = QPointF(4, 0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.panel, 1))
    painter.setBrush(theme.own)
    painter.drawPolygon(QPolygonF([top - tip - half, top - tip + half, top + tip]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_tag(
    ink: Ink,
    frame: DepthFrame,
    theme: Theme,
    own: OwnLevel,
    top: QPointF,
    placed: Sequence[QRectF],
) -> QRectF:
    text = f"{_SIDE_LETTERS[own.side]} {contracts(own.lots)} @ {price_cents(own.price_pips)}"
    room = width(text, _TAG) + 12
    left = top.x() - room - 4 if own.side == Side.BID else top.x() + 4
    tag = QRectF(left, top.y() - _TAG_HEIGHT - 6, room, _TAG_HEIGHT)
    tag = _pushed_apart(tag, frame.area, placed)
    dashed = QPen(theme.own, 1, Qt.PenStyle.DashLine)
    ink.painter.setPen(dashed if own.in_flight else Qt.PenStyle.NoPen)
    ink.painter.setBrush(theme.panel if own.in_flight else theme.own)
    ink.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    ink.painter.drawRoundedRect(tag, 2, 2)
    ink.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    colour = theme.own if own.in_flight else theme.own_text
    ink.text(text, colour, _TAG, tag.x() + 6, tag.y(), box_height=tag.height())
    return tag


def _pushed_apart(tag: QRectF, area: QRectF, placed: Sequence[QRectF]) -> QRectF:
    tag.moveLeft(max(area.left() + 2, min(tag.left(), area.right() - tag.width() - 2)))
    tag.moveTop(max(area.top() + 2, min(tag.top(), area.bottom() - tag.height() - 2)))
    for other in sorted(placed, key=QRectF.bottom, reverse=True):
        if tag.intersects(other):
            tag.moveBottom(other.top() - 3)
    return tag


def crosshair_reading(
    book: BookView, summary: BookSummary, price_pips: float
) -> tuple[str, str] | None:
    """Return the two lines at a price; None without a mid or where nothing rests up to there."""
    if summary.mid_pips is None:
        return None
    side = Side.BID if price_pips < summary.mid_pips else Side.ASK
    depth = depth_to(book, side, price_pips)
    if depth.average_pips is None:
        return None
    away = decimal((price_pips - summary.mid_pips) / PIPS_PER_CENT, 1, signed=True)
    mark = "≥" if side is Side.BID else "≤"
    tenth = round(price_pips / 10) * 10
    whole = count(round(depth.lots / LOTS_PER_CONTRACT))
    return (
        f"{mark} {price_cents(tenth)}¢  {whole} ct",
        f"avg {average_cents(depth.average_pips)}¢ · {away}¢",
    )


def paint_crosshair(
    ink: Ink, frame: DepthFrame, theme: Theme, pointer: QPointF, lines: tuple[str, str] | None
) -> None:
    """Draw the dotted line and, if there is something to read, its plate on the roomier side."""
    x = round(pointer.x()) + 0.5
    ink.painter.setPen(QPen(theme.text2, 1, Qt.PenStyle.DotLine))
    ink.painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()))
    if lines is None:
        return
    room = max(width(lines[0], STRONG), width(lines[1], DATA)) + 14
    plate = QRectF(x + 8, pointer.y() - 46, room, 38)
    if plate.right() > frame.area.right():
        plate.moveRight(x - 8)
    plate.moveTop(max(frame.area.top() + 2, plate.top()))
    ink.painter.setPen(QPen(theme.control, 1))
    ink.painter.setBrush(faded(theme.input, 242))
    ink.painter.drawRect(plate)
    ink.text(lines[0], theme.text, STRONG, plate.x() + 7, plate.y() + 2, 0, 18)
    ink.text(lines[1], theme.text2, DATA, plate.x() + 7, plate.y() + 18, 0, 18)
