"""What the cells of each table say, above all where a value is unknown."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel
from pytestqt.modeltest import ModelTester

from app.formatting import UNKNOWN
from app.models import decisions, log, markets, orders, positions
from app.models.systems import Bar, Fact, Heading, Steps, Words, spoken, systems_lines
from app.views import (
    AgendaRow,
    DecisionRow,
    LogRow,
    MarketRow,
    OrderRow,
    PositionRow,
    StepView,
    SystemsView,
)

MARKET = MarketRow("T", "BTC 15 m", "live", 2800, None, 38, 1_000_000, 0)
ORDER = OrderRow(
    "id", "T", "BTC 15 m", 1, "Buy NO", 460, None, 225, 1250, 1_500, "partial", "", "close", True
)
POSITION = PositionRow("T", "BTC", -1950, 750.0, 460, None, 340_000, 130_000, None)
DECISION = DecisionRow(1, 61_000, "T", "BTC", "HOLD", None, "skipped", "book 7.4 s old")
LINE = LogRow(1, 61_234, "WARNING", "feed", "gap at seq 7")
STEPS = (StepView("Clock", "done", "+14 ms"), StepView("Books", "failed", "no snapshot"))


@pytest.fixture
def troubled(systems: SystemsView) -> SystemsView:
    """A console in trouble that does not know its account."""
    return replace(
        systems,
        steps=STEPS,
        feed_state="stale",
        books_live=0,
        books_stale=2,
        session_progress=None,
        database_state="away",
        queue_rows=30_000,
        drift_cash_micros=None,
        drift_position_lots=100,
        rest_ms=None,
        policy="",
    )


def filled_models() -> list[QAbstractItemModel]:
    all_models = (
        markets.MarketsModel(),
        orders.OrdersModel(),
        positions.PositionsModel(),
        decisions.DecisionsModel(),
        log.LogModel(),
    )
    all_models[0].show_markets([MARKET], 990_000)
    all_models[1].show([ORDER])
    all_models[2].show_positions([POSITION], None)
    all_models[3].append([DECISION])
    all_models[4].append([LINE])
    return list(all_models)


def texts(model: QAbstractItemModel, row: int = 0) -> list[str]:
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


@pytest.mark.parametrize("number", range(5))
def test_every_model_obeys_qt(number: int, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(filled_models()[number])


def test_a_market_without_an_ask_shows_a_dash() -> None:
    assert texts(filled_models()[0]) == ["BTC 15 m", "28.0", UNKNOWN, UNKNOWN, "38 ms", "00:10"]


def test_a_stale_market_is_struck_through_and_marked() -> None:
    line = markets.MarketLine(MarketRow("T", "T", "stale", 2800, 3000, 7_400, None, 0), None)
    name, bid = markets.COLUMNS[0].cell(line), markets.COLUMNS[1].cell(line)
    assert (name.icon, name.icon_colour) == ("triangle-alert", "warn")
    assert (bid.struck, bid.colour) == (True, "stale")


def test_an_order_on_no_reads_no_cents() -> None:
    assert texts(filled_models()[1])[:4] == ["BTC 15 m", "Buy NO", "95.4", "2.25 / 12.5"]


def test_an_amend_in_flight_names_its_price() -> None:
    amending = OrderRow(
        "id", "T", "T", 1, "Sell YES", 3100, 3000, 0, 1000, 0, "amending", "", "actor", True
    )
    assert orders.state_words(amending) == "Price → 30.0"


def test_a_decision_to_amend_names_what_it_changes() -> None:
    amend = replace(DECISION, outcome="ordered", reason="amend ask 2.5 @ 31.0¢ → 30.0¢")
    (result,) = (column for column in decisions.COLUMNS if column.stretches)
    assert result.cell(amend).text == "ask price 31.0 → 30.0¢"


def test_a_position_on_no_reads_no_cents_and_its_open_result_is_unknown() -> None:
    words = texts(filled_models()[2])
    assert words[1:5] == ["+19.5 NO", "92.50", "95.4", UNKNOWN]
    assert words[7] == UNKNOWN


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    known = PositionRow("U", "U", 1000, 5800.0, 6100, 300_000, 180_000, 170_000, None)
    cells = positions.totals([POSITION, known])
    assert [cell.text for cell in cells[:2]] == ["Total", "2 markets"]
    assert cells[4].text == UNKNOWN
    assert cells[5].text == "+$0.52"
    assert cells[6].text == "$0.30"


def test_a_decision_says_why_nothing_was_done() -> None:
    result = decisions.COLUMNS[-1].cell(DECISION)
    assert result.text == "skipped: book 7.4 s old"
    assert (result.colour, result.icon) == ("warn", "triangle-alert")
    assert texts(filled_models()[3])[:4] == ["00:01:01", "BTC", "HOLD", UNKNOWN]


def test_recent_actions_are_those_of_one_minute() -> None:
    model = decisions.DecisionsModel()
    model.append(
        [
            DecisionRow(k, k * 1_000, "T", "T", "HOLD" if k % 4 else "BUY_NO", 0.5, "hold", "x")
            for k in range(1, 201)
        ]
    )
    assert model.recent_actions() == {"HOLD": 45, "BUY_NO": 15}


def test_a_log_line_carries_its_level_with_an_icon() -> None:
    level = log.COLUMNS[1].cell(LINE)
    assert (level.text, level.icon, level.colour) == ("Warning", "triangle-alert", "warn")
    assert log.severity(LINE) == 30


def test_systems_say_unknown_with_a_dash_and_trouble_with_an_icon(
    troubled: SystemsView,
) -> None:
    lines = systems_lines(troubled, (0.0, 1.0))
    facts = {line.label: line.value for line in lines if isinstance(line, Fact)}
    assert facts["Drift, cash"].text == UNKNOWN
    assert facts["REST round trip"].text == UNKNOWN
    assert facts["Policy"].text == UNKNOWN
    assert facts["Drift, positions"] == ("1 ct", "warn", "triangle-alert")
    assert facts["Waiting"].icon == "triangle-alert"
    assert facts["Books"] == ("no snapshot", "warn", "triangle-alert")
    headings = {line.label: line.summary for line in lines if isinstance(line, Heading)}
    assert headings["Start-up checklist"].text == "1 failed"
    assert headings["Books"].text == "2 stale"
    assert [line.label for line in lines if isinstance(line, Bar)] == ["Database queue"]
    assert "Feed: Stale" in spoken(lines)


def test_the_systems_say_what_comparing_books_found(systems: SystemsView) -> None:
    def fact(label: str, **changes: int) -> Words:
        lines = systems_lines(replace(systems, gaps=0, overflows=0, late=0, **changes), ())
        return {line.label: line.value for line in lines if isinstance(line, Fact)}[label]

    checked = "Checked ok · off · unclear"
    assert fact(checked).text == UNKNOWN
    good = {"checks_agreed": 1_041, "checks_mismatched": 0, "checks_unclear": 2}
    assert fact(checked, **good) == ("1,041 · 0 · 2", "text", "")
    bad = good | {"checks_mismatched": 1}
    assert fact(checked, **bad).colour == "warn"
    assert fact(checked, **bad).icon == "triangle-alert"
    troubles = "Gaps · overflows · late"
    assert fact(troubles) == ("0 · 0 · 0", "text", "")


def test_the_systems_warn_of_overflows(systems: SystemsView) -> None:
    lines = systems_lines(replace(systems, gaps=0, overflows=2, late=0), ())
    facts = {line.label: line.value for line in lines if isinstance(line, Fact)}
    assert facts["Gaps · overflows · late"] == ("0 · 2 · 0", "warn", "triangle-alert")


def test_the_systems_say_that_the_session_has_ended(systems: SystemsView) -> None:
    lines = systems_lines(replace(systems, is_over=True, speed=0.0, books_live=2), ())
    headings = {line.label: line.summary for line in lines if isinstance(line, Heading)}
    facts = {line.label: line.value for line in lines if isinstance(line, Fact)}
    assert headings["Feed"] == ("Session ended", "text2", "history")
    assert headings["Books"].colour != "ok"
    assert facts["Speed"].text == "session ended"
    assert "0x" not in spoken(lines)


def test_what_the_portfolio_held_at_start_is_said_to_be_history(systems: SystemsView) -> None:
    steps = (
        StepView("Exchange link", "done", "31 ms"),
        StepView("Clock", "done", "+14 ms"),
        StepView("Portfolio", "done", "0 positions"),
        StepView("Books", "done", ""),
    )
    lines = systems_lines(replace(systems, steps=steps), ())
    rows = [[step.name for step in line.steps] for line in lines if isinstance(line, Steps)]
    assert rows == [["Exchange link", "Clock"], ["Portfolio"], ["Books"]]
    assert "Portfolio Done 0 positions at start" in spoken(lines)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Trade", ""),
        ("CloseCancel", "market closed"),
        ("SelfTradeCancel", "would trade with ourselves"),
        ("by policy", "by policy"),
    ],
)
def test_the_detail_of_an_order_is_in_a_traders_words(said: str, read: str) -> None:
    assert orders.detail_words(replace(ORDER, detail=said)) == read


def test_the_calendar_says_what_comes_next(systems: SystemsView) -> None:
    agenda = (
        AgendaRow(507_000, "closes", 8, "KXA-1"),
        AgendaRow(3_600_000, "pause begins", 0, ""),
        AgendaRow(7_200_000, "result due", 1, "KXB-1"),
    )
    view = replace(systems, pause_begins_ms=1, pause_ends_ms=2)
    lines = systems_lines(view, (), agenda)
    facts = {line.label: line.value.text for line in lines if isinstance(line, Fact)}
    assert facts["Closes, 8 of KXA"] == "08:27"
    assert facts["Pause begins"] == "1.0 h"
    assert facts["Result due, 1 of KXB"] == "2.0 h"
    paused = systems_lines(replace(view, is_paused=True), ())
    headings = {line.label: line.summary for line in paused if isinstance(line, Heading)}
    assert headings["Calendar"] == ("Paused by schedule", "text3", "circle-pause")
    halted = systems_lines(replace(systems, is_paused=True, is_halted=True), ())
    headings = {line.label: line.summary for line in halted if isinstance(line, Heading)}
    assert headings["Calendar"] == ("Halted by the exchange", "text3", "circle-pause")
    assert all(getattr(line, "label", "") != "Calendar" for line in systems_lines(systems, ()))
