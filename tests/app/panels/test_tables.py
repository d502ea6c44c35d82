"""Table panels: selection, sorting, counts, totals, filters and what empty ones say."""

from dataclasses import replace
from typing import Any, Protocol, TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.models.decisions import ACTIONS
from app.models.decisions import COLUMNS as COLUMNS_OF_DECISIONS
from app.models.markets import COLUMNS
from app.panels.decisions import DecisionsPanel
from app.panels.depth import DepthPanel
from app.panels.dock_body import DockBody, PanelCommands
from app.panels.ladder import LadderPanel
from app.panels.log import LogPanel
from app.panels.markets import MarketsPanel
from app.panels.orders import OrdersPanel
from app.panels.positions import PositionsPanel
from app.panels.systems import SystemsPanel
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import CONTRAST, DARK, LIGHT
from app.views import DecisionRow, LogRow, MarketRow, OrderRow, PositionRow, SystemsView
from app.widgets.table_view import TableView, cell_width

BTC = "KXBTC15M-1"
TABLES = (MarketsPanel, OrdersPanel, PositionsPanel, DecisionsPanel, LogPanel)
ALL = (*TABLES, SystemsPanel, LadderPanel, DepthPanel)
AnyPanel = TypeVar("AnyPanel", bound=DockBody)


class Source(ConsoleSource, Protocol):
    market_rows: list[MarketRow]
    order_rows: list[OrderRow]
    position_rows: list[PositionRow]
    decision_rows: list[DecisionRow]
    log_rows: list[LogRow]
    view: SystemsView


class Commands(PanelCommands, Protocol):
    asked: list[str]


class Make(Protocol):
    def __call__(self, kind: type[AnyPanel], width: int = 570) -> AnyPanel: ...


@pytest.fixture
def make(source: Source, selection: Selection, commands: Commands, qtbot: QtBot) -> Make:
    """Make a shown panel that has read its source once."""

    def build(kind: type[AnyPanel], width: int = 570) -> AnyPanel:
        panel = kind(source, selection, DARK, commands)
        qtbot.addWidget(panel)
        panel.resize(width, 260)
        panel.show()
        panel.refresh()
        return panel

    return build


def column_texts(view: TableView, column: int) -> list[str]:
    model = view.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def shown_titles(view: TableView) -> set[str]:
    model = view.model()
    titles = {
        model.headerData(number, Qt.Orientation.Horizontal)
        for number in range(model.columnCount())
        if not view.isColumnHidden(number)
    }
    return titles - {""}


def test_choosing_a_row_chooses_the_market(make: Make, selection: Selection) -> None:
    panel = make(MarketsPanel)
    panel.view.selectRow(1)
    assert selection.ticker == "KXETH15M-1"
    selection.choose("KXSOL15M-1")
    assert panel.view.currentIndex().row() == 2
    assert panel.title_context() == "11 followed"


def test_the_chosen_market_is_shown_at_the_first_refresh(make: Make) -> None:
    assert make(MarketsPanel).view.currentIndex().row() == 0


def test_selection_survives_sorting_and_updates(
    make: Make, source: Source, selection: Selection
) -> None:
    panel = make(MarketsPanel)
    selection.choose("KXHIGHNY-76")
    panel.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert column_texts(panel.view, 1)[:2] == ["61.0", "47.0"]
    assert column_texts(panel.view, 1)[-2:] == ["–", "–"]
    source.market_rows = [replace(row, age_ms=5) for row in source.market_rows[1:]]
    panel.refresh()
    assert panel.view.currentIndex().data() == "NYC 76–77°"
    assert selection.ticker == "KXHIGHNY-76"


def test_open_orders_are_counted_and_cancelled(
    make: Make, source: Source, commands: Commands, qtbot: QtBot
) -> None:
    panel = make(OrdersPanel)
    assert panel.title_context() == "5 open"
    assert panel.title_controls() is panel.cancel_all
    assert panel.cancel_all.text() == "Cancel all 5"
    panel.cancel_all.click()
    panel.view.selectRow(1)
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert commands.asked == ["cancel_all", "cancel order-1"]
    panel.view.selectRow(6)
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert len(commands.asked) == 2
    source.order_rows = []
    panel.refresh()
    assert panel.pages.is_empty
    assert not panel.cancel_all.isEnabled()


def test_with_the_exchange_gone_no_order_is_known_to_rest(make: Make, source: Source) -> None:
    source.view = replace(source.view, can_trade=False, feed_state="disconnected")
    panel = make(OrdersPanel)
    assert column_texts(panel.view, 5) == ["Unknown"] * 5 + ["Rejected", "Filled"]


