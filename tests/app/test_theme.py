"""The theme is the design's table: ratios are recomputed, not believed."""

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app import states
from app.theme import CONTRAST, DARK, DIRECTIONS, LIGHT, THEMES, Theme, palette, stylesheet
from app.theme_controller import ThemeController

TEXT_RATIO = 4.5
MARK_RATIO = 3.0
TEXT_TOKENS = (
    *("text", "text2", "text3", "stale", "bid", "ask", "own"),
    *("ok", "warn", "alarm", "accent"),
)
GROUNDS = ("panel", "title", "input", "selected")

DESIGN = {
    "dark": [4.1, 14.7, 9.2, 6.1, 6.0, 7.8, 8.4, 16.1, 8.0, 12.1, 6.1, 6.2],
    "light": [3.7, 17.6, 8.7, 5.9, 5.5, 6.1, 5.7, 16.5, 5.8, 7.5, 6.1, 6.8],
    "contrast": [21, 21, 18.4, 13.6, 8.0, 11.6, 11.9, 21, 13.4, 16.7, 8.3, 21],
}
MODES = {
    "dark": {"SANDBOX": 7.5, "PAPER": 6.0, "DEMO": 9.5, "HYBRID": 9.5, "REPLAY": 7.6},
    "light": {"SANDBOX": 5.8, "PAPER": 6.5, "DEMO": 6.0, "HYBRID": 6.0, "REPLAY": 6.2},
    "contrast": {"SANDBOX": 13.2, "PAPER": 7.1, "DEMO": 12.1, "HYBRID": 12.1, "REPLAY": 13.6},
}


def luminance(colour: QColor) -> float:
    """Relative luminance by WCAG 2.x."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio by WCAG 2.x."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=[DARK, LIGHT, CONTRAST], ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest) -> Theme:
    return request.param


def test_ratios_are_those_of_the_design(theme: Theme) -> None:
    measured = [contrast(theme.colour(token), theme.panel) for token in ("control", *TEXT_TOKENS)]
    assert measured == pytest.approx(DESIGN[theme.name], abs=0.06)


def test_mode_ratios_are_those_of_the_design(theme: Theme) -> None:
    measured = {mode: contrast(colour, theme.panel) for mode, colour in theme.modes.items()}
    assert measured == pytest.approx(MODES[theme.name], abs=0.06)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_text_reads_on_every_ground(theme: Theme, ground: str, direction: str) -> None:
    turned = theme.with_direction(direction)
    colours = [turned.colour(token) for token in TEXT_TOKENS] + list(turned.modes.values())
    assert min(contrast(colour, turned.colour(ground)) for colour in colours) >= TEXT_RATIO
    assert contrast(turned.control, turned.colour(ground)) >= MARK_RATIO


def test_text_reads_on_filled_grounds(theme: Theme) -> None:
    assert contrast(theme.alarm_text, theme.alarm_fill) >= TEXT_RATIO
    assert contrast(theme.primary_text, theme.primary) >= TEXT_RATIO
    assert contrast(theme.own_text, theme.own) >= TEXT_RATIO


def test_direction_presets_exchange_bid_and_ask() -> None:
    turned = DARK.with_direction("green-red")
    assert (turned.bid, turned.ask) == (DARK.green, DARK.red)
    back = DARK.with_direction("red-green")
    assert (back.bid, back.ask) == (DARK.red, DARK.green)
    with pytest.raises(KeyError):
        DARK.with_direction("violet")


def test_gain_and_loss_follow_the_preset(theme: Theme) -> None:
    assert theme.signed_colour(1) == theme.bid
    assert theme.signed_colour(-1) == theme.ask
    assert theme.signed_colour(0) == theme.text
    assert theme.signed_colour(None) == theme.text3


def test_unknown_token_and_unknown_mode(theme: Theme) -> None:
    with pytest.raises(AttributeError):
        theme.colour("violet")
    with pytest.raises(TypeError):
        theme.colour("heat_bid")
    assert theme.mode_colour("nothing") == theme.text3


def test_stylesheet_has_no_open_token(theme: Theme) -> None:
    sheet = stylesheet(theme)
    assert "$" not in sheet
    assert theme.accent.name() in sheet


def test_palette_carries_panel_and_text(theme: Theme) -> None:
    made = palette(theme)
    assert made.base().color() == theme.panel
    assert made.text().color() == theme.text


def test_every_state_names_a_colour_of_every_theme(theme: Theme) -> None:
    tables = (states.FEED, states.ORDER, states.ACTOR, states.STEP, states.DATABASE)
    colours = [theme.colour(state.colour) for table in tables for state in table.values()]
    assert all(colour.isValid() for colour in colours)


def test_themes_by_name() -> None:
    assert list(THEMES) == ["dark", "light", "contrast"]


def test_comfortable_density_enlarges_texts_and_rows_and_is_kept(
    qapp: QApplication, settings: QSettings
) -> None:
    themes_in_force = ThemeController(qapp, settings)
    assert (themes_in_force.theme.text_step, themes_in_force.theme.row_step) == (0, 0)
    themes_in_force.choose_density("comfortable")
    themes_in_force.reduce_motion(True)
    assert qapp.font().pixelSize() == 13
    again = ThemeController(qapp, settings)
    assert (again.theme.text_step, again.theme.row_step) == (1, 4)
    assert again.is_calm
    assert not again.theme.has_motion
    again.choose_density("compact")
    again.reduce_motion(False)
    assert qapp.font().pixelSize() == 12
    assert again.theme.has_motion
