"""Asking for recorded sessions: what is confirmed can be run."""

import argparse
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.open_session import OpenSession
from app.theme import DARK
from core.cli import sandbox
from core.runtime.exchange_process import command
from core.runtime.venue import venue_of
from core.settings import Settings


@pytest.mark.parametrize(
    ("label", "speed"), [("1x", 1), ("4x", 4), ("10x", 10), ("100x", 100), ("Max", 0)]
)
def test_every_speed_is_one_that_the_exchange_takes(
    label: str, speed: float, tmp_path: Path, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = OpenSession(tmp_path, DARK, parent)
    dialog.add([tmp_path / "a.jsonl"])
    buttons = {button.text(): button for button in dialog.findChildren(QToolButton)}
    assert list(buttons) == ["1x", "4x", "10x", "100x", "Max"]
    buttons[label].click()
    (opens,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Open"]
    with qtbot.waitSignal(dialog.confirmed) as confirmed:
        opens.click()
    paths, chosen = confirmed.args
    assert chosen == speed
    settings = Settings(home=tmp_path, sessions=tuple(paths), speed=chosen)
    words = command(settings, venue_of(settings))
    parser = argparse.ArgumentParser()
    sandbox.add_parser(parser.add_subparsers())
    assert parser.parse_args(words[words.index("sandbox") :]).speed == speed
