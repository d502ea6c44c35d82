"""WebSocket connections: upgrade, pings, and frames out, many to one socket write."""

import asyncio
import logging
import struct
from contextlib import suppress

from aiohttp import WSMsgType, web

from core.clock import WallClock
from core.sandbox.commands import Session
from core.sandbox.exchange import Exchange
from core.sandbox.portfolio_api import ACCOUNT
from core.sandbox.publisher import Publisher

PING_INTERVAL_S = 10.0
OUTBOUND_LIMIT_BYTES = 8 * 1024 * 1024
"""A peer that leaves more than this unread loses its subscriptions (error 25)."""
TAKEN_CHECK_S = 1.0
"""How often a replay that waits for a peer looks whether it is still there."""

_log = logging.getLogger(__name__)


class Connection:
    """Outgoing half of one WebSocket.

    Messages queued in one turn of the event loop leave in one write. Frames are put together
    here because the library writes each by itself; they are unmasked and uncompressed.
    """

    def __init__(self, transport: asyncio.Transport, clock: WallClock) -> None:
        self._transport = transport
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._queued: list[str] = []
        self.is_stamped = False
        self.sent_count = 0
        self.last_heard_ns = clock.monotonic_ns()
        self._paced_count = 0
        self._pace_mark = b""
        self._taken: asyncio.Event | None = None

    def send(self, text: str) -> None:
        """Queue one message, given without its last brace."""
        if not self._queued:
            self._loop.call_soon(self.flush)
        self._queued.append(text)
        self.sent_count += 1

    def is_full(self) -> bool:
        """True if the peer leaves too much unread."""
        return self._transport.get_write_buffer_size() > OUTBOUND_LIMIT_BYTES

    def hear_pong(self, payload: bytes) -> None:
        """Take a pong; one with the pace mark says that everything before it was read."""
        if payload == self._pace_mark and self._taken is not None:
            self._taken.set()

    async def until_taken(self, socket: web.WebSocketResponse) -> None:
        """Wait until the peer has read everything queued so far, or has gone.

        A peer that reads nothing at all is closed by the pings.
        """
        if self.sent_count == self._paced_count:
            return
        self._paced_count = self.sent_count
        self._pace_mark = b"pace %d" % self.sent_count
        self._taken = asyncio.Event()
        self.flush()
        with suppress(ConnectionError):
            await socket.ping(self._pace_mark)
        while not (self._taken.is_set() or socket.closed or self._transport.is_closing()):
            with suppress(TimeoutError):
                async with asyncio.timeout(TAKEN_CHECK_S):
                    await self._taken.wait()

    def flush(self) -> None:
        """Write what is queued."""
        queued, self._queued = self._queued, []
        if not queued or self._transport.is_closing():
            return
        tail = "}"
        if self.is_stamped:
            tail = f',"sent_ns":{self._clock.monotonic_ns()}}}'
        self._transport.write(b"".join([_frame((text + tail).encode()) for text in queued]))


class WsApi:
    """Accepts WebSocket connections."""

    def __init__(self, exchange: Exchange, publisher: Publisher, clock: WallClock) -> None:
        self._exchange = exchange
        self._publisher = publisher
        self._clock = clock
        self._sockets: dict[Connection, web.WebSocketResponse] = {}

    async def until_taken(self) -> None:
        """Wait until every peer has read what was sent to it."""
        for connection, socket in list(self._sockets.items()):
            await connection.until_taken(socket)
        await asyncio.sleep(0)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        socket = web.WebSocketResponse(compress=False, autoping=False)
        await socket.prepare(request)
        if request.transport is None:
            return socket
        connection = Connection(request.transport, self._clock)
        session = Session(self._exchange, self._publisher, connection, request[ACCOUNT])
        self._sockets[connection] = socket
        try:
            async with asyncio.TaskGroup() as tasks:
                ping = self._ping(socket, connection)
                pinging = tasks.create_task(ping, name="sandbox-ping")
                await self._receive(socket, connection, session)
                pinging.cancel()
        finally:
            session.close()
            del self._sockets[connection]
        return socket

    async def close(self) -> None:
        """Close all connections."""
        for socket in list(self._sockets.values()):
            try:
                async with asyncio.timeout(1):
                    await socket.close(message=b"exchange shuts down")
            except TimeoutError:
                _log.warning("a WebSocket peer did not answer the close")

    async def _receive(
        self, socket: web.WebSocketResponse, connection: Connection, session: Session
    ) -> None:
        async for message in socket:
            connection.last_heard_ns = self._clock.monotonic_ns()
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                session.receive(message.data)
            elif message.type == WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type == WSMsgType.PONG:
                connection.hear_pong(message.data)

    async def _ping(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        """Ping every ten seconds; a peer silent for two pings is closed."""
        while not socket.closed:
            await asyncio.sleep(PING_INTERVAL_S)
            silent_ns = self._clock.monotonic_ns() - connection.last_heard_ns
            if silent_ns > 2.5 * PING_INTERVAL_S * 1e9:
                await socket.close(message=b"no pong")
                return
            try:
                await socket.ping(b"heartbeat")
            except ConnectionError:
                return


def _frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload
