"""WebSocket connections: upgrade, what arrives, and pings."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import WSMsgType, hdrs, web

from core.clock import WallClock
from core.sandbox.command_params import CommandRate
from core.sandbox.commands import Session
from core.sandbox.connection import Connection, FeedLatency
from core.sandbox.exchange import Exchange
from core.sandbox.portfolio_api import ACCOUNT
from core.sandbox.publisher import Publisher
from core.sandbox.rights import LOCK
from core.sandbox.ws_frames import frame_maker

PING_INTERVAL_S = 10.0
_SILENT_PINGS: Final = 2.5
"""A peer silent for so many intervals is closed."""
_CLOSE_S: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Peer:
    """One connected client; numbers count from 1 over the life of the exchange."""

    number: int
    account: int
    socket: web.WebSocketResponse
    connection: Connection
    session: Session


class WsApi:
    """Accepts WebSocket connections.

    Args:
        is_paced: venue time waits for every peer, so that none falls behind.
        seed: of the latencies.
    """

    def __init__(
        self,
        exchange: Exchange,
        publisher: Publisher,
        clock: WallClock,
        *,
        is_paced: bool = False,
        seed: int = 1,
    ) -> None:
        self._exchange = exchange
        self._publisher = publisher
        self._clock = clock
        self._is_paced = is_paced
        self._seed = seed
        self._peers: dict[int, Peer] = {}
        self._last_number = 0

    @property
    def peers(self) -> Sequence[Peer]:
        """Who is connected, the longest first."""
        return tuple(self._peers.values())

    async def until_taken(self) -> None:
        """Wait until every peer has read what was sent to it."""
        for peer in self.peers:
            await peer.connection.until_taken(peer.socket)
        await asyncio.sleep(0)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        socket = web.WebSocketResponse(autoping=False, timeout=_CLOSE_S)
        await socket.prepare(request)
        if request.transport is None:
            return socket
        peer = self._peer(request, socket, request.transport)
        self._peers[peer.number] = peer
        try:
            async with asyncio.TaskGroup() as tasks:
                pinging = tasks.create_task(self._ping(peer), name="sandbox-ping")
                await self._receive(peer)
                pinging.cancel()
        finally:
            peer.session.close()
            del self._peers[peer.number]
        return socket

    def _peer(
        self, request: web.Request, socket: web.WebSocketResponse, transport: asyncio.Transport
    ) -> Peer:
        self._last_number += 1
        range_ms = self._exchange.rules.feed_latency_ms
        latency = None
        if range_ms[1]:
            latency = FeedLatency(range_ms, random.Random(self._seed + self._last_number))
        connection = Connection(
            transport,
            frame_maker(socket.headers.get(hdrs.SEC_WEBSOCKET_EXTENSIONS, "")),
            self._clock,
            is_paced=self._is_paced,
            latency=latency,
        )
        account = request[ACCOUNT]
        rate = CommandRate(self._clock)
        lock = request.get(LOCK)
        session = Session(self._exchange, self._publisher, connection, account, rate, lock)
        return Peer(self._last_number, account, socket, connection, session)

    async def close(self) -> None:
        """Close all connections."""
        for peer in self.peers:
            try:
                async with asyncio.timeout(_CLOSE_S):
                    await peer.socket.close(message=b"exchange shuts down")
            except TimeoutError:
                _log.warning("a WebSocket peer did not answer the close")
                peer.connection.cut()

    async def _receive(self, peer: Peer) -> None:
        connection = peer.connection
        async for message in peer.socket:
            if connection.is_mute:
                continue
            connection.last_heard_ns = self._clock.monotonic_ns()
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                peer.session.receive(message.data)
            elif message.type == WSMsgType.PING:
                await peer.socket.pong(message.data)
            elif message.type == WSMsgType.PONG:
                connection.hear_pong(message.data)

    async def _ping(self, peer: Peer) -> None:
        """Ping every ten seconds; a peer that answers nothing is closed."""
        while not peer.socket.closed:
            await asyncio.sleep(PING_INTERVAL_S)
            if peer.connection.is_mute:
                continue
            silent_ns = self._clock.monotonic_ns() - peer.connection.last_heard_ns
            if silent_ns > _SILENT_PINGS * PING_INTERVAL_S * 1e9:
                await _hang_up(peer)
                return
            try:
                async with asyncio.timeout(PING_INTERVAL_S):  # a full socket takes no ping
                    await peer.socket.ping(b"heartbeat")
            except TimeoutError:
                continue
            except ConnectionError:
                return


async def _hang_up(peer: Peer) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_S):
            await peer.socket.close(message=b"no pong")
    peer.connection.cut()
