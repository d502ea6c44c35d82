"""Outgoing half of one WebSocket of the exchange: queueing, pace, latency, and what ails it.

Must not read: what arrives is `ws_api`'s business.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from core.clock import WallClock
from core.sandbox.ws_frames import MakeFrame

OUTBOUND_LIMIT_BYTES = 8 * 1024 * 1024
"""A peer that leaves more than this unread loses its subscriptions (error 25)."""
HANG_UP_BYTES = 8 * OUTBOUND_LIMIT_BYTES
"""A peer that leaves more than this unread, of channels that cannot overflow, is cut off."""
TAKEN_CHECK_S = 1.0
"""How often a replay that waits for a peer looks whether it is still there."""


class FeedLatency:
    """The way of messages to one peer: each takes its own time, none overtakes another.

    Messages of one turn of the event loop travel together.
    """

    def __init__(self, range_ms: tuple[int, int], rng: random.Random) -> None:
        self._range_s = (range_ms[0] / 1000, range_ms[1] / 1000)
        self._rng = rng
        self._on_way: deque[list[str]] = deque()
        self._due_s = 0.0

    @property
    def is_empty(self) -> bool:
        """True if everything has arrived."""
        return not self._on_way

    def carry(self, texts: list[str], deliver: Callable[[list[str]], None]) -> None:
        """Deliver these when their time has come, and everything before them has."""
        loop = asyncio.get_running_loop()
        self._due_s = max(self._due_s, loop.time() + self._rng.uniform(*self._range_s))
        self._on_way.append(texts)
        loop.call_at(self._due_s, lambda: deliver(self._on_way.popleft()))


class Connection:
    """Queues messages and writes those of one turn of the event loop at once.

    Frames are made here because the library writes each by itself.

    Args:
        transport: where to write.
        frame: makes the frame of a message.
        clock: of send stamps.
        is_paced: venue time waits for this peer, so that it cannot fall behind.
        latency: how long messages are under way, None for not at all.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        frame: MakeFrame,
        clock: WallClock,
        *,
        is_paced: bool = False,
        latency: FeedLatency | None = None,
    ) -> None:
        self._transport = transport
        self._frame = frame
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._is_paced = is_paced
        self._latency = latency
        self._queued: list[str] = []
        self._held: list[str] | None = None
        self._held_bytes = 0
        self._held_limit = 0
        self._paced_count = 0
        self._pace_mark = b""
        self._taken: asyncio.Event | None = None
        self.is_mute = False
        self.is_stamped = False
        self.sent_count = 0
        self.last_heard_ns = clock.monotonic_ns()

    def send(self, text: str) -> None:
        """Queue one message, given without its last brace."""
        if not self._queued:
            self._loop.call_soon(self.flush)
        self._queued.append(text)
        self.sent_count += 1

    def is_full(self) -> bool:
        """True if the peer leaves too much unread."""
        if self._held is not None:
            return self._held_bytes > self._held_limit
        if self._is_paced:
            return False
        return self._transport.get_write_buffer_size() > OUTBOUND_LIMIT_BYTES

    @property
    def unread_bytes(self) -> int:
        """What the peer has left unread so far, beyond what the system keeps for it."""
        held = self._held_bytes if self._held is not None else 0
        return self._transport.get_write_buffer_size() + held

    def flush(self) -> None:
        """Let what is queued go its way."""
        queued, self._queued = self._queued, []
        if not queued or self.is_mute:
            return
        if self._held is not None:
            self._held += queued
            self._held_bytes += sum(map(len, queued))
        elif self._latency is not None:
            self._latency.carry(queued, self._write)
        else:
            self._write(queued)

    def _write(self, texts: list[str]) -> None:
        if self._transport.is_closing() or self.is_mute:
            return
        tail = "}"
        if self.is_stamped:
            tail = f',"sent_ns":{self._clock.monotonic_ns()}}}'
        frame = self._frame
        self._transport.write(b"".join([frame((text + tail).encode()) for text in texts]))
        if not self._is_paced and self.unread_bytes > HANG_UP_BYTES:
            self._transport.abort()

    # Pace of a replay at full speed.

    def hear_pong(self, payload: bytes) -> None:
        """Take a pong; one with the pace mark says that everything before it was read."""
        if payload == self._pace_mark and self._taken is not None:
            self._taken.set()

    async def until_taken(self, socket: web.WebSocketResponse) -> None:
        """Wait until the peer has read everything queued so far, or cannot any more.

        A peer that reads nothing at all is closed by the pings.
        """
        if self.sent_count == self._paced_count:
            return
        self._paced_count = self.sent_count
        self._pace_mark = b"pace %d" % self.sent_count
        self._taken = asyncio.Event()
        self.flush()
        while self._latency is not None and not self._latency.is_empty:  # noqa: ASYNC110  (timers)
            await asyncio.sleep(0.001)
        if self.is_ailing:
            return
        with suppress(ConnectionError):
            await socket.ping(self._pace_mark)
        while not (self._taken.is_set() or self.is_ailing or socket.closed):
            with suppress(TimeoutError):
                async with asyncio.timeout(TAKEN_CHECK_S):
                    await self._taken.wait()

    @property
    def is_over(self) -> bool:
        """True if nothing will ever reach the peer again."""
        return self.is_mute or self._transport.is_closing()

    @property
    def is_ailing(self) -> bool:
        """True if the peer cannot take anything now."""
        return self.is_over or self._held is not None

    # Faults.

    def mute(self) -> None:
        """Say and hear nothing more, while TCP stays up; does not end by itself."""
        self.is_mute = True
        self._queued.clear()
        self._transport.pause_reading()

    def hold(self, limit_bytes: int) -> None:
        """Keep messages back as if the peer did not read, full after this many bytes."""
        if self._held is None:
            self._held, self._held_bytes, self._held_limit = [], 0, limit_bytes

    def release(self) -> None:
        """Send what was kept back."""
        held, self._held = self._held, None
        self._queued = (held or []) + self._queued
        self.flush()

    def cut(self) -> None:
        """End the connection without a word."""
        self._transport.abort()
