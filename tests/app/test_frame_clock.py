"""Whose turn it is to repaint, and what is known of the frames. No window of ours."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.frame_clock import FRAMES_PER_S, FrameClock


class Counted:
    """Counts its refreshes and remembers at which tick they were."""

    def __init__(self, refresh_hz: int) -> None:
        self.refresh_hz = refresh_hz
        self.refreshes = 0

    def refresh(self) -> None:
        self.refreshes += 1


class Noted:
    """Writes its refreshes down."""

    refresh_hz = FRAMES_PER_S

    def __init__(self, order: list[str]) -> None:
        self._order = order

    def refresh(self) -> None:
        self._order.append("refreshed")


class Failing:
    """Cannot be refreshed."""

    refresh_hz = FRAMES_PER_S

    def refresh(self) -> None:
        raise ZeroDivisionError


@pytest.fixture
def area(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show()
    yield widget
    widget.hide()


def refreshed(clock: FrameClock, targets: list[Counted]) -> list[int]:
    """One tick; the places of those that were refreshed."""
    before = [target.refreshes for target in targets]
    clock.tick()
    return [n for n, target in enumerate(targets) if target.refreshes > before[n]]


def test_each_keeps_its_rate(area: QWidget) -> None:
    clock, targets = FrameClock(), [Counted(30), Counted(20), Counted(10), Counted(2)]
    for target in targets:
        clock.add(area, target)
    for _ in range(10 * FRAMES_PER_S):
        clock.tick()
    assert [round(target.refreshes / 10) for target in targets] == [30, 20, 10, 2]


def test_a_hurried_frame_leaves_the_turns_spread(area: QWidget) -> None:
    clock, targets = FrameClock(), [Counted(10) for _ in range(3)]
    for first_tick, target in enumerate(targets):
        clock.add(area, target, first_tick)
    for _ in range(5):
        clock.tick()
    clock.hurry()
    assert refreshed(clock, targets) == [0, 1, 2]
    assert max(len(refreshed(clock, targets)) for _ in range(9)) == 1


def test_only_those_named_are_hurried(area: QWidget, qtbot: QtBot) -> None:
    other = QWidget(area)
    other.resize(10, 10)
    other.show()
    clock, targets = FrameClock(), [Counted(10), Counted(10)]
    clock.add(area, targets[0], 0)
    clock.add(other, targets[1], 1)
    for _ in range(5):
        clock.tick()
    clock.hurry([other])
    assert refreshed(clock, targets) == [1]
    clock.hurry()
    assert refreshed(clock, targets) == [0, 1]


def test_books_share_their_frames_and_tables_theirs(area: QWidget) -> None:
    clock, targets = FrameClock(), [Counted(20), Counted(20), Counted(10), Counted(10), Counted(2)]
    for number, target in enumerate(targets):
        clock.add(area, target, int(number > 1))
    frames = {tuple(refreshed(clock, targets)) for _ in range(4 * FRAMES_PER_S)}
    assert frames == {(0, 1), (2, 3), (2, 3, 4)}


def test_hidden_costs_nothing_and_is_refreshed_when_seen(area: QWidget) -> None:
    clock, target = FrameClock(), Counted(2)
    clock.add(area, target)
    area.hide()
    for _ in range(FRAMES_PER_S):
        clock.tick()
    assert target.refreshes == 0
    area.show()
    clock.tick()
    assert target.refreshes == 1


def test_what_opaque_children_cover_is_seen(area: QWidget) -> None:
    child = QWidget()
    child.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    column = QVBoxLayout(area)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(child)
    column.activate()
    clock, target = FrameClock(), Counted(30)
    clock.add(area, target)
    clock.tick()
    assert target.refreshes == 1


def test_what_lies_outside_of_its_window_is_not_seen(area: QWidget) -> None:
    behind = QWidget(area)
    behind.setGeometry(-500, -500, 100, 100)
    behind.show()
    clock, target = FrameClock(), Counted(30)
    clock.add(behind, target)
    clock.tick()
    assert target.refreshes == 0


def test_forgetting_counts_anew(area: QWidget) -> None:
    clock = FrameClock()
    for _ in range(3):
        clock.tick()
    assert (len(clock.frame_times_ms()), len(clock.frame_gaps_ms())) == (2, 2)
    clock.forget()
    assert (clock.frame_times_ms(), clock.frame_gaps_ms()) == ([], [])
    clock.tick()
    clock.tick()
    assert (len(clock.frame_times_ms()), len(clock.frame_gaps_ms())) == (1, 1)


def test_refreshes_lie_between_begin_and_end_of_their_frame(area: QWidget) -> None:
    clock, order = FrameClock(), list[str]()
    clock.began.connect(lambda: order.append("began"))
    clock.ended.connect(lambda: order.append("ended"))
    clock.add(area, Noted(order))
    clock.tick()
    assert order == ["began", "refreshed", "ended"]


def test_a_frame_ends_even_if_a_refresh_fails(area: QWidget) -> None:
    clock, order = FrameClock(), list[str]()
    clock.ended.connect(lambda: order.append("ended"))
    clock.add(area, Failing())
    with pytest.raises(ZeroDivisionError):
        clock.tick()
    assert order == ["ended"]
