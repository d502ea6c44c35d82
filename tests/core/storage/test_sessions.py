from core.storage import sessions
from core.storage.database import Database
from core.storage.sessions import Session


async def begin(database: Database, source: str) -> Session:
    return await sessions.begin(
        database, mode="paper", venue="replay", source=source, program_version="1.2.3",
        wall_ms=1_000, venue_ms=2_000,
    )  # fmt: skip


async def test_begin_end_and_list(database: Database) -> None:
    first = await begin(database, "one.jsonl.gz")
    second = await begin(database, "generated")
    counts = {"snapshots": 1, "deltas": 2, "trades": 3, "order_changes": 4, "fills": 5}
    await sessions.end(
        database, first.id, wall_ms=3_000, venue_ms=4_000, counts={**counts, "decisions": 6}
    )
    ended = Session(
        first.id, "paper", "replay", "one.jsonl.gz", "1.2.3", 1_000, 2_000, 3_000, 4_000,
        1, 2, 3, 4, 5, 6,
    )  # fmt: skip
    assert await sessions.recent(database) == (second, ended)
    assert await sessions.recent(database, limit=1) == (second,)


async def test_session_is_told_from_one_of_another_database(database: Database) -> None:
    session = await begin(database, "one")
    assert await sessions.exists(database, session.id, 1_000)
    assert not await sessions.exists(database, session.id, 1_001)
    assert not await sessions.exists(database, session.id + 1, 1_000)
