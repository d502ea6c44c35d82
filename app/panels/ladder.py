"""The price ladder of the chosen market, in YES or NO terms."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.formatting import average_cents, price
from app.models.book_summary import summarise
from app.models.outcome import mirrored
from app.panels.book_absence import absence, end_of_market, has_levels
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import BookView
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.ladder_foot import LadderFoot
from app.widgets.ladder_view import LadderView
from app.widgets.readout_line import Reading, ReadoutLine
from app.widgets.segmented import Segmented


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


class LadderPanel(DockBody):
    """Read-out, ladder and position of one market."""

    name = "Ladder"
    refresh_hz = 20

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.readout = ReadoutLine(theme)
        self.view = LadderView(theme)
        self.foot = LadderFoot(theme)
        self.outcome = Segmented("Outcome", (("yes", "YES"), ("no", "NO")))
        self.outcome.chosen.connect(self._show_newest)
        self._empty = EmptyState("inbox", "No market chosen", "Choose one in Markets.")
        self.pages = ContentOrEmpty(self._body(), self._empty)
        self.column.addWidget(self.pages)
        self._book: BookView | None = None
        self._shown: tuple[BookView, str] | None = None
        selection.changed.connect(self.refresh)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Show the newest book of the chosen market."""
        self._book = self.source.book(self.selection.ticker)
        is_drawn = has_levels(self._book) or self._is_quiet()
        if not is_drawn:
            self._empty.say(*absence(self.source, self.selection.ticker, self._book))
        self.pages.show_content(is_drawn)
        self._show_newest()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        for part in (self.readout, self.view, self.foot, self._empty):
            part.set_theme(theme)

    def title_context(self) -> str:
        """Return the market's name."""
        return self._book.title if self._book else ""

    def title_controls(self) -> QWidget | None:
        """Return the YES | NO switch."""
        return self.outcome

    def _is_quiet(self) -> bool:
        """Tell whether nobody quotes the market although it goes on: its grid is drawn then."""
        ticker = self.selection.ticker
        return self._book is not None and end_of_market(self.source, ticker) is None

    def _show_newest(self) -> None:
        if self._book is None or (self._book, self.outcome.current) == self._shown:
            return
        turned = self._shown is not None and self._shown[1] != self.outcome.current
        self._shown = (self._book, self.outcome.current)
        book = mirrored(self._book) if self.outcome.current == "no" else self._book
        self.readout.show_readings(ladder_readings(book))
        self.view.show_book(book)
        self.foot.show_book(book)
        if turned:
            self.view.recentre()

    def _body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.readout)
        column.addWidget(self.view, 1)
        column.addWidget(self.foot)
        return body
