"""Health of everything behind the console: start-up, feed, books, clock, portfolio, database."""

from collections import deque

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.models.systems import systems_lines
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.widgets.facts_view import FactsView

_REFRESH_HZ = 2
_HISTORY_S = 60


class SystemsPanel(DockBody):
    """Painted facts that scroll when the dock is short."""

    name = "Systems"
    refresh_hz = _REFRESH_HZ

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.facts = FactsView(theme)
        self._rates: deque[float] = deque(maxlen=_HISTORY_S * _REFRESH_HZ)
        self._context = ""
        scroll = QScrollArea()
        scroll.setWidget(self.facts)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Systems")
        self.column.addWidget(scroll)

    def refresh(self) -> None:
        """Show the newest state of the systems."""
        view = self.source.systems()
        self._rates.append(view.rows_per_s)
        self._context = view.source
        self.facts.show_lines(systems_lines(view, tuple(self._rates), self.source.agenda()))

    def source_changed(self) -> None:
        """Begin the curve of recorded rows anew."""
        self._rates.clear()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.facts.set_theme(theme)

    def title_context(self) -> str:
        """Return whose books and whose fills."""
        return self._context
