"""The area of docks between toolbar and status bar: one dock for each panel."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from app import layouts
from app.dock_shares import DockShares
from app.panel import as_panel, title_context, title_controls
from app.theme import Theme
from app.widgets.dock_title import DockTitle

_MOVING = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest)


class DockHost(QMainWindow):
    """Hold the panels' docks. An inner window, so that bars and frame stay outside of it."""

    def __init__(self, panels: Mapping[str, QWidget], parent: QWidget) -> None:
        """Make a dock for each panel; `restore_or_arrange` puts them in their places.

        Args:
            panels: Panels by the keys that `layouts` knows.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self._panels = dict(panels)
        self._titles: dict[str, DockTitle] = {}
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._fold_titles)
        self.docks: dict[str, QDockWidget] = {}
        self._shares = DockShares(self, self.docks)
        self.docks |= {key: self._make_dock(key, panel) for key, panel in panels.items()}

    def restore_or_arrange(self, settings: QSettings) -> None:
        """Bring the kept arrangement back, or make the default one for the window's width.

        Call it when the window has its size; the docks get theirs after one turn of the loop.
        """
        layouts.arrange(self, self.docks, self.window().width())
        has_kept = layouts.restore(self, settings)
        QTimer.singleShot(0, self, self._shares.note if has_kept else self._set_sizes)

    def reset(self) -> None:
        """Put every dock back in its default place, of the default size."""
        layouts.arrange(self, self.docks, self.window().width())
        QTimer.singleShot(0, self, self._set_sizes)

    def _set_sizes(self) -> None:
        layouts.set_sizes(self, self.docks, self.window().width())
        QTimer.singleShot(0, self, self._shares.note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the docks' shares of the area."""
        super().resizeEvent(event)
        self._shares.apply()

    def event(self, event: QEvent) -> bool:
        """Take the sizes of a separator that was let go as those the trader wants."""
        handled = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self._shares.note)
        return handled

    def focus(self, key: str) -> None:
        """Show a dock, bring it to the front and give its panel the keyboard."""
        dock = self.docks[key]
        dock.show()
        dock.raise_()
        self._panels[key].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def view_actions(self) -> list[QAction]:
        """Return the actions that show and hide each dock."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def refresh_title(self, key: str) -> None:
        """Write a panel's context into its title bar."""
        self._titles[key].say(title_context(self._panels[key]))

    def set_theme(self, theme: Theme) -> None:
        """Pass another theme to the titles and the panels."""
        for title in self._titles.values():
            title.set_theme(theme)
        for panel in self._panels.values():
            as_panel(panel).set_theme(theme)

    def _make_dock(self, key: str, panel: QWidget) -> QDockWidget:
        name = as_panel(panel).name
        dock = QDockWidget(name, self)
        dock.setObjectName(f"dock-{key}")
        dock.setAccessibleName(name)
        panel.setProperty("role", "panel")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setMinimumSize(*layouts.SMALLEST[key])
        dock.setWidget(panel)
        self._titles[key] = DockTitle(dock, name, title_controls(panel))
        dock.setTitleBarWidget(self._titles[key])
        for followed in (dock, self._titles[key].tail):
            followed.installEventFilter(self)
        for moved in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
            moved.connect(self._settle_soon)
        for left in (dock.dockLocationChanged, dock.topLevelChanged):
            left.connect(lambda: QTimer.singleShot(0, self, self._shares.note))
        return dock

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the controls at the end of the tabs follow when they or their dock change size."""
        if event.type() in _MOVING:
            self._settle_soon()
        return super().eventFilter(watched, event)

    def _settle_soon(self) -> None:
        self._settle.start(0)

    def _fold_titles(self) -> None:
        shown = [bar for bar in self.findChildren(QTabBar) if bar.isVisible()]
        tabs = {bar.tabText(bar.currentIndex()): bar for bar in shown}
        for key, dock in self.docks.items():
            if not dock.isFloating() and self.tabifiedDockWidgets(dock):
                self._titles[key].fold(self, tabs.get(dock.windowTitle()))
            else:
                self._titles[key].unfold()
