"""Plain rows of a busy console, and a source that answers from them."""

import random
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from app import theme as themes
from app.selection import Selection
from app.theme import DARK
from app.views import (
    AgendaRow,
    BookView,
    DecisionRow,
    LogRow,
    MarketRow,
    OrderRow,
    OwnLevel,
    PositionRow,
    StepView,
    SystemsView,
)
from core.market.ticks import LINEAR_CENT, TickTable

VENUE_MS = 1_778_713_593_000
BTC = "KXBTC15M-1"
TITLES = {
    BTC: "BTC 15 m",
    "KXETH15M-1": "ETH 15 m",
    "KXSOL15M-1": "SOL 15 m",
    "KXBTCD-79500": "BTC ≥ 79,500",
    "KXBTCD-79750": "BTC ≥ 79,750",
    "KXBTCD-80000": "BTC ≥ 80,000",
    "KXETHD-2275": "ETH ≥ 2,275",
    "KXHIGHNY-74": "NYC 74–75°",
    "KXHIGHNY-76": "NYC 76–77°",
    "KXHIGHNY-78": "NYC 78–79°",
    "KXINX-6750": "S&P 6,750–75",
}
QUOTES = {
    BTC: ("live", 2800, 3000, 38, 8),
    "KXETH15M-1": ("live", 6100, 6200, 74, 8),
    "KXSOL15M-1": ("live", 4400, 4800, 210, 8),
    "KXBTCD-79500": ("live", 4700, 4800, 110, 53),
    "KXBTCD-79750": ("lagging", 1800, 1900, 320, 53),
    "KXBTCD-80000": ("live", 430, 460, 640, 53),
    "KXETHD-2275": ("stale", 3300, 3600, 7_400, 53),
    "KXHIGHNY-74": ("live", 2200, 2500, 1_100, 354),
    "KXHIGHNY-76": ("live", 4100, 4300, 960, 354),
    "KXHIGHNY-78": ("empty", None, 300, 4_000, 354),
    "KXINX-6750": ("paused", None, None, None, 354),
}
ACTIONS = ("HOLD", "BUY_YES", "SELL_YES", "BUY_NO", "SELL_NO")
REASONS = {
    "hold": ("margin 0.04 < 0.10", "spread widened 1 → 3¢", "edge 0.2 < fee 0.4¢"),
    "ordered": ("create ask 10 @ 31.0¢", "create bid 10 @ 61.0¢"),
    "blocked": ("no YES held",),
    "skipped": ("book 7.4 s old",),
}


def book(
    ticker: str = BTC,
    *,
    bid_pips: int = 2800,
    ask_pips: int = 3000,
    grid: TickTable = LINEAR_CENT,
    levels: int = 300,
    seed: int = 7,
) -> BookView:
    """Make a book with walls and gaps on a tick grid."""
    dice = random.Random(seed)
    inside = [price for price in grid.prices if 0 < price < 10_000]

    def lots() -> int:
        wall = 8 if dice.random() < 0.1 else 1
        part = dice.randrange(100) if dice.random() < 0.1 else 0
        return 100 * wall * dice.randrange(20, 800) + part

    bids = [(price, lots()) for price in reversed(inside) if price <= bid_pips][:levels]
    asks = [(price, lots()) for price in inside if price >= ask_pips][:levels]
    own = (
        OwnLevel(0, bid_pips - 300, 2000, in_flight=False),
        OwnLevel(1, ask_pips + 100, 620, in_flight=False),
        OwnLevel(1, ask_pips, 620, in_flight=True),
    )
    return BookView(
        ticker=ticker,
        title=TITLES.get(ticker, ticker),
        status="live",
        bids=tuple(bids),
        asks=tuple(asks),
        own=own,
        prices=grid.prices,
        age_ms=38,
        last_trade_pips=ask_pips + 100,
        last_trade_side=0,
        position_lots=2807,
        average_pips=3143.0,
        open_pnl_micros=-960_000,
        realized_micros=3_290_000,
        fees_micros=1_810_000,
    )


def orders(count: int) -> list[OrderRow]:
    """Make orders in every state, newest first."""
    states = (
        ("amending", "Sell YES", 1, 3100, 3000, 380, 1000, "", "actor"),
        ("resting", "Buy YES", 0, 2500, None, 0, 2000, "", "manual"),
        ("resting", "Buy YES", 0, 6100, None, 0, 1000, "", "actor"),
        ("unknown", "Buy YES", 0, 3300, None, 0, 1000, "asking the venue again", "actor"),
        ("partial", "Buy NO", 1, 460, None, 225, 1250, "", "close"),
        ("rejected", "Buy YES", 0, 6100, None, 0, 1000, "insufficient balance", "actor"),
        ("filled", "Sell NO", 0, 2800, None, 1000, 1000, "", "actor"),
        ("cancelled", "Sell YES", 1, 3100, None, 0, 1000, "by policy", "actor"),
    )
    names = list(TITLES)
    made = []
    for number in range(count):
        state, outcome, side, price, target, filled, total, detail, origin = states[number % 8]
        ticker = names[number % 5]
        made.append(
            OrderRow(
                client_order_id=f"order-{number}",
                ticker=ticker,
                title=TITLES[ticker],
                side=side,
                outcome=outcome,
                price_pips=price,
                target_pips=target,
                filled_lots=filled,
                total_lots=total,
                age_ms=1_500 + 4_700 * number,
                state=state,
                detail=detail,
                origin=origin,
                is_open=number % 8 < 5,
            )
        )
    return made


