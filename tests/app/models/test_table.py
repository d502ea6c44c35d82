"""Rows change in place, keep their identity, and every model obeys Qt's rules."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from app.models.table import Align, Cell, Column, JournalModel, RowTableModel


@dataclass(frozen=True)
class Line:
    name: str
    amount: int | None


COLUMNS = (
    Column[Line]("Name", "wide", lambda line: Cell(line.name), lambda line: line.name),
    Column[Line](
        "Amount",
        "88",
        lambda line: Cell(str(line.amount)),
        lambda line: line.amount,
        Align.RIGHT,
    ),
)


def table() -> RowTableModel[Line]:
    return RowTableModel(COLUMNS, lambda line: line.name)


def shown(model: RowTableModel[Line]) -> list[Line]:
    return [model.row_at(number) for number in range(model.rowCount())]


def test_a_changed_row_is_one_data_change_and_no_reset(qtbot: object) -> None:
    model = table()
    model.show([Line("a", 1), Line("b", 2), Line("c", 3)])
    spans: list[tuple[int, int]] = []
    resets: list[int] = []
    inserted: list[int] = []
    model.dataChanged.connect(lambda first, last, _roles: spans.append((first.row(), last.row())))
    model.modelReset.connect(lambda: resets.append(1))
    model.rowsInserted.connect(lambda *_: inserted.append(1))
    model.show([Line("a", 1), Line("b", 20), Line("c", 30)])
    assert spans == [(1, 2)]
    assert (resets, inserted) == ([], [])


def test_an_unchanged_frame_says_nothing(qtbot: object) -> None:
    model = table()
    rows = [Line("a", 1), Line("b", 2)]
    model.show(rows)
    changes: list[int] = []
    model.dataChanged.connect(lambda *_: changes.append(1))
    model.show(list(rows))
    assert changes == []


def test_a_row_keeps_its_identity_when_others_come_and_go(qtbot: object) -> None:
    model = table()
    model.show([Line("a", 1), Line("b", 2), Line("c", 3)])
    held = QPersistentModelIndex(model.index(1, 0))
    model.show([Line("new", 9), Line("c", 3), Line("b", 2)])
    assert held.isValid()
    assert held.data() == "b"
    assert shown(model) == [Line("new", 9), Line("c", 3), Line("b", 2)]


names = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(before=names, after=names)
def test_show_ends_with_exactly_these_rows(before: list[str], after: list[str]) -> None:
    model = table()
    model.show([Line(name, 1) for name in before])
    wanted = [Line(name, 2) for name in after]
    model.show(wanted)
    assert shown(model) == wanted


@given(batches=st.lists(st.integers(0, 9), max_size=8))
def test_a_journal_keeps_the_newest_on_top(batches: list[int]) -> None:
    model = JournalModel(COLUMNS, limit=10)
    said: list[Line] = []
    for size in batches:
        fresh = [Line(str(len(said) + k), k) for k in range(size)]
        said += fresh
        model.append(fresh)
    assert [model.row_at(n) for n in range(model.rowCount())] == said[::-1][:10]
    assert model.newest() == (said[-1] if said else None)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_models_obey_qt(rows: int, qtmodeltester: ModelTester) -> None:
    model = table()
    qtmodeltester.check(model)
    model.show([Line(str(number), number) for number in range(rows)])
    model.show([Line(str(number), -number) for number in reversed(range(rows))])
    journal = JournalModel(COLUMNS, limit=4)
    qtmodeltester.check(journal)
    journal.append([Line(str(number), number) for number in range(rows)])
    assert journal.rowCount() == min(rows, 4)


def test_roles_follow_the_column(qtbot: object) -> None:
    model = table()
    model.show([Line("a", 7)])
    index = model.index(0, 1)
    assert index.data() == "7"
    assert Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole)) == Align.RIGHT.value
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Amount 7"
    assert index.data(Qt.ItemDataRole.ToolTipRole) is None
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "a"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Amount"
