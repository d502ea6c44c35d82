"""What the window asks of a panel, and the reading of its optional parts."""

from typing import Protocol, cast

from PySide6.QtWidgets import QWidget

from app.theme import Theme


class Panel(Protocol):
    """A dock's content: a QWidget with these members.

    A panel may also have `title_context() -> str` (its market, its count) and
    `title_controls() -> QWidget | None` (the one or two controls of its title bar), and
    `source_changed() -> None` (another source is read from now on).
    """

    name: str
    refresh_hz: int

    def refresh(self) -> None:
        """Read the source and repaint what changed."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of another theme."""


def as_panel(widget: QWidget) -> Panel:
    """See a panel's widget as a panel."""
    return cast("Panel", widget)


def title_context(widget: QWidget) -> str:
    """Return what the panel says beside its name."""
    context = getattr(widget, "title_context", None)
    return str(context()) if context is not None else ""


def title_controls(widget: QWidget) -> QWidget | None:
    """Return the panel's controls for its title bar."""
    controls = getattr(widget, "title_controls", None)
    return controls() if controls is not None else None


def source_changed(widget: QWidget) -> None:
    """Tell a panel that another source is read from now on."""
    changed = getattr(widget, "source_changed", None)
    if changed is not None:
        changed()
