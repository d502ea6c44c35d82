"""A console without a core: a source that answers from plain rows, and commands that are noted."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from app.actions import DOCK_ORDER
from app.main_window import MainWindow
from app.selection import Selection
from app.theme import Theme
from app.theme_controller import ThemeController
from app.views import (
    AgendaRow,
    BookView,
    DecisionRow,
    LogRow,
    MarketRow,
    OrderRow,
    PositionRow,
    StepView,
    SystemsView,
)
from core.runtime.commands import FollowMarkets

VENUE_MS = 1_778_713_593_000

SYSTEMS = SystemsView(
    alert="",
    can_trade=True,
    is_over=False,
    mode="SANDBOX",
    source="local exchange, recorded flow",
    steps=(StepView("Exchange link", "done", "31 ms"),),
    feed_state="live",
    feed_detail="",
    feed_age_ms=38,
    messages_per_s=48.0,
    books_live=3,
    books_stale=0,
    books_empty=0,
    gaps=0,
    late=0,
    venue_ms=VENUE_MS,
    speed=10.0,
    session_progress=0.42,
    database_state="ok",
    database_detail="",
    queue_rows=212,
    queue_limit=50_000,
    rows_recorded=48_000,
    rows_per_s=48.0,
    rows_dropped=0,
    last_commit_age_ms=400,
    last_sync_age_ms=12_000,
    drift_cash_micros=0,
    drift_position_lots=0,
    drift_orders=0,
    rest_ms=31.0,
    write_tokens=74,
    clock_offset_ms=14,
    actor_state="off",
    actor_detail="not started",
    policy="hardcoded",
    cash_micros=969_050_000,
    equity_micros=1_001_610_000,
    session_pnl_micros=1_610_000,
    open_orders=5,
    open_positions=3,
    fills=66,
    decision_ms_p50=0.4,
    decision_ms_p99=1.9,
    frame_ms_p99=4.0,
)


def market(ticker: str, title: str, minutes: int) -> MarketRow:
    """Make a line of the markets table that closes so many minutes from now."""
    close_ms = VENUE_MS + minutes * 60_000
    return MarketRow(ticker, title, "live", 2800, 3000, 38, close_ms, 0)


class RowSource:
    """Answer from rows that a test sets."""

    def __init__(self) -> None:
        self.view = SYSTEMS
        self.rows = [
            market("KXBTC15M-1", "BTC 15 m \N{MIDDLE DOT} above $79,396.49", 8),
            market("KXETH15M-1", "ETH 15 m", 8),
            market("KXHIGHNY-1", "NYC 74\N{EN DASH}75°", 354),
        ]

    def set(self, **changes: object) -> None:
        """Change fields of the systems view."""
        self.view = replace(self.view, **changes)

    def markets(self) -> list[MarketRow]:
        return self.rows

    def book(self, ticker: str) -> BookView | None:
        return None

    def orders(self) -> list[OrderRow]:
        return []

    def positions(self) -> list[PositionRow]:
        return []

    def decisions(self, after: int) -> list[DecisionRow]:
        return []

    def log(self, after: int) -> list[LogRow]:
        return []

    def systems(self) -> SystemsView:
        return self.view

    def agenda(self) -> list[AgendaRow]:
        return []


class NotedCommands(QObject):
    """Write down what the window asks for."""

    answered = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[object, ...]] = []

    def start_trading(self) -> None:
        self.asked.append(("start",))

    def stop_trading(self) -> None:
        self.asked.append(("stop",))

    def cancel_all(self) -> None:
        self.asked.append(("cancel_all",))

    def follow_markets(self, asked: FollowMarkets) -> None:
        self.asked.append(("follow", asked))

    def open_session(self, paths: list[Path], speed: float) -> None:
        self.asked.append(("open_session", paths, speed))

    def open_sandbox(self) -> None:
        self.asked.append(("open_sandbox",))


class PlainPanel(QWidget):
    """A panel with one label that counts its refreshes."""

    refresh_hz = 10

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.refreshes = 0
        self.themes: list[str] = []
        self._label = QLabel(name)
        QVBoxLayout(self).addWidget(self._label)

    def refresh(self) -> None:
        self.refreshes += 1
        self._label.setText(f"{self.name} {self.refreshes}")

    def set_theme(self, theme: Theme) -> None:
        self.themes.append(theme.name)

    def title_context(self) -> str:
        return f"{self.refreshes} refreshes"


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings in a file of this test alone."""
    return QSettings(str(tmp_path / "console.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def systems() -> SystemsView:
    """A console in good order; what a test is about it changes with `replace`."""
    return SYSTEMS


@pytest.fixture
def source() -> RowSource:
    return RowSource()


@pytest.fixture
def commands() -> NotedCommands:
    return NotedCommands()


@pytest.fixture
def themes(qapp: QApplication, settings: QSettings) -> ThemeController:
    return ThemeController(qapp, settings)


@pytest.fixture
def panels() -> dict[str, QWidget]:
    return {key: PlainPanel(key.capitalize()) for key in DOCK_ORDER}


MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(
    source: RowSource, commands: NotedCommands, themes: ThemeController, settings: QSettings
) -> Iterator[MakeWindow]:
    """Make windows that are deleted at the end of the test."""
    made: list[MainWindow] = []

    def make(panels: Mapping[str, QWidget]) -> MainWindow:
        window = MainWindow(source, commands, Selection(), themes, settings, panels)
        made.append(window)
        return window

    yield make
    for window in made:
        window.finish()
        window.deleteLater()
    QApplication.sendPostedEvents(None, 52)


@pytest.fixture
def window(make_window: MakeWindow, panels: dict[str, QWidget], qapp: QApplication) -> MainWindow:
    """The window of 1600x900, shown, with plain panels."""
    made = make_window(panels)
    made.resize(1600, 900)
    made.show()
    qapp.processEvents()
    return made
