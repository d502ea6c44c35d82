"""The console's window: menu row, toolbar, docks, status bar, and the mode's frame round all."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import layouts, menus
from app.actions import DOCK_ORDER, Actions
from app.dialogs.question import AtStake
from app.dock_host import DockHost
from app.frame_clock import FrameClock
from app.frame_turns import TABLES_TICK, schedule
from app.market_choice import MarketChoice
from app.panel import as_panel, source_changed
from app.selection import Selection
from app.sources import ConsoleSource
from app.status_segments import segments
from app.theme import Theme
from app.theme_controller import ThemeController
from app.views import MarketRow
from app.widgets.menu_row import MenuRow
from app.widgets.message_strip import MessageStrip
from app.widgets.modes import FRAME, paint_frame
from app.widgets.status_bar import StatusBar
from app.widgets.toolbar import Toolbar
from app.window_commands import WindowCommands
from app.window_dialogs import WindowDialogs

QUIT = "quit"

_GEOMETRY_KEY = "layout/window"
_SAVE_EVERY_MS = 30_000
_OF_ONE_MARKET = ("ladder", "depth", "decisions")
"""What another choice of market changes; the rest follows in its own turn, within 0.1 s."""
_ALERT = "alert"
_REFUSAL = "refusal"


class MainWindow(QWidget):
    """Compose the bars and the docks, drive their frames, and ask before closing.

    `close_requested` carries `QUIT`, or `close_question.KEEP` or `close_question.CANCEL` while
    the agent trades. Closing itself is the receiver's: the window only asks.
    """

    close_requested = Signal(str)
    refresh_hz = 10

    def __init__(
        self,
        source: ConsoleSource,
        commands: WindowCommands,
        selection: Selection,
        themes: ThemeController,
        settings: QSettings,
        panels: Mapping[str, QWidget],
    ) -> None:
        """Build the window around the panels; `show` it and the frames begin.

        Args:
            source: What everything shown is read from.
            commands: What everything pressed goes to.
            selection: The market shown.
            themes: The appearance.
            settings: Where layout and geometry are kept.
            panels: One panel for each key of `actions.DOCK_ORDER`.
        """
        super().__init__()
        self._source = source
        self._commands = commands
        self._selection = selection
        self._themes = themes
        self._theme = themes.theme
        self._settings = settings
        self._panels = dict(panels)
        self._mode = ""
        self._choice = MarketChoice(selection)
        self._chosen: MarketRow | None = None
        self._alert = ""
        self._arranged = False
        self._actions = Actions(self)
        always = (self._actions.stop, self._actions.cancel_all)
        self._dialogs = WindowDialogs(self, settings, always)
        self._menu_row = MenuRow()
        self._toolbar = Toolbar(selection, self._actions.start, self._actions.stop)
        self._strip = MessageStrip()
        self._host = DockHost(panels, self)
        self._status = StatusBar()
        self.frames = FrameClock(self)
        self._lay_out()
        self._connect(panels)
        self._schedule(panels)
        self._bring_back()
        self._set_theme(themes.theme)
        self.refresh()
        self._show_status()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()  # else the first selector wears the focus ring from the start

    @property
    def host(self) -> DockHost:
        """The area that holds the docks."""
        return self._host

    def frame_times_ms(self) -> list[float]:
        """Return the work of the last frames, models and paint, oldest first."""
        return self.frames.frame_times_ms()

    def show_problem(self, sentence: str) -> None:
        """Show what failed and what to do, until it is dismissed or another source is read."""
        self._strip.tell(sentence, sentence)

    def show_note(self, text: str) -> None:
        """Show what was done, for a few seconds."""
        self._menu_row.note(text)

    def source_changed(self) -> None:
        """Forget what belongs to the core that ran before; another one does now."""
        self._strip.clear()
        self._alert = ""
        self._choice.forget()
        for panel in self._panels.values():
            source_changed(panel)
        self.frames.hurry()

    def refresh(self) -> None:
        """Read the core's state into bars, actions and window title."""
        view = self._source.systems()
        markets = self._source.markets()
        self._chosen = self._choice.market(markets)
        self._toolbar.show_state(view, markets)
        self._menu_row.show_time(view.venue_ms)
        self._actions.start.setEnabled(view.actor_state == "off" and view.can_trade)
        self._actions.stop.setEnabled(view.actor_state not in ("off", "stopping"))
        self._actions.cancel_all.setEnabled(view.open_orders > 0)
        self._show_alert(view.alert)
        self._show_mode(view.mode, self._chosen)

    def finish(self) -> None:
        """Keep layout and geometry, end the frames and hide; the last call before deletion."""
        self._dialogs.close()
        self.frames.stop()
        self._keep()
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Arrange the docks for the size the window has at last, the first time it is shown."""
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            self._host.restore_or_arrange(self._settings)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Never close by itself: ask while trading, then hand the choice over."""
        event.ignore()
        view = self._source.systems()
        if view.actor_state == "off" and view.open_orders == 0:
            self.close_requested.emit(QUIT)
        else:
            at_stake = AtStake(view.open_orders, view.open_positions)
            self._dialogs.ask_close(at_stake, self.close_requested)

    def event(self, event: QEvent) -> bool:
        """Time the painting of the whole window, which this one event does."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        begun_ns = self.frames.now_ns()
        handled = super().event(event)
        self.frames.add_paint(begun_ns)
        return handled

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the gutters and the mode's frame."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.gap)
        if not self.rect().adjusted(FRAME, FRAME, -FRAME, -FRAME).contains(event.rect()):
            paint_frame(painter, QRectF(self.rect()), self._mode, theme.mode_colour(self._mode))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(FRAME, FRAME, FRAME, FRAME)
        column.setSpacing(0)
        for bar in (self._menu_row, self._toolbar, self._strip):
            column.addWidget(bar)
        column.addWidget(self._host, 1)
        column.addWidget(self._status)

    def _connect(self, panels: Mapping[str, QWidget]) -> None:
        actions, commands = self._actions, self._commands
        actions.start.triggered.connect(lambda: commands.start_trading())
        actions.stop.triggered.connect(lambda: commands.stop_trading())
        actions.cancel_all.triggered.connect(lambda: commands.cancel_all())
        actions.open_sandbox.triggered.connect(lambda: self._leave(commands.open_sandbox))
        actions.open_session.triggered.connect(lambda: self._leave(self._ask_session))
        actions.follow.triggered.connect(lambda: self._dialogs.ask_follow(commands.follow_markets))
        actions.quit.triggered.connect(self.close)
        actions.reset_layout.triggered.connect(self._host.reset)
        actions.full_screen.toggled.connect(self._show_full_screen)
        actions.next_market.triggered.connect(lambda: self._step_market(1))
        actions.previous_market.triggered.connect(lambda: self._step_market(-1))
        actions.shortcuts.triggered.connect(lambda: self._dialogs.show_shortcuts(actions.listed()))
        actions.about.triggered.connect(lambda: self._dialogs.show_about())
        commands.answered.connect(self._show_answer)
        self._selection.changed.connect(self._follow_selection)
        self._themes.changed.connect(self._set_theme)
        focus = [self._focus_action(digit, key, panels) for digit, key in enumerate(DOCK_ORDER, 1)]
        menus.fill(self._menu_row.menus, actions, self._host.view_actions(), focus, self._themes)

    def _focus_action(self, digit: int, key: str, panels: Mapping[str, QWidget]) -> QAction:
        name = as_panel(panels[key]).name
        return self._actions.focus_dock(digit, name, lambda: self._host.focus(key))

    def _schedule(self, panels: Mapping[str, QWidget]) -> None:
        schedule(self.frames, panels, self._host, self._status, self._show_status)
        self.frames.add(self, self, TABLES_TICK)
        self.frames.start()
        saver = QTimer(self)
        saver.timeout.connect(self._keep)
        saver.start(_SAVE_EVERY_MS)

    def _bring_back(self) -> None:
        room = self.screen().availableGeometry().size()
        self.setMinimumSize(layouts.LEAST_SIZE.boundedTo(room))
        self.resize(layouts.DEFAULT_SIZE.boundedTo(room))
        geometry = self._settings.value(_GEOMETRY_KEY)
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self._actions.full_screen.setChecked(self.isFullScreen())

    def _keep(self) -> None:
        self._settings.setValue(_GEOMETRY_KEY, self.saveGeometry())
        layouts.save(self._host, self._settings)

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self._menu_row, self._toolbar, self._strip, self._host, self._status):
            part.set_theme(theme)
        self.update()

    def _show_alert(self, alert: str) -> None:
        if alert != self._alert:  # one that was dismissed stays away until it is another one
            self._strip.tell(self._alert, "")  # a problem in the same words is over too
            self._alert = alert
            self._strip.tell(_ALERT, alert)

    def _show_status(self) -> None:
        self._status.show_segments(segments(self._source.systems(), self._chosen))

    def _show_mode(self, mode: str, chosen: MarketRow | None) -> None:
        market = f"{chosen.title} \N{EM DASH} " if chosen is not None else ""
        self.setWindowTitle(f"{market}Kalshi Flow [{mode}]")
        if mode != self._mode:
            self._mode = mode
            self.update()

    def _leave(self, go: Callable[[], None]) -> None:
        """Go to another market, after a question where that ends anything."""
        view = self._source.systems()
        at_stake = AtStake(view.open_orders, view.open_positions)
        if any(at_stake) or view.actor_state != "off":
            self._dialogs.ask_leave(at_stake, go)
        else:
            go()

    def _ask_session(self) -> None:
        self._dialogs.ask_session(self._themes.theme, self._commands.open_session)

    def _show_answer(self, text: str, accepted: bool) -> None:
        self._strip.tell(_REFUSAL, "" if accepted else text)
        if accepted:
            self.show_note(text)
        self.frames.hurry()

    def _follow_selection(self, ticker: str) -> None:
        self._choice.follow(ticker, self._source.markets())
        self.frames.hurry([self._panels[key] for key in _OF_ONE_MARKET])

    def _step_market(self, step: int) -> None:
        tickers = [market.ticker for market in self._source.markets()]
        if tickers:
            ticker = self._selection.ticker
            index = tickers.index(ticker) if ticker in tickers else 0
            self._selection.choose(tickers[(index + step) % len(tickers)])

    def _show_full_screen(self, full: bool) -> None:
        state, whole = self.windowState(), Qt.WindowState.WindowFullScreen
        self.setWindowState(state | whole if full else state & ~whole)  # maximised stays
