"""Choose recorded sessions and the speed they run at."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import fonts
from app.theme import Theme
from app.widgets.empty_state import EmptyState
from app.widgets.segmented import Segmented
from core.settings import parse_speed

_FILTER = "Recorded sessions (*.jsonl *.jsonl.gz *.json.gz *.gz);;All files (*)"
_SPEEDS = (("1", "1x"), ("4", "4x"), ("10", "10x"), ("100", "100x"), ("max", "Max"))


class OpenSession(QDialog):
    """Collect files and a speed; `confirmed` carries (list of Path, float; 0 for max).

    The file chooser stands in its place while files are chosen: one window at a time.
    """

    confirmed = Signal(object, float)
    folder_changed = Signal(str)

    def __init__(self, folder: Path, theme: Theme, parent: QWidget) -> None:
        """Make the dialog.

        Args:
            folder: Where the file chooser starts.
            theme: Colours of the placeholder.
            parent: The window.
        """
        super().__init__(parent)
        self._folder = folder
        self._paths: list[Path] = []
        self.setWindowTitle("Open recorded session")
        self.setModal(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Chosen sessions")
        self._empty = EmptyState(
            "folder-open", "No file chosen", "Several files follow one another in this order."
        )
        self._empty.set_theme(theme)
        self._pages = QStackedWidget()
        self._pages.setMinimumSize(480, 150)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._list)
        self._speed = Segmented("Speed", _SPEEDS)
        self._open = QPushButton("Open")
        self._open.setProperty("role", "primary")
        self._open.setEnabled(False)
        self._open.setAccessibleName("Open the chosen sessions")
        self._open.clicked.connect(self._confirm)
        self._lay_out()

    def add(self, paths: list[Path]) -> None:
        """Add files to the list; one that is there already is not added twice."""
        for path in paths:
            if path not in self._paths:
                self._paths.append(path)
                self._list.addItem(path.name)
                self._list.item(self._list.count() - 1).setToolTip(str(path))
        self._open.setEnabled(bool(self._paths))
        self._open.setDefault(bool(self._paths))
        self._pages.setCurrentIndex(int(bool(self._paths)))

    def choose_files(self) -> None:
        """Open the file chooser in the dialog's place; it does not block the loop."""
        self.hide()
        chooser = QFileDialog(
            self.parentWidget(), "Choose recorded sessions", str(self._folder), _FILTER
        )
        chooser.addActions(self.actions())
        chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chooser.filesSelected.connect(self._take)
        chooser.finished.connect(self._come_back)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def _take(self, names: list[str]) -> None:
        paths = [Path(name) for name in names]
        self.add(paths)
        self._folder = paths[0].parent
        self.folder_changed.emit(str(self._folder))

    def _come_back(self) -> None:
        """Show the files chosen so far, or give up where there are none."""
        if not self._paths:
            self.reject()
            return
        self.open()
        self._open.setFocus()

    def _lay_out(self) -> None:
        heading = QLabel("Open recorded session")
        heading.setFont(fonts.interface(18, fonts.SEMIBOLD))
        line = QLabel("The local exchange replays what was recorded; orders stay simulated.")
        line.setProperty("role", "second")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        for widget in (heading, line, self._pages):
            column.addWidget(widget)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        choose = QPushButton("Add files…")
        choose.setAccessibleName("Add files")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose_files)
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(choose)
        row.addSpacing(8)
        row.addWidget(QLabel("Speed"))
        row.addWidget(self._speed)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self._open)
        return row

    def _confirm(self) -> None:
        self.accept()
        self.confirmed.emit(list(self._paths), parse_speed(self._speed.current))
