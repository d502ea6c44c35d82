"""The feed's socket: signed handshake, frames into the session, its commands out, reconnects.

All decisions are the session's; this module only moves bytes, watches for silence and waits
between attempts. One task reads, one lets the session's time-outs pass.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.http11 import Response

from core.clock import WallClock
from core.events import Event
from core.kalshi.clock_offset import EXPIRED, ClockOffset
from core.kalshi.events import FeedState
from core.kalshi.feed import FeedSession
from core.kalshi.rest_wire import problem
from core.kalshi.signing import Signer

_log = logging.getLogger(__name__)
_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.INFO)  # one step lower it writes down the signature of the handshake

_OPEN_TIMEOUT_S: Final = 10.0
_CLOSE_TIMEOUT_S: Final = 1.0
_SEND_TIMEOUT_S: Final = 5.0
_TICK_S: Final = 0.1
_CATCH_UP_S: Final = 15.0
_QUEUE_FRAMES: Final = (512, 128)
_SLICE_FRAMES: Final = 256
_SLICE_NS: Final = 2_000_000

_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 30.0
_REFUSED_PAUSE_S: Final = 60.0
_STEADY_MS: Final = 10_000
_UNAUTHORIZED: Final = (401, 403)


class FeedStream:
    """Keeps one session connected until cancelled.

    Args:
        url: WebSocket address.
        signer: signs the handshake, which the exchange always demands.
        session: takes every frame; its state is this stream's too.
        wall: wall clock.
        on_events: takes the events of each frame, in order, at once.
        rng: jitter of the pauses between attempts.
        clock: offset of the exchange's clock, shared by all that sign for it.
    """

    def __init__(
        self,
        url: str,
        signer: Signer,
        session: FeedSession,
        wall: WallClock,
        on_events: Callable[[list[Event]], None],
        rng: random.Random,
        *,
        clock: ClockOffset | None = None,
    ) -> None:
        self._url = url
        self._signer = signer
        self._session = session
        self._wall = wall
        self._on_events = on_events
        self._rng = rng
        self._clock = clock or ClockOffset()
        self._sending = asyncio.Lock()
        self._failures = 0
        self._marks: dict[int, asyncio.Event] = {}

    async def run(self) -> None:
        """Connect, converse, and connect again; ends only by cancellation."""
        while True:
            self._on_events([FeedState("connecting", self._url)])
            began_ms = self._wall.now_ms()
            pause_s = await self._connect_once()
            if self._wall.now_ms() - began_ms >= _STEADY_MS:
                self._failures = 0
            self._failures += 1
            await asyncio.sleep(pause_s or self._pause_s())

    async def catch_up(self) -> bool:
        """Wait until all that the exchange had sent when this was called has been handed over.

        Without a connection nothing is on its way.

        Returns:
            False if the connection ended, or lags for longer than is worth waiting.
        """
        mark = self._session.mark(self._wall.now_ms())
        if mark is None:
            return True
        passed = self._marks[mark] = asyncio.Event()
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                await passed.wait()
        except TimeoutError:
            return False
        finally:
            del self._marks[mark]
        return self._session.has_passed(mark)

    def _pause_s(self) -> float:
        longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(1 << min(self._failures - 1, 16)))
        return longest * self._rng.uniform(0.5, 1.0)

    async def _connect_once(self) -> float:
        """One connection from handshake to end; returns a pause, 0 for the usual one."""
        reason, pause_s = "", 0.0
        sent_ms = self._wall.now_ms()
        try:
            async with self._handshake(sent_ms) as connection:
                try:
                    await self._converse(connection)
                finally:
                    reason = self._session.reconnect_reason or _why(connection)
                    await connection.close()  # with a normal code, on cancellation too
        except InvalidStatus as error:
            reason, pause_s = self._refused(error.response, sent_ms)
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            reason = f"no connection: {str(error) or type(error).__name__}"
        finally:
            self._on_events(self._session.connection_lost(reason))
            for awaited in self._marks.values():
                awaited.set()  # in vain
        _log.info("feed connection ended: %s", reason)
        return pause_s

    def _refused(self, response: Response, sent_ms: int) -> tuple[str, float]:
        """Why the handshake failed, and the pause after it, 0 for the usual one."""
        status = response.status_code
        self._clock.observe(response.headers.get("Date"), sent_ms, self._wall.now_ms())
        if status not in _UNAUTHORIZED:
            return f"the exchange answered {status} to the handshake", 0.0
        if problem(bytes(response.body)).code == EXPIRED:
            return "the handshake was not signed with the exchange's time", 0.0
        return (
            f"key refused (HTTP {status}): check the key id, the private key and this "
            "machine's clock",
            _REFUSED_PAUSE_S,
        )

    def _handshake(self, now_ms: int) -> connect:
        path = urlsplit(self._url).path
        signed_ms = now_ms + self._clock.correction_ms
        return connect(
            self._url,
            additional_headers=self._signer.headers("GET", path, signed_ms),
            proxy=None,
            compression=None,  # frames are small; inflating each would cost more than it saves
            open_timeout=_OPEN_TIMEOUT_S,
            close_timeout=_CLOSE_TIMEOUT_S,
            ping_interval=None,  # the session asks for a word itself when nothing comes
            max_size=None,
            logger=_library_log,
            max_queue=_QUEUE_FRAMES,
        )

    async def _converse(self, connection: ClientConnection) -> None:
        """Pump frames until the connection ends."""
        self._on_events(self._session.connection_made(self._wall.now_ms()))
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(self._tick(connection), name="feed-tick")
            try:
                await self._pump(connection)
            except (ConnectionClosed, TimeoutError):
                return
            finally:
                ticking.cancel()

    async def _pump(self, connection: ClientConnection) -> None:
        """Hand over every frame at once, but let the loop breathe every 256 frames or 2 ms."""
        frames, busy_ns = 0, 0
        await self._send(connection, self._session.data_to_send())
        while True:
            data = await connection.recv(decode=False)
            began_ns = self._wall.monotonic_ns()
            events = self._session.receive(data, self._wall.now_ms())
            if events:
                self._on_events(events)
            if commands := self._session.data_to_send():
                await self._send(connection, commands)
            frames += 1
            busy_ns += self._wall.monotonic_ns() - began_ns
            if frames >= _SLICE_FRAMES or busy_ns >= _SLICE_NS:
                frames, busy_ns = 0, 0
                await asyncio.sleep(0)

    async def _tick(self, connection: ClientConnection) -> None:
        """Let the session's time-outs pass, send what it or its users asked for."""
        while not self._session.wants_reconnect:
            await asyncio.sleep(_TICK_S)
            events = self._session.tick(self._wall.now_ms())
            if events:
                self._on_events(events)
            for mark, passed in self._marks.items():
                if self._session.has_passed(mark):
                    passed.set()
            try:
                await self._send(connection, self._session.data_to_send())
            except (ConnectionClosed, TimeoutError):
                break
        await connection.close()

    async def _send(self, connection: ClientConnection, commands: list[bytes]) -> None:
        """Send commands in their order, as text frames.

        Raises:
            TimeoutError: the peer takes nothing.
        """
        async with self._sending, asyncio.timeout(_SEND_TIMEOUT_S):
            for command in commands:
                await connection.send(command, text=True)


def _why(connection: ClientConnection) -> str:
    """Why a connection ended, as far as its close frame says."""
    code, text = connection.close_code, connection.close_reason
    return f"closed with code {code}{f': {text}' if text else ''}" if code else "closed here"
