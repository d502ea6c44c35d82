"""The shipped session holds everything that a data test wants to see, and can be made again."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.storage.importing import read_session
from core.storage.recorded_session import RecordedSession
from core.units import LOTS_PER_CONTRACT

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"


@pytest.fixture(scope="module")
def demo() -> RecordedSession:
    return read_session(DEMO)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "packaging" / "make_demo_session.py"
    spec = importlib.util.spec_from_file_location("make_demo_session", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_file_is_small_and_whole(demo: RecordedSession) -> None:
    assert DEMO.stat().st_size < 1_500_000
    assert demo.report.damaged is None
    assert demo.report.ignored == ()
    assert (demo.report.duplicates, demo.report.clamped) == (0, 0)


def test_markets_of_one_event_are_described(demo: RecordedSession) -> None:
    assert len(demo.markets) == 6
    assert {market.event_ticker for market in demo.markets} == {"KXDEMOIDX15M-26NOV201215"}
    assert all(market.price_ranges and market.close_ms and market.title for market in demo.markets)
    assert {market.result for market in demo.markets} == {"yes", "no"}
    assert 8 * 60_000 < demo.end_ms - demo.start_ms < 12 * 60_000


def test_first_half_minute_is_lively(demo: RecordedSession) -> None:
    early = [
        event
        for event in demo.events
        if not isinstance(event, MarketChanged) and event.ts_ms < demo.start_ms + 30_000
    ]
    trades = [event for event in early if isinstance(event, Trade)]
    assert demo.trades == "real"
    assert sum(isinstance(event, BookDelta) for event in early) > 2_000
    assert len(trades) > 100
    assert sum(trade.quantity_lots for trade in trades) > 1_000 * LOTS_PER_CONTRACT


def test_every_trade_is_explained_by_the_book(demo: RecordedSession) -> None:
    """But for those whose deltas were lost in the gap."""
    unexplained = 0
    removed: dict[tuple[str, int, int], int] = {}
    traded: dict[tuple[str, int, int], int] = {}
    now_ms = 0
    for event in demo.events:
        if not isinstance(event, BookDelta | Trade):
            continue
        if event.ts_ms != now_ms:
            unexplained += sum(lots > removed.get(key, 0) for key, lots in traded.items())
            removed, traded, now_ms = {}, {}, event.ts_ms
        if isinstance(event, Trade):
            key = (event.ticker, 1 - event.taker_side, event.price_pips)
            traded[key] = traded.get(key, 0) + event.quantity_lots
        elif event.delta_lots < 0:
            key = (event.ticker, event.side, event.price_pips)
            removed[key] = removed.get(key, 0) - event.delta_lots
    assert unexplained < 20


def test_one_gap_is_followed_by_snapshots(demo: RecordedSession) -> None:
    assert demo.report.gaps == 1
    doubts = [index for index, e in enumerate(demo.events) if isinstance(e, BookDoubted)]
    assert len(doubts) == 6
    after = demo.events[doubts[-1] :]
    healed = [event.ticker for event in after if isinstance(event, BookSnapshot)][:6]
    assert sorted(healed) == sorted(market.ticker for market in demo.markets)


def test_books_are_sound_and_some_are_one_sided_for_a_while(demo: RecordedSession) -> None:
    books = Books()
    for market in demo.markets:
        books.follow(market)
    one_sided_ms = two_sided_ms = 0
    now_ms = demo.start_ms
    for event in demo.events:
        if isinstance(event, BookSnapshot):
            books.apply_snapshot(event)
        elif isinstance(event, BookDoubted):
            books.doubt(event.ticker)
        elif isinstance(event, BookDelta):
            if event.ts_ms != now_ms:
                books.end_group()
                sides = [(b.best_bid() is None) + (b.best_ask() is None) for b in books]
                one_sided_ms += sides.count(1) * (event.ts_ms - now_ms)
                two_sided_ms += sides.count(0) * (event.ts_ms - now_ms)
                now_ms = event.ts_ms
            books.apply_delta(event)
    assert one_sided_ms > 60_000
    assert two_sided_ms > one_sided_ms
    counters = books.counters
    assert (counters.negative, counters.crossed_at_group_end) == (0, 0)


def test_markets_end_with_an_empty_book_and_a_payout(demo: RecordedSession) -> None:
    last = {event.ticker: event for event in demo.events if isinstance(event, BookSnapshot)}
    assert all(snapshot.bids == snapshot.asks == () for snapshot in last.values())
    close_ms = demo.markets[0].close_ms
    assert all(abs(snapshot.ts_ms - close_ms) < 1_000 for snapshot in last.values())
    changes = [event for event in demo.events if isinstance(event, MarketChanged)]
    assert [change.kind for change in changes] == ["determined"] * 6 + ["settled"] * 6
    assert all(change.ts_ms >= close_ms for change in changes)
    assert {change.settlement_pips for change in changes[:6]} == {0, 10_000}


def test_equal_seeds_give_equal_bytes(generator: ModuleType) -> None:
    first, second = (generator.record(1, 1.0, 3.0, 6.0) for _ in range(2))
    assert len(first) > 300
    assert generator.packed(first) == generator.packed(second)
    assert first != generator.record(2, 1.0, 3.0, 6.0)
