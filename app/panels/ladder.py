"""The price ladder of the chosen market, in YES or NO terms."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.formatting import average_cents, price
from app.models.book_summary import summarise
from app.panels.book_absence import end_of_market, has_levels
from app.panels.book_panel import BookPanel, Themed
from app.views import BookView
from app.widgets.ladder_foot import LadderFoot
from app.widgets.ladder_view import LadderView
from app.widgets.readout_line import Reading


def ladder_readings(book: BookView) -> tuple[Reading, ...]:
    """Return mid, spread and micro price of a book."""
    summary = summarise(book)
    mid = None if summary.mid_pips is None else round(summary.mid_pips)
    micro = average_cents(summary.micro_pips)
    return (
        Reading("Mid", price(mid)),
        Reading("Spread", price(summary.spread_pips)),
        Reading("Micro", micro if summary.micro_pips is None else f"{micro}¢"),
    )


class LadderPanel(BookPanel):
    """Read-out, ladder and position of one market."""

    name = "Ladder"

    def body(self) -> QWidget:
        """Stack read-out, ladder and foot."""
        self.view = LadderView(self.theme)
        self.foot = LadderFoot(self.theme)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.readout)
        column.addWidget(self.view, 1)
        column.addWidget(self.foot)
        return body

    def parts(self) -> Sequence[Themed]:
        """Return ladder and foot."""
        return self.view, self.foot

    def is_drawn(self, book: BookView | None) -> bool:
        """Tell whether the market goes on: without quotes its grid is drawn."""
        if has_levels(book):
            return True
        return book is not None and end_of_market(self.source, self.selection.ticker) is None

    def show_book(self, book: BookView) -> None:
        """Draw this book, which is in the terms of the chosen outcome."""
        self.readout.show_readings(ladder_readings(book))
        self.view.show_book(book)
        self.foot.show_book(book)

    def recentre(self) -> None:
        """Put the mid in the middle."""
        self.view.recentre()

    def title_context(self) -> str:
        """Return the market's name."""
        return self._book.title if self._book else ""
