"""Public REST reads about the exchange itself: status, hours, and how fresh its data are."""

from aiohttp import web

from core.sandbox.exchange import Exchange
from core.sandbox.rest_json import json_response
from core.sandbox.wire_text import time_text

_ALL_DAY = [{"open_time": "00:00", "close_time": "00:00"}]
_AROUND_THE_PAUSE = [
    {"open_time": "00:00", "close_time": "03:00"},
    {"open_time": "05:00", "close_time": "00:00"},
]
STANDARD_HOURS = {
    "start_time": "2026-01-01T05:00:00Z",
    "end_time": "2099-01-01T05:00:00Z",
    "monday": _ALL_DAY,
    "tuesday": _ALL_DAY,
    "wednesday": _ALL_DAY,
    "thursday": _AROUND_THE_PAUSE,
    "friday": _ALL_DAY,
    "saturday": _ALL_DAY,
    "sunday": _ALL_DAY,
}
"""Hours of the week in US Eastern time, as the venue publishes them."""


class ExchangeApi:
    """Handlers of what concerns no market."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        return [
            web.get(f"{prefix}/exchange/status", self.status),
            web.get(f"{prefix}/exchange/schedule", self.schedule),
            web.get(f"{prefix}/exchange/user_data_timestamp", self.user_data_timestamp),
        ]

    async def status(self, _request: web.Request) -> web.Response:
        """Whether the exchange and trading are up."""
        state: dict[str, object] = {
            "exchange_active": True,
            "trading_active": True,
            "intra_exchange_transfers_active": True,
        }
        shard = {"exchange_index": 0, "description": "Default", **state}
        return json_response({**state, "exchange_index_statuses": [shard]})

    async def schedule(self, _request: web.Request) -> web.Response:
        """The week's trading hours; no maintenance is ever planned here."""
        schedule = {"standard_hours": [STANDARD_HOURS], "maintenance_windows": []}
        return json_response({"schedule": schedule})

    async def user_data_timestamp(self, _request: web.Request) -> web.Response:
        """Up to when portfolio reads are complete: they are never late, so now."""
        return json_response({"as_of_time": time_text(self._exchange.now_ms)})
