"""The toolbar, 42 px: mode, market, policy, Start, Stop, the actor's state. The same always."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app import formatting, icons
from app.selection import Selection
from app.theme import Theme
from app.views import MarketRow, SystemsView
from app.widgets.actor_state import ActorState
from app.widgets.mode_badge import ModeBadge
from app.widgets.selector import Choice, Selector

_HH_MM = 5


class Toolbar(QWidget):
    """Show what runs and offer the two commands that start and stop it."""

    def __init__(
        self, selection: Selection, start: QAction, stop: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._markets: Sequence[MarketRow] = ()
        self.setProperty("role", "toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(42)
        self._badge = ModeBadge()
        self._market = Selector("Market", 340)
        self._menu = QMenu(self._market)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._market.offer(self._menu)
        self._policy = Selector("Policy", 170)
        self._start = CommandButton(start, "play", "Start trading")
        self._stop = CommandButton(stop, "square", "Stop")
        self._actor = ActorState()
        self._lay_out()

    def show_state(self, view: SystemsView, markets: Sequence[MarketRow]) -> None:
        """Show the running core's state and the chosen market."""
        self._markets = markets
        self._badge.show_mode(view.mode, view.source)
        self._policy.show_choice(Choice(view.policy or formatting.UNKNOWN))
        self._actor.show_state(view.actor_state, view.actor_detail)
        self._market.show_choice(self._chosen())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for leaf in (self._badge, self._market, self._policy, self._actor):
            leaf.set_theme(theme)
        for button in (self._start, self._stop):
            button.set_theme(theme)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(8)
        row.addWidget(self._badge)
        row.addWidget(self._market)
        row.addWidget(self._policy)
        row.addSpacing(10)
        row.addWidget(self._start)
        row.addWidget(self._stop)
        row.addSpacing(4)
        row.addWidget(self._actor, 1)

    def _chosen(self) -> Choice:
        for market in self._markets:
            if market.ticker == self._selection.ticker:
                return Choice(market.title, _closes(market))
        return Choice("No market yet" if not self._markets else "Choose a market")

    def _fill_menu(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        for market in self._markets:
            self._menu.addAction(self._market_action(market, group))
        if not self._markets:
            self._menu.addAction("No market yet: waiting for the exchange").setEnabled(False)

    def _market_action(self, market: MarketRow, group: QActionGroup) -> QAction:
        action = QAction(f"{market.title}   {_closes(market)}".rstrip(), self._menu)
        action.setCheckable(True)
        action.setChecked(market.ticker == self._selection.ticker)
        action.setActionGroup(group)
        action.triggered.connect(lambda: self._selection.choose(market.ticker))
        return action


class CommandButton(QPushButton):
    """A toolbar button that mirrors an action: its enabled state, its shortcut, its trigger."""

    def __init__(self, action: QAction, icon: str, text: str) -> None:
        super().__init__(f"\N{THIN SPACE}{text}")
        self._icon_name = icon
        self._action = action
        keys = action.shortcut().toString()
        self.setFixedHeight(34)
        self.setIconSize(QSize(icons.TOOLBAR, icons.TOOLBAR))
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({keys})")
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def set_theme(self, theme: Theme) -> None:
        """Colour the icon."""
        self.setIcon(icons.icon(self._icon_name, theme.text, disabled=theme.stale))

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())


def _closes(market: MarketRow) -> str:
    if market.close_ms is None:
        return ""
    return f"closes {formatting.clock_time(market.close_ms)[:_HH_MM]} UTC"
