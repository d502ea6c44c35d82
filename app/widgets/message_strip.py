"""A strip under the toolbar for what failed: what happened, what to do, Copy, Dismiss."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app import icons
from app.theme import Theme


class MessageStrip(QWidget):
    """Show the last refused command or failure until it is dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 10, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(_button("Copy", self._copy))
        row.addWidget(_button("Dismiss", self.hide))
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown last."""
        return self._text.text()

    def say(self, text: str) -> None:
        """Show a sentence in place of the one before."""
        self._text.setText(text)
        self.setAccessibleName(f"Attention: {text}")
        self.show()

    def set_theme(self, theme: Theme) -> None:
        """Colour the icon."""
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icons.pixmap("triangle-alert", theme.warn, icons.TITLE, ratio))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)


def _button(text: str, pressed: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "compact")
    button.setAccessibleName(f"{text} message")
    button.clicked.connect(pressed)
    return button
