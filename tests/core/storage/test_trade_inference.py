"""The written rule of trade inference, and one piece of a recording that has real trades."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.market.events import BookDelta, BookDoubted, BookSnapshot, Trade
from core.market.ticks import LINEAR_CENT, TAPERED_DECI_CENT_RANGES, TickTable
from core.storage.recorded_session import SessionEvent
from core.storage.trade_inference import Inferred, TickerReading, infer_trades
from core.units import parse_count, parse_price

TICKER = "KXDEMO-26NOV20-T1"
START = BookSnapshot(TICKER, ((3_900, 1_000), (4_000, 1_000)), ((4_500, 1_000), (4_600, 1_000)))


def delta(ts_ms: int, side: int, price_pips: int, lots: int) -> BookDelta:
    return BookDelta(TICKER, side, price_pips, lots, ts_ms)


def reading(
    ts_ms: int, traded_lots: int, price_pips: int = 0, size_lots: int = 0, connection: int = 0
) -> TickerReading:
    return TickerReading(TICKER, connection, ts_ms, price_pips, size_lots, 2 * traded_lots)


def inferred(*parts: SessionEvent | TickerReading) -> Inferred:
    readings = [part for part in parts if isinstance(part, TickerReading)]
    events = [part for part in parts if not isinstance(part, TickerReading)]
    return infer_trades([START, *events], readings, {TICKER: LINEAR_CENT})


def trades(result: Inferred) -> list[tuple[int, int, int, int]]:
    """(ts_ms, price, lots, taker side) of each inferred trade."""
    return [
        (event.ts_ms, event.price_pips, event.quantity_lots, event.taker_side)
        for event in result.events
        if isinstance(event, Trade) and event.is_inferred
    ]


def test_removals_at_the_best_become_trades_of_the_other_side() -> None:
    result = inferred(
        reading(0, 0),
        delta(10, 0, 4_000, -300),
        delta(11, 1, 4_500, -200),
        reading(20, 500),
    )
    assert trades(result) == [(10, 4_000, 300, 1), (11, 4_500, 200, 0)]
    assert (result.trades, result.step_lots, result.matched_lots) == (2, 500, 500)


def test_trade_stands_right_before_its_delta() -> None:
    removal = delta(10, 0, 4_000, -300)
    result = inferred(reading(0, 0), delta(9, 0, 3_900, 100), removal, reading(20, 300))
    place = result.events.index(removal)
    assert isinstance(result.events[place - 1], Trade)
    assert len(result.events) == 4


def test_removals_behind_the_best_are_no_trades() -> None:
    result = inferred(
        reading(0, 0), delta(10, 0, 3_900, -300), delta(11, 1, 4_600, -1), reading(20, 300)
    )
    assert trades(result) == []
    assert (result.step_lots, result.matched_lots) == (300, 0)


def test_sweep_through_two_levels_counts_both() -> None:
    result = inferred(
        reading(0, 0), delta(10, 0, 4_000, -1_000), delta(10, 0, 3_900, -100), reading(20, 1_100)
    )
    assert trades(result) == [(10, 4_000, 1_000, 1), (10, 3_900, 100, 1)]


def test_repricing_is_no_trade() -> None:
    result = inferred(
        reading(0, 0),
        delta(10, 0, 4_000, -300),
        delta(10, 0, 3_900, 300),
        delta(11, 0, 4_000, -200),
        reading(20, 300),
    )
    assert trades(result) == [(11, 4_000, 200, 1)]


def test_one_addition_excuses_one_removal() -> None:
    result = inferred(
        reading(0, 0),
        delta(10, 0, 4_000, -300),
        delta(10, 0, 4_000, -300),
        delta(10, 0, 3_900, 300),
        reading(20, 900),
    )
    assert trades(result) == [(10, 4_000, 300, 1)]


def test_last_price_and_size_come_first() -> None:
    result = inferred(
        reading(0, 0),
        delta(10, 0, 4_000, -300),
        delta(11, 1, 4_500, -200),
        reading(20, 200, price_pips=4_500, size_lots=200),
    )
    assert trades(result) == [(11, 4_500, 200, 0)]


def test_what_exceeds_the_volume_is_a_cancellation() -> None:
    result = inferred(
        reading(0, 0), delta(10, 0, 4_000, -300), delta(11, 0, 4_000, -300), reading(20, 400)
    )
    assert trades(result) == [(10, 4_000, 300, 1), (11, 4_000, 100, 1)]


def test_only_deltas_inside_the_step_count() -> None:
    result = inferred(
        delta(5, 0, 4_000, -100),
        reading(5, 0),
        delta(6, 0, 4_000, -100),
        delta(20, 0, 4_000, -100),
        delta(21, 0, 4_000, -100),
        reading(20, 1_000),
    )
    assert [trade[0] for trade in trades(result)] == [6, 20]


def test_volume_between_two_connections_is_not_matched() -> None:
    result = inferred(reading(0, 0), delta(10, 0, 4_000, -300), reading(20, 300, connection=1))
    assert trades(result) == []
    assert result.step_lots == 0


def test_doubted_book_yields_no_trades() -> None:
    result = inferred(
        reading(0, 0),
        BookDoubted(TICKER, "seq 4 to 5 missing"),
        delta(10, 0, 4_000, -300),
        reading(20, 300),
    )
    assert trades(result) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(39, 46), st.integers(-400, 400)), max_size=40
    ),
    st.lists(st.integers(0, 900), min_size=2, max_size=6),
)
def test_never_more_than_the_volume_nor_than_the_removals(
    changes: list[tuple[int, int, int]], volumes: list[int]
) -> None:
    events: list[SessionEvent] = [START]
    events += [
        delta(index // 2, side, cents * 100, lots)
        for index, (side, cents, lots) in enumerate(changes)
        if lots
    ]
    readings = [reading(index * 4, volume) for index, volume in enumerate(sorted(volumes))]
    result = infer_trades(events, readings, {TICKER: LINEAR_CENT})
    assert result.matched_lots <= result.step_lots
    assert [event for event in result.events if not isinstance(event, Trade)] == events
    for trade, removal in zip(result.events, result.events[1:], strict=False):
        if isinstance(trade, Trade):
            assert isinstance(removal, BookDelta)
            assert removal.delta_lots <= -trade.quantity_lots < 0
            assert (removal.side, removal.ts_ms) == (1 - trade.taker_side, trade.ts_ms)


def test_real_trades_of_a_recording_are_found_again(recordings: Path) -> None:
    """The recording has deltas, trades and one ticker message, which we complete to a step."""
    path = recordings / "public" / "ws-samples" / "kxbtc15m-20260420-l2-trade-ticker.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    by_type = {
        kind: [row for row in rows if row["type"] == kind] for kind in {r["type"] for r in rows}
    }
    real = [
        (parse_price(t["yes_price_dollars"]), parse_count(t["count_fp"])) for t in by_type["trade"]
    ]
    closing = by_type["ticker"][0]
    volume = parse_count(closing["volume_fp"])
    events = _events(rows)
    end_ms = events[-1].ts_ms
    last = parse_price(closing["price_dollars"]), parse_count(closing["last_trade_size_fp"])
    readings = [
        TickerReading(TICKER, 0, 0, 0, 0, volume - 2 * sum(lots for _, lots in real)),
        TickerReading(TICKER, 0, end_ms, *last, volume),
    ]
    ticks = {TICKER: TickTable.from_ranges(TAPERED_DECI_CENT_RANGES)}
    result = infer_trades(events, readings, ticks)
    found = [(e.price_pips, e.quantity_lots) for e in result.events if isinstance(e, Trade)]
    assert found == real
    assert all(event.taker_side == 0 for event in result.events if isinstance(event, Trade))


def _events(rows: list[dict[str, Any]]) -> list[BookSnapshot | BookDelta]:
    def yes_price(text: str, side: str) -> int:
        return parse_price(text) if side == "yes" else 10_000 - parse_price(text)

    def levels(row: dict[str, Any], side: str) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((yes_price(p, side), parse_count(c)) for p, c in row[side]))

    events: list[BookSnapshot | BookDelta] = []
    for row in rows:
        if row["type"] == "snapshot":
            events.append(BookSnapshot(TICKER, levels(row, "yes"), levels(row, "no")))
        elif row["type"] == "delta":
            ts_ms = int(datetime.fromisoformat(row["ts"]).timestamp() * 1_000)
            price, lots = yes_price(row["price_dollars"], row["side"]), parse_count(row["delta_fp"])
            events.append(BookDelta(TICKER, int(row["side"] == "no"), price, lots, ts_ms))
    return events
