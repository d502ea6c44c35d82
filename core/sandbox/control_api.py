"""The local control call, outside the exchange's own protocol: `/sandbox/faults`.

    GET     what lasts, what was done, the schedule, and who is connected
    POST    {"kind": "drop", ...}            one fault, now
            {"schedule": {"seed": 7, ...}}   seeded faults from now on
    DELETE  forget the schedule, end what lasts

Kinds and their fields are the classes of `faults`; a field left out has its default there. Wrong
input is answered with 400, a fault without anything to happen to with 409. No fault strikes these
calls themselves.
"""

import msgspec
from aiohttp import web

from core.sandbox.errors import ApiError
from core.sandbox.fault_actions import FaultTargetError
from core.sandbox.fault_injector import FaultInjector, FaultRecord
from core.sandbox.faults import Fault, Schedule
from core.sandbox.json_input import decode
from core.sandbox.rest_json import json_response
from core.sandbox.ws_api import Peer, WsApi

CONTROL_PREFIX = "/sandbox/"


class _Plan(msgspec.Struct, forbid_unknown_fields=True):
    schedule: Schedule


class ControlApi:
    """Serves the control call."""

    def __init__(self, injector: FaultInjector, ws: WsApi) -> None:
        self._injector = injector
        self._ws = ws

    def routes(self) -> list[web.RouteDef]:
        """Routes, to be added to the application."""
        path = CONTROL_PREFIX + "faults"
        return [
            web.get(path, self._list),
            web.post(path, self._inject),
            web.delete(path, self._clear),
        ]

    async def _list(self, _request: web.Request) -> web.Response:
        injector = self._injector
        peers = self._ws.peers
        return json_response(
            {
                "active": injector.active(),
                "schedule": injector.schedule,
                "counts": injector.counts,
                "done": [_told(record) for record in injector.records],
                "connections": [_shown(peer) for peer in peers],
            }
        )

    async def _inject(self, request: web.Request) -> web.Response:
        asked = _decoded(request.content_type, await request.read())
        if isinstance(asked, _Plan):
            self._injector.follow(asked.schedule)
            return json_response({"schedule": asked.schedule})
        try:
            record = self._injector.inject(asked, spared=request.transport)
        except FaultTargetError as error:
            raise _refused(409, str(error)) from error
        return json_response(_told(record))

    async def _clear(self, _request: web.Request) -> web.Response:
        self._injector.clear()
        return json_response({"active": self._injector.active()})


def _decoded(content_type: str, body: bytes) -> Fault | _Plan:
    """The fault or schedule of a request.

    Raises:
        ApiError: 400 that says what is wrong with it.
    """
    if content_type != "application/json":
        raise _refused(400, "content type must be application/json")
    try:
        if "schedule" in decode(body, dict[str, msgspec.Raw]):
            return decode(body, _Plan)
        fault: Fault = decode(body, Fault)  # type: ignore[arg-type]  # a union is no class
        return fault
    except msgspec.DecodeError as error:
        raise _refused(400, str(error)) from error


def _refused(status: int, message: str) -> ApiError:
    return ApiError(status, {"error": {"code": "bad_fault", "message": message}})


def _shown(peer: Peer) -> dict[str, int]:
    unread = peer.connection.unread_bytes
    return {"number": peer.number, "account": peer.account, "unread_bytes": unread}


def _told(record: FaultRecord) -> dict[str, object]:
    return record._asdict()
