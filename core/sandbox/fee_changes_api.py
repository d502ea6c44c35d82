"""Public REST reads of planned and past changes of fees."""

from operator import itemgetter

from aiohttp import web

from core.sandbox import queries
from core.sandbox.catalogue_views import event_fee_change_view, series_fee_change_view
from core.sandbox.exchange import Exchange
from core.sandbox.fee_changes import FeeChanges
from core.sandbox.rest_json import json_response


class FeeChangesApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, changes: FeeChanges) -> None:
        self._exchange = exchange
        self._changes = changes

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix; to be added before those of one series or event."""
        return [
            web.get(f"{prefix}/series/fee_changes", self.of_series),
            web.get(f"{prefix}/events/fee_changes", self.of_events),
        ]

    async def of_series(self, request: web.Request) -> web.Response:
        """Changes to come of series; past ones too where they are asked for."""
        query = request.query
        has_past = queries.flag(query, "show_historical", "GetSeriesFeeChanges")
        series = query.get("series_ticker")
        changes = [
            series_fee_change_view(change)
            for change in self._changes.planned
            if not change.event_ticker
            and (not series or change.series_ticker == series)
            and (has_past or change.due_ms > self._exchange.now_ms)
        ]
        return json_response({"series_fee_change_arr": changes})

    async def of_events(self, request: web.Request) -> web.Response:
        """Changes of single events, past and to come, the one planned last first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetEventFeeChanges", (1, 1000))
        event = query.get("event_ticker")
        wanted = [
            (number, change)
            for number, change in enumerate(self._changes.planned, start=1)
            if change.event_ticker and (not event or change.event_ticker == event)
        ]
        shown, cursor = queries.page(reversed(wanted), itemgetter(0), query, limit)
        changes = [event_fee_change_view(change) for _, change in shown]
        return json_response({"event_fee_changes": changes, "cursor": cursor})
