"""Local control calls of an operator, outside the exchange's own protocol.

    POST   /sandbox/markets   {"step": "deactivate", "ticker": "KXT-26MAY11-A"}
                              answers with the market as the exchange lists it then
    POST   /sandbox/pauses    {"what": "exchange", "for_s": 60}
    DELETE /sandbox/pauses    trading goes on; a pause by the hours of the week does not end

Steps and their fields are the classes of `market_steps`. `what` is trading or exchange, `for_s`
counts seconds of venue time, 0 until it is ended; both pauses answer with the exchange's status.
Wrong input is answered with a flat 400, an unknown market with 404, a market that is in no state
for the step with 409.
"""

from typing import Annotated

import msgspec
from aiohttp import web

from core.sandbox.control_api import CONTROL_PREFIX
from core.sandbox.errors import not_found, refusal, undecodable
from core.sandbox.exchange import Exchange
from core.sandbox.exchange_api import status_view
from core.sandbox.json_input import decode
from core.sandbox.market_life import MarketLife
from core.sandbox.market_steps import MarketStep
from core.sandbox.market_views import market_view
from core.sandbox.pauses import PauseKind
from core.sandbox.rest_json import json_response, read_body

_LONGEST_PAUSE_S = 365 * 86_400


class _PauseBody(msgspec.Struct, forbid_unknown_fields=True):
    what: PauseKind = "trading"
    for_s: Annotated[int, msgspec.Meta(ge=0, le=_LONGEST_PAUSE_S)] = 0


class MarketControlApi:
    """Serves the control calls."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._life = MarketLife(exchange)

    def routes(self) -> list[web.RouteDef]:
        """Routes, to be added to the application."""
        return [
            web.post(CONTROL_PREFIX + "markets", self._step),
            web.post(CONTROL_PREFIX + "pauses", self._pause),
            web.delete(CONTROL_PREFIX + "pauses", self._resume),
        ]

    async def _step(self, request: web.Request) -> web.Response:
        step = _decoded(request.content_type, await request.read())
        listing = self._exchange.listings.get(step.ticker)
        if listing is None:
            raise not_found()
        status = listing.status
        if not step.take(self._life):
            raise refusal(409, "bad_step", f"the market is {status}")
        return json_response({"market": market_view(listing, self._exchange.now_ms)})

    async def _pause(self, request: web.Request) -> web.Response:
        asked = await read_body(request, _PauseBody)
        now_ms = self._exchange.now_ms
        self._exchange.pause(asked.what, now_ms + asked.for_s * 1000 if asked.for_s else 0)
        return json_response(status_view(self._exchange))

    async def _resume(self, _request: web.Request) -> web.Response:
        self._exchange.resume()
        return json_response(status_view(self._exchange))


def _decoded(content_type: str, body: bytes) -> MarketStep:
    """The step of a request.

    Raises:
        ApiError: flat 400 that says what is wrong with it.
    """
    if content_type != "application/json":
        raise undecodable("invalid_content_type", "content type must be application/json")
    try:
        step: MarketStep = decode(body, MarketStep)  # type: ignore[arg-type]  # a union is no class
    except msgspec.DecodeError as error:
        raise undecodable("bad_request", "bad request", f"json: {error}") from error
    return step
