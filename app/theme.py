"""Colours of the console: the tokens of the three themes, and putting one on the application.

A panel never names a colour. It takes a token of the `Theme` it was given, so that a change of
theme or of direction colours reaches every painted pixel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from string import Template
from types import MappingProxyType

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from app import fonts, resources

Ramp = tuple[QColor, ...]
"""Colours from the lowest to the highest value."""

DIRECTIONS = ("blue-orange", "green-red", "red-green")
"""Names of the direction presets: bid colour, then ask colour."""


DENSITIES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"compact": (0, 0), "comfortable": (1, 4)}
)
"""Px added to texts and to rows by name."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme's colour tokens, and how densely and how calmly it is drawn.

    Attributes:
        green: only serves the direction presets, as does `red`.
        text_step: px added to every text.
        row_step: px added to every row.
        has_motion: False keeps cells from flashing.
    """

    name: str
    gap: QColor
    panel: QColor
    title: QColor
    input: QColor
    line: QColor
    control: QColor
    selected: QColor
    text: QColor
    text2: QColor
    text3: QColor
    stale: QColor
    bid: QColor
    ask: QColor
    own: QColor
    own_text: QColor
    ok: QColor
    warn: QColor
    alarm: QColor
    alarm_fill: QColor
    alarm_text: QColor
    accent: QColor
    primary: QColor
    primary_text: QColor
    green: QColor
    red: QColor
    heat_bid: Ramp
    heat_ask: Ramp
    modes: Mapping[str, QColor]
    text_step: int = 0
    row_step: int = 0
    has_motion: bool = True

    def colour(self, token: str) -> QColor:
        """Return the colour of a token by name, as the state table gives it.

        Raises:
            AttributeError: The theme has no such token.
            TypeError: The token is a ramp or the table of modes.
        """
        value = getattr(self, token)
        if not isinstance(value, QColor):
            raise TypeError(f"{token!r} is not a single colour of the theme")
        return value

    def mode_colour(self, mode: str) -> QColor:
        """Return the colour of a mode word; an unknown mode is drawn in `text3`."""
        return self.modes.get(mode.upper(), self.text3)

    def side_colour(self, side: int) -> QColor:
        """Return the direction colour of a side: 0 bid, 1 ask."""
        return self.ask if side else self.bid

    def signed_colour(self, value: float | None) -> QColor:
        """Return the colour of a gain, a loss, zero or an unknown amount."""
        if value is None:
            return self.text3
        return self.bid if value > 0 else self.ask if value < 0 else self.text

    def with_direction(self, name: str) -> "Theme":
        """Return this theme with another pair of direction colours.

        Args:
            name: One of `DIRECTIONS`.

        Raises:
            KeyError: There is no such preset.
        """
        pairs = {
            "blue-orange": (self.bid, self.ask),
            "green-red": (self.green, self.red),
            "red-green": (self.red, self.green),
        }
        bid, ask = pairs[name]
        return replace(self, bid=bid, ask=ask)

    def with_density(self, name: str) -> "Theme":
        """Return this theme in one of `DENSITIES`.

        Raises:
            KeyError: There is no such density.
        """
        text_step, row_step = DENSITIES[name]
        return replace(self, text_step=text_step, row_step=row_step)


def _ramp(text: str) -> Ramp:
    return tuple(QColor(word) for word in text.split())


def _modes(sandbox: str, paper: str, demo: str, replay: str) -> Mapping[str, QColor]:
    words = {
        "SANDBOX": sandbox,
        "PAPER": paper,
        "DEMO": demo,
        "HYBRID": demo,
        "REPLAY": replay,
    }
    return MappingProxyType({word: QColor(colour) for word, colour in words.items()})


DARK = Theme(
    name="dark",
    gap=QColor("#07090D"),
    panel=QColor("#10141B"),
    title=QColor("#161B24"),
    input=QColor("#1F2632"),
    line=QColor("#232B38"),
    control=QColor("#6A778D"),
    selected=QColor("#212941"),
    text=QColor("#E1E6EE"),
    text2=QColor("#AEB8C7"),
    text3=QColor("#8995A8"),
    stale=QColor("#8A94A7"),
    bid=QColor("#58B0F0"),
    ask=QColor("#F5993D"),
    own=QColor("#F4F0DC"),
    own_text=QColor("#14161A"),
    ok=QColor("#3DC08F"),
    warn=QColor("#EFD04B"),
    alarm=QColor("#FF5A5F"),
    alarm_fill=QColor("#D11F2F"),
    alarm_text=QColor("#FFFFFF"),
    accent=QColor("#8F86FF"),
    primary=QColor("#5549C8"),
    primary_text=QColor("#FFFFFF"),
    green=QColor("#3DC08F"),
    red=QColor("#FF7A80"),
    heat_bid=_ramp("#0B0E13 #0E2438 #15507F #3E9BDD #CDE9FF"),
    heat_ask=_ramp("#0B0E13 #2E1C0A #743F0D #E08A2B #FFE2BD"),
    modes=_modes("#2FB8A9", "#7789FF", "#EBA3E0", "#9BA7B8"),
)

LIGHT = Theme(
    name="light",
    gap=QColor("#D9DEE6"),
    panel=QColor("#FFFFFF"),
    title=QColor("#F1F4F8"),
    input=QColor("#E6EAF0"),
    line=QColor("#DCE1E9"),
    control=QColor("#7A8596"),
    selected=QColor("#E7EBFC"),
    text=QColor("#141922"),
    text2=QColor("#414C5C"),
    text3=QColor("#5A6576"),
    stale=QColor("#5F6A7A"),
    bid=QColor("#0A64AE"),
    ask=QColor("#AD4700"),
    own=QColor("#1B1F27"),
    own_text=QColor("#FFFFFF"),
    ok=QColor("#0B7548"),
    warn=QColor("#5F5600"),
    alarm=QColor("#C4122C"),
    alarm_fill=QColor("#C4122C"),
    alarm_text=QColor("#FFFFFF"),
    accent=QColor("#5546C9"),
    primary=QColor("#5546C9"),
    primary_text=QColor("#FFFFFF"),
    green=QColor("#0B7548"),
    red=QColor("#B4304A"),
    heat_bid=_ramp("#FFFFFF #D6E8F8 #8FC1EA #2E7FC4 #053C70"),
    heat_ask=_ramp("#FFFFFF #FCE6CF #F2B577 #D06F14 #6E2C00"),
    modes=_modes("#0A7268", "#3E50CF", "#A03A8C", "#566274"),
)

CONTRAST = Theme(
    name="contrast",
    gap=QColor("#000000"),
    panel=QColor("#000000"),
    title=QColor("#0A0A0A"),
    input=QColor("#1A1A1A"),
    line=QColor("#5A5A5A"),
    control=QColor("#FFFFFF"),
    selected=QColor("#00305A"),
    text=QColor("#FFFFFF"),
    text2=QColor("#F0F0F0"),
    text3=QColor("#D0D0D0"),
    stale=QColor("#A0A0A0"),
    bid=QColor("#7CC8FF"),
    ask=QColor("#FFB454"),
    own=QColor("#FFFFFF"),
    own_text=QColor("#000000"),
    ok=QColor("#5CE6B0"),
    warn=QColor("#FFE65C"),
    alarm=QColor("#FF7A7D"),
    alarm_fill=QColor("#E00020"),
    alarm_text=QColor("#FFFFFF"),
    accent=QColor("#FFFFFF"),
    primary=QColor("#FFFFFF"),
    primary_text=QColor("#000000"),
    green=QColor("#5CE6B0"),
    red=QColor("#FF7A80"),
    heat_bid=_ramp("#000000 #0E2438 #15507F #3E9BDD #CDE9FF"),
    heat_ask=_ramp("#000000 #2E1C0A #743F0D #E08A2B #FFE2BD"),
    modes=_modes("#4BE3D3", "#7F8CFF", "#F0B0E6", "#D0D0D0"),
)

THEMES: Mapping[str, Theme] = MappingProxyType({t.name: t for t in (DARK, LIGHT, CONTRAST)})


def palette(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme, for everything the style sheet does not name."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.gap,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.title,
        QPalette.ColorRole.Button: theme.input,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.text3,
        QPalette.ColorRole.ToolTipBase: theme.input,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.selected,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Midlight: theme.control,
        QPalette.ColorRole.Dark: theme.line,
        QPalette.ColorRole.Light: theme.input,
        QPalette.ColorRole.Shadow: theme.gap,
    }
    for role, colour in roles.items():
        result.setColor(role, colour)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.text3)
    result.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, theme.text3)
    return result


def stylesheet(theme: Theme) -> str:
    """Return the style sheet of a theme: `resources/style.qss` with its tokens filled in."""
    values = {
        field.name: value.name()
        for field in fields(theme)
        if isinstance(value := getattr(theme, field.name), QColor)
    }
    values["label_px"] = f"{11 + theme.text_step}px"
    text = resources.path("style.qss").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def apply(app: QApplication, theme: Theme) -> None:
    """Put style, fonts, palette and style sheet of a theme on the application."""
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    fonts.load_fonts()
    app.setFont(fonts.interface(12 + theme.text_step))
    app.setPalette(palette(theme))
    app.setStyleSheet(stylesheet(theme))