def decisions(count: int, first: int = 1) -> list[DecisionRow]:
    """Make decisions, three in four of them HOLD, two a second."""
    made = []
    for number in range(first, first + count):
        dice = random.Random(number)
        action = dice.choices(ACTIONS, (75, 7, 7, 6, 5))[0]
        outcome = "hold" if action == "HOLD" else dice.choice(("ordered", "ordered", "blocked"))
        if number % 17 == 0:
            action, outcome = "HOLD", "skipped"
        ticker = dice.choice(list(TITLES)[:5])
        probability = None if outcome == "skipped" else dice.random()
        made.append(
            DecisionRow(
                number=number,
                ts_ms=VENUE_MS - (count - number + first) * 500,
                ticker=ticker,
                title=TITLES[ticker],
                action=action,
                probability=probability,
                outcome=outcome,
                reason=dice.choice(REASONS[outcome]),
            )
        )
    return made


def log_lines(count: int, first: int = 1) -> list[LogRow]:
    """Make log lines of every level."""
    messages = (
        ("INFO", "feed", "subscribed to 11 markets, sid 2"),
        ("INFO", "recorder", "committed 212 rows in 3.1 ms"),
        ("DEBUG", "planner", "kept bid 10 @ 61.0¢"),
        ("WARNING", "feed", "gap in KXETHD-2275 at seq 20431, asking for a snapshot"),
        ("ERROR", "database", "connection lost, rows go to the spool"),
    )
    return [
        LogRow(number, VENUE_MS + number * 37, *messages[0 if number % 7 else number // 7 % 5])
        for number in range(first, first + count)
    ]


STEPS = (
    StepView("Exchange link", "done", "31 ms"),
    StepView("Clock", "done", "+14 ms"),
    StepView("Balance", "done", ""),
    StepView("Positions", "done", "3"),
    StepView("Open orders", "done", "5"),
    StepView("Books", "running", "10 of 11"),
    StepView("Database", "done", ""),
    StepView("Policy self-check", "waiting", ""),
)


class RowSource:
    """A console source that answers from rows a test sets."""

    def __init__(self, view: SystemsView) -> None:
        self.market_rows: list[MarketRow] = []
        self.books: dict[str, BookView] = {}
        self.order_rows: list[OrderRow] = []
        self.position_rows: list[PositionRow] = []
        self.decision_rows: list[DecisionRow] = []
        self.log_rows: list[LogRow] = []
        self.agenda_rows: list[AgendaRow] = []
        self.view = view

    def markets(self) -> list[MarketRow]:
        return self.market_rows

    def book(self, ticker: str) -> BookView | None:
        return self.books.get(ticker)

    def orders(self) -> list[OrderRow]:
        return self.order_rows

    def positions(self) -> list[PositionRow]:
        return self.position_rows

    def decisions(self, after: int) -> list[DecisionRow]:
        return [row for row in self.decision_rows if row.number > after]

    def log(self, after: int) -> list[LogRow]:
        return [row for row in self.log_rows if row.number > after]

    def systems(self) -> SystemsView:
        return self.view

    def agenda(self) -> list[AgendaRow]:
        return self.agenda_rows


class NotedCommands:
    """Writes down what a panel asks for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def cancel_all(self) -> None:
        self.asked.append("cancel_all")

    def cancel_order(self, client_order_id: str) -> None:
        self.asked.append(f"cancel {client_order_id}")

    def start_trading(self) -> None:
        self.asked.append("start")

    def stop_trading(self) -> None:
        self.asked.append("stop")


def busy_source(systems: SystemsView) -> RowSource:
    """Make the source of a console in full swing."""
    view = replace(
        systems,
        steps=STEPS,
        feed_detail="local exchange, 11 markets",
        books_live=9,
        books_stale=1,
        books_empty=1,
        gaps=1,
        drift_orders=1,
        actor_state="running",
        actor_detail="edge under fee",
    )
    source = RowSource(view)
    for ticker, (state, bid, ask, age_ms, minutes) in QUOTES.items():
        close_ms = VENUE_MS + minutes * 60_000 + 27_400
        held = 2807 if ticker == BTC else 0
        row = MarketRow(ticker, TITLES[ticker], state, bid, ask, age_ms, close_ms, held)
        source.market_rows.append(row)
        if bid is not None and ask is not None:
            source.books[ticker] = book(ticker, bid_pips=bid, ask_pips=ask)
    stale = source.books["KXETHD-2275"]
    source.books["KXETHD-2275"] = replace(stale, status="stale", age_ms=7_400)
    source.order_rows = orders(7)
    close = VENUE_MS + 507_000
    source.position_rows = [
        PositionRow(BTC, "BTC 15 m", 2807, 3143.0, 2800, -960_000, 3_290_000, 1_200_000, close),
        PositionRow("E", "ETH 15 m", 1000, 5800.0, 6100, 300_000, 180_000, 170_000, close),
        PositionRow("B", "BTC ≥ 80,000", -1950, 750.0, 460, 570_000, 340_000, 130_000, close),
    ]
    source.decision_rows = decisions(300)
    source.log_rows = log_lines(400)
    return source


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    """Give widgets the fonts and the style sheet they are measured with."""
    themes.apply(qapp, DARK)


@pytest.fixture
def source(systems: SystemsView) -> RowSource:
    return busy_source(systems)


@pytest.fixture
def commands() -> NotedCommands:
    return NotedCommands()


@pytest.fixture
def selection() -> Selection:
    return Selection(BTC)
