"""The database as the rest of the room uses it: a small pool, and the schema brought up to date.

Connections broken by a server crash are replaced on the next use. Knows no table but its own list
of migrations.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from core.errors import StorageError

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

SCHEMA_FOLDER = Path(__file__).with_name("schema")
_MIGRATION_LOCK = 0x4B46_0001
_CONNECT_TIMEOUT_S = 5.0
_COMMAND_TIMEOUT_S = 30.0
_MIGRATION_TIMEOUT_S = 600.0
_CLOSE_TIMEOUT_S = 5.0
_POOL_SIZE = 4
# InternalClientError: what asyncpg makes of a connection that broke in the middle of a COPY.
_FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

# A lost network must not leave a transaction of ours holding its lock for hours.
_SERVER_SETTINGS = {
    "application_name": "kalshiflow",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "60000",
}
_CONNECT_ARGUMENTS: dict[str, Any] = {
    "timeout": _CONNECT_TIMEOUT_S,
    "command_timeout": _COMMAND_TIMEOUT_S,
    "server_settings": _SERVER_SETTINGS,
}


class Database:
    """A PostgreSQL database with our schema."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: Pool | None = None

    async def open(self) -> None:
        """Connect once, so that a wrong address is told now.

        Raises:
            StorageError: no server answers there, or it refuses us.
        """
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn, min_size=0, max_size=_POOL_SIZE, **_CONNECT_ARGUMENTS
            )
            async with self._pool.acquire():
                return
        except (*_FAILURES, ValueError) as error:
            await self.close()
            raise StorageError(
                f"No database answers at the given address ({_reason(error)}). Check DATABASE_URL, "
                f"or unset it to use the embedded server."
            ) from error

    def move_to(self, dsn: str) -> None:
        """Make all later connections to another address: the server was restarted there."""
        self._dsn = dsn
        if self._pool is not None:
            self._pool.set_connect_args(dsn, **_CONNECT_ARGUMENTS)

    async def close(self) -> None:
        """Close all connections, by force after a deadline."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await pool.close()
        except _FAILURES:
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Connection"]:
        """A connection for a few statements.

        Raises:
            StorageError: the database is away, or refused a statement made inside the block.
        """
        if self._pool is None:
            raise StorageError("The database is closed.")
        try:
            async with self._pool.acquire(timeout=_CONNECT_TIMEOUT_S) as connection:
                yield connection
        except _FAILURES as error:
            raise StorageError(f"The database cannot be used now: {_reason(error)}") from error

    async def migrate(self, folder: Path = SCHEMA_FOLDER) -> int:
        """Apply the migrations that are missing, each in a transaction of its own.

        Several programs may do so at once: an advisory lock lets one at a time.

        Returns:
            Version of the schema now.

        Raises:
            StorageError: a migration failed, or a newer program has already moved the schema on.
        """
        migrations = _read_migrations(folder)
        async with self.connection() as connection:
            await connection.execute(
                "select pg_advisory_lock($1)", _MIGRATION_LOCK, timeout=_MIGRATION_TIMEOUT_S
            )
            try:
                return await _apply_missing(connection, migrations)
            finally:
                await connection.execute("select pg_advisory_unlock($1)", _MIGRATION_LOCK)


@dataclass(frozen=True)
class _Migration:
    """One step of the schema, from a file named 0001_what_it_does.sql."""

    version: int
    name: str
    sql: str


def _read_migrations(folder: Path) -> list[_Migration]:
    return [
        _Migration(int(path.name[:4]), path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("[0-9]*.sql"))
    ]


async def _apply_missing(connection: "Connection", migrations: list[_Migration]) -> int:
    await connection.execute(
        "create table if not exists schema_migrations (version int primary key, "
        "name text not null, applied_at timestamptz not null default now())"
    )
    rows = await connection.fetch("select version from schema_migrations")
    applied = {row["version"] for row in rows}
    newest = migrations[-1].version
    if applied and max(applied) > newest:
        raise StorageError(
            f"The database has schema {max(applied)}, this program knows {newest}. "
            f"Use the newer program, or another home folder."
        )
    for migration in migrations:
        if migration.version not in applied:
            await _apply(connection, migration)
    return newest


async def _apply(connection: "Connection", migration: _Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql, timeout=_MIGRATION_TIMEOUT_S)
            await connection.execute(
                "insert into schema_migrations (version, name) values ($1, $2)",
                *(migration.version, migration.name),
            )
    except asyncpg.PostgresError as error:
        raise StorageError(
            f"Migration {migration.name} failed ({_reason(error)}); the schema stays as it was. "
            f"Report this; a new home folder works meanwhile."
        ) from error


def _reason(error: BaseException) -> str:
    """Short text for a sentence."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, asyncpg.InternalClientError):
        return "the connection broke"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
