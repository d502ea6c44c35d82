"""The window fits its screen, and full screen gives back what it took."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from app.main_window import MainWindow
from app.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from conftest import MakeWindow

_ACROSS = Qt.Orientation.Horizontal
_PROBE = """
from pathlib import Path
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
import conftest
from app.actions import DOCK_ORDER
from app.main_window import MainWindow
from app.selection import Selection
from app.theme_controller import ThemeController
app = QApplication([])
ini = QSettings("console.ini", QSettings.Format.IniFormat)
panels = {key: conftest.PlainPanel(key) for key in DOCK_ORDER}
window = MainWindow(conftest.RowSource(), conftest.NotedCommands(), Selection(),
                    ThemeController(app, ini), ini, panels)
window.show()
for _ in range(5):
    app.processEvents()
docks = window.host.docks
print([window.width(), window.height(), window.minimumWidth(), window.minimumHeight(),
       bool(window.host.tabifiedDockWidgets(docks["markets"]))])
window.finish()
"""


@pytest.mark.parametrize(
    ("screen", "expected"),
    [
        ((2560, 1440), [1600, 900, 1280, 720, False]),
        ((1440, 800), [1440, 800, 1280, 720, True]),
        ((1100, 640), [1100, 640, 1100, 640, True]),
    ],
)
def test_the_first_window_fits_the_screen(
    screen: tuple[int, int], expected: list[object], tmp_path: Path
) -> None:
    width, height = screen
    config = tmp_path / "screens.json"
    shape = {"name": "one", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    shape |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    config.write_text(json.dumps({"screens": [shape]}))
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        "PYTHONPATH": os.pathsep.join((str(root), str(root / "tests" / "app"))),
    }
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout.lower()) == expected


def test_full_screen_gives_the_maximised_window_back(window: MainWindow) -> None:
    full = _action(window, "Full screen")
    window.showMaximized()
    full.trigger()
    assert window.isFullScreen()
    full.trigger()
    assert not window.isFullScreen()
    assert window.windowState() & Qt.WindowState.WindowMaximized


def test_a_window_brought_back_in_full_screen_can_leave_it(
    window: MainWindow, make_window: "MakeWindow", panels: dict[str, QWidget]
) -> None:
    full = _action(window, "Full screen")
    full.trigger()
    window.finish()
    again = make_window({key: type(panel)(panel.name) for key, panel in panels.items()})
    again.show()
    left = _action(again, "Full screen")
    assert (again.isFullScreen(), left.isChecked()) == (True, True)
    left.trigger()
    assert not again.isFullScreen()


@pytest.mark.parametrize("pixels", [11, 12, 13])
def test_words_with_room_enough_are_whole(qapp: QApplication, pixels: int) -> None:
    label = ElidedLabel()
    label.setStyleSheet(f"font-size: {pixels}px")
    for words in ("Trading with hardcoded.", "local exchange, 66 decisions", "Sandbox opened."):
        label.say(words)
        label.resize(label.sizeHint())
        assert label.shown_text() == words


def _action(window: MainWindow, text: str) -> QAction:
    return next(action for action in window.actions() if action.text() == text)


@pytest.mark.parametrize("size", [(1600, 900), (1400, 800), (1920, 1080)])
def test_growing_gives_back_what_shrinking_took(
    make_window: "MakeWindow", panels: dict[str, QWidget], size: tuple[int, int]
) -> None:
    window = make_window(panels)
    window.resize(*size)
    window.show()
    _settle()
    before = _places(window)
    for width, height in ((1500, 780), (1290, 730), size):
        window.resize(width, height)
        _settle()
    assert _places(window) == before


@pytest.mark.parametrize("size", [(1600, 900), (1400, 800)])
def test_reset_gives_the_first_layout_back(
    make_window: "MakeWindow", panels: dict[str, QWidget], size: tuple[int, int]
) -> None:
    window = make_window(panels)
    window.resize(*size)
    window.show()
    _settle()
    before, docks = _places(window), window.host.docks
    window.host.resizeDocks([docks["markets"], docks["ladder"]], [500, 400], _ACROSS)
    window.host.tabifyDockWidget(docks["depth"], docks["ladder"])
    docks["log"].setFloating(True)
    docks["systems"].close()
    docks["positions"].raise_()
    _settle()
    window.host.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["markets"])
    _settle()
    _action(window, "Reset layout").trigger()
    _settle()
    assert _places(window) == before


def _settle() -> None:
    for _ in range(6):
        QApplication.processEvents()


def _places(window: MainWindow) -> dict[str, tuple[int, int, int, int]]:
    return {
        key: dock.geometry().getRect() for key, dock in window.host.docks.items() if dock.x() >= 0
    }
