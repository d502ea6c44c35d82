"""The painted price ladder: mine, bid, price, ask, mine, a row a tick of the market's grid."""

from math import floor

from PySide6.QtCore import QElapsedTimer, QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.formatting import price_cents
from app.models.book_summary import BookSummary, summarise
from app.models.flash import FLASH_MS, Flashes
from app.models.ladder import LadderRow, LadderWindow, bar_scale_lots, ladder_rows
from app.models.table import Align
from app.theme import Theme
from app.views import BookView
from app.widgets.ladder_row_painter import PADDING, PRICE_WIDTH, ROW, LadderColumns, RowPainter
from app.widgets.stale_overlay import paint_stale
from app.widgets.text_painting import LABEL, STRONG, Ink
from core.units import Side

_HEADER = 22
_DEGREES_PER_STEP = 120
_ROWS_PER_STEP = 3


class LadderView(QWidget):
    """Shows a book around its mid; it never moves by itself while the pointer is inside."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row = ROW + theme.row_step
        self._flashes = Flashes(_watch().elapsed)
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.timeout.connect(self.update)
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
        self.setAccessibleDescription("The wheel scrolls; a double or middle click recentres")

    def minimumSizeHint(self) -> QSize:
        """Return room for five columns and six rows."""
        return QSize(270, _HEADER + 6 * self._row)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme; its density sets how many rows there are."""
        self._theme = theme
        self._row = ROW + theme.row_step
        self._fit_rows()

    def show_book(self, book: BookView) -> None:
        """Show this book; another market is centred at once."""
        is_other = self._book is None or self._book.ticker != book.ticker
        if book is self._book:
            return
        before, self._summary = self._summary, summarise(book)
        self._book = book
        if before is not None and not is_other:
            self._note_best(before, self._summary)
        self._window.set_grid(book.prices)
        self._follow(at_once=is_other)
        self._settle()

    def _note_best(self, before: BookSummary, after: BookSummary) -> None:
        """Flash the best prices that moved."""
        if before.bid_pips != after.bid_pips:
            self._flashes.note(Side.BID)
        if before.ask_pips != after.ask_pips:
            self._flashes.note(Side.ASK)

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
        self._fit_rows()

    def _fit_rows(self) -> None:
        self._window.set_height((self.height() - _HEADER) // self._row)
        self._settle()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by three rows a step."""
        steps = event.angleDelta().y() / _DEGREES_PER_STEP
        self._window.scroll(round(steps * _ROWS_PER_STEP))
        self._settle()
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
        row = floor((event.position().y() - _HEADER) / self._row)
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
        ink = Ink(painter, self._theme.text_step)
        self._paint_header(ink)
        painter.setClipRect(0, _HEADER, self.width(), self.height() - _HEADER)
        self._paint_rows(ink)
        self._paint_condition(painter)
        painter.end()

    def _paint_rows(self, ink: Ink) -> None:
        columns = LadderColumns(self.width())
        room = self.height() - _HEADER
        ink.painter.fillRect(columns.price_x, _HEADER, PRICE_WIDTH, room, self._theme.title)
        rows = RowPainter(ink, self._theme, columns, self._scale_lots, is_stale=self._is_stale)
        for number, row in enumerate(self._rows):
            rows.paint(row, _HEADER + number * self._row, is_flashing=self._is_flashing(row))
        book, prices = self._book, self._window.prices()
        if book is not None and book.last_trade_pips in prices:
            y = _HEADER + prices.index(book.last_trade_pips) * self._row
            rows.paint_last_trade(y, book.last_trade_side)

    def _is_flashing(self, row: LadderRow) -> bool:
        if not self._theme.has_motion or not (row.is_best_bid or row.is_best_ask):
            return False
        is_on = self._flashes.is_on(Side.BID if row.is_best_bid else Side.ASK)
        if is_on:
            self._flash_end.start(FLASH_MS)
        return is_on

    def _paint_header(self, ink: Ink) -> None:
        columns = LadderColumns(self.width())
        start, end = columns.price_x, columns.price_end
        colour = self._theme.text3
        boxes = (
            ("Mine", 10, 0, Align.LEFT),
            ("Bid", 0, start - PADDING, Align.RIGHT),
            ("¢", start, PRICE_WIDTH, Align.CENTRE),
            ("Ask", end + PADDING, 0, Align.LEFT),
            ("Mine", end, self.width() - end - 10, Align.RIGHT),
        )
        for text, x, room, align in boxes:
            ink.text(text, colour, LABEL, x, 0, room, _HEADER, align)
        ink.painter.fillRect(0, _HEADER - 1, self.width(), 1, self._theme.line)

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
            y = _HEADER + self._pointer_row * self._row
            painter.drawRect(0, y, self.width() - 1, self._row - 2)
        self._paint_held(painter)

    def _paint_held(self, painter: QPainter) -> None:
        summary = self._summary
        anchor = summary.anchor_pips if summary else None
        if summary is None or anchor is None or not self.underMouse():
            return
        if self._window.is_calm(anchor):
            return
        strip = QRectF(0, _HEADER, self.width(), self._row)
        painter.fillRect(strip, self._theme.selected)
        live = f"live {price_cents(summary.bid_pips)} / {price_cents(summary.ask_pips)}"
        ink = Ink(painter, self._theme.text_step)
        ink.text("Held", self._theme.accent, STRONG, 10, _HEADER, box_height=self._row)
        ink.text(
            f"{live}, leave to follow",
            self._theme.text,
            LABEL,
            0,
            _HEADER,
            self.width() - 10,
            self._row,
            Align.RIGHT,
        )


def _watch() -> QElapsedTimer:
    watch = QElapsedTimer()
    watch.start()
    return watch
