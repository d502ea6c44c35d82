"""The two shipped typefaces, in the design's pixel sizes and weights, digits all of one width."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from app import resources
from core.errors import ConfigError

INTERFACE = "Inter"
MONOSPACE = "JetBrains Mono"

REGULAR = QFont.Weight.Normal
MEDIUM = QFont.Weight.Medium
SEMIBOLD = QFont.Weight.DemiBold

_TABULAR_FIGURES = QFont.Tag("tnum")


@cache
def load_fonts() -> None:
    """Register the shipped font files with Qt, once in a process.

    Raises:
        ConfigError: A font file is missing or damaged.
    """
    for file in sorted(resources.path("fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            raise ConfigError(f"the font {file} cannot be read; install the program again")


@cache
def interface(pixels: int = 12, weight: QFont.Weight = REGULAR) -> QFont:
    """Return Inter with tabular figures: 12 for data and controls, 11 labels, 13 headlines."""
    return _font(INTERFACE, pixels, weight)


@cache
def monospace(pixels: int = 12) -> QFont:
    """Return JetBrains Mono, for log lines, ids and hashes only."""
    return _font(MONOSPACE, pixels, REGULAR)


def _font(family: str, pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(_TABULAR_FIGURES, 1)
    return font
