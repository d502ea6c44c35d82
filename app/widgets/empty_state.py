"""What a panel says while it has nothing to show: what it is, why it is empty, what fills it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app import fonts, icons
from app.theme import Theme


class EmptyState(QWidget):
    """An icon, a name, a reason and at most one button; `pressed` is that button."""

    pressed = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        reason: str = "",
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make the placeholder.

        Args:
            icon: Name of a shipped icon.
            title: What belongs here.
            reason: Why it is empty and what fills it.
            button: Text of the one button, or empty for none.
            parent: Parent widget.
        """
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel()
        self._title = _centred(title)
        self._title.setFont(fonts.interface(13, fonts.SEMIBOLD))
        self._reason = _centred(reason)
        self._reason.setProperty("role", "second")
        self._reason.setWordWrap(True)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(6)
        column.addStretch(2)
        for label in (self._icon, self._title, self._reason):
            column.addWidget(label)
        if button:
            column.addWidget(self._make_button(button), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def say(self, title: str, reason: str) -> None:
        """Change the two lines."""
        self._title.setText(title)
        self._reason.setText(reason)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icon in the theme's label colour."""
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icons.pixmap(self._icon_name, theme.text3, icons.EMPTY, ratio))

    def _make_button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.clicked.connect(self.pressed)
        return button


def _centred(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
