"""Between the hot path and the database: takes rows at once, writes them in batches, loses none.

Rows wait in memory, at most `limit` of them; while the database is away, or when memory is full,
the oldest move to the disk spool. Rows leave in order, the spool before memory; only a batch that
fails after memory overflowed comes late, and row_no tells its place. A killed program may lose
what was in memory: one flush interval.
"""

import asyncio
import logging
import random
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from core.clock import WallClock
from core.errors import StorageError
from core.storage.row_writer import RowWriter
from core.storage.rows import QueuedRow, Values
from core.storage.spool import Spool

_log = logging.getLogger(__name__)
_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 2.0
_RATE_WINDOW_MS = 5_000


@dataclass(frozen=True)
class WriteLimits:
    """Size of the queue and its batches."""

    rows: int = 50_000
    batch_rows: int = 1_000
    interval_s: float = 0.25


@dataclass(frozen=True)
class WriteStats:
    """How the recording stands.

    Attributes:
        queued: rows not in the database yet, those on disk included.
        limit: rows kept in memory at most.
        written: rows committed.
        spilled: rows that went through the disk so far.
        dropped: rows not recorded: memory and disk were full, or a value fits no column; 0.
        last_commit_ms: wall time of the last commit, None before the first.
        rows_per_s: committed a second, over the last five.
        state: "ok" or "away".
        detail: why it is away, else "".
    """

    queued: int
    limit: int
    written: int
    spilled: int
    dropped: int
    last_commit_ms: int | None
    rows_per_s: float
    state: str
    detail: str


