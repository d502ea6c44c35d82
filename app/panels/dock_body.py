"""What every dock body is: a widget that pulls its rows, follows a selection and wears a theme."""

from typing import ClassVar, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme


class PanelCommands(Protocol):
    """What a panel may ask the core to do; answers come back as rows, never as return values."""

    def cancel_all(self) -> None:
        """Cancel every open order of ours."""

    def cancel_order(self, client_order_id: str) -> None:
        """Cancel one order."""

    def start_trading(self) -> None:
        """Let the policy decide and place orders."""

    def stop_trading(self) -> None:
        """Stop deciding and cancel the policy's orders."""


class DockBody(QWidget):
    """Base of the dock bodies.

    Attributes:
        name: the dock's name.
        refresh_hz: how often `refresh` is worth calling.
    """

    name: ClassVar[str]
    refresh_hz: ClassVar[int]

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.source = source
        self.selection = selection
        self.theme = theme
        self.commands = commands
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.name)

    def refresh(self) -> None:
        """Pull the newest rows and repaint what changed."""
        raise NotImplementedError

    def source_changed(self) -> None:
        """Forget what belongs to the source read before; another one is read from now on."""

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        self.theme = theme

    def title_context(self) -> str:
        """Return what the dock's title says beside its name, such as "5 open"."""
        return ""

    def title_controls(self) -> QWidget | None:
        """Return the controls that stand in the dock's title, None for none."""
        return None
