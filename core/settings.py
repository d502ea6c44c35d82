"""Settings of a run: frozen, made once at the composition root, handed down by constructor."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigError
from core.units import MICROS_PER_DOLLAR

MAX_SPEED = 0.0
"""The speed that means "as fast as possible"."""


def default_home(environ: Mapping[str, str]) -> Path:
    """Folder of all state: KALSHIFLOW_HOME, else ~/.kalshiflow."""
    return Path(environ.get("KALSHIFLOW_HOME") or Path.home() / ".kalshiflow")


def parse_speed(text: str) -> float:
    """Read "max" or a positive number of venue seconds per second.

    Raises:
        ConfigError: neither.
    """
    if text == "max":
        return MAX_SPEED
    try:
        speed = float(text)
    except ValueError as error:
        raise ConfigError(f"speed {text!r} is neither a number nor max") from error
    if not 0 < speed <= 100_000:
        raise ConfigError(f"speed {text} must be above 0 and at most 100000, or max")
    return speed


@dataclass(frozen=True)
class Settings:
    """One run of the console.

    Attributes:
        mode: run mode word; `core.runtime.venue` knows what it means.
        sessions: recorded sessions to replay, empty for generated flow.
        speed: venue seconds per wall second, 0 for as fast as possible.
        markets: how many markets to follow at most.
        series: follow markets of these series; with events and categories, of any of them.
        events: follow markets of these events.
        categories: follow markets of these categories, by the exchange's word.
        least_volume_lots: follow markets with this 24 h volume at least.
        activity: rank by 24 h "volume" or by recent "changes" of the book.
        database_url: external PostgreSQL, None for the embedded one.
    """

    home: Path
    mode: str = "sandbox"
    sessions: tuple[Path, ...] = ()
    speed: float = 1.0
    strategy: str = "hardcoded"
    markets: int = 6
    series: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    activity: str = "volume"
    least_volume_lots: int = 0
    seed: int = 1
    cash_micros: int = 1_000 * MICROS_PER_DOLLAR
    database_url: str | None = field(default=None, repr=False)

    @staticmethod
    def database_from(environ: Mapping[str, str]) -> str | None:
        """An external database, if the environment names one."""
        return environ.get("DATABASE_URL") or None


def environment() -> Mapping[str, str]:
    """The process environment; read at the composition root only."""
    return os.environ
