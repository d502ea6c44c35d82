from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.agent.events import DecisionMade
from core.clock import ManualClock
from core.events import Bus, Event
from core.kalshi.events import FeedState, FillReport
from core.market.events import BookDelta, BookSnapshot, Trade
from core.market.market import Market
from core.storage.recorder import Recorder
from core.storage.store import Storage
from core.trading.events import FillBooked, OrderChanged, PortfolioSynced

START_MS = 1_700_000_000_000
FILL = FillReport("t-1", "o-1", "A", 1, 4_300, 700, 12_345, True, 60, "c-1", -300)
EVENTS: tuple[Event, ...] = (
    BookSnapshot("A", ((4_100, 5), (4_200, 10**12)), ((4_300, 7), (4_400, 8)), 1, 1, 10),
    BookSnapshot("B", (), (), 1, 2, 10),
    BookDelta("A", 0, 4_250, 300, 20, 1, 3),
    BookDelta("A", 1, 4_300, -700, 30, 1, 4, "c-1"),
    Trade("t-1", "A", 4_300, 700, 0, 30, 2, 1),
    Trade("t-2", "B", 1, 100, 1, 40, 0, 0, is_inferred=True),
    OrderChanged("c-1", "o-1", "A", 1, 4_300, 1_000, 700, "resting", "actor", "", 50),
    FillBooked(FILL, -300, 999_000_000, -5),
    DecisionMade(1, 70, "A", 3, "ordered", "best ask", 0.0625, "c-1", "hardcoded"),
    DecisionMade(2, 80, "B", 0, "blocked", "no book", None, "", "hardcoded"),
    PortfolioSynced(90, 1, 2, -3, 4, 5),
)
WRITTEN: dict[str, list[tuple[object, ...]]] = {
    "select row_no, ticker, ts_ms, recv_after_ms, sid, seq, yes_bid_pips, yes_bid_lots, "
    "no_bid_pips, no_bid_lots from orderbook_snapshots": [
        (1, "A", 10, 0, 1, 1, [4_100, 4_200], [5, 10**12], [5_600, 5_700], [8, 7]),
        (2, "B", 10, 1, 1, 2, [], [], [], []),
    ],
    "select row_no, ticker, ts_ms, recv_after_ms, sid, seq, side, price_pips, delta_lots, "
    "client_order_id from orderbook_deltas": [
        (3, "A", 20, 2, 1, 3, b"y", 4_250, 300, ""),
        (4, "A", 30, 3, 1, 4, b"n", 5_700, -700, "c-1"),
    ],
    "select row_no, ticker, ts_ms, recv_after_ms, sid, seq, trade_id, yes_price_pips, "
    "quantity_lots, taker_side, is_inferred from trades": [
        (5, "A", 30, 4, 2, 1, "t-1", 4_300, 700, b"b", False),
        (6, "B", 40, 5, 0, 0, "t-2", 1, 100, b"a", True),
    ],
    "select row_no, ticker, ts_ms, client_order_id, order_id, side, yes_price_pips, total_lots, "
    "filled_lots, state, origin, reason from rl_orders": [
        (7, "A", 50, "c-1", "o-1", b"a", 4_300, 1_000, 700, "resting", "actor", ""),
    ],
    "select row_no, ticker, ts_ms, trade_id, order_id, client_order_id, side, yes_price_pips, "
    "quantity_lots, fee_micros, is_taker, position_lots, cash_micros, realized_micros "
    "from rl_fills": [
        (8, "A", 60, "t-1", "o-1", "c-1", b"a", 4_300, 700, 12_345, True, -300, 999_000_000, -5),
    ],
    "select row_no, ticker, ts_ms, number, action, outcome, reason, probability, "
    "client_order_id, policy from trading_actions": [
        (9, "A", 70, 1, 3, "ordered", "best ask", 0.0625, "c-1", "hardcoded"),
        (10, "B", 80, 2, 0, "blocked", "no book", None, "", "hardcoded"),
    ],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_MS)


@pytest.fixture
async def storage(dsn: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Storage]:
    opened = await Storage.open(tmp_path, dsn, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def recorder(storage: Storage) -> Recorder:
    return await storage.begin_session(mode="paper", venue="sandbox", source="demo", venue_ms=5)


async def read(storage: Storage, query: str) -> list[tuple[object, ...]]:
    async with storage.database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query)]


async def test_every_event_is_read_back_exactly(
    storage: Storage, recorder: Recorder, clock: ManualClock
) -> None:
    bus = Bus()
    bus.subscribe(recorder.observe)
    await recorder.register_markets([Market("A", "E", "Title A"), Market("B", "E", "Title B")])
    for event in EVENTS:
        bus.publish(event)
        clock.advance_ms(1)
    await recorder.end(venue_ms=100)
    for query, rows in WRITTEN.items():
        assert await read(storage, query.replace(" from ", " from markets m join ") + (
            " t on t.market_id = m.id order by row_no"
        )) == rows  # fmt: skip
    assert await read(
        storage,
        "select row_no, ts_ms, cash_micros, reserved_micros, drift_cash_micros, "
        "drift_position_lots, drift_orders from portfolio_syncs",
    ) == [(11, 90, 1, 2, -3, 4, 5)]


async def test_session_is_ended_with_its_counts(
    storage: Storage, recorder: Recorder, clock: ManualClock
) -> None:
    for event in EVENTS:
        recorder.observe(event)
    clock.advance_ms(1_000)
    await recorder.end(venue_ms=100)
    await recorder.end(venue_ms=999)
    (session,) = await storage.sessions()
    assert (session.ended_wall_ms, session.ended_venue_ms) == (START_MS + 1_000, 100)
    assert (session.snapshots, session.deltas, session.trades) == (2, 2, 2)
    assert (session.order_changes, session.fills, session.decisions) == (1, 1, 2)
    assert recorder.stats.written == len(EVENTS)


async def test_events_of_unknown_markets_are_kept(storage: Storage, recorder: Recorder) -> None:
    recorder.observe(BookDelta("LATE", 0, 4_200, 1, 1))
    recorder.observe(BookDelta("NEVER", 0, 4_200, 2, 2))
    await recorder.register_markets([Market("LATE", "E", "Known later")])
    recorder.observe(BookDelta("LATE", 0, 4_200, 3, 3))
    await recorder.end(venue_ms=1)
    assert await read(
        storage,
        "select ticker, title, delta_lots from orderbook_deltas d "
        "join markets m on m.id = d.market_id order by row_no",
    ) == [("LATE", "Known later", 1), ("NEVER", "", 2), ("LATE", "Known later", 3)]


async def test_change_beyond_the_column_is_split_exactly(
    storage: Storage, recorder: Recorder
) -> None:
    recorder.observe(BookDelta("A", 0, 4_200, -5_000_000_000, 1, 7, 8))
    recorder.observe(BookDelta("A", 0, 4_200, 2**31 - 1, 1, 7, 9))
    await recorder.end(venue_ms=1)
    assert await read(
        storage, "select seq, count(*), sum(delta_lots) from orderbook_deltas group by 1 order by 1"
    ) == [(8, 3, -5_000_000_000), (9, 1, 2**31 - 1)]


async def test_what_is_not_recorded_or_too_late_is_ignored(recorder: Recorder) -> None:
    recorder.observe(FeedState("live"))
    await recorder.end(venue_ms=1)
    recorder.observe(BookDelta("A", 0, 4_200, 1, 1))
    assert (recorder.stats.queued, recorder.stats.written) == (0, 0)
