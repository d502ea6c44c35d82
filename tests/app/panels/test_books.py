"""Ladder and depth: the chosen market, YES and NO, stale and empty, and holding still."""

from dataclasses import replace
from typing import Protocol

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.panels.depth import DepthPanel
from app.panels.ladder import LadderPanel
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import CONTRAST, DARK, LIGHT, Theme
from app.views import BookView, MarketRow, SystemsView
from app.widgets.empty_state import EmptyState
from app.widgets.text_painting import LABEL, font

BTC = "KXBTC15M-1"


class Source(ConsoleSource, Protocol):
    books: dict[str, BookView]
    market_rows: list[MarketRow]
    view: SystemsView


@pytest.fixture
def ladder(source: Source, selection: Selection, commands: object, qtbot: QtBot) -> LadderPanel:
    panel = LadderPanel(source, selection, DARK, commands)
    qtbot.addWidget(panel)
    panel.resize(316, 611)
    panel.show()
    panel.refresh()
    return panel


@pytest.fixture
def depth(source: Source, selection: Selection, commands: object, qtbot: QtBot) -> DepthPanel:
    panel = DepthPanel(source, selection, DARK, commands)
    qtbot.addWidget(panel)
    panel.resize(506, 271)
    panel.show()
    panel.refresh()
    return panel


def image_of(panel: QWidget) -> QImage:
    return panel.grab().toImage()


def count_of(image: QImage, colour: QColor) -> int:
    wanted = colour.rgb()
    return sum(
        image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height())
    )


