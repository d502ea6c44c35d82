"""Order, time and sequence numbers while a session is built."""

import pytest

from core.market.events import BookDelta, BookDoubted, BookSnapshot, Trade
from core.storage.session_builder import SessionBuilder

SECOND_NS = 1_000_000_000


def builder_with_book() -> SessionBuilder:
    builder = SessionBuilder()
    builder.add_snapshot(BookSnapshot("A", ((4_000, 500),), (), sid=1, seq=1), 0)
    return builder


def test_snapshots_before_the_first_stamp_take_it() -> None:
    builder = builder_with_book()
    assert builder.stamp(700, 0) == 700
    assert [event.ts_ms for event in builder.events if isinstance(event, BookSnapshot)] == [700]
    assert (builder.first_ms, builder.last_ms) == (700, 700)


def test_unstamped_end_takes_the_receive_time_passed() -> None:
    builder = SessionBuilder()
    builder.stamp(1_000, 5 * SECOND_NS)
    builder.add_snapshot(BookSnapshot("A", (), ()), 7 * SECOND_NS)
    builder.add_snapshot(BookSnapshot("B", (), ()), 6 * SECOND_NS)
    builder.finish()
    stamps = [event.ts_ms for event in builder.events if isinstance(event, BookSnapshot)]
    assert stamps == [3_000, 3_000]
    assert builder.last_ms == 3_000


def test_older_stamps_are_raised_and_missing_ones_are_not_counted() -> None:
    builder = SessionBuilder()
    assert [builder.stamp(ts_ms, 0) for ts_ms in (10, 8, 0, 11)] == [10, 10, 10, 11]
    assert builder.counts["clamped"] == 1


def test_each_subscription_counts_for_itself() -> None:
    builder = SessionBuilder()
    frames = [(1, 5), (2, 1), (1, 6), (2, 2), (1, 6), (1, 8), (3, 0)]
    assert [builder.is_new(sid, seq, 0) for sid, seq in frames] == [True] * 4 + [False, True, True]
    assert (builder.counts["gaps"], builder.counts["duplicates"]) == (1, 1)


def test_gap_doubts_only_books_of_its_subscription() -> None:
    builder = builder_with_book()
    builder.add_snapshot(BookSnapshot("B", (), (), sid=2), 0)
    builder.is_new(1, 1, 0)
    builder.is_new(1, 9, 0)
    doubted = [event.ticker for event in builder.events if isinstance(event, BookDoubted)]
    assert doubted == ["A"]


@pytest.mark.parametrize("sid", [1, None])
def test_restart_forgets_numbers(sid: int | None) -> None:
    builder = builder_with_book()
    builder.is_new(1, 9, 0)
    builder.restart(sid)
    assert builder.is_new(1, 1, 0)
    assert (builder.counts["gaps"], builder.counts["duplicates"]) == (0, 0)


def test_trade_moves_before_its_removal_only_within_the_instant() -> None:
    builder = builder_with_book()
    for ts_ms in (10, 11):
        builder.add_delta(BookDelta("A", 0, 4_000, -100, builder.stamp(ts_ms, 0)))
    builder.add_delta(BookDelta("A", 0, 4_000, 100, 11))
    trade = Trade("t", "A", 4_000, 100, 1, builder.stamp(11, 0))
    builder.add_trade(trade)
    assert builder.events.index(trade) == 2
    stray = Trade("u", "A", 4_000, 100, 0, builder.stamp(11, 0))
    builder.add_trade(stray)
    assert builder.events[-1] is stray
