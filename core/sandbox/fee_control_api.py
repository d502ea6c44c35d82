"""A local control call, outside the exchange's own protocol: `POST /sandbox/fee_changes`.

    {"series_ticker": "KXT", "fee_type": "quadratic", "fee_multiplier": "0.5", "delay_s": 60}
    {"event_ticker": "KXT-26MAY11", "fee_type": null}    back to the fees of the series

Plans a change of fees after so many seconds of venue time and answers with it as the exchange
lists it. Wrong input is answered with a flat 400.
"""

from typing import Annotated

import msgspec
from aiohttp import web

from core.errors import DecodeError
from core.sandbox.catalogue_views import event_fee_change_view, series_fee_change_view
from core.sandbox.control_api import CONTROL_PREFIX
from core.sandbox.errors import undecodable
from core.sandbox.exchange import Exchange
from core.sandbox.fee_changes import FeeChanges, FeeType
from core.sandbox.rest_json import json_response, read_body
from core.units import parse_fixed

_LONGEST_DELAY_S = 100 * 365 * 86_400
_GREATEST_MULTIPLIER_MILLI = 10_000
"""Fees stay exact in 64 bits up to this for orders of any size."""


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    fee_type: FeeType | None
    series_ticker: str = ""
    event_ticker: str = ""
    fee_multiplier: str = "1"
    delay_s: Annotated[int, msgspec.Meta(ge=0, le=_LONGEST_DELAY_S)] = 0


class FeeControlApi:
    """Serves the control call."""

    def __init__(self, exchange: Exchange, changes: FeeChanges) -> None:
        self._exchange = exchange
        self._changes = changes

    def routes(self) -> list[web.RouteDef]:
        """Routes, to be added to the application."""
        return [web.post(CONTROL_PREFIX + "fee_changes", self._plan)]

    async def _plan(self, request: web.Request) -> web.Response:
        asked = await read_body(request, _Change)
        multiplier_milli = _milli(asked.fee_multiplier)
        due_ms = self._exchange.now_ms + asked.delay_s * 1000
        if bool(asked.series_ticker) == bool(asked.event_ticker):
            raise undecodable("bad_request", "name either a series_ticker or an event_ticker")
        if asked.event_ticker:
            change = self._changes.change_event(
                asked.event_ticker, asked.fee_type, multiplier_milli, due_ms
            )
            return json_response(event_fee_change_view(change), 201)
        if asked.fee_type is None:
            raise undecodable("bad_request", "a series has no other fees to go back to")
        change = self._changes.change_series(
            asked.series_ticker, asked.fee_type, multiplier_milli, due_ms
        )
        return json_response(series_fee_change_view(change), 201)


def _milli(text: str) -> int:
    """A multiplier in thousandths.

    Raises:
        ApiError: 400.
    """
    try:
        milli = parse_fixed(text, 3)
    except DecodeError as error:
        raise undecodable("bad_request", f"fee_multiplier: {error}") from error
    if not 0 <= milli <= _GREATEST_MULTIPLIER_MILLI:
        raise undecodable("bad_request", "fee_multiplier must lie between 0 and 10")
    return milli
