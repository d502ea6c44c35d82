"""A strip under the toolbar for what failed: what happened, what to do, Copy, Dismiss."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app import icons
from app.theme import Theme


class MessageStrip(QWidget):
    """Show one sentence for each topic, a line each, until it is taken back or dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._sentences: dict[str, str] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 10, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(_button("Copy", self._copy))
        row.addWidget(_button("Dismiss", self.clear))
        self.hide()

    @property
    def text(self) -> str:
        """What is shown now, or an empty string."""
        return self._text.text()

    def tell(self, topic: str, sentence: str) -> None:
        """Show a sentence in place of the topic's last one; an empty one takes it back."""
        self._sentences.pop(topic, None)
        if sentence:
            self._sentences[topic] = sentence
        self._show_sentences()

    def clear(self) -> None:
        """Take everything back."""
        self._sentences.clear()
        self._show_sentences()

    def _show_sentences(self) -> None:
        text = "\n".join(dict.fromkeys(self._sentences.values()))
        if text != self.text:
            self._text.setText(text)
            self.setAccessibleName(f"Attention: {text}")
        self.setVisible(bool(text))

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
