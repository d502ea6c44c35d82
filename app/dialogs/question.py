"""A question with answers and a way to stay. Opened, never executed: the loop goes on."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import fonts
from core.trading.wording import counted


class AtStake(NamedTuple):
    """What a run of the local exchange takes with it when it ends."""

    open_orders: int
    open_positions: int

    def words(self) -> str:
        """Name what there is: "1 order and 2 positions"; empty for nothing."""
        held = ((self.open_orders, "order"), (self.open_positions, "position"))
        return " and ".join(counted(count, name) for count, name in held if count)


class Question(QDialog):
    """Ask once; `chosen` carries the answer's key unless the trader stays."""

    chosen = Signal(str)

    def __init__(
        self, heading: str, body: str, answers: Sequence[tuple[str, str]], parent: QWidget
    ) -> None:
        """Make the question.

        Args:
            heading: The question.
            body: What follows from the answers.
            answers: Text and key of each button beside "Stay".
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle(heading)
        self.setModal(True)
        self.setProperty("role", "dialog")
        title = QLabel(heading)
        title.setFont(fonts.interface(18, fonts.SEMIBOLD))
        words = QLabel(body)
        words.setWordWrap(True)
        words.setMinimumWidth(430)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(words)
        column.addSpacing(4)
        column.addLayout(self._buttons(answers))

    def _buttons(self, answers: Sequence[tuple[str, str]]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for text, key in answers:
            row.addWidget(self._answer(text, key))
        row.addStretch(1)
        stay = QPushButton("Stay")
        stay.setProperty("role", "primary")
        stay.setDefault(True)
        stay.setAccessibleName("Stay")
        stay.clicked.connect(self.reject)
        row.addWidget(stay)
        stay.setFocus()
        return row

    def _answer(self, text: str, key: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self._choose(key))
        return button

    def _choose(self, key: str) -> None:
        self.accept()
        self.chosen.emit(key)
