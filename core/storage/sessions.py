"""Recording sessions: the row each begins and ends with, and the list of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.storage.database import Database

_COUNTS = ("snapshots", "deltas", "trades", "order_changes", "fills", "decisions")
_LIST_LIMIT = 1_000


@dataclass(frozen=True)
class Session:
    """One recording. Wall times are this machine's, venue times the exchange's.

    Attributes:
        ended_wall_ms: None while it runs, or if the program was killed; counts are 0 then.
        order_changes: states of own orders, several for each order.
    """

    id: int
    mode: str
    venue: str
    source: str
    program_version: str
    started_wall_ms: int
    started_venue_ms: int
    ended_wall_ms: int | None = None
    ended_venue_ms: int | None = None
    snapshots: int = 0
    deltas: int = 0
    trades: int = 0
    order_changes: int = 0
    fills: int = 0
    decisions: int = 0


_COLUMNS = tuple(Session.__dataclass_fields__)


async def begin(
    database: Database,
    *,
    mode: str,
    venue: str,
    source: str,
    program_version: str,
    wall_ms: int,
    venue_ms: int,
) -> Session:
    """Enter a new session.

    Raises:
        StorageError: the database is away.
    """
    async with database.connection() as connection:
        session_id = await connection.fetchval(
            "insert into sessions (mode, venue, source, program_version, started_wall_ms, "
            "started_venue_ms) values ($1, $2, $3, $4, $5, $6) returning id",
            mode, venue, source, program_version, wall_ms, venue_ms,
        )  # fmt: skip
    return Session(session_id, mode, venue, source, program_version, wall_ms, venue_ms)


async def end(
    database: Database, session_id: int, *, wall_ms: int, venue_ms: int, counts: Mapping[str, int]
) -> None:
    """Enter the end of a session and how many rows it has of each kind.

    Raises:
        StorageError: the database is away.
    """
    sets = ", ".join(f"{name} = ${index}" for index, name in enumerate(_COUNTS, 4))
    async with database.connection() as connection:
        await connection.execute(
            f"update sessions set ended_wall_ms = $2, ended_venue_ms = $3, {sets} where id = $1",
            *(session_id, wall_ms, venue_ms),
            *(counts.get(name, 0) for name in _COUNTS),
        )


async def recent(database: Database, limit: int = _LIST_LIMIT) -> tuple[Session, ...]:
    """The latest sessions, newest first.

    Raises:
        StorageError: the database is away.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"select {', '.join(_COLUMNS)} from sessions order by id desc limit $1", limit
        )
    return tuple(Session(**dict(row)) for row in rows)


async def exists(database: Database, session_id: int, started_wall_ms: int) -> bool:
    """True if this database has that session, and not another of the same number.

    Raises:
        StorageError: the database is away.
    """
    async with database.connection() as connection:
        found = await connection.fetchval(
            "select true from sessions where id = $1 and started_wall_ms = $2",
            *(session_id, started_wall_ms),
        )
    return found is not None
