"""Painting of one ladder row: sizes with bars, price, best marks, own tags, last trade."""

from dataclasses import dataclass
from math import sqrt

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.formatting import contracts, price_cents
from app.models.ladder import LadderRow
from app.models.table import Align
from app.theme import Theme
from app.widgets.stale_overlay import faded
from app.widgets.text_painting import DATA, STRONG, Face, Ink, width

ROW = 19
PRICE_WIDTH = 62
PADDING = 6
_BAR_ALPHA = 60
_BEST_ALPHA = 77
_FLASH_ALPHA = 140
_TAG_FACE = Face(11, 600)
_STRUCK = Face(struck=True)


@dataclass(frozen=True)
class LadderColumns:
    """Where mine, bid, price, ask and mine stand in a ladder of this width, in px."""

    width: int

    @property
    def price_x(self) -> int:
        """Left edge of the price column."""
        return (self.width - PRICE_WIDTH) // 2

    @property
    def price_end(self) -> int:
        """Right edge of the price column."""
        return self.price_x + PRICE_WIDTH

    @property
    def mine_width(self) -> int:
        """Width of each of the two outer columns."""
        return max(46, round(self.width * 0.15))


class RowPainter:
    """Draws rows into one frame of the ladder."""

    def __init__(
        self,
        ink: Ink,
        theme: Theme,
        columns: LadderColumns,
        scale_lots: tuple[int, int],
        *,
        is_stale: bool,
    ) -> None:
        """Take what all rows of a frame share.

        Args:
            ink: where to draw.
            theme: colours.
            columns: geometry.
            scale_lots: lots of a full bar, for bids and for asks.
            is_stale: strike the sizes through.
        """
        self._ink = ink
        self._theme = theme
        self._columns = columns
        self._scale_lots = scale_lots
        self._is_stale = is_stale
        self._row = ROW + theme.row_step

    def paint(self, row: LadderRow, y: int, *, is_flashing: bool = False) -> None:
        """Draw one price with its sizes, marks and own orders."""
        price_x, price_end = self._columns.price_x, self._columns.price_end
        painter, theme = self._ink.painter, self._theme
        if row.is_spread:
            painter.fillRect(0, y, self._columns.width, self._row, theme.input)
        painter.fillRect(0, y + self._row - 1, self._columns.width, 1, theme.line)
        if row.bid_lots:
            self._paint_size(row.bid_lots, y, price_x, is_bid=True, is_best=row.is_best_bid)
        if row.ask_lots:
            self._paint_size(row.ask_lots, y, price_end, is_bid=False, is_best=row.is_best_ask)
        if row.is_best_bid or row.is_best_ask:
            colour = theme.bid if row.is_best_bid else theme.ask
            painter.fillRect(
                price_x,
                y,
                PRICE_WIDTH,
                self._row - 1,
                faded(colour, _FLASH_ALPHA if is_flashing else _BEST_ALPHA),
            )
            edge = price_x if row.is_best_bid else price_end
            painter.fillRect(QRectF(edge - 1.25, y, 2.5, self._row - 1), colour)
        self._paint_price(row, y, price_x)
        if row.own_bid:
            self._paint_tag(row.own_bid, y, is_bid=True)
        if row.own_ask:
            self._paint_tag(row.own_ask, y, is_bid=False)

    def _paint_price(self, row: LadderRow, y: int, price_x: int) -> None:
        is_best = row.is_best_bid or row.is_best_ask
        colour = self._theme.text
        if is_best:
            colour = self._theme.bid if row.is_best_bid else self._theme.ask
        if self._is_stale:
            colour = self._theme.text
        face = STRONG if is_best else Face(weight=500)
        self._ink.text(
            price_cents(row.price_pips),
            colour,
            face,
            price_x,
            y,
            PRICE_WIDTH - 15,
            self._row,
            Align.RIGHT,
        )

    def _paint_size(self, lots: int, y: int, edge: int, *, is_bid: bool, is_best: bool) -> None:
        painter, theme = self._ink.painter, self._theme
        colour = theme.bid if is_bid else theme.ask
        text = contracts(lots)
        face = STRONG if is_best else DATA
        if self._is_stale:  # in full colour: the wash above turns it into the stale grey
            face = _STRUCK
        room = (
            edge - self._columns.mine_width
            if is_bid
            else self._columns.width - self._columns.mine_width - edge
        )
        share = sqrt(lots / self._scale_lots[0 if is_bid else 1])
        length = round(room * min(1.0, share))
        left = edge - length if is_bid else edge
        painter.fillRect(left, y + 1, length, self._row - 3, faded(colour, _BAR_ALPHA))
        outer = left if is_bid else left + length - 1
        if share > 1.0:
            painter.fillRect(outer if is_bid else outer - 2, y + 1, 3, self._row - 3, colour)
        elif not (PADDING - 2 <= length <= PADDING + width(text, face, self._ink.step) + 2):
            painter.fillRect(outer, y + 1, 1, self._row - 3, colour)
        text_colour = theme.text if is_best or self._is_stale else theme.text2
        box_x = edge - room if is_bid else edge + PADDING
        align = Align.RIGHT if is_bid else Align.LEFT
        self._ink.text(text, text_colour, face, box_x, y, room - PADDING, self._row, align)

    def _paint_tag(self, own: tuple[int, bool], y: int, *, is_bid: bool) -> None:
        painter, theme = self._ink.painter, self._theme
        lots, in_flight = own
        text = contracts(lots)
        room = max(38.0, width(text, _TAG_FACE, self._ink.step) + 14)
        top, bottom, middle = y + 1.5, y + self._row - 2.5, y + self._row / 2 - 0.5
        tip = room + 2 if is_bid else self._columns.width - room - 2
        flat = 2.5 if is_bid else self._columns.width - 2.5
        shoulder = tip - 6 if is_bid else tip + 6
        outline = QPolygonF(
            [
                QPointF(flat, top),
                QPointF(shoulder, top),
                QPointF(tip, middle),
                QPointF(shoulder, bottom),
                QPointF(flat, bottom),
            ]
        )
        pen = QPen(theme.own, 1, Qt.PenStyle.DashLine if in_flight else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.setBrush(theme.panel if in_flight else theme.own)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.drawPolygon(outline)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        colour = theme.own if in_flight else theme.own_text
        left = min(flat, shoulder)
        self._ink.text(
            text, colour, _TAG_FACE, left, y, abs(shoulder - flat), self._row - 1, Align.CENTRE
        )

    def paint_last_trade(self, y: int, side: int | None) -> None:
        """Box the price of the last trade, with an arrow for the side that took."""
        painter, price_x = self._ink.painter, self._columns.price_x
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self._theme.text, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            QRectF(price_x + 2.5, y + 1.5, PRICE_WIDTH - 5, self._row - 4), 3, 3
        )
        if side is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.text)
            painter.drawPolygon(_arrow(price_x + 10, y + self._row / 2 - 0.5, up=not side))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _arrow(x: float, y: float, *, up: bool) -> QPolygonF:
    tip = -2.5 if up else 2.5
    return QPolygonF([QPointF(x - 3, y - tip), QPointF(x + 3, y - tip), QPointF(x, y + tip)])
