"""What ladder and depth share: one market's book in YES or NO terms, or why there is none."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtWidgets import QWidget

from app.models.outcome import mirrored
from app.panels.book_absence import absence, has_levels
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import BookView
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.readout_line import ReadoutLine
from app.widgets.segmented import Segmented


class Themed(Protocol):
    """A part of a panel that paints with the theme."""

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""


class BookPanel(DockBody):
    """Base of the panels that draw the chosen market's book.

    A panel says what it is made of (`body`, `parts`) and shows a book (`show_book`, `recentre`).
    """

    refresh_hz = 20

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.readout = ReadoutLine(theme)
        self.outcome = Segmented("Outcome", (("yes", "YES"), ("no", "NO")))
        self.outcome.chosen.connect(self._show_newest)
        self._empty = EmptyState("inbox", "No market chosen", "Choose one in Markets.")
        self._book: BookView | None = None
        self._shown: tuple[BookView, str] | None = None
        self.pages = ContentOrEmpty(self.body(), self._empty)
        self.column.addWidget(self.pages)
        self.set_theme(theme)

    def body(self) -> QWidget:
        """Make what stands in the panel while there is a book."""
        raise NotImplementedError

    def parts(self) -> Sequence[Themed]:
        """Return the painted parts of the body besides the read-out."""
        raise NotImplementedError

    def show_book(self, book: BookView) -> None:
        """Draw this book, which is in the terms of the chosen outcome."""
        raise NotImplementedError

    def recentre(self) -> None:
        """Bring the mid into view: the outcome has changed."""
        raise NotImplementedError

    def is_drawn(self, book: BookView | None) -> bool:
        """Tell whether there is anything to draw."""
        return has_levels(book)

    def refresh(self) -> None:
        """Show the newest book of the chosen market."""
        self._book = self.source.book(self.selection.ticker)
        is_drawn = self.is_drawn(self._book)
        if not is_drawn:
            self._empty.say(*absence(self.source, self.selection.ticker, self._book))
        self.pages.show_content(is_drawn)
        self._show_newest()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        for part in (self.readout, self._empty, *self.parts()):
            part.set_theme(theme)

    def title_controls(self) -> QWidget | None:
        """Return the YES | NO switch."""
        return self.outcome

    def _show_newest(self) -> None:
        if self._book is None or (self._book, self.outcome.current) == self._shown:
            return
        turned = self._shown is not None and self._shown[1] != self.outcome.current
        self._shown = (self._book, self.outcome.current)
        self.show_book(mirrored(self._book) if self.outcome.current == "no" else self._book)
        if turned:
            self.recentre()
