"""A table after the design: measured columns, painted cells, rows of one height."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from app import icons
from app.models.flash import FLASH_MS
from app.models.sorting import SortedRows
from app.models.table import Cell, Column
from app.theme import Theme
from app.widgets.stale_overlay import faded
from app.widgets.table_header import PADDING, TableHeader
from app.widgets.text_painting import LABEL, Face, Ink, elided, width

ROW_HEIGHT = 22
DENSE_ROW_HEIGHT = 20
ACCENT_BAR = 2
_ICON_STEP = icons.ROW + 5
_ICON_MARK = "● "
_FLASH_ALPHA = 70


def column_width(column: Column[Any], step: int = 0) -> int:
    """Return the room of a column: its widest sample or its title with sort mark, plus padding."""
    sample = column.widest
    icon = _ICON_STEP if sample.startswith(_ICON_MARK) else 0
    face = Face(11, mono=True) if column.mono else Face(weight=column.weight)
    text = width(sample.removeprefix(_ICON_MARK), face, step)
    widest = max(text + icon, width(column.title, LABEL, step))
    return ceil(widest) + 2 * PADDING if sample or column.title else 0


def paint_cell(
    ink: Ink,
    cell: Cell,
    column: Column[Any],
    theme: Theme,
    box: tuple[int, int, int, int],
) -> None:
    """Draw one cell's icon and text into (x, y, width, height); only words are ever elided."""
    x, y, box_width, height = box
    x += PADDING
    room = box_width - 2 * PADDING
    if cell.icon:
        colour = theme.colour(cell.icon_colour or cell.colour)
        ratio = ink.painter.device().devicePixelRatioF()
        picture = icons.pixmap(cell.icon, colour, icons.ROW, ratio)
        ink.painter.drawPixmap(x, y + (height - icons.ROW) // 2, picture)
        x += _ICON_STEP
        room -= _ICON_STEP
    face = Face(11 if column.mono else 12, cell.weight, cell.struck, column.mono)
    text = cell.text
    if column.is_elidable and width(text, face, ink.step) > room:
        text = elided(text, face, room, ink.step)
    ink.text(text, theme.colour(cell.colour), face, x, y, room, height, column.align)


class TableView(QTableView):
    """Read-only table whose columns keep their digits and leave by priority when it is narrow.

    It paints its visible rows itself, straight from the row objects: asking the model role by
    role and cell by cell costs several times as much.
    """

    _outgrown = Signal(int, int)

    def __init__(
        self,
        rows: SortedRows[Any],
        columns: Sequence[Column[Any]],
        theme: Theme,
        row_height: int = ROW_HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self._columns = columns
        self._theme = theme
        self._base_height = row_height
        self._row_height = row_height
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.timeout.connect(self.viewport().update)
        self._widths: list[int] = []
        self._header = TableHeader(theme, self)
        self.setHorizontalHeader(self._header)
        self._outgrown.connect(self._widen, Qt.ConnectionType.QueuedConnection)
        self.setModel(rows)
        self._settle_behaviour()
        self.set_theme(theme)

    def _settle_behaviour(self) -> None:
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self._header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme; its density sets rows and columns anew."""
        is_denser = theme.text_step != self._theme.text_step
        self._theme = theme
        self._row_height = self._base_height + theme.row_step
        self.verticalHeader().setMinimumSectionSize(self._row_height)
        self.verticalHeader().setDefaultSectionSize(self._row_height)
        self._header.set_theme(theme)
        if is_denser:
            self._widths = []
            self.fit_columns()
        self.viewport().update()

    @property
    def row_height(self) -> int:
        """Height of a row in px."""
        return self._row_height

    def fit_columns(self) -> None:
        """Hide columns by priority until the rest fits; words take or give what is left over."""
        if not self._widths:
            self._widths = [column_width(column, self._theme.text_step) for column in self._columns]
        room = self.viewport().width()
        shown = self._columns_that_fit(room)
        spare = room - sum(self._widths[number] for number in shown)
        elastic = self._elastic(shown, spare)
        for number in range(len(self._columns)):
            self.setColumnHidden(number, number not in shown)
            extra = spare if number == elastic else 0
            self.setColumnWidth(number, max(0, self._widths[number] + extra))

    def _elastic(self, shown: set[int], spare: int) -> int:
        """Return the column that takes what is left, or gives what lacks: words, no numbers."""
        if spare >= 0:
            wanted = [n for n in shown if self._columns[n].stretches]
        else:
            wanted = [n for n in shown if self._columns[n].is_elidable and self._widths[n] > -spare]
        return max(wanted, default=0)

    def _columns_that_fit(self, room: int) -> set[int]:
        shown = set(range(len(self._columns)))
        droppable = sorted(
            (number for number in shown if self._columns[number].drop),
            key=lambda number: self._columns[number].drop,
        )
        while droppable and sum(self._widths[number] for number in shown) > room:
            shown.discard(droppable.pop())
        return shown

    def _widen(self, number: int, needed: int) -> None:
        if needed > self._widths[number]:
            self._widths[number] = needed
            self.fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self.fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that the event asks for."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.panel)
        ink = Ink(painter, self._theme.text_step)
        shown = [
            (number, column, self.columnViewportPosition(number), self.columnWidth(number))
            for number, column in enumerate(self._columns)
            if not self.isColumnHidden(number)
        ]
        chosen = self.currentIndex().row() if self.selectionModel().hasSelection() else -1
        for row, top in self._rows_between(event.rect().top(), event.rect().bottom()):
            self._paint_ground(painter, top, is_chosen=row == chosen)
            self._paint_cells(ink, self._rows.row_at(row), top, shown)
        painter.end()

    def _rows_between(self, upper: int, lower: int) -> Iterator[tuple[int, int]]:
        start = self.rowViewportPosition(0)
        first = max(0, (upper - start) // self._row_height)
        last = min(self._rows.rowCount() - 1, (lower - start) // self._row_height)
        for row in range(first, last + 1):
            yield row, start + row * self._row_height

    def _paint_ground(self, painter: QPainter, top: int, *, is_chosen: bool) -> None:
        room = self.viewport().width()
        if is_chosen:
            painter.fillRect(0, top, room, self._row_height, self._theme.selected)
            painter.fillRect(0, top, ACCENT_BAR, self._row_height, self._theme.accent)
        painter.fillRect(0, top + self._row_height - 1, room, 1, self._theme.line)

    def _paint_cells(
        self, ink: Ink, row: object, top: int, shown: Sequence[tuple[int, Column[Any], int, int]]
    ) -> None:
        theme, height, has_motion = self._theme, self._row_height, self._theme.has_motion
        for number, column, x, room in shown:
            cell = column.cell(row)
            if not cell.text:
                continue
            if has_motion and column.flash is not None:
                self._paint_flash(ink.painter, row, number, (x, top, room), cell.colour)
            lent = self._lent(number, cell.span) if cell.span > 1 else 0
            paint_cell(ink, cell, column, theme, (x, top, room + lent, height))
            if not column.is_elidable:
                needed = cell_width(cell, ink.step) - lent
                if needed > room:
                    self._outgrown.emit(number, needed)

    def _lent(self, number: int, span: int) -> int:
        """Return the room of the columns right of this one that its cell takes too."""
        return sum(self.columnWidth(number + n) for n in range(1, span))

    def _paint_flash(
        self, painter: QPainter, row: object, number: int, place: tuple[int, int, int], colour: str
    ) -> None:
        if self._rows.is_flashing(row, number):
            x, top, room = place
            ground = faded(self._theme.colour(colour), _FLASH_ALPHA)
            painter.fillRect(x, top, room, self._row_height - 1, ground)
            self._flash_end.start(FLASH_MS)


def cell_width(cell: Cell, step: int = 0) -> int:
    """Return the room a cell needs to be whole, padding included."""
    icon = _ICON_STEP if cell.icon else 0
    return ceil(width(cell.text, Face(weight=cell.weight), step)) + icon + 2 * PADDING
