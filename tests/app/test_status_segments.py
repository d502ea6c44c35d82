"""What the status bar says, and what it gives up first."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from app.status_segments import GIVEN_UP, segments
from app.views import SystemsView
from app.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from conftest import RowSource

VENUE_MS = 1_778_713_593_000


@pytest.fixture
def view(source: "RowSource") -> SystemsView:
    return source.view


def words(view: SystemsView, key: str) -> str:
    return next((s.words for s in segments(view, None) if s.key == key), "")


def test_reads_as_designed(source: "RowSource") -> None:
    made = {s.key: s.words for s in segments(source.view, source.rows[1])}
    assert made == {
        "mode": "SANDBOX",
        "feed": "Feed Live age 38 ms",
        "orders": "Orders Linked RTT 31 ms",
        "database": "DB 212 rows commit 0.4 s",
        "actor": "Actor Off not started",
        "tokens": "Write tokens 74",
        "skew": "Skew +14 ms",
        "replay": "Session 42 % 10x",
        "account": "Cash $969.05 Equity $1,001.61",
        "profit": "Open 5 Pos 3 P&L +$1.61",
        "closes": "ETH 15 m closes 08:00",
    }


def test_unknown_is_a_dash_and_absent_is_left_out(view: SystemsView) -> None:
    bare = replace(
        view,
        rest_ms=None,
        write_tokens=None,
        clock_offset_ms=None,
        session_progress=None,
        session_pnl_micros=None,
        venue_ms=None,
    )
    assert words(bare, "orders") == "Orders No reply yet RTT \N{EN DASH}"
    assert words(bare, "profit") == "Open 5 Pos 3 P&L \N{EN DASH}"
    assert [words(bare, key) for key in ("tokens", "skew", "replay", "closes")] == [""] * 4


def test_one_row_is_singular(view: SystemsView) -> None:
    assert words(replace(view, queue_rows=1), "database") == "DB 1 row commit 0.4 s"
    assert words(replace(view, queue_rows=1_200), "database") == "DB 1,200 rows commit 0.4 s"


def test_troubles_have_word_icon_and_warning_colour(view: SystemsView) -> None:
    bad = replace(view, feed_state="stale", database_state="away", rows_dropped=7)
    made = {s.key: s for s in segments(bad, None)}
    assert (made["feed"].icon, made["feed"].icon_colour) == ("triangle-alert", "warn")
    assert made["database"].words == "DB Away 7 dropped"
    assert made["database"].icon_colour == "warn"


def test_orders_are_not_linked_to_an_exchange_that_is_gone(view: SystemsView) -> None:
    gone = replace(view, feed_state="disconnected", can_trade=False)
    made = next(s for s in segments(gone, None) if s.key == "orders")
    assert (made.words, made.icon_colour) == ("Orders Disconnected", "alarm")


def test_at_the_end_of_a_session_nothing_is_live(view: SystemsView) -> None:
    made = {s.key: s for s in segments(replace(view, is_over=True, speed=0.0), None)}
    assert (made["feed"].words, made["feed"].icon) == ("Feed Session ended", "history")
    assert made["replay"].words == "Session 42 %"


def test_cash_and_equity_are_seen_at_the_default_size(
    qapp: QApplication, source: "RowSource"
) -> None:
    bar = StatusBar()
    bar.resize(1594, 26)
    view = replace(source.view, actor_state="running", actor_detail="hardcoded, 1066 decisions")
    bar.show_segments(segments(view, source.rows[0]))
    assert "Cash $969.05 Equity $1,001.61" in [segment.words for segment in bar.shown]


def test_profit_has_its_direction_colour(view: SystemsView) -> None:
    loss = segments(replace(view, session_pnl_micros=-960_000), None)
    part = next(s for s in loss if s.key == "profit").parts[-1]
    assert part == ("\N{MINUS SIGN}$0.96", "ask")


def with_pause(view: SystemsView, in_ms: int = 3_600_000) -> SystemsView:
    """A view in which the exchange pauses for two hours from then on."""
    begins_ms = VENUE_MS + in_ms
    return replace(
        view,
        venue_ms=VENUE_MS,
        pause_begins_ms=begins_ms,
        pause_ends_ms=begins_ms + 7_200_000,
        is_paused=in_ms <= 0,
    )


@pytest.mark.parametrize(
    ("in_ms", "words"),
    [
        (3_600_000, ["Pause in 1.0 h"]),
        (0, ["Paused resumes in 2.0 h"]),
        (24 * 3_600_000, []),
    ],
)
def test_a_pause_is_told_while_it_is_near(view: SystemsView, in_ms: int, words: list[str]) -> None:
    made = segments(with_pause(view, in_ms), None)
    assert [segment.words for segment in made if segment.key == "pause"] == words


def test_a_halt_is_told_with_its_end_or_without(view: SystemsView) -> None:
    halted = replace(view, venue_ms=VENUE_MS, pause_begins_ms=0, is_paused=True, is_halted=True)
    for ends_ms, words in ((None, "Paused"), (VENUE_MS + 7_200_000, "Paused resumes in 2.0 h")):
        made = segments(replace(halted, pause_ends_ms=ends_ms), None)
        assert [segment.words for segment in made if segment.key == "pause"] == [words]


@pytest.mark.parametrize("width", [1594, 1274, 1024, 800])
def test_what_does_not_fit_is_given_up_in_order(
    qapp: QApplication, source: "RowSource", width: int
) -> None:
    bar = StatusBar()
    bar.resize(width, 26)
    everything = segments(with_pause(source.view), source.rows[0])
    bar.show_segments(everything)
    shown = {s.key: s for s in bar.shown}
    assert {"mode", "feed", "profit"} <= set(shown)
    lost = [
        key for key in GIVEN_UP if shown.get(key) != next(s for s in everything if s.key == key)
    ]
    assert lost == list(GIVEN_UP[: len(lost)])
    assert len(bar.toolTip().splitlines()) == len(lost)
    assert "Skew +14 ms" in bar.accessibleName()
