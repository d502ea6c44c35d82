"""Header row of a table: titles aligned like their columns, the sort mark part of the title."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from app.models.table import Align
from app.theme import Theme
from app.widgets.text_painting import LABEL, Ink

HEIGHT = 22
PADDING = 6
_MARKS = {Qt.SortOrder.AscendingOrder: " ▴", Qt.SortOrder.DescendingOrder: " ▾"}


class TableHeader(QHeaderView):
    """Painted header with fixed sections; a third click on a title takes the sorting off."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(0)
        self.setSectionsClickable(True)
        self.setSortIndicatorClearable(True)
        self.setFixedHeight(HEIGHT + theme.row_step)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self._theme = theme
        self.setFixedHeight(HEIGHT + theme.row_step)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Return the fixed height, so that the table reserves exactly that."""
        return QSize(super().sizeHint().width(), HEIGHT + self._theme.row_step)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Draw one title above its line."""
        painter.save()
        painter.fillRect(rect, self._theme.panel)
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._theme.line)
        title, align = self._title(logicalIndex)
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        Ink(painter, self._theme.text_step).text(
            title,
            self._theme.text3,
            LABEL,
            inner.x(),
            inner.y(),
            inner.width(),
            inner.height(),
            align,
        )
        painter.restore()

    def _title(self, section: int) -> tuple[str, Align]:
        horizontal = Qt.Orientation.Horizontal
        title = self.model().headerData(section, horizontal)
        flags = self.model().headerData(section, horizontal, Qt.ItemDataRole.TextAlignmentRole)
        if self.sortIndicatorSection() == section and title:
            title += _MARKS[self.sortIndicatorOrder()]
        return str(title or ""), Align(Qt.AlignmentFlag(flags))
