"""Title bar of a dock, 26 px: name, context, the panel's own controls, "more"."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMenu, QTabBar, QToolButton, QWidget

from app import fonts, icons
from app.theme import Theme
from app.widgets.elided_label import ElidedLabel

HEIGHT = 26
_OPEN, _FOLDED = QSize(0, HEIGHT), QSize(0, 0)


class DockTitle(QWidget):
    """Stand in for Qt's dock title; folds away while the dock is one of several tabs.

    `tail` holds the controls: the right part of the bar, or the right end of the tabs.
    """

    def __init__(self, dock: QDockWidget, name: str, controls: QWidget | None) -> None:
        super().__init__(dock)
        self._dock = dock
        self._folded = False
        self.setProperty("role", "docktitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label = QLabel(name)
        label.setFont(fonts.interface(12, fonts.SEMIBOLD))
        self._context = ElidedLabel(fills=True)
        self._context.setProperty("role", "context")
        self._more = _more_button(name, self._menu())
        self.tail = _tail(controls, self._more)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 0, 2, 0)
        self._row.setSpacing(8)
        self._row.addWidget(label)
        self._row.addWidget(self._context, 1)
        self._row.addWidget(self.tail)

    def sizeHint(self) -> QSize:
        """Return the fixed height; without it every panel slides under its title.

        One layout asks hundreds of times, so nothing is computed: the bar takes its dock's width.
        """
        return _FOLDED if self._folded else _OPEN

    def minimumSizeHint(self) -> QSize:
        """Return the preferred size."""
        return self.sizeHint()

    def unfold(self) -> None:
        """Show the bar: the dock stands alone."""
        if self._folded:
            self._folded = False
            self._row.addWidget(self.tail)
            self.tail.show()
            self.show()
            self.updateGeometry()

    def fold(self, host: QWidget, tabs: QTabBar | None) -> None:
        """Hide the bar while tabs stand in its place; its controls go to the tabs' right end.

        Args:
            host: Parent of the tab bar.
            tabs: The tab bar, or None while another tab is in front.
        """
        if not self._folded:
            self._folded = True
            self.tail.setParent(host)
            self.hide()
            self.updateGeometry()
        area = QRect() if tabs is None else _right_end(tabs, self.tail.sizeHint().width())
        self.tail.setVisible(not area.isEmpty())
        if not area.isEmpty():
            self.tail.setGeometry(area)
            self.tail.raise_()

    def say(self, context: str) -> None:
        """Show what the panel is about now: its market, its count."""
        self._context.say(context)

    def set_theme(self, theme: Theme) -> None:
        """Colour the button."""
        self._more.setIcon(icons.icon("ellipsis-vertical", theme.text3, icons.TITLE))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        turn = menu.addAction("Float", self._toggle_floating)
        menu.addAction("Close", self._dock.close)
        self._dock.topLevelChanged.connect(
            lambda is_floating: turn.setText("Dock" if is_floating else "Float")
        )
        return menu

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())


def _tail(controls: QWidget | None, more: QToolButton) -> QWidget:
    tail = QWidget()
    row = QHBoxLayout(tail)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    if controls is not None:
        row.addWidget(controls)
    row.addWidget(more)
    return tail


def _right_end(tabs: QTabBar, width: int) -> QRect:
    last = tabs.tabRect(tabs.count() - 1).right()
    if last + width > tabs.width():
        return QRect()
    area = tabs.geometry()
    return QRect(area.right() - width - 1, area.top() + 1, width, HEIGHT - 2)


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
