"""Rows of a running core: what markets and books say of time and of the exchange's hours."""

import shutil
from pathlib import Path

import pytest

from app.journal import LogJournal, decision_journal
from app.live_source import NS_A_FRAME, LiveSource
from app.models.systems import Fact, Words, systems_lines
from app.sources import SwitchSource
from app.starting_source import StartingSource
from app.status_segments import segments
from core.clock import ManualClock
from core.market.calendar import STANDING, Halt
from core.market.discovery import MarketFilter
from core.market.events import BookDelta, BookSnapshot, MarketChanged, Trade
from core.market.market import Market
from core.runtime.exchange_process import Served
from core.runtime.link import Link
from core.runtime.runtime import Runtime
from core.runtime.tasks import Tasks
from core.sandbox.auth import make_key, private_pem
from core.settings import Settings
from core.storage.server_account import current_server_account

PAUSE_MS = 1_795_075_200_000
"""Thursday, 19 November 2026, 3 a.m. in New York."""
MARKET = Market("KXA-1-T1", "KXA-1", "A", close_ms=PAUSE_MS + 507_900)


@pytest.fixture
def wall() -> ManualClock:
    return ManualClock(PAUSE_MS - 60_000, 1)


@pytest.fixture
def runtime(tmp_path: Path, wall: ManualClock) -> Runtime:
    made = Runtime(Settings(home=tmp_path), wall)
    made.markets[MARKET.ticker] = MARKET
    made.books.follow(MARKET)
    made.books.apply_snapshot(BookSnapshot(MARKET.ticker, ((4_000, 100),), ((4_100, 100),)))
    made.calendar.take(STANDING)
    return made


@pytest.fixture
def live(runtime: Runtime) -> LiveSource:
    return LiveSource(runtime, LogJournal(), decision_journal(), list)


def link_of(runtime: Runtime) -> Link:
    """A link to an exchange that is not there."""
    pem = private_pem(make_key())
    http, ws = "http://127.0.0.1:9/trade-api/v2", "ws://127.0.0.1:9/trade-api/ws/v2"
    return Link(
        Served(http, ws, "key", pem),
        wall=runtime.wall,
        clock=runtime.clock,
        feed=runtime.feed,
        books=runtime.books,
        orders=runtime.orders,
        markets=runtime.markets,
        limit=6,
        wanted=MarketFilter(),
        calendar=runtime.calendar,
        metrics=runtime.metrics,
        bus=runtime.bus,
        tasks=Tasks(lambda _name, error: pytest.fail(str(error))),
        on_events=runtime.pipeline.on_events,
        answered=runtime.pipeline.flush,
        doubt=lambda _ticker, reason: pytest.fail(reason),
    )


def test_a_pause_of_the_schedule_pauses_every_market(live: LiveSource, wall: ManualClock) -> None:
    assert [row.feed_state for row in live.markets()] == ["live"]
    assert live.systems().pause_begins_ms == PAUSE_MS
    wall.advance_ms(60_000)
    assert [row.feed_state for row in live.markets()] == ["paused"]
    view = live.systems()
    assert view.is_paused
    assert view.pause_ends_ms == PAUSE_MS + 7_200_000


def test_a_halt_pauses_every_market_too(runtime: Runtime, live: LiveSource) -> None:
    runtime.calendar.halt = Halt()
    assert [row.feed_state for row in live.markets()] == ["paused"]
    view = live.systems()
    assert (view.is_paused, view.is_halted, view.pause_ends_ms) == (True, True, None)
    until_ms = runtime.clock.now_ms() + 30_000
    runtime.calendar.halt = Halt(until_ms)
    assert live.systems().pause_ends_ms == until_ms


def test_the_actor_says_until_when_it_is_paused(runtime: Runtime, wall: ManualClock) -> None:
    runtime.actor.arm(wall.now_ms())
    assert runtime.actor_state()[0] == "running"
    wall.advance_ms(60_000)
    assert runtime.actor_state() == ("paused", "exchange schedule until 05:00 ET")


def test_a_book_counts_down_in_whole_seconds(live: LiveSource, wall: ManualClock) -> None:
    book = live.book(MARKET.ticker)
    assert book is not None
    assert book.left_ms == 567_000
    wall.advance_ms(600_000)
    book = live.book(MARKET.ticker)
    assert book is not None
    assert book.left_ms == 0


def test_ages_are_measured_from_the_exchanges_time(
    live: LiveSource, runtime: Runtime, wall: ManualClock
) -> None:
    """The exchange's hour and speed are its own; this machine's say nothing of a book's age."""
    venue_ms = PAUSE_MS + 86_400_000
    runtime.clock.publish(venue_ms, wall.monotonic_ns(), 10.0)
    told = BookSnapshot(MARKET.ticker, ((4_000, 100),), ((4_100, 100),), ts_ms=venue_ms - 400)
    runtime.feed_watch.observe([told])
    runtime.pipeline.on_events([told])
    book = live.book(MARKET.ticker)
    assert book is not None
    assert (book.age_ms, live.markets()[0].age_ms, live.systems().feed_age_ms) == (400,) * 3
    wall.advance_ms(100)
    runtime.books.doubt(MARKET.ticker)
    book = live.book(MARKET.ticker)
    assert book is not None
    assert (book.status, book.age_ms) == ("stale", 1_400)
    assert (live.markets()[0].age_ms, live.systems().feed_age_ms) == (1_400,) * 2


