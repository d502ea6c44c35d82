"""The window does what its actions say, keeps its layout and never closes by itself."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QMenu,
    QMenuBar,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import resources
from app.actions import DOCK_ORDER
from app.dialogs.leave_question import LeaveQuestion
from app.dialogs.open_session import OpenSession
from app.main_window import MainWindow
from app.theme_controller import ThemeController
from app.widgets.message_strip import MessageStrip
from app.widgets.selector import Selector
from app.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from conftest import MakeWindow, NotedCommands, RowSource


def action(window: MainWindow, text: str) -> QAction:
    return next(a for a in window.actions() if a.text() == text)


def button(window: QWidget, text: str) -> QPushButton:
    return next(b for b in window.findChildren(QPushButton) if b.accessibleName() == text)


def settle(window: MainWindow) -> None:
    for _ in range(4):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, 52)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Start trading", ("start",)),
        ("Cancel all orders", ("cancel_all",)),
    ],
)
def test_actions_ask_for_their_command(
    window: MainWindow, commands: "NotedCommands", text: str, asked: tuple[str]
) -> None:
    action(window, text).trigger()
    assert commands.asked == [asked]


def test_start_and_stop_follow_the_actor(
    window: MainWindow, source: "RowSource", commands: "NotedCommands", qtbot: QtBot
) -> None:
    start, stop = button(window, "Start trading"), button(window, "Stop")
    assert (start.isEnabled(), stop.isEnabled()) == (True, False)
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    source.set(actor_state="running")
    window.refresh()
    assert (start.isEnabled(), stop.isEnabled()) == (False, True)
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert commands.asked == [("start",), ("stop",)]


def test_start_waits_until_trading_is_possible(window: MainWindow, source: "RowSource") -> None:
    source.set(can_trade=False)
    window.refresh()
    assert not button(window, "Start trading").isEnabled()


def test_a_session_with_other_markets_changes_the_choice(
    window: MainWindow, source: "RowSource"
) -> None:
    source.rows = [replace(source.rows[1], ticker="OTHER", title="Another market")]
    window.refresh()
    assert "Another market" in window.windowTitle()


def test_the_first_active_market_follows_one_that_ends(
    window: MainWindow, source: "RowSource"
) -> None:
    over = replace(source.rows[0], status="closed")
    source.rows = [replace(source.rows[1], status="finalized"), source.rows[2], over]
    window.refresh()
    assert "NYC" in window.windowTitle()
    action(window, "Next market").trigger()  # one that is over can still be looked at
    window.refresh()
    window.refresh()
    assert "BTC 15 m" in window.windowTitle()


def test_another_source_takes_what_was_said_away(
    window: MainWindow, source: "RowSource", panels: dict[str, QWidget]
) -> None:
    told: list[str] = []
    panels["decisions"].source_changed = lambda: told.append("decisions")
    source.set(alert="The recording has ended.")
    window.refresh()
    window.show_problem("Database: away.")
    window.source_changed()
    assert told == ["decisions"]
    assert window.findChild(MessageStrip).isHidden()
    window.refresh()
    assert window.findChild(MessageStrip).text == "The recording has ended."


def test_a_docks_menu_says_what_it_will_do(window: MainWindow) -> None:
    menu = _more(window, "log").menu()
    assert [entry.text() for entry in menu.actions()] == ["Float", "Close"]
    menu.actions()[0].trigger()
    assert window.host.docks["log"].isFloating()
    assert menu.actions()[0].text() == "Dock"
    menu.actions()[0].trigger()
    assert (window.host.docks["log"].isFloating(), menu.actions()[0].text()) == (False, "Float")


def test_shortcuts_work_with_a_panel_focused(
    window: MainWindow, source: "RowSource", commands: "NotedCommands", qtbot: QtBot
) -> None:
    window.activateWindow()
    window.host.focus("depth")
    qtbot.keyClick(window, Qt.Key.Key_F5)
    source.set(actor_state="running")
    window.refresh()
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert commands.asked == [("start",), ("stop",)]


def test_no_two_actions_share_keys(window: MainWindow) -> None:
    keys = [a.shortcut().toString() for a in window.actions() if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert {"F5", "Shift+F5", "Ctrl+O", "Ctrl+Q", "Ctrl+1", "Ctrl+8"} <= set(keys)


def test_nothing_that_does_not_work_yet_is_offered(window: MainWindow) -> None:
    bar = window.findChild(QMenuBar)
    titles = [menu.text().replace("&", "") for menu in bar.actions()]
    assert titles == ["File", "Market", "Agent", "View", "Help"]


def test_market_selector_and_market_actions_choose(window: MainWindow, source: "RowSource") -> None:
    selector = next(s for s in window.findChildren(Selector) if s.menu() is not None)
    assert "BTC 15 m" in selector.accessibleName()
    menu = selector.menu()
    menu.aboutToShow.emit()
    assert [entry.isChecked() for entry in menu.actions()] == [True, False, False]
    menu.actions()[1].trigger()
    window.refresh()
    assert "ETH 15 m" in selector.accessibleName()
    action(window, "Previous market").trigger()
    window.refresh()
    assert "BTC 15 m" in window.windowTitle()


def test_the_mode_is_everywhere(window: MainWindow, source: "RowSource") -> None:
    assert "SANDBOX" in window.windowTitle()
    source.set(mode="REPLAY")
    window.frames.hurry()
    window.frames.tick()
    assert "REPLAY" in window.windowTitle()
    names = [w.accessibleName() for w in window.findChildren(QWidget)]
    assert any(name.startswith("Mode REPLAY") for name in names)
    assert any(name.startswith("Status: REPLAY") for name in names)
    assert not any("SANDBOX" in name for name in names)


def test_answers_are_shown(window: MainWindow, commands: "NotedCommands") -> None:
    strip = window.findChild(MessageStrip)
    commands.answered.emit("Trading started.", True)
    assert strip.isHidden()
    commands.answered.emit("Not started: the feed is stale. Wait for a snapshot.", False)
    assert strip.isVisible()
    assert "feed is stale" in strip.text
    button(window, "Dismiss message").click()
    assert strip.isHidden()


def test_a_refusal_goes_with_the_next_accepted_command(
    window: MainWindow, commands: "NotedCommands"
) -> None:
    strip = window.findChild(MessageStrip)
    window.show_problem("Database: the folder is not writable. Choose another one.")
    commands.answered.emit("Cannot trade: the exchange is starting.", False)
    assert strip.text.count("\n") == 1
    commands.answered.emit("Trading with hardcoded.", True)
    assert strip.text == "Database: the folder is not writable. Choose another one."


def test_an_alert_shows_whole_until_it_is_over(window: MainWindow, source: "RowSource") -> None:
    strip = window.findChild(MessageStrip)
    alert = "Exchange link: the local exchange has ended by itself; " * 6 + "open a session again."
    source.set(alert=alert)
    window.refresh()
    settle(window)
    assert strip.text == alert
    label = next(label for label in strip.findChildren(QLabel) if label.text() == alert)
    assert label.height() >= label.heightForWidth(label.width()) > 25
    button(window, "Dismiss message").click()
    window.refresh()
    assert strip.isHidden()
    source.set(alert="The recording has ended.")
    window.refresh()
    window.show_problem("The recording has ended.")
    assert strip.text == "The recording has ended."
    source.set(alert="")
    window.refresh()
    assert strip.isHidden()


def test_closing_while_off_asks_nothing(
    window: MainWindow, source: "RowSource", qtbot: QtBot
) -> None:
    source.set(open_orders=0)
    with qtbot.waitSignal(window.close_requested) as asked:
        window.close()
    assert asked.args == ["quit"]
    assert window.isVisible()


@pytest.mark.parametrize(
    ("text", "choices"),
    [("Keep orders and quit", ["keep"]), ("Cancel all and quit", ["cancel"]), ("Stay", [])],
)
def test_closing_while_trading_asks(
    window: MainWindow, source: "RowSource", text: str, choices: list[str]
) -> None:
    chosen: list[str] = []
    window.close_requested.connect(chosen.append)
    source.set(actor_state="running")
    window.close()
    window.close()  # a second press opens no second question
    questions = window.findChildren(QDialog)
    assert len(questions) == 1
    said = _texts(questions[0])
    assert "ends now, taking the 5 orders and 3 positions of this run with it" in said
    assert "fill while the console is closed" not in said
    button(questions[0], text).click()
    assert chosen == choices
    assert window.isVisible()
    settle(window)
    assert window.findChildren(QDialog) == []


def test_the_close_question_counts_only_what_there_is(
    window: MainWindow, source: "RowSource"
) -> None:
    source.set(actor_state="running", open_orders=0, open_positions=1)
    window.close()
    assert "taking the 1 position of this run with it" in _texts(window.findChild(QDialog))
    assert "order" not in _texts(window.findChild(QDialog)).split("Kept orders")[0]


@pytest.mark.parametrize(
    "held", [{"actor_state": "running"}, {"open_orders": 2}, {"open_positions": 1}]
)
def test_another_market_is_opened_only_after_a_question(
    window: MainWindow, source: "RowSource", commands: "NotedCommands", held: dict[str, object]
) -> None:
    source.set(**{"open_orders": 0, "open_positions": 0, **held})
    action(window, "Sandbox (generated market)").trigger()
    question = window.findChild(LeaveQuestion)
    button(question, "Stay").click()
    settle(window)
    assert commands.asked == []
    action(window, "Open recorded session…").trigger()
    assert window.findChild(OpenSession) is None
    button(window.findChild(LeaveQuestion), "Stay").click()
    settle(window)
    action(window, "Sandbox (generated market)").trigger()
    button(window.findChild(LeaveQuestion), "Leave").click()
    assert commands.asked == [("open_sandbox",)]


def test_leaving_says_what_ends(window: MainWindow, source: "RowSource") -> None:
    action(window, "Sandbox (generated market)").trigger()
    said = _texts(window.findChild(LeaveQuestion))
    assert "ends, and with it 5 orders and 3 positions. Everything is recorded." in said


def test_nothing_is_asked_where_nothing_ends(
    window: MainWindow, source: "RowSource", commands: "NotedCommands"
) -> None:
    source.set(open_orders=0, open_positions=0)
    action(window, "Sandbox (generated market)").trigger()
    assert commands.asked == [("open_sandbox",)]


def test_escape_stays(window: MainWindow, source: "RowSource", qtbot: QtBot) -> None:
    chosen: list[str] = []
    window.close_requested.connect(chosen.append)
    source.set(actor_state="running")
    window.close()
    qtbot.keyClick(window.findChild(QDialog), Qt.Key.Key_Escape)
    assert chosen == []


def test_opening_a_session_asks_for_files_and_speed(
    window: MainWindow,
    source: "RowSource",
    commands: "NotedCommands",
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    source.set(open_orders=0, open_positions=0)
    action(window, "Open recorded session…").trigger()
    dialog, chooser = window.findChild(OpenSession), window.findChild(QFileDialog)
    assert (dialog.isVisible(), chooser.isVisible()) == (False, True)
    assert Path(chooser.directory().absolutePath()) == resources.path("demo")
    file = tmp_path / "session.jsonl.gz"
    _choose_file(chooser, file)
    assert (dialog.isVisible(), chooser.isVisible()) == (True, False)
    _press(dialog, "Speed: 100x")
    _press(dialog, "Add files")
    chooser = next(made for made in window.findChildren(QFileDialog) if made.isVisible())
    assert (dialog.isVisible(), chooser.directory().absolutePath()) == (False, str(tmp_path))
    _choose_file(chooser, file)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert commands.asked == [("open_session", [file], 100.0)]
    settle(window)
    action(window, "Open recorded session…").trigger()
    action(window, "Open recorded session…").trigger()
    (chooser,) = window.findChildren(QFileDialog)
    assert chooser.directory().absolutePath() == str(tmp_path)
    chooser.reject()
    settle(window)
    assert window.findChildren(QDialog) == []


def _choose_file(chooser: QFileDialog, path: Path) -> None:
    path.touch()
    chooser.filesSelected.emit([str(path)])
    chooser.done(QDialog.DialogCode.Accepted)


def test_layout_comes_back(
    window: MainWindow, make_window: "MakeWindow", panels: dict[str, QWidget]
) -> None:
    window.host.docks["log"].close()
    window.host.tabifyDockWidget(window.host.docks["depth"], window.host.docks["ladder"])
    settle(window)
    window.finish()
    again = make_window({key: type(panel)(panel.name) for key, panel in panels.items()})
    again.show()
    settle(again)
    assert again.host.docks["log"].isHidden()
    assert again.host.tabifiedDockWidgets(again.host.docks["depth"])


def test_an_old_layout_is_refused(
    make_window: "MakeWindow", panels: dict[str, QWidget], settings: QSettings
) -> None:
    settings.setValue("layout/docks", b"not a layout")
    settings.setValue("layout/window", "damaged")
    made = make_window(panels)
    made.show()
    settle(made)
    assert not any(dock.isHidden() for dock in made.host.docks.values())


def test_reset_brings_every_dock_back(window: MainWindow) -> None:
    docks = window.host.docks
    docks["log"].close()
    docks["depth"].setFloating(True)
    settle(window)
    action(window, "Reset layout").trigger()
    settle(window)
    assert not any(dock.isHidden() or dock.isFloating() for dock in docks.values())
    assert docks["markets"].width() == pytest.approx(306, abs=8)
    assert docks["ladder"].width() == pytest.approx(316, abs=8)


@pytest.mark.parametrize(("width", "height", "tab_bars"), [(1600, 900, 0), (1280, 720, 2)])
def test_no_ghost_tab_bars(
    make_window: "MakeWindow",
    panels: dict[str, QWidget],
    width: int,
    height: int,
    tab_bars: int,
) -> None:
    made = make_window(panels)
    made.resize(width, height)
    made.show()
    settle(made)
    assert len([bar for bar in made.findChildren(QTabBar) if bar.isVisible()]) == tab_bars
    action(made, "Reset layout").trigger()
    settle(made)
    assert len([bar for bar in made.findChildren(QTabBar) if bar.isVisible()]) == tab_bars


def test_dock_title_stands_above_its_panel(window: MainWindow) -> None:
    settle(window)
    for key, dock in window.host.docks.items():
        assert dock.titleBarWidget().height() == 26, key
        assert dock.widget().y() == 26, key


def test_controls_of_a_tabbed_dock_stand_at_the_end_of_its_tabs(window: MainWindow) -> None:
    docks = window.host.docks
    more = {key: _more(window, key) for key in ("orders", "positions")}
    window.host.tabifyDockWidget(docks["orders"], docks["positions"])
    docks["orders"].raise_()
    settle(window)
    tabs = next(bar for bar in window.findChildren(QTabBar) if bar.isVisible())
    assert (more["orders"].isVisible(), more["positions"].isVisible()) == (True, False)
    place = tabs.mapFromGlobal(more["orders"].mapToGlobal(more["orders"].rect().center()))
    assert tabs.rect().contains(place)
    docks["positions"].setFloating(True)
    settle(window)
    assert all(docks[key].isAncestorOf(button) for key, button in more.items())


def test_theme_reaches_every_panel_and_is_kept(
    window: MainWindow,
    panels: dict[str, QWidget],
    themes: ThemeController,
    settings: QSettings,
    qapp: QApplication,
) -> None:
    themes.choose_theme("light")
    themes.choose_direction("green-red")
    assert all(panel.themes[-1] == "light" for panel in panels.values())
    assert qapp.palette().base().color().name() == "#ffffff"
    again = ThemeController(qapp, settings)
    assert (again.theme.name, again.direction) == ("light", "green-red")


def test_only_what_is_seen_is_refreshed(window: MainWindow, panels: dict[str, QWidget]) -> None:
    docks = window.host.docks
    window.host.tabifyDockWidget(docks["orders"], docks["positions"])
    docks["orders"].raise_()
    docks["log"].close()
    settle(window)
    window.frames.stop()
    before = {key: panel.refreshes for key, panel in panels.items()}
    for _ in range(30):
        window.frames.tick()
    done = {key: panel.refreshes - before[key] for key, panel in panels.items()}
    assert (done["positions"], done["log"]) == (0, 0)
    assert all(9 <= done[key] <= 11 for key in DOCK_ORDER if key not in ("positions", "log"))
    docks["positions"].raise_()
    settle(window)
    window.frames.tick()
    assert panels["positions"].refreshes == before["positions"] + 1


def test_figures_that_are_compared_are_of_one_frame(
    window: MainWindow, source: "RowSource", panels: dict[str, QWidget]
) -> None:
    window.frames.stop()
    tables = ("markets", "positions", "orders")
    calls: list[str] = []
    window.refresh = lambda: calls.append("window")  # type: ignore[method-assign]
    for _ in range(9):
        before = {key: panels[key].refreshes for key in tables}
        calls.clear()
        window.frames.tick()
        turns = {panels[key].refreshes - before[key] for key in tables}
        assert turns == {len(calls)}


def test_the_status_bar_changes_twice_a_second(window: MainWindow, source: "RowSource") -> None:
    window.frames.stop()
    bar = window.findChild(StatusBar)
    shown = [bar.accessibleName()]
    for orders in range(30):
        source.set(open_orders=100 + orders)
        window.frames.tick()
        shown.append(bar.accessibleName())
    changes = [now for before, now in pairwise(shown) if now != before]
    assert len(changes) == 2


def test_frame_work_is_measured(window: MainWindow) -> None:
    window.frames.stop()
    window.frames.tick()
    count = len(window.frame_times_ms())
    window.frames.tick()
    window.repaint()
    window.frames.tick()
    assert len(window.frame_times_ms()) == count + 2
    assert all(time_ms >= 0 for time_ms in window.frame_times_ms())


def test_focus_action_brings_a_closed_dock_back(window: MainWindow) -> None:
    window.host.docks["log"].close()
    action(window, "Go to Log").trigger()
    assert window.host.docks["log"].isVisible()


def test_every_button_has_a_name(window: MainWindow) -> None:
    buttons = [b for b in window.findChildren(QAbstractButton) if _is_ours(b)]
    assert [b for b in buttons if not b.accessibleName()] == []
    assert len(buttons) > 10


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
def test_a_dead_start_button_looks_dead(
    window: MainWindow, source: "RowSource", themes: ThemeController, theme: str
) -> None:
    themes.choose_theme(theme)
    source.set(actor_state="running")
    window.refresh()
    drawn = button(window, "Start trading").grab().toImage()
    seen = Counter(
        drawn.pixelColor(x, y).name() for x in range(drawn.width()) for y in range(drawn.height())
    )
    assert seen[themes.theme.stale.name()] > 50
    assert seen[themes.theme.text.name()] + seen[themes.theme.control.name()] < 10


def _is_ours(widget: QAbstractButton) -> bool:
    return not isinstance(widget.parent(), (QTabBar, QMenuBar, QMenu)) and not (
        widget.objectName().startswith("qt_")
    )


def _press(dialog: QDialog, name: str) -> None:
    next(b for b in dialog.findChildren(QAbstractButton) if b.accessibleName() == name).click()


def _more(window: MainWindow, key: str) -> QAbstractButton:
    name = f"{key.capitalize()}: more"
    return next(b for b in window.findChildren(QAbstractButton) if b.accessibleName() == name)


def _texts(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))
