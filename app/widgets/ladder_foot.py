"""Foot of the ladder: what we hold in this market, and how the book leans near the mid."""

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.formatting import UNKNOWN, average_cents, money, percent, position
from app.models.book_summary import share_of_bids
from app.models.outcome import held_average
from app.models.positions import money_colour
from app.models.table import Align
from app.theme import Theme
from app.views import BookView
from app.widgets.text_painting import CAPTION, HEADLINE, LABEL, STRONG, Ink, width

HEIGHT = 64
_PADDING = 10
_NEAR_PIPS = 500


class FootCell(NamedTuple):
    """A label over a value; `colour` names an attribute of the theme."""

    label: str
    value: str
    colour: str


def foot_cells(book: BookView) -> tuple[FootCell, ...]:
    """Return position, average entry, open P&L and net result in this market, fees taken off."""
    lots = book.position_lots
    average = average_cents(held_average(book.average_pips, lots)) + "¢"
    net = None
    if book.open_pnl_micros is not None or not lots:
        net = book.realized_micros + (book.open_pnl_micros or 0) - book.fees_micros
    return (
        FootCell("Position", position(lots), "bid" if lots > 0 else "ask" if lots else "text2"),
        FootCell(
            "Avg entry", average if lots and book.average_pips is not None else UNKNOWN, "text"
        ),
        FootCell(
            "Open P&L",
            money(book.open_pnl_micros if lots else None, signed=True),
            money_colour(book.open_pnl_micros if lots else None),
        ),
        FootCell("Net, market", money(net, signed=True), money_colour(net)),
    )


class LadderFoot(QWidget):
    """Paints the foot; it stays readable while the book above it is stale."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells: tuple[FootCell, ...] = ()
        self._share: float | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Position in this market")

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.update()

    def show_book(self, shown: BookView) -> None:
        """Show the position and the lean of this book, as it is displayed (YES or NO)."""
        cells, share = foot_cells(shown), share_of_bids(shown, _NEAR_PIPS)
        if (cells, share) == (self._cells, self._share):
            return
        self._cells, self._share = cells, share
        self.setAccessibleDescription(", ".join(f"{c.label} {c.value}" for c in cells))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw four labelled values and the bar of bids against asks."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.title)
        painter.fillRect(0, 0, self.width(), 1, self._theme.line)
        ink = Ink(painter, self._theme.text_step)
        self._paint_cells(ink)
        if self._share is not None:
            self._paint_share(ink, self._share)
        painter.end()

    def _paint_cells(self, ink: Ink) -> None:
        widths = [
            max(width(c.label, LABEL, ink.step), width(c.value, HEADLINE, ink.step))
            for c in self._cells
        ]
        spare = self.width() - 2 * _PADDING - sum(widths)
        face = HEADLINE if spare >= 18 else STRONG
        gap = max(4.0, min(24.0, spare / max(1, len(widths) - 1)))
        x = float(_PADDING)
        for cell, cell_width in zip(self._cells, widths, strict=True):
            ink.text(cell.label, self._theme.text3, LABEL, x, 6, box_height=14)
            ink.text(cell.value, self._theme.colour(cell.colour), face, x, 21, box_height=17)
            x += cell_width + gap

    def _paint_share(self, ink: Ink, share: float) -> None:
        theme, room = self._theme, self.width() - 2 * _PADDING
        split = round(room * share)
        ink.painter.fillRect(_PADDING, 42, max(0, split - 1), 3, theme.bid)
        ink.painter.fillRect(_PADDING + split + 1, 42, max(0, room - split - 1), 3, theme.ask)
        bids = f"bids {percent(share, decimals=0)}"
        asks = f"asks {percent(1 - share, decimals=0)}  within 5¢"
        ink.text(bids, theme.text3, CAPTION, _PADDING, 47, box_height=13)
        ink.text(asks, theme.text3, CAPTION, _PADDING, 47, room, 13, Align.RIGHT)
