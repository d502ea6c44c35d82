import asyncio
from pathlib import Path

import pytest

from core.errors import StorageError
from core.storage.database import Database
from core.storage.rows import TABLES


async def versions(database: Database) -> list[int]:
    async with database.connection() as connection:
        rows = await connection.fetch("select version from schema_migrations order by version")
    return [row["version"] for row in rows]


async def test_migrations_are_applied_once(database: Database) -> None:
    before = await versions(database)
    assert before == list(range(1, len(before) + 1))
    assert await database.migrate() == before[-1]
    assert await versions(database) == before


async def test_programs_may_migrate_at_once(dsn: str) -> None:
    several = [Database(dsn) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in several))
    assert len(set(await asyncio.gather(*(database.migrate() for database in several)))) == 1
    assert await versions(several[0]) == sorted(set(await versions(several[0])))
    await asyncio.gather(*(database.close() for database in several))


async def test_failed_migration_changes_nothing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "9001_broken.sql").write_text("create table half (a int); select no_such_thing;")
    with pytest.raises(StorageError, match="9001_broken"):
        await database.migrate(tmp_path)
    async with database.connection() as connection:
        assert await connection.fetchval("select to_regclass('half')") is None


async def test_schema_of_a_newer_program_is_refused(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("insert into schema_migrations values (9000, 'later')")
    with pytest.raises(StorageError, match="newer program"):
        await database.migrate()


async def test_every_recorded_table_has_its_columns(database: Database) -> None:
    for table in TABLES:
        async with database.connection() as connection:
            await connection.fetch(f"select {', '.join(table.columns)} from {table.name}")
            columns = await connection.fetchval(
                "select count(*) from information_schema.columns where table_name = $1", table.name
            )
        assert columns == len(table.columns)


async def test_delta_row_is_small(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "insert into orderbook_deltas select 1.7e12 + n, 1, n, 7, n, 1, n, 100, 4200, 'y', '' "
            "from generate_series(1, 20000) n"
        )
        size = await connection.fetchval("select pg_total_relation_size('orderbook_deltas')")
    assert size / 20_000 <= 75  # 68 and the fixed part of a small table


async def test_new_connections_follow_a_server_crash(database: Database) -> None:
    async with database.connection() as killer, database.connection() as victim:
        number = await victim.fetchval("select pg_backend_pid()")
        await killer.execute("select pg_terminate_backend($1)", number)
        with pytest.raises(StorageError, match="cannot be used now"):
            async with database.connection():
                await victim.fetchval("select 1")
    async with database.connection() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_wrong_address_and_closed_pool_are_told(dsn: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL"):
        await Database("postgresql://nobody:secret@127.0.0.1:1/none").open()
    with pytest.raises(StorageError, match="DATABASE_URL"):
        await Database("not an address").open()
    with pytest.raises(StorageError, match="closed"):
        async with Database(dsn).connection():
            pass


async def test_secret_of_the_address_is_not_shown() -> None:
    with pytest.raises(StorageError) as caught:
        await Database("postgresql://nobody:secret@127.0.0.1:1/none").open()
    assert "secret" not in str(caught.value)


async def test_moves_to_a_new_address(database: Database, dsn: str) -> None:
    database.move_to("postgresql://nobody@127.0.0.1:1/none")
    async with database.connection() as connection:
        await connection.execute("select 1")
        connection.terminate()
    with pytest.raises(StorageError, match="cannot be used now"):
        async with database.connection():
            pass
    database.move_to(dsn)
    async with database.connection() as connection:
        assert await connection.fetchval("select 1") == 1
