"""Requests refused or answered wrongly, and a server clock that is off."""

import asyncio
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import hdrs, web
from msgspec.structs import replace

from core.clock import WallClock
from core.sandbox.errors import refusal, too_many_requests
from core.sandbox.faults import ReplyLost
from core.sandbox.rest_json import json_response

_CREATE = "/portfolio/events/orders"


@dataclass(slots=True)
class _Lost:
    fault: ReplyLost
    left: int


class RequestFaults:
    """What happens to the next requests of the exchange's own protocol.

    Attributes:
        refusals: so many requests get 429.
        unavailable: so many accepted orders get 503.
    """

    def __init__(self) -> None:
        self.refusals = 0
        self.unavailable = 0
        self._lost: list[_Lost] = []

    @property
    def losses(self) -> list[ReplyLost]:
        """Replies that will be lost."""
        return [replace(lost.fault, requests=lost.left) for lost in self._lost]

    def lose(self, fault: ReplyLost) -> None:
        """Lose the replies to the next requests."""
        self._lost.append(_Lost(fault, fault.requests))

    def clear(self) -> None:
        """Let all requests pass."""
        self.refusals = self.unavailable = 0
        self._lost.clear()

    def admit(self) -> None:
        """Let a request pass.

        Raises:
            ApiError: 429.
        """
        if self.refusals:
            self.refusals -= 1
            raise too_many_requests()

    async def answer(
        self, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        """What the client gets for a request that was carried out."""
        is_create = request.method == "POST" and request.path.endswith(_CREATE)
        lost = self._take_lost(is_create, request.method != "GET")
        if lost is not None:
            await asyncio.sleep(lost.wait_ms / 1000)
            if request.transport is not None:
                request.transport.abort()
            return response
        if is_create and response.status == 201 and self.unavailable:
            self.unavailable -= 1
            return json_response(refusal(503, "service_unavailable").body, 503)
        return response

    def _take_lost(self, is_create: bool, is_write: bool) -> ReplyLost | None:
        for lost in self._lost:
            if is_create or lost.fault.of == "any" or (is_write and lost.fault.of == "write"):
                lost.left -= 1
                if not lost.left:
                    self._lost.remove(lost)
                return lost.fault
        return None


class SteppedClock:
    """The server's wall clock, which may be off.

    Attributes:
        step_ms: how much it is ahead.
    """

    def __init__(self, clock: WallClock) -> None:
        self._clock = clock
        self.step_ms = 0

    def now_ms(self) -> int:
        """Unix time in milliseconds, as the server believes."""
        return self._clock.now_ms() + self.step_ms

    def monotonic_ns(self) -> int:
        """Monotonic nanoseconds, which nothing steps."""
        return self._clock.monotonic_ns()

    async def stamp(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Put a stepped time into the Date header."""
        if self.step_ms:
            response.headers[hdrs.DATE] = formatdate(self.now_ms() / 1000, usegmt=True)
