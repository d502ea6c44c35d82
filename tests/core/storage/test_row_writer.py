import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from core.errors import StorageError
from core.market.market import FeeSchedule, Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.storage.database import Database
from core.storage.row_writer import RowWriter
from core.storage.rows import QueuedRow

SESSION = 3


def delta_rows(numbers: Sequence[int], ticker: str = "M") -> list[QueuedRow]:
    return [(0, number, ticker, (1, 2, 3, number, 5, 4_200, b"y", "")) for number in numbers]


def sync_row(number: int) -> QueuedRow:
    return (6, number, "", (1, 2, 3, 4, 5, 6))


async def stored(database: Database, table: str = "orderbook_deltas") -> list[int]:
    async with database.connection() as connection:
        rows = await connection.fetch(f"select row_no from {table} order by ctid")
    return [row["row_no"] for row in rows]


async def test_batch_is_spread_over_its_tables(database: Database) -> None:
    rows = [*delta_rows([1, 2]), sync_row(3), *delta_rows([4])]
    await RowWriter(database).write(SESSION, rows, in_doubt=False)
    assert await stored(database) == [1, 2, 4]
    assert await stored(database, "portfolio_syncs") == [3]


async def test_rows_in_doubt_are_written_once(database: Database) -> None:
    writer = RowWriter(database)
    await writer.write(SESSION, delta_rows(range(1, 6)), in_doubt=False)
    await writer.write(SESSION, [*delta_rows(range(3, 9)), sync_row(9)], in_doubt=True)
    await writer.write(SESSION, [*delta_rows(range(3, 9)), sync_row(9)], in_doubt=True)
    assert await stored(database) == list(range(1, 9))
    assert await stored(database, "portfolio_syncs") == [9]


async def test_same_numbers_of_another_session_are_other_rows(database: Database) -> None:
    writer = RowWriter(database)
    await writer.write(SESSION, delta_rows([1, 2]), in_doubt=False)
    await writer.write(SESSION + 1, delta_rows([1, 2]), in_doubt=True)
    assert await stored(database) == [1, 2, 1, 2]


async def test_batch_is_all_or_nothing(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("drop table portfolio_syncs")
    with pytest.raises(StorageError, match="portfolio_syncs"):
        await RowWriter(database).write(SESSION, [*delta_rows([1, 2]), sync_row(3)], in_doubt=False)
    assert await stored(database) == []


@pytest.mark.parametrize(
    "value", [2**40, "text", None, b"yes", "\0"], ids=["wide", "text", "null", "bytes", "nul"]
)
async def test_only_the_row_that_fits_no_column_is_refused(
    database: Database, value: object
) -> None:
    unfit: QueuedRow = (3, 5, "M", (1, 2, value, 4, b"b", value, "", "", "", ""))
    rows = [*delta_rows(range(1, 5)), unfit, *delta_rows(range(6, 10))]
    writer = RowWriter(database)
    assert await writer.write(SESSION, rows, in_doubt=False) == [unfit]
    assert await stored(database) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert await writer.write(SESSION, delta_rows([10]), in_doubt=False) == []


async def test_two_writers_of_one_session_do_not_double(database: Database) -> None:
    rows = delta_rows(range(1, 500))
    writers = [RowWriter(database) for _ in range(3)]
    await asyncio.gather(*(writer.write(SESSION, rows, in_doubt=True) for writer in writers))
    assert await stored(database) == list(range(1, 500))


async def test_market_is_registered_and_updated(database: Database) -> None:
    writer = RowWriter(database)
    market = Market(
        "KXT-1", "KXT", "Title", "Sub", "active", 10, 20, "", TAPERED_DECI_CENT_RANGES[:1],
        FeeSchedule(7_000, 1_750),
    )  # fmt: skip
    await writer.write(SESSION, delta_rows([1], "KXT-1"), in_doubt=False)
    await writer.register([market])
    await writer.register([Market("KXT-1", "KXT", "Title", status="closed", result="yes")])
    await writer.register([market])
    async with database.connection() as connection:
        rows = await connection.fetch("select * from markets")
    assert [tuple(row)[1:] for row in rows] == [
        ("KXT-1", "KXT", "Title", "Sub", "active", 10, 20, "", [0, 1_000, 10], 7_000, 1_750)
    ]


async def test_ids_are_shared_between_writers(database: Database) -> None:
    await asyncio.gather(
        *(RowWriter(database).register([Market("A", "E", ""), Market("B", "E", "")]) for _ in "ab")
    )
    await RowWriter(database).write(SESSION, delta_rows([1], "B"), in_doubt=False)
    async with database.connection() as connection:
        found = await connection.fetch(
            "select ticker from orderbook_deltas d join markets m on m.id = d.market_id"
        )
        assert [row["ticker"] for row in found] == ["B"]
        assert await connection.fetchval("select count(*) from markets") == 2


async def test_market_registered_while_away_is_stored_with_the_next_rows(dsn: str) -> None:
    database = Database(dsn)
    writer = RowWriter(database)
    await writer.register([Market("M", "E", "Known")])
    await database.open()
    await database.migrate()
    await writer.write(SESSION, delta_rows([1]), in_doubt=False)
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("select title from markets") == "Known"
    await connection.close()
    await database.close()
