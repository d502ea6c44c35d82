"""The menu row, 26 px: menus left, a passing note and the exchange's clock right."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QSizePolicy, QWidget

from app import fonts, formatting, icons
from app.theme import Theme
from app.widgets.elided_label import ElidedLabel

_NOTE_MS = 8_000


class MenuRow(QWidget):
    """Hold the menu bar; `note` shows a line for a few seconds, for what was accepted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "menurow")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(26)
        self.menus = QMenuBar()
        self.menus.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self._note_icon = QLabel()
        self._note = ElidedLabel()
        self._clock = QLabel()
        self._clock.setFont(fonts.interface(12, fonts.MEDIUM))
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.timeout.connect(lambda: self._show_note(False))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(self.menus)
        row.addStretch(1)
        row.addWidget(self._note_icon)
        row.addWidget(self._note)
        row.addSpacing(16)
        row.addWidget(self._clock)
        self._show_note(False)

    def note(self, text: str) -> None:
        """Show a line for a few seconds."""
        self._note.say(text)
        self._show_note(True)
        self._fade.start(_NOTE_MS)

    @property
    def shown_note(self) -> str:
        """The line shown now, or an empty string."""
        return "" if self._note.isHidden() else self._note.text()

    def show_time(self, venue_ms: int | None) -> None:
        """Show the exchange's date and time."""
        text = formatting.date_time(venue_ms)
        if text != self._clock.text():
            self._clock.setText(text)
            self._clock.setAccessibleName(f"Exchange time {text}")

    def set_theme(self, theme: Theme) -> None:
        """Colour the note's icon."""
        ratio = self.devicePixelRatioF()
        self._note_icon.setPixmap(icons.pixmap("circle-check", theme.ok, icons.ROW, ratio))

    def _show_note(self, shown: bool) -> None:
        self._note.setVisible(shown)
        self._note_icon.setVisible(shown)
