"""Order and filter of a table: sorts by number or word, and keeps the unknown last both ways."""

from collections.abc import Callable
from typing import Generic

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    QTimer,
)

from app.models.table import SORT_ROLE, CellTableModel, Row

LIVE_ROWS = 100
RESORT_MS = 1_000


class SortedRows(QSortFilterProxyModel, Generic[Row]):
    """Proxy over a `CellTableModel`; unsorted it keeps the source's order.

    A table of more than `LIVE_ROWS` rows is put in order once a second instead of with every
    change: sorting a thousand rows ten times a second would cost every frame.
    """

    def __init__(self, source: CellTableModel[Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._accepts: Callable[[Row], bool] | None = None
        self._table = source
        self.setSortRole(SORT_ROLE)
        self._resort = QTimer(self)
        self._resort.setSingleShot(True)
        self._resort.timeout.connect(self._sort_again)
        self.setSourceModel(source)
        for changed in (source.rowsInserted, source.rowsRemoved):
            changed.connect(self._settle_pace)
        source.dataChanged.connect(self._sort_soon)
        self._settle_pace()

    def show_only(self, accepts: Callable[[Row], bool] | None) -> None:
        """Show the rows this predicate accepts; None shows all."""
        self.beginFilterChange()
        self._accepts = accepts
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def _settle_pace(self) -> None:
        is_live = self._table.rowCount() <= LIVE_ROWS
        if is_live != self.dynamicSortFilter():
            self.setDynamicSortFilter(is_live)
        self._sort_soon()

    def _sort_soon(self) -> None:
        is_due = not self.dynamicSortFilter() and self.sortColumn() >= 0
        if is_due and not self._resort.isActive():
            self._resort.start(RESORT_MS)

    def _sort_again(self) -> None:
        if not self.dynamicSortFilter():
            self.sort(self.sortColumn(), self.sortOrder())

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
        value = self._table.columns[source_left.column()].sort
        if value is None:
            return False
        left = value(self._table.row_at(source_left.row()))
        right = value(self._table.row_at(source_right.row()))
        if left is None or right is None:
            ascending = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (left is not None and right is None) == ascending and left is not right
        return bool(left < right)  # type: ignore[operator]

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Ask the predicate, if there is one."""
        return self._accepts is None or self._accepts(self._table.row_at(source_row))
