"""What is shipped: every icon that is named, no other, and typefaces with even digits."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from app import fonts, icons, resources, states
from app.theme import DARK, apply

ROOT = Path(__file__).resolve().parents[2]


def test_every_icon_of_the_state_table_is_shipped() -> None:
    tables = (states.FEED, states.ORDER, states.ACTOR, states.STEP, states.DATABASE)
    named = {state.icon for table in tables for state in table.values()}
    assert [name for name in named if not resources.path("icons", f"{name}.svg").is_file()] == []


def test_no_icon_is_shipped_that_no_source_names() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("*.py"))
    shipped = [file.stem for file in resources.path("icons").glob("*.svg")]
    assert [name for name in shipped if f'"{name}"' not in text] == []


def test_licences_lie_beside_fonts_and_icons() -> None:
    assert "SIL OPEN FONT LICENSE" in resources.path("fonts", "OFL.txt").read_text()
    assert "ISC License" in resources.path("icons", "LICENSE.txt").read_text()


def test_icons_are_single_colour_and_recoloured(qapp: QApplication) -> None:
    picture = icons.pixmap("circle-check", QColor("#3DC08F"), 24, 2.0)
    assert picture.width() == 48
    assert picture.deviceIndependentSize().width() == 24
    image = picture.toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {"#3dc08f"}


def test_a_missing_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        icons.pixmap("no-such-icon", QColor("#fff"))


@pytest.mark.parametrize("weight", [fonts.REGULAR, fonts.MEDIUM, fonts.SEMIBOLD])
def test_digits_and_signs_are_of_one_width(qapp: QApplication, weight: object) -> None:
    apply(qapp, DARK)
    font = fonts.interface(12, weight)
    assert QFontInfo(font).family() == fonts.INTERFACE
    metrics = QFontMetricsF(font)
    widths = [metrics.horizontalAdvance(digit) for digit in "0123456789"]
    assert max(widths) - min(widths) <= 1 / 32
    assert metrics.horizontalAdvance("+") == metrics.horizontalAdvance("\N{MINUS SIGN}")


def test_the_monospace_typeface_is_shipped(qapp: QApplication) -> None:
    apply(qapp, DARK)
    assert QFontInfo(fonts.monospace()).family() == fonts.MONOSPACE


def test_the_style_names_no_colour_of_its_own() -> None:
    sheet = resources.path("style.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9A-Fa-f]{6}", sheet) == []
