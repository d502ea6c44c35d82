"""Every decision of the policy with its reason, newest first."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.decisions import COLUMNS, MARKET_COLUMN, DecisionsModel
from app.models.sorting import SortedRows
from app.panels.dock_body import DockBody, PanelCommands
from app.panels.journal import append_in_place
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import DecisionRow
from app.widgets.action_share import ActionShare
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.table_view import DENSE_ROW_HEIGHT, TableView


class DecisionsPanel(DockBody):
    """Share of actions over the table of decisions."""

    name = "Decisions"
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
        self.model = DecisionsModel(self)
        self.rows = SortedRows(self.model, self)
        self.view = TableView(self.rows, COLUMNS, theme, DENSE_ROW_HEIGHT)
        self.view.setAccessibleName("Decisions")
        self.share = ActionShare(theme)
        self._empty = EmptyState(
            "inbox", "No decisions yet", "The actor decides once a second a market while it runs."
        )
        self._last_number = 0
        self._only = ""
        self.pages = ContentOrEmpty(self._body(), self._empty)
        self.column.addWidget(self.pages)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Add the decisions taken since the last call."""
        self._show_one_market_if_narrow()
        fresh = self._read()
        if fresh:
            append_in_place(self.model, self.view, fresh)
            self.share.show_counts(self.model.recent_actions(self._only))
        self.pages.show_content(self.model.rowCount() > 0)

    def source_changed(self) -> None:
        """Forget the decisions of the session before."""
        self._read()
        self.model.clear()
        self.share.show_counts(self.model.recent_actions())
        self.pages.show_content(False)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.view.set_theme(theme)
        self.share.set_theme(theme)
        self._empty.set_theme(theme)

    def title_context(self) -> str:
        """Return the rate of decisions, or that only one market's are shown."""
        return "chosen market only" if self._only else "1 per second and market"

    def _read(self) -> Sequence[DecisionRow]:
        fresh = self.source.decisions(self._last_number)
        if fresh:
            self._last_number = fresh[-1].number
        return fresh

    def _show_one_market_if_narrow(self) -> None:
        """Without the column of markets a row says its market by being the chosen one's."""
        is_unnamed = self.view.isColumnHidden(MARKET_COLUMN)
        only = self.selection.ticker if is_unnamed else ""
        if only != self._only:
            self._only = only
            self.rows.show_only((lambda row: row.ticker == only) if only else None)
            self.share.show_counts(self.model.recent_actions(only))

    def _body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.share)
        column.addWidget(self.view, 1)
        return body
