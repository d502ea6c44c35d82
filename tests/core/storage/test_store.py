import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from core.errors import StorageError
from core.market.events import BookDelta
from core.storage.processes import serving
from core.storage.recorder import Recorder
from core.storage.server_account import current_server_account
from core.storage.spool import Spool
from core.storage.store import Storage
from core.storage.write_queue import WriteLimits

Until = Callable[[Callable[[], bool]], Awaitable[None]]
SMALL = WriteLimits(rows=2_000, batch_rows=100, interval_s=0.01)

# Records without end until it is killed, and says how much is committed.
RECORD_FOREVER = """
import asyncio, sys
from pathlib import Path
from core.market.events import BookDelta
from core.storage.store import Storage

async def main():
    storage = await Storage.open(Path(sys.argv[1]))
    recorder = await storage.begin_session(mode="paper", venue="v", source="s", venue_ms=1)
    number = 0
    while True:
        for number in range(number + 1, number + 101):
            recorder.observe(BookDelta("M", 0, 4200, number, number))
        await asyncio.sleep(0.001)
        print(recorder.stats.written, flush=True)

asyncio.run(main())
"""


async def begin(storage: Storage) -> Recorder:
    return await storage.begin_session(
        mode="paper", venue="sandbox", source="demo", venue_ms=1, limits=SMALL
    )


def record(recorder: Recorder, first: int, last: int) -> None:
    for number in range(first, last + 1):
        recorder.observe(BookDelta(f"M{number % 3}", number % 2, 4_200, number, number))


async def recorded(storage: Storage) -> list[tuple[int, int]]:
    async with storage.database.connection() as connection:
        rows = await connection.fetch(
            "select row_no, delta_lots from orderbook_deltas order by session_id, row_no"
        )
    return [(row["row_no"], row["delta_lots"]) for row in rows]


def data_folder(home: Path) -> Path:
    return current_server_account().server_folder(home) / "data"


async def test_killed_server_comes_back_and_has_every_row_once(home: Path, until: Until) -> None:
    storage = await Storage.open(home)
    assert storage.server is not None
    recorder = await begin(storage)
    for part in range(4):
        record(recorder, 5_000 * part + 1, 5_000 * (part + 1))
        goal = 5_000 * part + 2_000
        await until(lambda goal=goal: recorder.stats.written > goal)  # type: ignore[misc]
        os.kill(storage.server.pid, signal.SIGKILL)
    await until(lambda: recorder.stats.queued == 0)
    assert (recorder.stats.dropped, recorder.stats.state) == (0, "ok")
    await recorder.end(venue_ms=9)
    assert await recorded(storage) == [(number, number) for number in range(1, 20_001)]
    await storage.close()
    assert serving(data_folder(home)) == []


async def test_server_comes_back_once_its_log_can_be_written_again(
    home: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    storage = await Storage.open(home)
    assert storage.server is not None
    server, killed, log = storage.server, storage.server.pid, home / "logs" / "postgres.log"
    log.unlink()
    log.mkdir()
    os.kill(killed, signal.SIGKILL)
    await until(lambda: "cannot be started again" in caplog.text)
    log.rmdir()
    await until(lambda: server.pid != killed)
    assert await recorded(storage) == []
    await storage.close()


async def test_killed_console_keeps_what_was_committed(home: Path) -> None:
    console = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORD_FOREVER, str(home)),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert console.stdout is not None
    committed = 0
    while committed < 20_000:
        committed = int(await console.stdout.readline())
    console.kill()
    await console.communicate()
    storage = await Storage.open(home)  # adopts the server that the console left running
    assert storage.server is not None
    assert not storage.server.is_owner
    rows = await recorded(storage)
    assert len(rows) >= committed
    assert rows == [(number, number) for number in range(1, len(rows) + 1)]
    (session,) = await storage.sessions()
    assert session.ended_wall_ms is None
    pid = storage.server.pid
    await storage.close()
    os.kill(pid, signal.SIGINT)
    async with asyncio.timeout(30):
        await storage.server.wait_gone()


async def test_rows_left_on_disk_are_loaded_at_the_next_start(
    dsn: str, home: Path, until: Until
) -> None:
    storage = await Storage.open(home, dsn)
    recorder = await begin(storage)
    record(recorder, 1, 1_000)
    await until(lambda: recorder.stats.written == 1_000)
    storage.database.move_to("postgresql://nobody@127.0.0.1:1/none")
    async with storage.database.connection() as connection:
        connection.terminate()
    record(recorder, 1_001, 3_000)
    await storage.close()
    assert len(list((home / "spool").iterdir())) == 1
    again = await Storage.open(home, dsn)
    await until(lambda: not list((home / "spool").iterdir()))
    assert await recorded(again) == [(number, number) for number in range(1, 3_001)]
    await again.close()


async def test_rows_of_another_database_stay_on_disk(dsn: str, home: Path) -> None:
    path = home / "spool" / "4711-1700000000000.spool"
    foreign = Spool(path)
    foreign.append([(0, 1, "M", (1, 2, 3, 4, 5, 4_200, b"y", ""))])
    foreign.close()
    storage = await Storage.open(home, dsn)
    recorder = await begin(storage)
    await recorder.end(venue_ms=1)
    await storage.close()
    assert path.exists()


async def test_two_consoles_record_into_one_server(home: Path) -> None:
    first, second = await Storage.open(home), await Storage.open(home)
    recorders = [await begin(first), await begin(second)]
    for recorder in recorders:
        record(recorder, 1, 1_000)
    await asyncio.gather(*(recorder.end(venue_ms=2) for recorder in recorders))
    assert len(await recorded(second)) == 2_000
    assert len({recorder.session.id for recorder in recorders}) == 2
    await second.close()
    await first.close()
    assert serving(data_folder(home)) == []


async def test_close_ends_open_recordings(dsn: str, home: Path) -> None:
    storage = await Storage.open(home, dsn)
    recorder = await begin(storage)
    record(recorder, 1, 500)
    await storage.close()
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("select count(*) from orderbook_deltas") == 500
    assert await connection.fetchval("select ended_wall_ms is not null from sessions")
    await connection.close()


async def test_server_of_a_refused_schema_is_not_left_running(home: Path) -> None:
    storage = await Storage.open(home)
    async with storage.database.connection() as connection:
        await connection.execute("insert into schema_migrations values (9000, 'later')")
    await storage.close()
    with pytest.raises(StorageError, match="newer program"):
        await Storage.open(home)
    assert serving(data_folder(home)) == []


async def test_unusable_folder_and_address_are_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(StorageError, match="KALSHIFLOW_HOME"):
        await Storage.open(home)
    with pytest.raises(StorageError, match="DATABASE_URL"):
        await Storage.open(tmp_path, "postgresql://nobody@127.0.0.1:1/none")