async def test_the_systems_view_counts_cross_checks_and_overflows(
    live: LiveSource, runtime: Runtime, wall: ManualClock
) -> None:
    assert live.systems().checks_agreed is None
    runtime.link = link_of(runtime)
    counters = runtime.link.cross_check.counters
    counters.agreed, counters.unclear = 3, 1
    counters.mismatched, counters.other_scale = 1, 1
    runtime.feed.counters.overflows = 4
    wall.advance_ms(NS_A_FRAME // 1_000_000)
    view = live.systems()
    assert (view.checks_agreed, view.checks_mismatched, view.checks_unclear) == (3, 2, 1)
    assert view.overflows == 4
    await runtime.link.close()


async def test_before_the_first_commit_its_age_is_unknown(
    live: LiveSource, runtime: Runtime, tmp_path: Path
) -> None:
    try:
        await runtime.recording.open()
        await runtime.recording.begin("sandbox", "generated", 1)
        view = live.systems()
        assert (view.database_state, view.last_commit_age_ms) == ("ok", None)
        database = next(part for part in segments(view, None) if part.key == "database")
        assert database.words == "DB 0 rows commit \N{EN DASH}"
        assert Fact("Last commit", Words("\N{EN DASH}")) in systems_lines(view, (), ())
    finally:
        await runtime.recording.end(1)
        await runtime.recording.close()
        shutil.rmtree(current_server_account().server_folder(tmp_path), ignore_errors=True)


@pytest.mark.parametrize(("kind", "price_pips"), [("determined", 4_100), ("settled", None)])
def test_the_last_trade_is_kept_until_its_market_is_settled(
    live: LiveSource, runtime: Runtime, kind: str, price_pips: int | None
) -> None:
    trade = Trade("t", MARKET.ticker, 4_100, 100, 0, 1)
    runtime.bus.publish(trade)
    runtime.bus.publish(MarketChanged(MARKET.ticker, kind, "yes"))
    book = live.book(MARKET.ticker)
    assert book is not None
    assert book.last_trade_pips == price_pips


def test_rows_of_one_frame_are_made_once(live: LiveSource, wall: ManualClock) -> None:
    rows = live.markets()
    assert live.markets() is rows
    wall.advance_ms(NS_A_FRAME // 1_000_000)
    assert live.markets() is not rows


def test_delays_are_counted_anew_once_a_second(
    live: LiveSource, runtime: Runtime, wall: ManualClock
) -> None:
    runtime.metrics.decision_ms.extend((1.0, 3.0, 2.0))
    view = live.systems()
    assert (view.decision_ms_p50, view.decision_ms_p99, view.frame_ms_p99) == (2.0, 3.0, None)
    runtime.metrics.decision_ms.extend((8.0, 9.0))
    wall.advance_ms(999)
    assert live.systems().decision_ms_p99 == 3.0
    wall.advance_ms(1)
    view = live.systems()
    assert (view.decision_ms_p50, view.decision_ms_p99) == (3.0, 9.0)


def test_nothing_is_awaited_before_the_exchange_has_answered(live: LiveSource) -> None:
    assert list(live.agenda()) == []


def test_within_a_frame_everybody_sees_one_instant(live: LiveSource, runtime: Runtime) -> None:
    source = SwitchSource(live)
    source.hold()
    book, systems = source.book(MARKET.ticker), source.systems()
    runtime.books.apply_delta(BookDelta(MARKET.ticker, 0, 4_000, 50, ts_ms=1))
    runtime.feed.counters.overflows = 4
    assert source.book(MARKET.ticker) is book
    assert source.systems() is systems
    assert source.book("KXA-1-T2") is None
    source.release()
    assert source.systems().overflows == 4
    newest = source.book(MARKET.ticker)
    assert newest is not None
    assert newest.bids == ((4_000, 150),)
    source.hold()
    assert source.book(MARKET.ticker) == newest
    assert source.book(MARKET.ticker) is not newest


def test_outside_of_frames_the_newest_is_answered(live: LiveSource, runtime: Runtime) -> None:
    source = SwitchSource(live)
    assert source.systems().overflows == 0
    runtime.feed.counters.overflows = 4
    assert source.systems().overflows == 4


def test_another_source_answers_at_once_within_a_frame(live: LiveSource) -> None:
    source = SwitchSource(live)
    source.hold()
    assert source.book(MARKET.ticker) is not None
    assert source.systems().source != "elsewhere"
    source.switch(StartingSource("REPLAY", "elsewhere", LogJournal()))
    assert source.book(MARKET.ticker) is None
    assert source.systems().source == "elsewhere"
