"""Public REST reads about the exchange itself: status, hours, and how fresh its data are."""

from aiohttp import web

from core.sandbox.exchange import Exchange
from core.sandbox.rest_json import Json, json_response
from core.sandbox.wire_text import time_text

_ALL_DAY = [{"open_time": "00:00", "close_time": "00:00"}]
_AROUND_THE_PAUSE = [
    {"open_time": "00:00", "close_time": "03:00"},
    {"open_time": "05:00", "close_time": "00:00"},
]
ALL_HOURS = {
    "start_time": "2026-01-01T05:00:00Z",
    "end_time": "2099-01-01T05:00:00Z",
    **{f"{day}day": _ALL_DAY for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")},
}
"""A recording trades when it did, and a mirror when the other exchange does."""
STANDARD_HOURS = {**ALL_HOURS, "thursday": _AROUND_THE_PAUSE}
"""The venue's week in US Eastern time; generated markets keep it."""


def status_view(exchange: Exchange) -> Json:
    """The status object of protocol 4.2."""
    pauses, now_ms = exchange.pauses, exchange.now_ms
    is_active = pauses.is_active(now_ms)
    state: Json = {
        "exchange_active": is_active,
        "trading_active": pauses.is_trading(now_ms),
        "intra_exchange_transfers_active": is_active,
    }
    shard = {"exchange_index": 0, "description": "Default", **state}
    resume_ms = pauses.resume_ms(now_ms)
    if resume_ms:
        state["exchange_estimated_resume_time"] = time_text(resume_ms)
    return {**state, "exchange_index_statuses": [shard]}


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
        """Whether the exchange and trading are up, and when a pause ends where that is known."""
        return json_response(status_view(self._exchange))

    async def schedule(self, _request: web.Request) -> web.Response:
        """The week's trading hours that this exchange keeps; no maintenance is planned here."""
        hours = STANDARD_HOURS if self._exchange.keeps_week else ALL_HOURS
        schedule = {"standard_hours": [hours], "maintenance_windows": []}
        return json_response({"schedule": schedule})

    async def user_data_timestamp(self, _request: web.Request) -> web.Response:
        """Up to when portfolio reads are complete for certain."""
        as_of_ms = self._exchange.now_ms - self._exchange.reads.most_behind_ms
        return json_response({"as_of_time": time_text(as_of_ms)})
