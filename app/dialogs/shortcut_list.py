"""Help, Keyboard shortcuts: every action with keys, read from the actions themselves."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import fonts


class ShortcutList(QDialog):
    """List what each shortcut does."""

    def __init__(self, listed: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        heading = QLabel("Keyboard shortcuts")
        heading.setFont(fonts.interface(18, fonts.SEMIBOLD))
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(6)
        for row, (text, keys) in enumerate(listed):
            key_label = QLabel(keys)
            key_label.setFont(fonts.interface(12, fonts.MEDIUM))
            grid.addWidget(QLabel(text), row, 0)
            grid.addWidget(key_label, row, 1)
        close = QPushButton("Close")
        close.setAccessibleName("Close")
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addWidget(heading)
        column.addLayout(grid)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
