"""Title bar of a dock, 26 px: name, context, the panel's own controls, "more"."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from app import fonts, icons
from app.theme import Theme
from app.widgets.elided_label import ElidedLabel

HEIGHT = 26


class DockTitle(QWidget):
    """Stand in for Qt's dock title; folds away while the dock is one of several tabs."""

    def __init__(self, dock: QDockWidget, name: str, controls: QWidget | None) -> None:
        super().__init__(dock)
        self._dock = dock
        self._folded = False
        self.setProperty("role", "docktitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label = QLabel(name)
        label.setFont(fonts.interface(12, fonts.SEMIBOLD))
        self._context = ElidedLabel()
        self._context.setProperty("role", "context")
        self._more = _more_button(name, self._menu())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 2, 0)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self._context, 1)
        row.addStretch(1)
        if controls is not None:
            row.addWidget(controls)
        row.addWidget(self._more)

    def sizeHint(self) -> QSize:
        """Return the fixed height; without it every panel slides under its title."""
        return QSize(super().sizeHint().width(), 0 if self._folded else HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the same height as the preferred size."""
        return QSize(0, 0 if self._folded else HEIGHT)

    def fold(self, folded: bool) -> None:
        """Hide the bar while tabs stand in its place, or show it again."""
        if folded != self._folded:
            self._folded = folded
            self.setVisible(not folded)
            self.updateGeometry()

    def say(self, context: str) -> None:
        """Show what the panel is about now: its market, its count."""
        self._context.say(context)

    def set_theme(self, theme: Theme) -> None:
        """Colour the button."""
        self._more.setIcon(icons.icon("ellipsis-vertical", theme.text3, icons.TITLE))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Float or dock", self._toggle_floating)
        menu.addAction("Close", self._dock.close)
        return menu

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())


def _more_button(name: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "flat")
    button.setFixedSize(24, 24)
    button.setIconSize(QSize(icons.TITLE, icons.TITLE))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setAccessibleName(f"{name}: more")
    button.setToolTip(f"Float or close {name}")
    return button
