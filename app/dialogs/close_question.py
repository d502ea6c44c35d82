"""The question on closing while the agent trades. Opened, never executed: the loop goes on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import fonts

KEEP = "keep"
CANCEL = "cancel"


class CloseQuestion(QDialog):
    """Ask what happens to the open orders; `chosen` is emitted unless the trader stays."""

    chosen = Signal(str)

    def __init__(self, open_orders: int, open_positions: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Quit while trading?")
        self.setModal(True)
        self.setProperty("role", "dialog")
        heading = QLabel("Quit while trading?")
        heading.setFont(fonts.interface(18, fonts.SEMIBOLD))
        body = QLabel(_consequences(open_orders, open_positions))
        body.setWordWrap(True)
        body.setMinimumWidth(430)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(body)
        column.addSpacing(4)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._answer("Keep orders and quit", KEEP))
        row.addWidget(self._answer("Cancel all and quit", CANCEL))
        row.addStretch(1)
        stay = QPushButton("Stay")
        stay.setProperty("role", "primary")
        stay.setDefault(True)
        stay.setAccessibleName("Stay")
        stay.clicked.connect(self.reject)
        row.addWidget(stay)
        stay.setFocus()
        return row

    def _answer(self, text: str, choice: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self._choose(choice))
        return button

    def _choose(self, choice: str) -> None:
        self.accept()
        self.chosen.emit(choice)


def _consequences(open_orders: int, open_positions: int) -> str:
    orders = f"{open_orders} order{'' if open_orders == 1 else 's'}"
    positions = f"{open_positions} position{'' if open_positions == 1 else 's'}"
    return (
        f"{orders} open, {positions} held. Positions stay in either case.\n\n"
        "Kept orders can fill while the console is closed; nobody watches them then. "
        "Recording ends when the console quits."
    )