def test_the_ladder_is_centred_on_the_mid(ladder: LadderPanel) -> None:
    prices = ladder.view.visible_prices()
    assert abs(prices.index(2900) - len(prices) // 2) <= 1
    assert ladder.title_context() == "BTC 15 m"
    assert ladder.readout.accessibleDescription().startswith("Mid 29.0¢, Spread 2.0¢")
    assert "Position +28.07 YES" in ladder.foot.accessibleDescription()


def test_the_ladder_holds_until_the_mid_has_gone_far(ladder: LadderPanel, source: Source) -> None:
    before = ladder.view.visible_prices()
    source.books[BTC] = moved(source.books[BTC], 200)
    ladder.refresh()
    assert ladder.view.visible_prices() == before
    source.books[BTC] = moved(source.books[BTC], 2000)
    ladder.refresh()
    assert abs(ladder.view.visible_prices().index(5100) - len(before) // 2) <= 1


def moved(book: BookView, by_pips: int) -> BookView:
    return replace(
        book,
        bids=tuple((p + by_pips, lots) for p, lots in book.bids if p + by_pips < 10_000),
        asks=tuple((p + by_pips, lots) for p, lots in book.asks if p + by_pips < 10_000),
    )


def test_the_ladder_never_moves_under_the_pointer(ladder: LadderPanel, source: Source) -> None:
    before = ladder.view.visible_prices()
    where = QPointF(150, 200)
    QApplication.sendEvent(ladder.view, QEnterEvent(where, where, where))
    source.books[BTC] = moved(source.books[BTC], 2000)
    ladder.refresh()
    assert ladder.view.visible_prices() == before
    assert count_of(image_of(ladder.view), DARK.selected) > 1_000
    QApplication.sendEvent(ladder.view, QEvent(QEvent.Type.Leave))
    assert abs(ladder.view.visible_prices().index(4900) - len(before) // 2) <= 1
    assert count_of(image_of(ladder.view), DARK.selected) == 0


def test_the_wheel_scrolls_and_a_double_click_recentres(ladder: LadderPanel, qtbot: QtBot) -> None:
    before = ladder.view.visible_prices()
    where = QPointF(150, 200)
    wheel = QWheelEvent(
        where,
        where,
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    ladder.view.wheelEvent(wheel)
    assert ladder.view.visible_prices()[0] == before[0] + 600
    qtbot.mouseDClick(ladder.view, Qt.MouseButton.LeftButton, pos=QPoint(150, 200))
    assert ladder.view.visible_prices() == before
    ladder.view.wheelEvent(wheel)
    qtbot.mouseClick(ladder.view, Qt.MouseButton.MiddleButton, pos=QPoint(150, 200))
    assert ladder.view.visible_prices() == before


def test_the_no_switch_mirrors_ladder_and_depth(ladder: LadderPanel, depth: DepthPanel) -> None:
    ladder.outcome.choose("no")
    depth.outcome.choose("no")
    assert 7100 in ladder.view.visible_prices()
    assert ladder.readout.accessibleDescription().startswith("Mid 71.0¢")
    assert depth.readout.accessibleDescription().startswith("Bid 70.0¢, Mid 71.0¢, Ask 72.0¢")
    assert depth.plot.ranges()[:2] == (51.0, 91.0)


def test_own_orders_are_painted(ladder: LadderPanel, depth: DepthPanel, source: Source) -> None:
    marked = [count_of(image_of(panel), DARK.own) for panel in (ladder, depth)]
    source.books[BTC] = replace(source.books[BTC], own=())
    for panel in (ladder, depth):
        panel.refresh()
    bare = [count_of(image_of(panel), DARK.own) for panel in (ladder, depth)]
    assert min(marked) > 200
    assert max(bare) == 0


def test_a_stale_book_is_drawn_stale_and_heals(
    ladder: LadderPanel, depth: DepthPanel, source: Source
) -> None:
    live = source.books[BTC]
    assert count_of(image_of(ladder), DARK.warn) == 0
    source.books[BTC] = replace(live, status="stale", age_ms=7_400)
    for panel in (ladder, depth):
        panel.refresh()
        assert count_of(image_of(panel), DARK.warn) > 100
    assert "Bid 28.0¢" in depth.readout.accessibleDescription()
    source.books[BTC] = live
    for panel in (ladder, depth):
        panel.refresh()
        assert count_of(image_of(panel), DARK.warn) == 0


@pytest.mark.parametrize("side", ["bids", "asks"])
def test_one_sided_books_are_drawn(
    side: str, ladder: LadderPanel, depth: DepthPanel, source: Source
) -> None:
    one_sided = replace(source.books[BTC], bids=(), own=(), last_trade_pips=None)
    if side == "bids":
        one_sided = replace(source.books[BTC], asks=(), own=(), last_trade_pips=None)
    source.books[BTC] = one_sided
    present, absent = (DARK.bid, DARK.ask) if side == "bids" else (DARK.ask, DARK.bid)
    for panel, painted in ((ladder, ladder.view), (depth, depth.plot)):
        panel.refresh()
        assert not panel.pages.is_empty
        image = image_of(painted)
        assert count_of(image, present) > 50
        assert count_of(image, absent) == 0
    assert "Mid –" in depth.readout.accessibleDescription()


def test_empty_states_say_why(
    ladder: LadderPanel, depth: DepthPanel, source: Source, selection: Selection
) -> None:
    source.books[BTC] = replace(source.books[BTC], bids=(), asks=(), status="empty")
    depth.refresh()
    assert depth.pages.is_empty
    selection.choose("KXNOBOOK")
    for panel in (ladder, depth):
        panel.refresh()  # the window's next frame
    assert ladder.pages.is_empty
    assert depth.pages.is_empty
    assert depth.title_context() == ""
    selection.choose("KXETH15M-1")
    ladder.refresh()
    assert not ladder.pages.is_empty
    assert ladder.title_context() == "ETH 15 m"


def test_the_imbalance_keeps_its_place(depth: DepthPanel, source: Source) -> None:
    places = set()
    for bid, ask in ((2800, 3000), (870, 880), (4985, 5005)):
        source.books[BTC] = replace(source.books[BTC], bids=((bid, 900),), asks=((ask, 400),))
        depth.refresh()
        places |= {end for reading, end in depth.readout.places() if reading.label == "Imb. 5"}
    assert len(places) == 1


def test_axis_and_range_labels_are_never_cut(depth: DepthPanel) -> None:
    axis = depth.plot.getPlotItem().getAxis("right")
    metrics = QFontMetricsF(font(LABEL))
    for label in axis.tickStrings([888_800.0, 12_500.0, 400_000.0], 1.0, 100.0):
        assert metrics.horizontalAdvance(label) + 5 < axis.width()
    depth.resize(300, 160)
    for button in depth.span.findChildren(QToolButton):
        button.setChecked(True)
        assert button.width() >= metrics.horizontalAdvance(button.text()) + 10


def test_a_market_that_is_over_says_so(
    ladder: LadderPanel, depth: DepthPanel, source: Source
) -> None:
    source.books[BTC] = replace(source.books[BTC], bids=(), asks=(), status="empty")
    row = source.market_rows[0]
    source.market_rows[0] = replace(row, status="determined", result="yes")
    for panel in (ladder, depth):
        panel.refresh()
        assert words_of(panel) == "Market determined It is not quoted any more. The result is YES."
    source.market_rows[0] = row
    source.view = replace(source.view, is_over=True)
    for panel in (ladder, depth):
        panel.refresh()
        assert words_of(panel).startswith("Session ended")


def words_of(panel: LadderPanel | DepthPanel) -> str:
    assert panel.pages.is_empty
    labels = panel.pages.findChild(EmptyState).findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.text())


def test_depth_says_when_its_market_closes_and_the_age_of_its_book(
    depth: DepthPanel, source: Source
) -> None:
    assert depth.title_context() == "BTC 15 m · book 38 ms old"
    source.books[BTC] = replace(source.books[BTC], left_ms=507_000)
    depth.refresh()
    assert depth.title_context() == "closes 08:27 · BTC 15 m · book 38 ms old"


def test_depth_tells_spread_and_imbalance_in_the_compact_layout(depth: DepthPanel) -> None:
    depth.resize(382, 300)
    depth.grab()
    shown = [reading.label for reading, _ in depth.readout.places()]
    assert shown == ["Bid", "Mid", "Ask", "Spread", "Imb. 5"]


def test_the_range_switch_sets_the_axis(depth: DepthPanel) -> None:
    assert depth.plot.ranges()[:2] == (9.0, 49.0)
    depth.span.choose("10")
    assert depth.plot.ranges()[:2] == (19.0, 39.0)
    depth.span.choose("all")
    assert depth.plot.ranges()[:2] == (0.0, 100.0)


def test_the_crosshair_reads_depth_average_and_distance(depth: DepthPanel, source: Source) -> None:
    source.books[BTC] = replace(source.books[BTC], asks=((3000, 10_000), (3100, 30_000)))
    depth.refresh()
    assert depth.plot.reading_at(3100) == ("≤ 31.0¢  400 ct", "avg 30.75¢ · +2.0¢")
    assert depth.plot.reading_at(2950) is None


@pytest.mark.parametrize("theme", [LIGHT, CONTRAST, DARK])
def test_panels_take_another_theme(theme: Theme, ladder: LadderPanel, depth: DepthPanel) -> None:
    for panel in (ladder, depth):
        panel.set_theme(theme)
        assert count_of(image_of(panel), theme.bid) > 50
