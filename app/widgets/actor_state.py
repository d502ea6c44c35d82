"""The actor's state in the toolbar: icon, word, and the reason below it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app import fonts, icons, states
from app.theme import DARK, Theme
from app.widgets.elided_label import ElidedLabel


class ActorState(QWidget):
    """Show one of `states.ACTOR` with its detail."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._state = "off"
        self._icon = QLabel()
        self._word = QLabel()
        self._word.setFont(fonts.interface(12, fonts.SEMIBOLD))
        self._detail = ElidedLabel()
        self._detail.setProperty("role", "context")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._icon, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._word, 0, 1)
        grid.addWidget(self._detail, 1, 1)
        grid.setColumnStretch(1, 1)
        self._paint()

    def show_state(self, state: str, detail: str) -> None:
        """Show a state by its key, and why."""
        self._detail.say(detail)
        if state != self._state:
            self._state = state
            self._paint()
        self.setAccessibleName(f"Actor {states.ACTOR[state].word} {detail}".rstrip())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._paint()

    def _paint(self) -> None:
        state = states.ACTOR[self._state]
        colour = self._theme.colour(state.colour)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icons.pixmap(state.icon, colour, icons.TOOLBAR, ratio))
        self._word.setText(state.word)
        self._word.setStyleSheet(f"color: {colour.name()}")
