"""Help, About: versions, and the sentence that no real money is ever at stake."""

import platform
from importlib.metadata import PackageNotFoundError, version

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import fonts


class About(QDialog):
    """Show the versions a report of a fault needs, with Copy."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Kalshi Flow")
        heading = QLabel("Kalshi Flow")
        heading.setFont(fonts.interface(18, fonts.SEMIBOLD))
        promise = QLabel(
            "No real money, by construction: orders reach the local exchange only. "
            "The program has no way to express a production order."
        )
        promise.setWordWrap(True)
        promise.setMinimumWidth(380)
        self._versions = "\n".join(_versions())
        versions = QLabel(self._versions)
        versions.setProperty("role", "second")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for widget in (heading, promise, versions):
            column.addWidget(widget)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        copy = QPushButton("Copy versions")
        copy.setAccessibleName("Copy versions")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._versions))
        close = QPushButton("Close")
        close.setAccessibleName("Close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        return row


def _versions() -> list[str]:
    return [
        f"Version {_own_version()}",
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"Qt {qVersion()}, PySide6 {PySide6.__version__}",
        "Typefaces Inter and JetBrains Mono (OFL-1.1), icons Lucide (ISC)",
    ]


def _own_version() -> str:
    try:
        return version("kalshiflow")
    except PackageNotFoundError:
        return "from a checkout"