class WriteQueue:
    """Queue of the rows of one session."""

    def __init__(
        self,
        session_id: int,
        writer: RowWriter,
        spool: Spool,
        clock: WallClock,
        limits: WriteLimits | None = None,
    ) -> None:
        self._session_id = session_id
        self._writer = writer
        self._spool = spool
        self._clock = clock
        self._limits = limits or WriteLimits()
        self._queue: deque[QueuedRow] = deque()
        self._in_flight: list[QueuedRow] = []
        self._wake = asyncio.Event()
        self._is_closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._row_no = 0
        self._doubtful_row_no = 0
        self._written = self._spilled = self._dropped = 0
        self._commits: deque[tuple[int, int]] = deque()
        self._last_commit_ms: int | None = None
        self._detail = ""

    def start(self) -> None:
        """Begin to write; needs a running loop."""
        loop = asyncio.get_running_loop()
        for name, work in (("write rows", self._write()), ("spill rows", self._spill_while_away())):
            task = loop.create_task(work, name=name)
            task.add_done_callback(self._report)
            self._tasks.add(task)

    def enqueue(self, table: int, ticker: str, values: Values) -> None:
        """Take a row. Never waits; writes a full queue's oldest batch to the spool file."""
        self._row_no += 1
        if len(self._queue) >= self._limits.rows and not self._make_room():
            self._dropped += 1
            return
        self._queue.append((table, self._row_no, ticker, values))
        if len(self._queue) >= self._limits.batch_rows:
            self._wake.set()

    async def close(self, deadline_s: float) -> None:
        """Write what is queued; what cannot be written in time stays in the spool file."""
        self._is_closing = True
        self._wake.set()
        writing = {task for task in self._tasks if task.get_name() == "write rows"}
        if writing:
            await asyncio.wait(writing, timeout=deadline_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._spill_all()
        self._dropped += len(self._queue)
        self._queue.clear()
        if self._spool.rows:
            _log.warning("%d rows stay on disk until the next start", self._spool.rows)
        self._spool.close()

    @property
    def stats(self) -> WriteStats:
        """Counters of this moment."""
        self._trim_commits()
        span_ms = self._clock.monotonic_ns() // 1_000_000 - (
            self._commits[0][0] if self._commits else 0
        )
        recent = sum(rows for _, rows in self._commits)
        return WriteStats(
            queued=len(self._queue) + len(self._in_flight) + self._spool.rows,
            limit=self._limits.rows,
            written=self._written,
            spilled=self._spilled,
            dropped=self._dropped,
            last_commit_ms=self._last_commit_ms,
            rows_per_s=recent * 1000 / max(span_ms, 1_000) if recent else 0.0,
            state="away" if self._detail else "ok",
            detail=self._detail,
        )

    async def _write(self) -> None:
        """Flush full batches as they fill up, and everything once an interval."""
        retry_s = _FIRST_RETRY_S
        while not self._is_closing or self._queue or self._spool.rows:
            is_full = await self._is_woken()
            smallest = self._limits.batch_rows if is_full and not self._is_closing else 1
            try:
                await self._write_batches(smallest)
                retry_s = _FIRST_RETRY_S
            except StorageError as error:
                self._note(str(error))
                if self._is_closing:
                    return
                await asyncio.sleep(retry_s * random.SystemRandom().uniform(0.5, 1.0))
                retry_s = min(2 * retry_s, _LAST_RETRY_S)

    async def _is_woken(self) -> bool:
        """Wait for a full batch (True), at most one interval (False)."""
        self._wake.clear()
        if self._is_closing or len(self._queue) >= self._limits.batch_rows:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.interval_s):
                return await self._wake.wait()
        return False

    async def _write_batches(self, smallest: int) -> None:
        while self._spool.rows or len(self._queue) >= smallest:
            if self._spool.rows:
                await self._write_spooled()
            else:
                await self._write_queued()
            self._note("")
            await asyncio.sleep(0)

    async def _write_spooled(self) -> None:
        rows = self._spool.oldest()
        await self._commit(rows)
        self._spool.forget_oldest()

    async def _write_queued(self) -> None:
        count = min(len(self._queue), self._limits.batch_rows)
        self._in_flight = [self._queue.popleft() for _ in range(count)]
        is_committed = False
        try:
            await self._commit(self._in_flight)
            is_committed = True
        finally:
            if not is_committed:
                self._queue.extendleft(reversed(self._in_flight))
            self._in_flight = []

    async def _commit(self, rows: list[QueuedRow]) -> None:
        in_doubt = rows[0][1] <= self._doubtful_row_no
        self._doubtful_row_no = max(self._doubtful_row_no, rows[-1][1])
        refused = await self._writer.write(self._session_id, rows, in_doubt=in_doubt)
        if refused:
            self._spool.set_aside(refused)
        self._dropped += len(refused)
        self._written += len(rows) - len(refused)
        self._last_commit_ms = self._clock.now_ms()
        self._commits.append((self._clock.monotonic_ns() // 1_000_000, len(rows)))
        self._trim_commits()

    async def _spill_while_away(self) -> None:
        """Keep no more than an interval's rows in memory while the database is away."""
        while True:
            await asyncio.sleep(self._limits.interval_s)
            if self._detail:
                await self._spill_all()

    async def _spill_all(self) -> None:
        while self._queue:
            if not self._spill_batch():
                return
            await asyncio.sleep(0)

    def _make_room(self) -> bool:
        """Spill a batch; while the disk refuses, memory may grow to twice the limit."""
        length = len(self._queue)
        if length % self._limits.batch_rows == 0 and self._spill_batch():
            return True
        return length < 2 * self._limits.rows

    def _spill_batch(self) -> bool:
        count = min(len(self._queue), self._limits.batch_rows)
        rows = [self._queue[index] for index in range(count)]
        try:
            self._spool.append(rows)
        except StorageError as error:
            self._note(str(error))
            return False
        for _ in rows:
            self._queue.popleft()
        self._spilled += count
        return True

    def _report(self, task: asyncio.Task[None]) -> None:
        """Say so if a task ended by a fault of ours: rows then only go to disk."""
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended", task.get_name(), exc_info=error)
            self._note(f"Recording to the database stopped ({error}). Restart the console.")

    def _note(self, detail: str) -> None:
        if bool(detail) != bool(self._detail):
            _log.warning("recording: %s", detail or "the database is back")
        self._detail = detail

    def _trim_commits(self) -> None:
        oldest = self._clock.monotonic_ns() // 1_000_000 - _RATE_WINDOW_MS
        while self._commits and self._commits[0][0] < oldest:
            self._commits.popleft()
