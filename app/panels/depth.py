"""The depth chart of the chosen market, in YES or NO terms."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formatting import age, countdown, percent, price
from app.models.book_summary import summarise
from app.panels.book_panel import BookPanel, Themed
from app.views import BookView
from app.widgets.depth_plot import DepthPlot
from app.widgets.readout_line import Reading
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


class DepthPanel(BookPanel):
    """Read-out above the chart, with the range switch in the title: the read-out needs its room."""

    name = "Depth"

    def body(self) -> QWidget:
        """Stack read-out and chart, and hang the range switch in the title."""
        self.plot = DepthPlot(self.theme)
        self.span = Segmented("Price range", (("10", "±10¢"), ("20", "±20¢"), ("all", "All")))
        self.span.chosen.connect(self._set_span)
        self.span.choose("20")
        self._controls = QWidget()
        controls = QHBoxLayout(self._controls)
        controls.setContentsMargins(0, 0, 0, 0)
        controls.setSpacing(8)
        controls.addWidget(self.span)
        controls.addWidget(self.outcome)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.readout)
        column.addWidget(self.plot, 1)
        return body

    def parts(self) -> Sequence[Themed]:
        """Return the chart."""
        return (self.plot,)

    def show_book(self, book: BookView) -> None:
        """Draw this book, which is in the terms of the chosen outcome."""
        self.readout.show_readings(depth_readings(book))
        self.plot.show_book(book)

    def recentre(self) -> None:
        """Centre the chart on the mid."""
        self.plot.recentre()

    def title_context(self) -> str:
        """Return the countdown to the close, the market and the age of its book.

        The last of them go first when the title is short; the market stands in the ladder too.
        """
        if self._book is None:
            return ""
        left_ms, age_ms = self._book.left_ms, self._book.age_ms
        closes = "" if left_ms is None else f"closes {countdown(left_ms)}"
        old = "" if age_ms is None else f"book {age(age_ms)} old"
        return " · ".join(part for part in (closes, self._book.title, old) if part)

    def title_controls(self) -> QWidget | None:
        """Return the range switch and the YES | NO switch."""
        return self._controls

    def _set_span(self) -> None:
        self.plot.set_span(_SPANS_CENTS[self.span.current])
