"""Pinned last row of a table: sums under the columns they belong to."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.models.table import Cell, Column
from app.theme import Theme
from app.widgets.table_view import ROW_HEIGHT, TableView, paint_cell
from app.widgets.text_painting import Ink


class TotalsRow(QWidget):
    """Paints one cell a column of the table above it."""

    def __init__(
        self,
        table: TableView,
        columns: Sequence[Column[Any]],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._columns = columns
        self._theme = theme
        self._cells: tuple[Cell, ...] = ()
        self.setFixedHeight(ROW_HEIGHT + theme.row_step)
        self.setAccessibleName("Totals")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.setFixedHeight(ROW_HEIGHT + theme.row_step)
        self.update()

    def show_cells(self, cells: tuple[Cell, ...]) -> None:
        """Show these sums, one cell a column."""
        if cells == self._cells:
            return
        self._cells = cells
        self.setAccessibleDescription(" ".join(cell.text for cell in cells if cell.text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells where the table's columns stand."""
        painter = QPainter(self)
        ink = Ink(painter, self._theme.text_step)
        painter.fillRect(self.rect(), self._theme.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.line)
        for number, (cell, column) in enumerate(zip(self._cells, self._columns, strict=True)):
            if cell.text and not self._table.isColumnHidden(number):
                box = (
                    self._table.columnViewportPosition(number),
                    0,
                    self._table.columnWidth(number),
                    self.height(),
                )
                paint_cell(ink, cell, column, self._theme, box)
        painter.end()
