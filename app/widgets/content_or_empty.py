"""A view, or what is said in its place while there is nothing to show."""

from PySide6.QtWidgets import QStackedLayout, QWidget

from app.widgets.empty_state import EmptyState


class ContentOrEmpty(QWidget):
    """Two pages; switching costs nothing while the answer stays the same."""

    def __init__(self, content: QWidget, empty: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        self._pages.addWidget(empty)
        self._pages.setCurrentIndex(1)

    @property
    def is_empty(self) -> bool:
        """True while the empty state is shown."""
        return self._pages.currentIndex() == 1

    def show_content(self, has_content: bool) -> None:
        """Show the content, or the empty state."""
        if has_content == self.is_empty:
            self._pages.setCurrentIndex(0 if has_content else 1)
