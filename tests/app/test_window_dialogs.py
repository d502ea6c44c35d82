"""Keys in the window's dialogs: the informing ones leave the window alone, none keeps from Stop."""

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.dialogs.about import About
from app.dialogs.close_question import CloseQuestion
from app.dialogs.follow_markets import FollowDialog
from app.dialogs.leave_question import LeaveQuestion
from app.dialogs.open_session import OpenSession
from app.dialogs.shortcut_list import ShortcutList
from app.main_window import MainWindow

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import NotedCommands, RowSource

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
INFORMING = [("Keyboard shortcuts", ShortcutList), ("About Kalshi Flow", About)]


def trigger(window: MainWindow, text: str) -> None:
    next(action for action in window.actions() if action.text() == text).trigger()


def keyed(window: MainWindow, kind: type[QDialog], qtbot: QtBot) -> QDialog:
    """The one visible dialog of this kind, once it has the keyboard."""
    (dialog,) = (made for made in window.findChildren(kind) if made.isVisible())
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    return dialog


def press(dialog: QDialog, qtbot: QtBot, key: Qt.Key, keys: Qt.KeyboardModifier = SHIFT) -> None:
    """Press a key where the keyboard is."""
    qtbot.keyClick(dialog.focusWidget() or dialog, key, keys)


def stop_and_cancel(dialog: QDialog, qtbot: QtBot) -> None:
    press(dialog, qtbot, Qt.Key.Key_F5)
    press(dialog, qtbot, Qt.Key.Key_X, CTRL | SHIFT)
    assert dialog.isVisible()


@pytest.fixture(autouse=True)
def trading(window: MainWindow, source: "RowSource") -> None:
    source.set(actor_state="running")
    window.refresh()


@pytest.mark.parametrize(("text", "kind"), INFORMING)
def test_what_only_informs_leaves_the_window_usable(
    window: MainWindow, commands: "NotedCommands", qtbot: QtBot, text: str, kind: type[QDialog]
) -> None:
    trigger(window, text)
    dialog = keyed(window, kind, qtbot)
    assert not dialog.isModal()
    stop_and_cancel(dialog, qtbot)
    title = window.windowTitle()
    press(dialog, qtbot, Qt.Key.Key_PageDown, CTRL)
    window.refresh()
    assert window.windowTitle() != title
    assert commands.asked == [("stop",), ("cancel_all",)]


@pytest.mark.parametrize(("text", "kind"), INFORMING)
def test_what_only_informs_is_there_once_until_escape_or_the_end(
    window: MainWindow, qtbot: QtBot, text: str, kind: type[QDialog]
) -> None:
    trigger(window, text)
    trigger(window, text)
    press(keyed(window, kind, qtbot), qtbot, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(kind) == []
    trigger(window, text)
    dialog = keyed(window, kind, qtbot)
    window.finish()
    assert not dialog.isVisible()


def test_stop_and_cancel_all_work_while_markets_are_chosen(
    window: MainWindow, commands: "NotedCommands", qtbot: QtBot
) -> None:
    trigger(window, "Follow markets…")
    stop_and_cancel(keyed(window, FollowDialog, qtbot), qtbot)
    assert commands.asked == [("stop",), ("cancel_all",)]


def test_stop_and_cancel_all_work_in_both_questions(
    window: MainWindow, commands: "NotedCommands", qtbot: QtBot
) -> None:
    window.close()
    question = keyed(window, CloseQuestion, qtbot)
    stop_and_cancel(question, qtbot)
    question.reject()
    trigger(window, "Sandbox (generated market)")
    stop_and_cancel(keyed(window, LeaveQuestion, qtbot), qtbot)
    assert commands.asked == [("stop",), ("cancel_all",)] * 2


def test_stop_and_cancel_all_work_while_files_are_chosen(
    window: MainWindow, commands: "NotedCommands", qtbot: QtBot, tmp_path: "Path"
) -> None:
    trigger(window, "Open recorded session…")  # the agent trades on until they are chosen
    leave = keyed(window, LeaveQuestion, qtbot).findChildren(QPushButton)[0]
    qtbot.mouseClick(leave, Qt.MouseButton.LeftButton)
    chooser = keyed(window, QFileDialog, qtbot)
    stop_and_cancel(chooser, qtbot)
    assert isinstance(chooser, QFileDialog)
    chooser.filesSelected.emit([str(tmp_path / "session.jsonl")])
    chooser.done(QDialog.DialogCode.Accepted)
    stop_and_cancel(keyed(window, OpenSession, qtbot), qtbot)
    assert commands.asked == [("stop",), ("cancel_all",)] * 2
