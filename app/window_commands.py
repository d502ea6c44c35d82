"""What the window asks of the running core."""

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from core.runtime.commands import FollowMarkets


class WindowCommands(Protocol):
    """Commands of the menus and the toolbar."""

    @property
    def answered(self) -> SignalInstance:
        """Carries (text, accepted)."""
        ...

    def start_trading(self) -> None:
        """Let the agent decide and order."""

    def stop_trading(self) -> None:
        """End its decisions and cancel its orders."""

    def cancel_all(self) -> None:
        """Cancel every open order."""

    def follow_markets(self, asked: FollowMarkets) -> None:
        """Follow other markets from now on."""

    def open_session(self, paths: list[Path], speed: float) -> None:
        """Replay recorded sessions in the local exchange."""

    def open_sandbox(self) -> None:
        """Go back to the generated market."""
