"""Tables by column: what a cell says, how it sorts, and rows that change in place.

A model never resets: a row keeps its identity by key, so selection and scroll position survive
every frame, and one frame is at most one `dataChanged`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QElapsedTimer,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.models.flash import Flashes

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")

SORT_ROLE = Qt.ItemDataRole.UserRole
CELL_ROLE = Qt.ItemDataRole.UserRole + 1


class Align(Enum):
    """Where a column's text stands: words left, letters centred, numbers right."""

    LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
    RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Cell(NamedTuple):
    """How one cell is drawn. Colours name attributes of the theme; an icon has its own colour.

    `span` is how many columns it takes, its own and those right of it; theirs are empty then.
    """

    text: str
    colour: str = "text"
    weight: int = 400
    icon: str = ""
    icon_colour: str = ""
    struck: bool = False
    span: int = 1


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: title, widest sample for measuring, drawing, and the value it sorts by.

    Attributes:
        cell: row to what is drawn.
        sort: row to a number or a word, None if unknown (sorts last both ways).
        drop: 0 never hides; of the others the highest hides first when the view is narrow.
        stretches: takes the room that is left; only for words, never numbers.
        whole: words with numbers in them, such as a strike: never elided.
        weight: boldest face of its cells, for measuring.
        mono: ids and log lines.
        flash: what makes the cell flash when it changes.
    """

    title: str
    widest: str
    cell: Callable[[Row], Cell]
    sort: Callable[[Row], float | str | None] | None = None
    align: Align = Align.LEFT
    drop: int = 0
    stretches: bool = False
    whole: bool = False
    weight: int = 500
    mono: bool = False
    tooltip: Callable[[Row], str] | None = None
    flash: Callable[[Row], object] | None = None

    @cached_property
    def is_elidable(self) -> bool:
        """True for words that may end in an ellipsis."""
        return self.align is Align.LEFT and not self.whole


def filler() -> Column[Any]:
    """Make the empty last column that stretches, so that no column of numbers has to."""
    return Column("", "", lambda _row: Cell(""), stretches=True)


class CellTableModel(QAbstractTableModel, Generic[Row]):
    """Read-only table of one row type; subclasses decide how rows come and go."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[Row] = []

    def row_at(self, number: int) -> Row:
        """Return the row drawn at this place, counted from the top."""
        return self._rows[number]

    def is_flashing(self, row: Row, column: int) -> bool:
        """Tell whether a cell has just changed; only rows with a key can."""
        return False

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns, hidden ones included."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, drawing, sort value, alignment or tooltip."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        row = self.row_at(index.row())
        if role == CELL_ROLE:
            return column.cell(row)
        if role == SORT_ROLE:
            return column.sort(row) if column.sort else None
        return self._plain_data(column, row, role)

    def _plain_data(self, column: Column[Row], row: Row, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return column.cell(row).text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.align.value
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(column, row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title} {column.cell(row).text}".strip()
        return None

    @staticmethod
    def _tooltip(column: Column[Row], row: Row) -> str | None:
        if column.tooltip:
            return column.tooltip(row)
        return column.cell(row).text if column.align is Align.LEFT else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's title and alignment; rows have no header."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.columns[section].align.value
        return None

    def _rows_changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))


class RowTableModel(CellTableModel[Row]):
    """Rows by key, shown in the order they are given."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, parent)
        self._key = key
        watch = QElapsedTimer()
        watch.start()
        self.flashes = Flashes(watch.elapsed)
        self._flashing = [(n, c.flash) for n, c in enumerate(columns) if c.flash is not None]

    def is_flashing(self, row: Row, column: int) -> bool:
        """Tell whether a cell has just changed."""
        return self.flashes.is_on((self._key(row), column))

    def show(self, rows: Sequence[Row]) -> None:
        """Make the table say exactly these rows; keys must be unique."""
        wanted = {self._key(row) for row in rows}
        self._remove_all_but(wanted)
        changed: list[int] = []
        for place, row in enumerate(rows):
            self._settle(place, row, changed)
        if changed:
            self._rows_changed(changed[0], changed[-1])

    def place_of(self, key: Hashable) -> int | None:
        """Return the row number of a key, None if it is not shown."""
        return next((i for i, row in enumerate(self._rows) if self._key(row) == key), None)

    def _remove_all_but(self, wanted: set[Hashable]) -> None:
        for place in range(len(self._rows) - 1, -1, -1):
            if self._key(self._rows[place]) not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()

    def _settle(self, place: int, row: Row, changed: list[int]) -> None:
        if place < len(self._rows) and self._key(self._rows[place]) == self._key(row):
            if self._rows[place] != row:
                self._note_changes(self._rows[place], row)
                self._rows[place] = row
                changed.append(place)
            return
        found = self.place_of(self._key(row))
        if found is None:
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, row)
            self.endInsertRows()
            return
        self.beginMoveRows(QModelIndex(), found, found, QModelIndex(), place)
        self._rows.insert(place, self._rows.pop(found))
        self.endMoveRows()
        self._note_changes(self._rows[place], row)
        self._rows[place] = row
        changed.append(place)

    def _note_changes(self, before: Row, after: Row) -> None:
        for number, value in self._flashing:
            if value(before) != value(after):
                self.flashes.note((self._key(after), number))


class JournalModel(CellTableModel[Row]):
    """Rows that only ever come: newest on top, the oldest leave when `limit` is reached."""

    def __init__(
        self, columns: Sequence[Column[Row]], limit: int, parent: QObject | None = None
    ) -> None:
        super().__init__(columns, parent)
        self._limit = limit

    def row_at(self, number: int) -> Row:
        """Return the row drawn at this place; 0 is the newest."""
        return self._rows[-1 - number]

    def append(self, rows: Sequence[Row]) -> None:
        """Add rows, oldest first; of more than `limit` only the newest are kept."""
        fresh = rows[-self._limit :]
        if not fresh:
            return
        self._drop_oldest(len(self._rows) + len(fresh) - self._limit)
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._rows.extend(fresh)
        self.endInsertRows()

    def clear(self) -> None:
        """Remove every row."""
        self._drop_oldest(len(self._rows))

    def newest(self) -> Row | None:
        """Return the newest row, None while the journal is empty."""
        return self._rows[-1] if self._rows else None

    def _drop_oldest(self, count: int) -> None:
        if count <= 0:
            return
        last = len(self._rows) - 1
        self.beginRemoveRows(QModelIndex(), last - count + 1, last)
        del self._rows[:count]
        self.endRemoveRows()