def test_totals_stand_under_the_positions(make: Make, source: Source) -> None:
    panel = make(PositionsPanel, 700)
    assert panel.title_context() == "3 open"
    assert panel.totals.accessibleDescription() == "Total 3 markets −$0.09 +$3.81 $1.50"
    assert panel.totals.y() == panel.view.geometry().bottom() + 1
    source.position_rows = []
    panel.refresh()
    assert panel.pages.is_empty


def test_columns_leave_by_priority_and_numbers_stay_whole(make: Make) -> None:
    panel = make(OrdersPanel, 800)
    assert "Detail" in shown_titles(panel.view)
    panel.resize(560, 260)
    assert shown_titles(panel.view) >= {"Market", "Side", "Price ¢", "Filled", "Age", "From"}
    assert "Detail" not in shown_titles(panel.view)
    panel.resize(400, 260)
    assert shown_titles(panel.view) == {"Market", "Side", "Price ¢", "Filled", "State"}


@pytest.mark.parametrize("kind", [OrdersPanel, PositionsPanel, MarketsPanel])
def test_strikes_and_numbers_are_whole_in_the_compact_layout(
    kind: type[DockBody], make: Make, source: Source, qtbot: QtBot
) -> None:
    title = "≥ 5,012.50"
    source.market_rows = [replace(row, title=title) for row in source.market_rows]
    source.order_rows = [replace(row, title=title) for row in source.order_rows]
    source.position_rows = [replace(row, title=title) for row in source.position_rows]
    panel: Any = make(kind, 240 if kind is MarketsPanel else 380)
    panel.grab()
    qtbot.wait(0)
    shown = [n for n in range(panel.view.model().columnCount()) if not panel.view.isColumnHidden(n)]
    assert sum(panel.view.columnWidth(n) for n in shown) <= panel.view.viewport().width()
    for number in shown:
        column = panel.model.columns[number]
        cells = [column.cell(panel.rows.row_at(row)) for row in range(panel.rows.rowCount())]
        wanted = max(cell_width(cell) for cell in cells)
        assert panel.view.columnWidth(number) >= wanted, column.title


def test_markets_that_are_over_say_their_state_and_result(make: Make, source: Source) -> None:
    over = {"closed": "", "determined": "yes", "finalized": "no"}
    source.market_rows = [
        replace(row, status=status, result=result, feed_state="paused")
        for row, (status, result) in zip(source.market_rows, over.items(), strict=False)
    ]
    panel = make(MarketsPanel)
    assert column_texts(panel.view, 1) == ["Closed", "Determined YES", "Settled NO"]
    assert column_texts(panel.view, 2) == ["", "", ""]
    assert column_texts(panel.view, 4) == column_texts(panel.view, 5) == ["–"] * 3
    icons = {COLUMNS[0].cell(panel.rows.row_at(row)).icon for row in range(3)}
    assert icons == {"circle-slash"}


def test_no_market_is_live_after_the_session(make: Make, source: Source) -> None:
    source.view = replace(source.view, is_over=True)
    panel = make(MarketsPanel)
    assert COLUMNS[0].cell(panel.rows.row_at(0)).icon == "history"


def test_settled_markets_are_one_row_that_is_last_and_no_market(make: Make, source: Source) -> None:
    settled = PositionRow("", "4 settled", 0, None, None, 0, 2_000_000, 500_000, None)
    source.position_rows = [*source.position_rows, settled]
    panel = make(PositionsPanel, 700)
    for column in range(8):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            panel.view.sortByColumn(column, order)
            assert column_texts(panel.view, 0)[-1] == "4 settled"
    panel.view.selectRow(3)
    assert not panel.view.selectionModel().hasSelection()
    assert panel.totals.accessibleDescription() == "Total 3 markets −$0.09 +$5.81 $2.00"
    assert panel.title_context() == "3 open"
    source.position_rows = [replace(settled, open_micros=0)]
    panel.refresh()
    assert panel.totals.accessibleDescription() == "Total $0.00 +$2.00 $0.50"


def test_a_number_wider_than_its_sample_widens_the_column(
    make: Make, source: Source, qtbot: QtBot
) -> None:
    panel = make(PositionsPanel, 700)
    before = panel.view.columnWidth(4)
    first = replace(source.position_rows[0], open_micros=123_456_780_000)
    source.position_rows = [first, *source.position_rows[1:]]
    panel.refresh()
    panel.grab()
    qtbot.waitUntil(lambda: panel.view.columnWidth(4) > before)
    assert column_texts(panel.view, 4)[0] == "+$123,456.78"


