"""The depth chart of the chosen market, in YES or NO terms."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formatting import age, percent, price
from app.models.book_summary import summarise
from app.models.outcome import mirrored
from app.panels.book_absence import absence, has_levels
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import BookView
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.depth_plot import DepthPlot
from app.widgets.empty_state import EmptyState
from app.widgets.readout_line import Reading, ReadoutLine
from app.widgets.segmented import Segmented

_SPANS_CENTS = {"10": 10.0, "20": 20.0, "all": None}


def depth_readings(book: BookView) -> tuple[Reading, ...]:
    """Return best prices, mid, spread and the imbalance of five levels."""
    summary = summarise(book)
    mid = None if summary.mid_pips is None else round(summary.mid_pips)
    is_stale = book.status == "stale"

    def reading(label: str, pips: int | None, colour: str, widest: str) -> Reading:
        shown = "text3" if pips is None else "stale" if is_stale else colour
        return Reading(label, price(pips), shown, widest)

    lean = summary.imbalance
    lean_colour = "text2" if not lean else "bid" if lean > 0 else "ask"
    return (
        reading("Bid", summary.bid_pips, "bid", "88.8¢"),
        reading("Mid", mid, "text", "88.88¢"),
        reading("Ask", summary.ask_pips, "ask", "88.8¢"),
        reading("Spread", summary.spread_pips, "text", "88.8¢"),
        Reading(
            "Imb. 5",
            percent(lean, decimals=0, signed=True),
            lean_colour,
            "+88 %",
            is_last=True,
        ),
    )


class DepthPanel(DockBody):
    """Read-out with the range switch above the chart."""

    name = "Depth"
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
        self.plot = DepthPlot(theme)
        self.outcome = Segmented("Outcome", (("yes", "YES"), ("no", "NO")))
        options = (("10", "±10¢"), ("20", "±20¢"), ("all", "All"))
        self.span = Segmented("Price range", options)
        self._empty = EmptyState("inbox", "No market chosen", "Choose one in Markets.")
        self.pages = ContentOrEmpty(self._body(), self._empty)
        self.column.addWidget(self.pages)
        self._book: BookView | None = None
        self._shown: tuple[BookView, str] | None = None
        self.outcome.chosen.connect(self._show_newest)
        self.span.chosen.connect(self._set_span)
        self.span.choose("20")
        selection.changed.connect(self.refresh)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Show the newest book of the chosen market."""
        self._book = self.source.book(self.selection.ticker)
        is_drawn = has_levels(self._book)
        if not is_drawn:
            self._empty.say(*absence(self.source, self.selection.ticker, self._book))
        self.pages.show_content(is_drawn)
        self._show_newest()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        for part in (self.readout, self.plot, self._empty):
            part.set_theme(theme)

    def title_context(self) -> str:
        """Return the market, the age of its book and, first to be elided, what is drawn."""
        if self._book is None:
            return ""
        old = "" if self._book.age_ms is None else f" · book {age(self._book.age_ms)} old"
        return f"{self._book.title}{old} · cumulative contracts"

    def title_controls(self) -> QWidget | None:
        """Return the YES | NO switch."""
        return self.outcome

    def _set_span(self) -> None:
        self.plot.set_span(_SPANS_CENTS[self.span.current])

    def _show_newest(self) -> None:
        if self._book is None or (self._book, self.outcome.current) == self._shown:
            return
        turned = self._shown is not None and self._shown[1] != self.outcome.current
        self._shown = (self._book, self.outcome.current)
        book = mirrored(self._book) if self.outcome.current == "no" else self._book
        self.readout.show_readings(depth_readings(book))
        self.plot.show_book(book)
        if turned:
            self.plot.recentre()

    def _body(self) -> QWidget:
        above = QHBoxLayout()
        above.setContentsMargins(0, 1, 6, 1)
        above.addWidget(self.readout, 1)
        above.addWidget(self.span)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self.plot, 1)
        return body
