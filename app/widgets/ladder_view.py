"""The painted price ladder: mine, bid, price, ask, mine, a row a tick of the market's grid."""

from math import floor, sqrt

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.formatting import contracts, price_cents
from app.models.book_summary import BookSummary, summarise
from app.models.ladder import LadderRow, LadderWindow, bar_scale_lots, ladder_rows
from app.models.table import Align
from app.theme import Theme
from app.views import BookView
from app.widgets.stale_overlay import faded, paint_stale
from app.widgets.text_painting import DATA, LABEL, STRONG, Face, Ink, width

ROW = 19
_HEADER = 22
_PRICE_WIDTH = 62
_PADDING = 6
_BAR_ALPHA = 60
_BEST_ALPHA = 77
_TAG_FACE = Face(11, 600)
_STRUCK = Face(struck=True)
_DEGREES_PER_STEP = 120
_ROWS_PER_STEP = 3


class LadderView(QWidget):
    """Shows a book around its mid; it never moves by itself while the pointer is inside."""

    scrolled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._book: BookView | None = None
        self._summary: BookSummary | None = None
        self._rows: list[LadderRow] = []
        self._window = LadderWindow()
        self._scale_lots = (1, 1)
        self._pointer_row: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Price ladder")

    def minimumSizeHint(self) -> QSize:
        """Return room for five columns and six rows."""
        return QSize(270, _HEADER + 6 * ROW)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.update()

    def show_book(self, book: BookView) -> None:
        """Show this book; another market is centred at once."""
        is_other = self._book is None or self._book.ticker != book.ticker
        if book is self._book:
            return
        self._book = book
        self._summary = summarise(book)
        self._window.set_grid(book.prices)
        self._follow(at_once=is_other)
        self._settle()

    def visible_prices(self) -> tuple[int, ...]:
        """Return the prices of the rows on screen, highest first, in pips."""
        return self._window.prices()

    def recentre(self) -> None:
        """Put the mid in the middle now."""
        self._follow(at_once=True)
        self._settle()

    def _follow(self, *, at_once: bool = False) -> None:
        anchor = self._summary.anchor_pips if self._summary else None
        if anchor is None:
            return
        may_move = not self.underMouse() and not self._window.is_calm(anchor)
        if at_once or may_move:
            self._window.recentre(anchor)

    def _settle(self) -> None:
        if self._book is None:
            return
        prices = self._window.prices()
        self._rows = ladder_rows(self._book, prices)
        self._scale_lots = (
            bar_scale_lots(self._book.bids, prices),
            bar_scale_lots(self._book.asks, prices),
        )
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many whole rows as there is room for."""
        super().resizeEvent(event)
        self._window.set_height((self.height() - _HEADER) // ROW)
        self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by three rows a step."""
        steps = event.angleDelta().y() / _DEGREES_PER_STEP
        self._window.scroll(round(steps * _ROWS_PER_STEP))
        self._settle()
        self.scrolled.emit()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Recentre on the middle button."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self.recentre()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Recentre on a double click."""
        self.recentre()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the row under the pointer."""
        row = floor((event.position().y() - _HEADER) / ROW)
        row_or_none = row if 0 <= row < len(self._rows) else None
        if row_or_none != self._pointer_row:
            self._pointer_row = row_or_none
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hold the rows from now on."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Follow the mid again."""
        self._pointer_row = None
        self._follow()
        self._settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw header, rows, own tags and, over a book that is not live, the stale look."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        ink = Ink(painter)
        self._paint_header(ink)
        painter.setClipRect(0, _HEADER, self.width(), self.height() - _HEADER)
        price_x, price_end = self._price_column()
        painter.fillRect(price_x, _HEADER, _PRICE_WIDTH, self.height() - _HEADER, self._theme.title)
        for number, row in enumerate(self._rows):
            self._paint_row(ink, row, _HEADER + number * ROW, price_x, price_end)
        self._paint_last_trade(painter, price_x)
        self._paint_condition(painter)
        painter.end()

    def _price_column(self) -> tuple[int, int]:
        start = (self.width() - _PRICE_WIDTH) // 2
        return start, start + _PRICE_WIDTH

    def _mine_width(self) -> int:
        return max(46, round(self.width() * 0.15))

    def _paint_header(self, ink: Ink) -> None:
        start, end = self._price_column()
        colour = self._theme.text3
        boxes = (
            ("Mine", 10, 0, Align.LEFT),
            ("Bid", 0, start - _PADDING, Align.RIGHT),
            ("¢", start, _PRICE_WIDTH, Align.CENTRE),
            ("Ask", end + _PADDING, 0, Align.LEFT),
            ("Mine", end, self.width() - end - 10, Align.RIGHT),
        )
        for text, x, room, align in boxes:
            ink.text(text, colour, LABEL, x, 0, room, _HEADER, align)
        ink.painter.fillRect(0, _HEADER - 1, self.width(), 1, self._theme.line)

    def _paint_row(self, ink: Ink, row: LadderRow, y: int, price_x: int, price_end: int) -> None:
        painter, theme = ink.painter, self._theme
        if row.is_spread:
            painter.fillRect(0, y, self.width(), ROW, theme.input)
        painter.fillRect(0, y + ROW - 1, self.width(), 1, theme.line)
        if row.bid_lots:
            self._paint_size(ink, row.bid_lots, y, price_x, is_bid=True, is_best=row.is_best_bid)
        if row.ask_lots:
            self._paint_size(ink, row.ask_lots, y, price_end, is_bid=False, is_best=row.is_best_ask)
        if row.is_best_bid or row.is_best_ask:
            colour = theme.bid if row.is_best_bid else theme.ask
            painter.fillRect(price_x, y, _PRICE_WIDTH, ROW - 1, faded(colour, _BEST_ALPHA))
            edge = price_x if row.is_best_bid else price_end
            painter.fillRect(QRectF(edge - 1.25, y, 2.5, ROW - 1), colour)
        self._paint_price(ink, row, y, price_x)
        if row.own_bid:
            self._paint_tag(ink, row.own_bid, y, is_bid=True)
        if row.own_ask:
            self._paint_tag(ink, row.own_ask, y, is_bid=False)

    def _paint_price(self, ink: Ink, row: LadderRow, y: int, price_x: int) -> None:
        is_best = row.is_best_bid or row.is_best_ask
        colour = self._theme.text
        if is_best:
            colour = self._theme.bid if row.is_best_bid else self._theme.ask
        if self._is_stale:
            colour = self._theme.text
        face = STRONG if is_best else Face(weight=500)
        ink.text(
            price_cents(row.price_pips),
            colour,
            face,
            price_x,
            y,
            _PRICE_WIDTH - 15,
            ROW,
            Align.RIGHT,
        )

    def _paint_size(
        self, ink: Ink, lots: int, y: int, edge: int, *, is_bid: bool, is_best: bool
    ) -> None:
        painter, theme = ink.painter, self._theme
        colour = theme.bid if is_bid else theme.ask
        text = contracts(lots)
        face = STRONG if is_best else DATA
        if self._is_stale:  # in full colour: the wash above turns it into the stale grey
            face = _STRUCK
        room = edge - self._mine_width() if is_bid else self.width() - self._mine_width() - edge
        share = sqrt(lots / self._scale_lots[0 if is_bid else 1])
        length = round(room * min(1.0, share))
        left = edge - length if is_bid else edge
        painter.fillRect(left, y + 1, length, ROW - 3, faded(colour, _BAR_ALPHA))
        outer = left if is_bid else left + length - 1
        if share > 1.0:
            painter.fillRect(outer if is_bid else outer - 2, y + 1, 3, ROW - 3, colour)
        elif not (_PADDING - 2 <= length <= _PADDING + width(text, face) + 2):
            painter.fillRect(outer, y + 1, 1, ROW - 3, colour)
        text_colour = theme.text if is_best or self._is_stale else theme.text2
        box_x = edge - room if is_bid else edge + _PADDING
        align = Align.RIGHT if is_bid else Align.LEFT
        ink.text(text, text_colour, face, box_x, y, room - _PADDING, ROW, align)

    def _paint_tag(self, ink: Ink, own: tuple[int, bool], y: int, *, is_bid: bool) -> None:
        painter, theme = ink.painter, self._theme
        lots, in_flight = own
        text = contracts(lots)
        room = max(38.0, width(text, _TAG_FACE) + 14)
        top, bottom, middle = y + 1.5, y + ROW - 2.5, y + ROW / 2 - 0.5
        tip = room + 2 if is_bid else self.width() - room - 2
        flat = 2.5 if is_bid else self.width() - 2.5
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
        ink.text(text, colour, _TAG_FACE, left, y, abs(shoulder - flat), ROW - 1, Align.CENTRE)

    def _paint_last_trade(self, painter: QPainter, price_x: int) -> None:
        book, prices = self._book, self._window.prices()
        if book is None or book.last_trade_pips not in prices:
            return
        y = _HEADER + prices.index(book.last_trade_pips) * ROW
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self._theme.text, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(price_x + 2.5, y + 1.5, _PRICE_WIDTH - 5, ROW - 4), 3, 3)
        if book.last_trade_side is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.text)
            painter.drawPolygon(
                _arrow(price_x + 10, y + ROW / 2 - 0.5, up=not book.last_trade_side)
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    @property
    def _is_stale(self) -> bool:
        return self._book is not None and self._book.status == "stale"

    def _paint_condition(self, painter: QPainter) -> None:
        if self._book is not None and self._is_stale:
            area = QRectF(0, _HEADER, self.width(), self.height() - _HEADER)
            paint_stale(painter, area, self._theme, self._book.age_ms)
        if self._pointer_row is not None:
            painter.setPen(QPen(self._theme.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            y = _HEADER + self._pointer_row * ROW
            painter.drawRect(0, y, self.width() - 1, ROW - 2)
        self._paint_held(painter)

    def _paint_held(self, painter: QPainter) -> None:
        summary = self._summary
        anchor = summary.anchor_pips if summary else None
        if summary is None or anchor is None or not self.underMouse():
            return
        if self._window.is_calm(anchor):
            return
        strip = QRectF(0, _HEADER, self.width(), ROW)
        painter.fillRect(strip, self._theme.selected)
        live = f"live {price_cents(summary.bid_pips)} / {price_cents(summary.ask_pips)}"
        ink = Ink(painter)
        ink.text("Held", self._theme.accent, STRONG, 10, _HEADER, box_height=ROW)
        ink.text(
            f"{live}, leave to follow",
            self._theme.text,
            LABEL,
            0,
            _HEADER,
            self.width() - 10,
            ROW,
            Align.RIGHT,
        )


def _arrow(x: float, y: float, *, up: bool) -> QPolygonF:
    tip = -2.5 if up else 2.5
    return QPolygonF([QPointF(x - 3, y - tip), QPointF(x + 3, y - tip), QPointF(x, y + tip)])