def test_new_decisions_come_on_top_and_do_not_move_the_reader(make: Make, source: Source) -> None:
    panel = make(DecisionsPanel)
    bar = panel.view.verticalScrollBar()
    bar.setValue(40)
    reading = panel.view.indexAt(QPoint(5, 5)).data()
    newest = source.decision_rows[-1]
    source.decision_rows = [*source.decision_rows, replace(newest, number=newest.number + 1)]
    panel.refresh()
    assert panel.model.rowCount() == 301
    assert bar.value() == 41
    assert panel.view.indexAt(QPoint(5, 5)).data() == reading
    assert "HOLD" in panel.share.accessibleDescription()


def test_decisions_are_read_once(make: Make) -> None:
    panel = make(DecisionsPanel)
    panel.refresh()
    assert panel.model.rowCount() == 300


def test_the_log_filters_by_level_and_text(make: Make) -> None:
    panel = make(LogPanel)
    assert panel.title_context() == "400 lines"
    panel.level.choose("warnings")
    levels = set(column_texts(panel.view, 1))
    assert levels == {"Warning", "Error"}
    panel.search.setText("SPOOL")
    assert set(column_texts(panel.view, 1)) == {"Error"}
    assert " of 400 lines" in panel.title_context()
    panel.search.setText("nothing says this")
    assert panel.pages.is_empty
    panel.search.clear()
    panel.level.choose("all")
    assert panel.title_context() == "400 lines"


def test_the_systems_panel_says_its_state(make: Make, source: Source) -> None:
    panel = make(SystemsPanel, 306)
    assert "Feed: Live" in panel.facts.accessibleDescription()
    source.view = replace(source.view, feed_state="disconnected", rows_dropped=3)
    panel.refresh()
    assert "Feed: Disconnected" in panel.facts.accessibleDescription()
    assert "Dropped 3 rows" in panel.facts.accessibleDescription()
    assert panel.title_context() == "local exchange, recorded flow"


@pytest.mark.parametrize("kind", TABLES)
def test_empty_tables_say_why(kind: type[DockBody], make: Make, source: Source) -> None:
    for rows in ("market_rows", "order_rows", "position_rows", "decision_rows", "log_rows"):
        setattr(source, rows, [])
    panel: Any = make(kind)
    assert panel.pages.is_empty


@pytest.mark.parametrize("kind", ALL)
def test_every_panel_keeps_the_contract(kind: type[DockBody], make: Make) -> None:
    panel = make(kind)
    for theme in (LIGHT, CONTRAST, DARK):
        panel.set_theme(theme)
        assert panel.grab().width() == 570
    assert panel.accessibleName() == panel.name
    assert 1 <= panel.refresh_hz <= 20
    assert isinstance(panel.title_context(), str)


@pytest.mark.parametrize("kind", TABLES)
def test_refreshing_never_resets_a_model(kind: type[DockBody], make: Make) -> None:
    panel: Any = make(kind)
    resets: list[int] = []
    panel.model.modelReset.connect(lambda: resets.append(1))
    panel.rows.modelReset.connect(lambda: resets.append(1))
    panel.refresh()
    assert resets == []


def test_the_legend_names_every_action_and_adds_up(make: Make, source: Source) -> None:
    counts = {"HOLD": 91, "BUY_YES": 1, "SELL_YES": 1, "BUY_NO": 1, "SELL_NO": 12}
    first = source.decision_rows[0]
    actions = [name for name, count in counts.items() for _ in range(count)]
    source.decision_rows = [
        replace(first, number=number, action=action, ts_ms=1_000)
        for number, action in enumerate(actions, 1)
    ]
    panel = make(DecisionsPanel, 460)
    said = dict(part.split() for part in panel.share.accessibleDescription().split(", "))
    assert list(said) == list(counts)
    assert sum(map(int, said.values())) == 100
    assert said["HOLD"] == "86"


@pytest.mark.parametrize("width", [220, 327, 454, 900])
def test_the_whole_legend_has_room(make: Make, width: int) -> None:
    panel = make(DecisionsPanel, width)
    share = panel.share
    places = share.places({name: 88 for name in ACTIONS})
    assert [place.name for place in places] == list(ACTIONS)
    assert all(place.y + 18 < share.height() - 13 for place in places)
    assert all(place.x + 70 < width for place in places)


