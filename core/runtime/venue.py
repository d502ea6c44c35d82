"""Run mode to venue: the one place that knows the mode table (architecture section 3)."""

from dataclasses import dataclass
from typing import Literal

from core.errors import ConfigError, RefusedError
from core.settings import Settings

Source = Literal["generated", "recorded"]
LATER = ("paper", "demo", "hybrid")


@dataclass(frozen=True)
class Venue:
    """Where market data come from and orders go to.

    Attributes:
        word: what the console and the records call the mode.
        description: whose books and whose fills, in one line.
        source: liquidity of the local exchange.
    """

    word: str
    description: str
    source: Source


def venue_of(settings: Settings) -> Venue:
    """The venue of a run.

    Raises:
        RefusedError: `live`, which does not exist in this program.
        ConfigError: an unknown mode, or one that this version does not have.
    """
    mode = settings.mode
    if mode == "live":
        raise RefusedError(
            "live trading does not exist in this program: it never places an order with real "
            "money. Use --mode sandbox, or --session FILE to replay a recording."
        )
    if mode in LATER:
        raise ConfigError(
            f"mode {mode} is not in this version. Use --mode sandbox (local exchange, no keys "
            "needed) or --session FILE to replay a recording."
        )
    if settings.sessions:
        return Venue("REPLAY", "recorded books, queue-model fills", "recorded")
    if mode == "replay":
        raise ConfigError("mode replay needs a recorded session: add --session FILE")
    if mode == "sandbox":
        return Venue("SANDBOX", "local exchange, generated flow", "generated")
    raise ConfigError(f"unknown mode {mode!r}: use sandbox or replay")
