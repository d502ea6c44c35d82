"""The storage room's front door: server, database, sessions and recorders of one home folder."""

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

import core
from core.clock import SystemClock, WallClock
from core.errors import StorageError
from core.storage import sessions
from core.storage.database import Database
from core.storage.embedded import EmbeddedPostgres
from core.storage.recorder import Recorder
from core.storage.row_writer import RowWriter
from core.storage.sessions import Session
from core.storage.spool import Spool
from core.storage.write_queue import WriteLimits, WriteQueue

_log = logging.getLogger(__name__)
_RETRY_S = 2.0


class Storage:
    """An open store. Make it with `open`.

    Attributes:
        database: for those who read.
        server: the embedded server, None where an external one is used.
    """

    def __init__(
        self, home: Path, database: Database, server: EmbeddedPostgres | None, clock: WallClock
    ) -> None:
        self._home = home
        self._clock = clock
        self.server = server
        self._writer = RowWriter(database)
        self._recorders: list[Recorder] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.database = database

    @classmethod
    async def open(
        cls, home: Path, dsn: str | None = None, *, clock: WallClock | None = None
    ) -> "Storage":
        """Start or adopt the embedded server, or connect to the one named; migrate the schema.

        Args:
            home: folder of data, logs and spool.
            dsn: address of an external server; None for the embedded one.
            clock: this machine's clock.

        Raises:
            StorageError: there is no usable database; nothing is left running.
        """
        server: EmbeddedPostgres | None = None
        async with AsyncExitStack() as undo:
            if dsn is None:
                server = EmbeddedPostgres(home)
                undo.push_async_callback(server.stop)
                await server.start()
                dsn = server.dsn
            database = Database(dsn)
            undo.push_async_callback(database.close)
            await database.open()
            await database.migrate()
            undo.pop_all()
        storage = cls(home, database, server, clock or SystemClock())
        storage._start()
        return storage

    async def begin_session(
        self,
        *,
        mode: str,
        venue: str,
        source: str,
        venue_ms: int,
        limits: WriteLimits | None = None,
    ) -> Recorder:
        """Enter a session and begin to record it.

        Raises:
            StorageError: the database is away.
        """
        session = await sessions.begin(
            self.database,
            mode=mode,
            venue=venue,
            source=source,
            program_version=core.__version__,
            wall_ms=self._clock.now_ms(),
            venue_ms=venue_ms,
        )
        spool = Spool(self._spool_path(session))
        queue = WriteQueue(session.id, self._writer, spool, self._clock, limits)
        recorder = Recorder(session, self.database, self._writer, queue, self._clock)
        self._recorders.append(recorder)
        return recorder

    async def sessions(self) -> tuple[Session, ...]:
        """The latest sessions, newest first.

        Raises:
            StorageError: the database is away.
        """
        return await sessions.recent(self.database)

    async def close(self) -> None:
        """Stop in order: recordings still open, own tasks, connections, the server if ours."""
        for recorder in self._recorders:
            await recorder.end(venue_ms=recorder.session.started_venue_ms)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self.database.close()
        if self.server is not None:
            await self.server.stop()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks.add(loop.create_task(self._load_left_over(), name="load left-over rows"))
        if self.server is not None:
            watch = self._keep_running(self.server)
            self._tasks.add(loop.create_task(watch, name="watch database server"))

    async def _keep_running(self, server: EmbeddedPostgres) -> None:
        """Start the server again whenever it is gone."""
        while True:
            await server.wait_gone()
            _log.warning("the database server is gone; starting it again")
            try:
                await server.start()
            except StorageError as error:
                _log.error("the database server cannot be started again: %s", error)
                await asyncio.sleep(_RETRY_S)
            else:
                self.database.move_to(server.dsn)

    def _spool_path(self, session: Session) -> Path:
        return self._home / "spool" / f"{session.id}-{session.started_wall_ms}.spool"

    async def _load_left_over(self) -> None:
        """Write the rows that earlier sessions had to leave on disk."""
        for path in sorted((self._home / "spool").glob("*-*.spool")):
            session_id, started_wall_ms = (int(part) for part in path.stem.split("-"))
            spool = Spool.left_over(path)
            if spool is None:
                continue
            try:
                await self._load(spool, session_id, started_wall_ms)
            finally:
                spool.close()

    async def _load(self, spool: Spool, session_id: int, started_wall_ms: int) -> None:
        count = spool.rows
        while rows := spool.oldest():
            try:
                if not await sessions.exists(self.database, session_id, started_wall_ms):
                    _log.warning("%d rows on disk are of another database: left there", count)
                    return
                refused = await self._writer.write(session_id, rows, in_doubt=True)
                if refused:
                    spool.set_aside(refused)
                spool.forget_oldest()
            except StorageError as error:
                _log.warning("rows left on disk are loaded later: %s", error)
                await asyncio.sleep(_RETRY_S)
        _log.info("%d rows that session %d had left on disk are loaded", count, session_id)
