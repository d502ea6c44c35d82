"""Sorting is by number, and what is unknown stays last in both directions."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.sorting import SortedRows
from app.models.table import Cell, Column, RowTableModel


@dataclass(frozen=True)
class Line:
    name: int
    amount: int | None


COLUMNS = (
    Column[Line]("Amount", "88", lambda line: Cell(str(line.amount)), lambda line: line.amount),
)


def rows_of(amounts: list[int | None]) -> tuple[RowTableModel[Line], SortedRows[Line]]:
    model = RowTableModel(COLUMNS, lambda line: line.name)
    model.show([Line(name, amount) for name, amount in enumerate(amounts)])
    return model, SortedRows(model)


def order(rows: SortedRows[Line]) -> list[int | None]:
    return [rows.row_at(number).amount for number in range(rows.rowCount())]


@given(amounts=st.lists(st.none() | st.integers(-200, 200), max_size=12))
def test_numbers_sort_and_unknown_is_last(amounts: list[int | None]) -> None:
    _model, rows = rows_of(amounts)
    known = sorted(amount for amount in amounts if amount is not None)
    unknown = [None] * (len(amounts) - len(known))
    rows.sort(0, Qt.SortOrder.AscendingOrder)
    assert order(rows) == known + unknown
    rows.sort(0, Qt.SortOrder.DescendingOrder)
    assert order(rows) == known[::-1] + unknown
    rows.sort(-1)
    assert order(rows) == amounts


def test_a_sorted_table_follows_its_numbers() -> None:
    model, rows = rows_of([9, 10, None])
    rows.sort(0, Qt.SortOrder.DescendingOrder)
    model.show([Line(0, 11), Line(1, 10), Line(2, 12)])
    assert order(rows) == [12, 11, 10]


def test_a_large_table_is_put_in_order_once_a_second(qtbot: QtBot) -> None:
    amounts = list(range(1_000))
    model, rows = rows_of([*amounts])
    sorts: list[int] = []
    rows.layoutChanged.connect(lambda: sorts.append(1))
    rows.sort(0, Qt.SortOrder.DescendingOrder)
    assert order(rows) == amounts[::-1]
    for shift in range(1, 21):  # two seconds of frames, all at once
        model.show([Line(n, (n + 7 * shift) % 1_000) for n in amounts])
    assert len(sorts) == 1
    qtbot.waitUntil(lambda: order(rows) == amounts[::-1], timeout=5_000)
    assert len(sorts) == 2
    model.show([Line(n, n) for n in range(50)])
    assert rows.dynamicSortFilter()
    assert order(rows) == list(range(50))[::-1]


def test_a_filter_hides_rows_and_maps_the_rest() -> None:
    _model, rows = rows_of([1, 2, 3, 4])
    rows.show_only(lambda line: bool(line.amount and line.amount % 2 == 0))
    assert order(rows) == [2, 4]
    rows.show_only(None)
    assert order(rows) == [1, 2, 3, 4]
