"""Order and filter of a table: sorts by number or word, and keeps the unknown last both ways."""

from collections.abc import Callable
from typing import Generic

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from app.models.table import SORT_ROLE, CellTableModel, Row


class SortedRows(QSortFilterProxyModel, Generic[Row]):
    """Proxy over a `CellTableModel`; unsorted it keeps the source's order."""

    def __init__(self, source: CellTableModel[Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._accepts: Callable[[Row], bool] | None = None
        self._table = source
        self.setSortRole(SORT_ROLE)
        self.setSourceModel(source)

    def show_only(self, accepts: Callable[[Row], bool] | None) -> None:
        """Show the rows this predicate accepts; None shows all."""
        self.beginFilterChange()
        self._accepts = accepts
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def row_at(self, number: int) -> Row:
        """Return the row drawn at this place of the sorted table."""
        if self._accepts is None and self.sortColumn() < 0:
            return self._table.row_at(number)  # the source's own order: nothing to map
        return self._table.row_at(self.mapToSource(self.index(number, 0)).row())

    def is_flashing(self, row: Row, column: int) -> bool:
        """Tell whether a cell has just changed."""
        return self._table.is_flashing(row, column)

    def lessThan(
        self,
        source_left: QModelIndex | QPersistentModelIndex,
        source_right: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Compare by the sort role; an unknown value is last in either order."""
        left, right = source_left.data(SORT_ROLE), source_right.data(SORT_ROLE)
        if left is None or right is None:
            ascending = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (left is not None and right is None) == ascending and left is not right
        return bool(left < right)

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Ask the predicate, if there is one."""
        return self._accepts is None or self._accepts(self._table.row_at(source_row))
