"""Observes a session and queues a row for every event worth keeping. Never waits in `observe`."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable

import msgspec

from core.clock import WallClock
from core.errors import StorageError
from core.events import Event
from core.market.events import BookDelta
from core.market.market import Market
from core.storage import sessions
from core.storage.database import Database
from core.storage.row_writer import RowWriter
from core.storage.rows import MAX_INT4, ROW_OF, TABLES, ticker_of
from core.storage.sessions import Session
from core.storage.write_queue import WriteQueue, WriteStats

_log = logging.getLogger(__name__)
END_DEADLINE_S = 10.0


class Recorder:
    """The recording of one session; subscribe `observe` to the bus."""

    def __init__(
        self,
        session: Session,
        database: Database,
        writer: RowWriter,
        queue: WriteQueue,
        clock: WallClock,
    ) -> None:
        self._session = session
        self._database = database
        self._writer = writer
        self._queue = queue
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._is_ended = False
        queue.start()

    @property
    def session(self) -> Session:
        """The session as it was begun."""
        return self._session

    @property
    def stats(self) -> WriteStats:
        """How the recording stands now."""
        return self._queue.stats

    def observe(self, event: Event) -> None:
        """Queue the event's row; events that are not recorded, or after the end, are ignored."""
        mapping = ROW_OF.get(type(event))
        if mapping is None or self._is_ended:
            return
        if isinstance(event, BookDelta) and abs(event.delta_lots) > MAX_INT4:
            for part in _split(event):
                self.observe(part)
            return
        table, values = mapping
        after_ms = min(self._clock.now_ms() - self._session.started_wall_ms, MAX_INT4)
        self._queue.enqueue(table, ticker_of(event), values(event, after_ms))
        self._counts[TABLES[table].count] += 1

    async def register_markets(self, markets: Iterable[Market]) -> None:
        """Store what is known of these markets; done later if the database is away.

        Events of a market that was never registered are recorded too, under its ticker alone.
        """
        await self._writer.register(markets)

    async def end(self, venue_ms: int, deadline_s: float = END_DEADLINE_S) -> None:
        """Flush and close the session; what cannot be written in time waits on disk.

        Takes at most twice the deadline. A second call does nothing.
        """
        if self._is_ended:
            return
        self._is_ended = True
        await self._queue.close(deadline_s)
        try:
            async with asyncio.timeout(deadline_s):
                await sessions.end(
                    self._database,
                    self._session.id,
                    wall_ms=self._clock.now_ms(),
                    venue_ms=venue_ms,
                    counts=self._counts,
                )
        except (StorageError, TimeoutError) as error:
            _log.warning("the end of session %d is not recorded: %s", self._session.id, error)


def _split(event: BookDelta) -> list[BookDelta]:
    """The same change in parts that fit the column; the quantities add up exactly."""
    sign = 1 if event.delta_lots > 0 else -1
    whole, rest = divmod(abs(event.delta_lots), MAX_INT4)
    parts = [MAX_INT4] * whole + ([rest] if rest else [])
    return [msgspec.structs.replace(event, delta_lots=sign * part) for part in parts]
