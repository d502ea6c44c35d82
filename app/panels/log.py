"""What the program says about itself, filtered by level and by text."""

import logging

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.models.log import COLUMNS, LogModel, severity
from app.models.sorting import SortedRows
from app.panels.dock_body import DockBody, PanelCommands
from app.panels.journal import append_in_place
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import LogRow
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.segmented import Segmented
from app.widgets.table_view import DENSE_ROW_HEIGHT, TableView

_FLOORS = {"all": logging.NOTSET, "warnings": logging.WARNING, "errors": logging.ERROR}


class LogPanel(DockBody):
    """Filters over the table of log lines."""

    name = "Log"
    refresh_hz = 5

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.model = LogModel(self)
        self.rows = SortedRows(self.model, self)
        self.view = TableView(self.rows, COLUMNS, theme, DENSE_ROW_HEIGHT)
        self.view.setAccessibleName("Log")
        options = (("all", "All"), ("warnings", "Warnings"), ("errors", "Errors"))
        self.level = Segmented("Least level", options)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter the log by text")
        self.search.setClearButtonEnabled(True)
        self._empty = EmptyState("inbox", "Nothing logged yet", "Start-up writes the first lines.")
        self._last_number = 0
        self.pages = ContentOrEmpty(self.view, self._empty)
        self.column.addLayout(self._filter_row())
        self.column.addWidget(self.pages, 1)
        self.level.chosen.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Add the lines written since the last call."""
        fresh = self.source.log(self._last_number)
        if fresh:
            self._last_number = fresh[-1].number
            append_in_place(self.model, self.view, fresh)
        self._show_page()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.view.set_theme(theme)
        self._empty.set_theme(theme)

    def title_context(self) -> str:
        """Return how many lines are shown, and of how many if a filter hides some."""
        shown, kept = self.rows.rowCount(), self.model.rowCount()
        return f"{kept:,} lines" if shown == kept else f"{shown:,} of {kept:,} lines"

    def _filter_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(8)
        row.addWidget(self.level)
        row.addWidget(self.search, 1)
        return row

    def _filter(self) -> None:
        floor = _FLOORS[self.level.current]
        words = self.search.text().casefold()

        def accepts(row: LogRow) -> bool:
            text = f"{row.source} {row.message}".casefold()
            return severity(row) >= floor and words in text

        self.rows.show_only(accepts if floor or words else None)
        self._show_page()

    def _show_page(self) -> None:
        if self.model.rowCount() and not self.rows.rowCount():
            self._empty.say("No line passes the filter", "Choose another level or another text.")
        self.pages.show_content(self.rows.rowCount() > 0)
