from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from core.clock import ManualClock
from core.storage.database import Database
from core.storage.row_writer import RowWriter
from core.storage.spool import Spool
from core.storage.write_queue import WriteLimits, WriteQueue

Until = Callable[[Callable[[], bool]], Awaitable[None]]
SESSION = 1
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def spool_path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "1-2.spool"


def make(database: Database, path: Path, **limits: float) -> WriteQueue:
    chosen = WriteLimits(**{"interval_s": 0.01, **limits})  # type: ignore[arg-type]
    return WriteQueue(
        SESSION, RowWriter(database), Spool(path), ManualClock(1_700_000_000_000), chosen
    )


def put(queue: WriteQueue, count: int) -> None:
    for number in range(count):
        queue.enqueue(0, "M", (number, 2, 3, 4, 5, 4_200, b"n", ""))


async def row_numbers(database: Database) -> list[int]:
    async with database.connection() as connection:
        rows = await connection.fetch("select row_no from orderbook_deltas order by ctid")
    return [row["row_no"] for row in rows]


async def cut_off(database: Database, dsn: str) -> None:
    """End all connections and let none be made, as if the server were gone."""
    database.move_to(NOWHERE)
    killer = await asyncpg.connect(dsn)
    await killer.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    await killer.close()


async def test_rows_are_written_in_order(
    database: Database, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path, batch_rows=100)
    assert queue.stats.last_commit_ms is None
    queue.start()
    put(queue, 1_050)
    await until(lambda: queue.stats.written == 1_050)
    stats = queue.stats
    assert (stats.queued, stats.spilled, stats.dropped, stats.state) == (0, 0, 0, "ok")
    assert stats.last_commit_ms == 1_700_000_000_000
    assert stats.rows_per_s == 1_050
    await queue.close(5)
    assert await row_numbers(database) == list(range(1, 1_051))


async def test_a_single_row_is_written_without_waiting_for_a_full_batch(
    database: Database, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path)
    queue.start()
    put(queue, 1)
    await until(lambda: queue.stats.written == 1)
    assert await row_numbers(database) == [1]
    await queue.close(5)


async def test_close_writes_what_is_queued(database: Database, spool_path: Path) -> None:
    queue = make(database, spool_path, interval_s=60)
    queue.start()
    put(queue, 2_500)
    await queue.close(10)
    assert await row_numbers(database) == list(range(1, 2_501))
    assert list(spool_path.parent.glob("*")) == []


async def test_full_memory_spills_and_drains_in_order(
    database: Database, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path, rows=200, batch_rows=50)
    put(queue, 1_000)  # not started: nothing leaves but to the disk
    stats = queue.stats
    assert (stats.queued, stats.spilled, stats.dropped) == (1_000, 800, 0)
    queue.start()
    await until(lambda: queue.stats.written == 1_000)
    await queue.close(5)
    assert await row_numbers(database) == list(range(1, 1_001))
    assert list(spool_path.parent.glob("*")) == []


async def test_away_at_start_then_back(
    database: Database, dsn: str, spool_path: Path, until: Until
) -> None:
    await cut_off(database, dsn)
    queue = make(database, spool_path, batch_rows=50)
    queue.start()
    put(queue, 500)
    await until(lambda: queue.stats.state == "away" and queue.stats.spilled == 500)
    assert queue.stats.queued == 500
    assert "cannot be used now" in queue.stats.detail
    put(queue, 500)
    database.move_to(dsn)
    await until(lambda: queue.stats.written == 1_000)
    assert (queue.stats.state, queue.stats.detail, queue.stats.dropped) == ("ok", "", 0)
    await queue.close(5)
    assert await row_numbers(database) == list(range(1, 1_001))


async def test_rows_that_cannot_be_written_in_time_stay_on_disk(
    database: Database, dsn: str, spool_path: Path
) -> None:
    await cut_off(database, dsn)
    queue = make(database, spool_path)
    queue.start()
    put(queue, 300)
    await queue.close(5)
    left = Spool.left_over(spool_path)
    assert left is not None
    assert left.rows == 300
    left.close()
    database.move_to(dsn)
    assert await row_numbers(database) == []


async def test_connections_cut_while_writing_leave_every_row_once(
    database: Database, dsn: str, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path, batch_rows=20, interval_s=0.001)
    queue.start()
    for round_number in range(1, 6):
        put(queue, 1_000)
        goal = 1_000 * round_number - 500
        await until(lambda goal=goal: queue.stats.written > goal)  # type: ignore[misc]
        await cut_off(database, dsn)
        database.move_to(dsn)
    await until(lambda: queue.stats.queued == 0)
    await queue.close(5)
    assert sorted(await row_numbers(database)) == list(range(1, 5_001))


async def test_only_a_full_disk_drops_rows_and_counts_them(
    database: Database, tmp_path: Path, until: Until
) -> None:
    (tmp_path / "file").write_text("")
    queue = make(database, tmp_path / "file" / "1-2.spool", rows=100, batch_rows=50)
    put(queue, 250)
    assert (queue.stats.queued, queue.stats.dropped) == (200, 50)
    assert "Free disk space" in queue.stats.detail
    queue.start()
    await until(lambda: queue.stats.written == 200)
    assert queue.stats.state == "ok"
    await queue.close(5)
    assert await row_numbers(database) == list(range(1, 201))


async def test_row_that_fits_no_column_does_not_stop_the_others(
    database: Database, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path)
    queue.start()
    put(queue, 5)
    queue.enqueue(0, "M", (1, 2, 3, 4, 2**40, 4_200, b"n", ""))
    put(queue, 5)
    await until(lambda: queue.stats.queued == 0)
    assert (queue.stats.written, queue.stats.dropped, queue.stats.state) == (10, 1, "ok")
    await queue.close(5)
    assert await row_numbers(database) == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    refused = spool_path.with_suffix(".refused.jsonl").read_text()
    assert refused.startswith('[0,6,"M"')


async def test_fault_of_ours_is_shown_and_rows_go_to_disk(
    database: Database, spool_path: Path, until: Until
) -> None:
    queue = make(database, spool_path)
    queue.start()
    queue.enqueue(99, "M", ())
    await until(lambda: "Restart the console" in queue.stats.detail)
    put(queue, 10)
    await queue.close(5)
    left = Spool.left_over(spool_path)
    assert left is not None
    assert left.rows == 11
    left.close()
