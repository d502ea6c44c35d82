"""Asking which markets to follow, and keeping the answer."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import follow_settings
from app import theme as themes
from app.arguments import parse
from app.dialogs.follow_markets import FollowDialog
from app.follow_settings import names
from app.main_window import MainWindow
from app.theme import DARK
from core.runtime.commands import FollowMarkets
from core.settings import Settings

ASKED = FollowMarkets(200, ("KXA", "KXB"), ("KXC-1",), ("Climate and Weather",), 50_000, "changes")


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def dialog(parent: QWidget) -> FollowDialog:
    return FollowDialog(ASKED, parent)


def button(dialog: FollowDialog, name: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == name)


def test_the_dialog_shows_what_is_followed_and_asks_for_what_it_says(
    dialog: FollowDialog, qtbot: QtBot
) -> None:
    assert dialog.asked() == ASKED
    dialog.series.setText("KXD;  KXE, KXD ,")
    dialog.categories.clear()
    dialog.least.setValue(0)
    dialog.limit.setValue(5_000)
    dialog.activity.choose("volume")
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        button(dialog, "Follow").click()
    assert confirmed.args == [FollowMarkets(1_000, ("KXD", "KXE"), ("KXC-1",))]


def test_every_field_has_a_name_for_screen_readers(dialog: FollowDialog) -> None:
    fields = (dialog.series, dialog.events, dialog.categories, dialog.least, dialog.limit)
    assert [field.accessibleName() for field in fields] == [
        "Series",
        "Events",
        "Categories",
        "Least 24 h volume",
        "At most",
    ]


def test_numbers_have_room_to_be_read(dialog: FollowDialog, qapp: QApplication) -> None:
    themes.apply(qapp, DARK)
    dialog.show()
    for spin in (dialog.least, dialog.limit):
        assert spin.lineEdit().width() > 200
        assert spin.lineEdit().text() == spin.text()
    assert (dialog.least.text(), dialog.limit.text()) == ("500 contracts", "200 markets")


def test_the_menu_asks_once_keeps_the_answer_and_sends_it(
    window: MainWindow, commands: object, settings: QSettings
) -> None:
    follow = next(action for action in window.actions() if action.text() == "Follow markets…")
    follow.trigger()
    follow.trigger()
    (dialog,) = window.findChildren(FollowDialog)
    dialog.events.setText("KXC-1")
    button(dialog, "Follow").click()
    asked = FollowMarkets(6, events=("KXC-1",))
    assert commands.asked == [("follow", asked)]  # type: ignore[attr-defined]
    assert follow_settings.kept(settings) == asked


def test_what_is_kept_comes_back_whole(settings: QSettings, tmp_path: Path) -> None:
    assert follow_settings.kept(settings) == FollowMarkets(Settings.markets)
    follow_settings.keep(settings, ASKED)
    settings.sync()
    again = QSettings(settings.fileName(), QSettings.Format.IniFormat)
    assert follow_settings.kept(again) == ASKED
    applied = follow_settings.applied(ASKED, Settings(home=tmp_path))
    assert follow_settings.of(applied) == ASKED


def test_damaged_settings_are_as_at_the_first_start(settings: QSettings) -> None:
    settings.setValue("follow/limit", "many")
    settings.setValue("follow/activity", "phase of the moon")
    settings.setValue("follow/least_volume_lots", -4)
    assert follow_settings.kept(settings) == FollowMarkets(Settings.markets)
    settings.setValue("follow/limit", 5_000)
    assert follow_settings.kept(settings).limit == 1_000


def test_names_are_parted_by_commas_and_count_once() -> None:
    assert names(" KXA,KXB ; KXA;;") == ("KXA", "KXB")
    assert names("Climate and Weather") == ("Climate and Weather",)


def test_the_command_line_names_what_to_follow() -> None:
    options = parse(["--markets", "40", "--series", "KXA", "KXB", "--activity", "changes"])
    assert follow_settings.of(options.settings) == FollowMarkets(
        40, ("KXA", "KXB"), activity="changes"
    )
    assert options.is_following_named
    assert not parse([]).is_following_named


@pytest.mark.parametrize("number", ["0", "1001"])
def test_more_markets_than_can_be_followed_are_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(["--markets", number])
    assert refused.value.code == 2
    assert "ask for 1 to 1000" in capsys.readouterr().err
