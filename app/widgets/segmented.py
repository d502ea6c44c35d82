"""A row of exclusive choices in one frame: YES | NO, ±10¢ | ±20¢ | All."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from app import fonts

_HEIGHT = 22
_AROUND = 12
"""Padding and border of the style sheet, both sides, and a pixel to spare for each."""


class Segmented(QWidget):
    """Let the trader choose one of a few; `chosen` carries the key of the new choice."""

    chosen = Signal(str)

    def __init__(
        self, name: str, options: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """Make the control with its first option chosen.

        Args:
            name: What is chosen, for screen readers.
            options: Key and label of each choice.
            parent: Parent widget.
        """
        super().__init__(parent)
        self.setProperty("role", "segmented")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for key, label in options:
            row.addWidget(self._add(name, key, label))
        next(iter(self._buttons.values())).setChecked(True)

    @property
    def current(self) -> str:
        """Key of the chosen option."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def choose(self, key: str) -> None:
        """Choose an option; `chosen` is emitted only if it is another one."""
        if key != self.current:
            self._buttons[key].setChecked(True)
            self.chosen.emit(key)

    def _add(self, name: str, key: str, label: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "segment")
        button.setText(label)
        button.setCheckable(True)
        button.setFixedHeight(_HEIGHT - 2)
        chosen = QFontMetricsF(fonts.interface(11, fonts.SEMIBOLD))
        button.setMinimumWidth(ceil(chosen.horizontalAdvance(label)) + _AROUND)
        button.setAccessibleName(f"{name}: {label}")
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        self._buttons[key] = button
        return button
