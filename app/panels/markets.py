"""Followed markets; choosing a row chooses the market of every panel."""

from PySide6.QtWidgets import QWidget

from app.models.markets import COLUMNS, MarketsModel
from app.models.sorting import SortedRows
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.table_view import DENSE_ROW_HEIGHT, TableView


class MarketsPanel(DockBody):
    """Table of markets with state, best prices, age and time to close."""

    name = "Markets"
    refresh_hz = 10

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.model = MarketsModel(self)
        self.rows = SortedRows(self.model, self)
        self.view = TableView(self.rows, COLUMNS, theme, DENSE_ROW_HEIGHT)
        self.view.setAccessibleName("Markets")
        self.view.setAccessibleDescription("Choosing a row shows that market in every panel")
        self._empty = EmptyState(
            "inbox", "No markets followed", "Markets appear here when the feed names them."
        )
        self.pages = ContentOrEmpty(self.view, self._empty)
        self.column.addWidget(self.pages)
        self.view.selectionModel().currentRowChanged.connect(self._choose)
        selection.changed.connect(self._show_choice)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Show the newest best prices of every market."""
        markets = self.source.markets()
        view = self.source.systems()
        self.model.show_markets(markets, view.venue_ms, has_ended=view.is_over)
        self.pages.show_content(bool(markets))
        if not self.view.currentIndex().isValid():
            self._show_choice(self.selection.ticker)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.view.set_theme(theme)
        self._empty.set_theme(theme)

    def title_context(self) -> str:
        """Return how many markets are followed."""
        return f"{self.model.rowCount()} followed"

    def _choose(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.selection.choose(self.rows.row_at(index.row()).market.ticker)

    def _show_choice(self, ticker: str) -> None:
        place = self.model.place_of(ticker)
        if place is None:
            return
        row = self.rows.mapFromSource(self.model.index(place, 0)).row()
        if row != self.view.currentIndex().row():
            self.view.selectRow(row)