def test_an_amend_is_read_whole_in_the_compact_layout(make: Make, source: Source) -> None:
    last = source.decision_rows[-1]
    amend = replace(last, outcome="ordered", reason="amend bid 10 @ 89.0¢ → 90.0¢")
    source.decision_rows = [*source.decision_rows[:-1], amend]
    panel = make(DecisionsPanel, 350)
    panel.refresh()
    assert panel.view.columnWidth(4) >= cell_width(COLUMNS_OF_DECISIONS[4].cell(amend))


def test_without_their_market_only_the_chosen_ones_decisions_are_shown(
    make: Make, source: Source, selection: Selection
) -> None:
    panel = make(DecisionsPanel, 700)
    panel.refresh()
    assert (panel.rows.rowCount(), panel.title_context()) == (300, "1 per second and market")
    panel.resize(327, 260)
    panel.refresh()
    assert panel.title_context() == "chosen market only"
    for ticker in (BTC, "KXETH15M-1"):
        selection.choose(ticker)
        panel.refresh()
        shown = {panel.rows.row_at(row).ticker for row in range(panel.rows.rowCount())}
        assert shown == {ticker}


def test_another_source_has_decisions_of_its_own(make: Make, source: Source) -> None:
    panel = make(DecisionsPanel)
    late = replace(source.decision_rows[-1], number=301)
    source.decision_rows = [*source.decision_rows, late]
    panel.source_changed()
    assert panel.pages.is_empty
    assert (panel.model.rowCount(), panel.share.accessibleDescription()) == (0, "")
    source.decision_rows = [*source.decision_rows, replace(late, number=302)]
    panel.refresh()
    assert panel.model.rowCount() == 1


def test_the_chosen_order_is_followed_and_goes(
    make: Make, source: Source, commands: Commands, qtbot: QtBot
) -> None:
    panel = make(OrdersPanel)
    panel.view.selectRow(1)
    rows = source.order_rows
    source.order_rows = [*rows[2:5], rows[1], rows[0], *rows[5:]]
    panel.refresh()
    assert panel.chosen_order() == rows[1]
    source.order_rows = [row for row in source.order_rows if row is not rows[1]]
    panel.refresh()
    assert panel.chosen_order() is None
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert commands.asked == []


def test_a_thousand_markets_scroll_and_only_what_is_seen_is_painted(
    make: Make, source: Source
) -> None:
    first = source.market_rows[0]
    source.market_rows = [
        replace(first, ticker=f"KXM-{n:04d}", title=f"≥ {n}", bid_pips=n) for n in range(1_000)
    ]
    panel = make(MarketsPanel, 306)
    panel.refresh()
    assert (panel.rows.rowCount(), panel.title_context()) == (1_000, "1000 followed")
    changes: list[tuple[int, int]] = []
    panel.model.dataChanged.connect(lambda a, b: changes.append((a.row(), b.row())))
    source.market_rows = [replace(row, age_ms=500) for row in source.market_rows]
    panel.refresh()
    assert changes == [(0, 999)]  # one signal a frame, however many rows it is about
    panel.view.scrollToBottom()
    last = panel.view.rowAt(panel.view.viewport().height() - 8)
    assert panel.rows.row_at(last).market.ticker == "KXM-0999"


def test_rows_grow_with_the_density_and_numbers_stay_whole(make: Make) -> None:
    panel = make(MarketsPanel, 306)
    panel.refresh()
    narrow = [panel.view.columnWidth(number) for number in (1, 2)]
    panel.set_theme(DARK.with_density("comfortable"))
    assert panel.view.rowHeight(0) == panel.view.row_height == 24
    wide = [panel.view.columnWidth(number) for number in (1, 2)]
    assert all(after > before for before, after in zip(narrow, wide, strict=True))


def test_a_cell_that_changes_has_another_ground_for_a_moment(make: Make, source: Source) -> None:
    panel = make(MarketsPanel, 306)
    panel.refresh()
    still = panel.view.grab().toImage()
    first = source.market_rows[0]
    source.market_rows[0] = replace(first, bid_pips=2700)
    panel.refresh()
    x = panel.view.columnViewportPosition(1) + 1
    flashing = panel.view.grab().toImage()
    assert flashing.pixelColor(x, 24) != still.pixelColor(x, 24)
    assert flashing.pixelColor(x, 44) == still.pixelColor(x, 44)  # the row below has not changed
    panel.set_theme(replace(DARK, has_motion=False))
    calm = panel.view.grab().toImage()
    assert calm.pixelColor(x, 24) == still.pixelColor(x, 24)
