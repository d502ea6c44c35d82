"""JSON bodies in and out of the REST surface."""

from typing import TypeVar

import msgspec
from aiohttp import web

from core.sandbox.errors import undecodable
from core.sandbox.json_input import decode

Json = dict[str, object]
"""A JSON object to be sent."""

_T = TypeVar("_T", bound=msgspec.Struct)


def json_response(body: object, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )


async def read_body(request: web.Request, kind: type[_T]) -> _T:
    """Decode a request body; unknown fields are ignored, JSON types are not converted.

    Raises:
        ApiError: flat 400 for a wrong content type or an undecodable body.
    """
    if request.content_type != "application/json":
        raise undecodable("invalid_content_type", "content type must be application/json")
    try:
        return decode(await request.read(), kind)
    except msgspec.DecodeError as error:
        raise undecodable("bad_request", "bad request", f"json: {error}") from error
