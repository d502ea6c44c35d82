"""Choose which markets to follow: by series, event, category and activity, up to a limit."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app import fonts
from app.follow_settings import names
from app.widgets.segmented import Segmented
from core.market.discovery import MOST_MARKETS, activity_of
from core.runtime.commands import FollowMarkets
from core.units import LOTS_PER_CONTRACT

_ACTIVITIES = (("volume", "24 h volume"), ("changes", "Book changes"))
_MOST_CONTRACTS = 100_000_000


class FollowDialog(QDialog):
    """Ask what to follow; `confirmed` carries a `FollowMarkets`."""

    confirmed = Signal(object)

    def __init__(self, shown: FollowMarkets, parent: QWidget) -> None:
        """Make the dialog.

        Args:
            shown: What is followed now.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle("Follow markets")
        self.setModal(True)
        self.series = _field("Series", "KXBTC15M, KXINX", shown.series)
        self.events = _field("Events", "KXINX-26NOV20H1600", shown.events)
        self.categories = _field("Categories", "Crypto, Climate and Weather", shown.categories)
        self.least = _spin("Least 24 h volume", 0, _MOST_CONTRACTS)
        self.least.setSuffix(" contracts")
        self.least.setGroupSeparatorShown(True)
        self.least.setValue(shown.least_volume_lots // LOTS_PER_CONTRACT)
        self.limit = _spin("At most", 1, MOST_MARKETS)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setSuffix(" markets")
        self.limit.setValue(shown.limit)
        self.activity = Segmented("Most active by", _ACTIVITIES)
        self.activity.choose(shown.activity)
        self._lay_out()

    def asked(self) -> FollowMarkets:
        """Return what the fields say."""
        return FollowMarkets(
            limit=self.limit.value(),
            series=names(self.series.text()),
            events=names(self.events.text()),
            categories=names(self.categories.text()),
            least_volume_lots=self.least.value() * LOTS_PER_CONTRACT,
            activity=activity_of(self.activity.current),
        )

    def _lay_out(self) -> None:
        heading = QLabel("Follow markets")
        heading.setFont(fonts.interface(18, fonts.SEMIBOLD))
        line = _second(
            "A market is followed if it is in any of these; left empty, the whole exchange is. "
            "Commas part the names."
        )
        promise = _second(
            "Markets with a position or an order of ours stay. The connection stays too, and at "
            "most one place in ten changes hands a minute."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(line)
        column.addLayout(self._fields())
        column.addWidget(promise)
        column.addSpacing(4)
        column.addLayout(self._buttons())

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(1, 340)
        rows = (self.series, self.events, self.categories, self.least, self.limit)
        for number, widget in enumerate(rows):
            label = QLabel(widget.accessibleName())
            label.setBuddy(widget)
            grid.addWidget(label, number, 0)
            grid.addWidget(widget, number, 1)
        grid.addWidget(QLabel("Most active by"), len(rows), 0)
        grid.addWidget(self.activity, len(rows), 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        follow = QPushButton("Follow")
        follow.setProperty("role", "primary")
        follow.setAccessibleName("Follow these markets")
        follow.setDefault(True)
        follow.clicked.connect(self._confirm)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(follow)
        return row

    def _confirm(self) -> None:
        self.accept()
        self.confirmed.emit(self.asked())


def _field(name: str, example: str, shown: tuple[str, ...]) -> QLineEdit:
    field = QLineEdit(", ".join(shown))
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    return field


def _spin(name: str, least: int, most: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, most)
    spin.setAccessibleName(name)
    spin.lineEdit().setTextMargins(4, 0, 4, 0)  # the style sheet's padding does not reach it
    return spin


def _second(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "second")
    label.setWordWrap(True)
    label.setMinimumWidth(430)
    return label
