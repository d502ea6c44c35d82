"""What we hold, what it is worth now, and the sums."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.positions import COLUMNS, PositionsModel, totals
from app.models.sorting import SortedRows
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.table_header import HEIGHT as HEADER_HEIGHT
from app.widgets.table_view import TableView
from app.widgets.totals_row import TotalsRow


class PositionsPanel(DockBody):
    """Table of positions over a pinned totals row."""

    name = "Positions"
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
        self.model = PositionsModel(self)
        self.rows = SortedRows(self.model, self)
        self.view = TableView(self.rows, COLUMNS, theme)
        self.view.setAccessibleName("Positions")
        self.totals = TotalsRow(self.view, COLUMNS, theme)
        self._empty = EmptyState(
            "inbox", "No positions", "A fill opens one; settled and closed ones leave."
        )
        self.pages = ContentOrEmpty(self._table_over_totals(), self._empty)
        self.column.addWidget(self.pages)
        self._open_count = 0
        self.set_theme(theme)

    def refresh(self) -> None:
        """Show the newest marks and results."""
        positions = self.source.positions()
        self.model.show_positions(positions, self.source.systems().venue_ms)
        self.totals.show_cells(totals(positions))
        self._open_count = sum(bool(row.position_lots) for row in positions)
        header = HEADER_HEIGHT + self.theme.row_step
        self.view.setMaximumHeight(header + self.view.row_height * max(1, len(positions)))
        self.pages.show_content(bool(positions))

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.view.set_theme(theme)
        self.totals.set_theme(theme)
        self._empty.set_theme(theme)

    def title_context(self) -> str:
        """Return how many positions are open."""
        return f"{self._open_count} open"

    def _table_over_totals(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.totals)
        column.addStretch(0)
        return body
