"""New rows on top of a table without moving what the trader is reading."""

from collections.abc import Sequence
from typing import TypeVar

from app.models.table import JournalModel
from app.widgets.table_view import TableView

Row = TypeVar("Row")


def append_in_place(model: JournalModel[Row], view: TableView, fresh: Sequence[Row]) -> None:
    """Add rows on top; a view that is scrolled down keeps showing the same rows."""
    bar = view.verticalScrollBar()
    reading = bar.value()
    shown_before = view.model().rowCount()
    model.append(fresh)
    if reading:
        bar.setValue(reading + max(0, view.model().rowCount() - shown_before))
