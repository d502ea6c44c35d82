"""One line of words that gives up its last parts, then letters, where it does not fit."""

from math import ceil

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_PART = " \N{MIDDLE DOT} "
"""What parts of a text are joined with; a part with a number in it is shown whole or not at all."""


class ElidedLabel(QLabel):
    """A label that may shrink to nothing and shows its whole text as tooltip.

    The words are kept here and not as the label's text, which would lay out the window anew.
    """

    def __init__(self, *, fills: bool = False, parent: QWidget | None = None) -> None:
        """Make an empty label.

        Args:
            fills: it takes what its layout has left over, whatever it says, so that other words
                cost no layout.
            parent: the widget it stands in.
        """
        super().__init__(parent)
        self._words = ""
        self._fills = fills
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """Return the whole text."""
        return self._words

    def say(self, text: str) -> None:
        """Show another text, if it is another one."""
        if text == self._words:
            return
        self._words = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        if not self._fills:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the whole text."""
        self.ensurePolished()  # the style sheet may have another size of text
        room = 0.0 if self._fills else QFontMetricsF(self.font()).horizontalAdvance(self._words)
        return QSize(ceil(room), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Let the layout take all the width away."""
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, elided to the label's width."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, self.shown_text()
        )

    def shown_text(self) -> str:
        """Return what of the text fits: whole parts while there are several, then words."""
        metrics = QFontMetricsF(self.font())
        shown = self._words
        while _PART in shown and metrics.horizontalAdvance(shown) > self.width():
            shown = shown.rpartition(_PART)[0]
        return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, self.width())
