"""Requests refused or answered wrongly, and a server clock that is off."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import hdrs, web
from msgspec.structs import replace

from core.clock import WallClock
from core.sandbox.errors import refusal, too_many_requests
from core.sandbox.faults import Of, ReplyLost, Unavailable
from core.sandbox.rest_json import json_response

_ORDERS = "/portfolio/events/orders"
Spoiling = Unavailable | ReplyLost


@dataclass(slots=True)
class _Spoiled:
    fault: Spoiling
    left: int


class RequestFaults:
    """What happens to the next requests of the exchange's own protocol.

    Attributes:
        refusals: so many requests get 429.
    """

    def __init__(self) -> None:
        self.refusals = 0
        self._spoiled: list[_Spoiled] = []

    @property
    def spoiled(self) -> list[Spoiling]:
        """Replies that will be lost or be a 503, those asked for first in front."""
        return [replace(entry.fault, requests=entry.left) for entry in self._spoiled]

    def spoil(self, fault: Spoiling) -> None:
        """Let the next requests be carried out, but answered wrongly or not at all."""
        self._spoiled.append(_Spoiled(fault, fault.requests))

    def clear(self) -> None:
        """Let all requests pass."""
        self.refusals = 0
        self._spoiled.clear()

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
        fault = self._take(_kinds_of(request), response.status < 300)
        match fault:
            case ReplyLost():
                await asyncio.sleep(fault.wait_ms / 1000)
                if request.transport is not None:
                    request.transport.abort()
            case Unavailable():
                return json_response(refusal(503, "service_unavailable").body, 503)
        return response

    def _take(self, kinds: Collection[Of], is_accepted: bool) -> Spoiling | None:
        for entry in self._spoiled:
            if entry.fault.of in kinds and (is_accepted or isinstance(entry.fault, ReplyLost)):
                entry.left -= 1
                if not entry.left:
                    self._spoiled.remove(entry)
                return entry.fault
        return None


def _kinds_of(request: web.Request) -> Collection[Of]:
    """What a request counts as."""
    kinds: list[Of] = ["any"]
    if request.method != "GET":
        kinds.append("write")
        if _ORDERS in request.path:
            kinds.append("order")
            if request.method == "POST" and request.path.endswith(_ORDERS):
                kinds.append("create")
    return kinds


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
