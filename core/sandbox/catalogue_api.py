"""Public REST reads of what groups markets: events and series."""

from collections.abc import Callable

from aiohttp import web

from core.sandbox import queries
from core.sandbox.errors import invalid_query, not_found
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_api import STATUS_FILTERS
from core.sandbox.rest_json import json_response
from core.sandbox.rest_views import Json, event_view, market_view, series_view, shown_close_ms

_EVENT_STATUSES = ("unopened", "open", "closed", "settled")
_MAX_TS = 2**53
_Siblings = tuple[int, list[Listing]]
"""An event's number in order of appearance, and its markets."""


class CatalogueApi:
    """Handlers of events and series. Neither has a state: both are read off their markets."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        return [
            web.get(f"{prefix}/events", self.events),
            web.get(f"{prefix}/events/fee_changes", self.event_fee_changes),
            web.get(f"{prefix}/events/{{event_ticker}}", self.event),
            web.get(f"{prefix}/series", self.series_list),
            web.get(f"{prefix}/series/fee_changes", self.series_fee_changes),
            web.get(f"{prefix}/series/{{series_ticker}}", self.series),
        ]

    async def events(self, request: web.Request) -> web.Response:
        """List events, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 200, "GetEvents", (1, 200))
        nested = queries.flag(query, "with_nested_markets", "GetEvents")
        wanted = self._matching_events(request)
        shown, cursor = queries.page(wanted, lambda siblings: siblings[0], query, limit)
        events = [self._event_view(listings, nested) for _, listings in shown]
        body: Json = {"cursor": cursor, "events": events}
        if queries.flag(query, "with_milestones", "GetEvents"):
            body["milestones"] = []
        return json_response(body)

    async def event(self, request: web.Request) -> web.Response:
        """One event with its markets."""
        listings = self._by_event().get(request.match_info["event_ticker"])
        if listings is None:
            raise not_found()
        nested = queries.flag(request.query, "with_nested_markets", "GetEvent")
        views = self._market_views(listings)
        return json_response({"event": self._event_view(listings, nested), "markets": views})

    async def series_list(self, request: web.Request) -> web.Response:
        """List series; none here has a tag, so that asking for one finds nothing."""
        category, tags = request.query.get("category"), queries.words(request.query, "tags")
        found = [
            view
            for view in self._series_views().values()
            if not tags and (not category or view["category"] == category)
        ]
        return json_response({"series": found})

    async def series(self, request: web.Request) -> web.Response:
        """One series."""
        view = self._series_views().get(request.match_info["series_ticker"])
        if view is None:
            raise not_found()
        return json_response({"series": view})

    async def series_fee_changes(self, request: web.Request) -> web.Response:
        """Fee changes of series: there are none, past or to come."""
        queries.flag(request.query, "show_historical", "GetSeriesFeeChanges")
        return json_response({"series_fee_change_arr": []})

    async def event_fee_changes(self, _request: web.Request) -> web.Response:
        """Fee changes of single events: there are none."""
        return json_response({"event_fee_changes": [], "cursor": ""})

    def _by_event(self) -> dict[str, list[Listing]]:
        events: dict[str, list[Listing]] = {}
        for listing in self._exchange.listings.values():
            events.setdefault(listing.market.event_ticker, []).append(listing)
        return events

    def _series_views(self) -> dict[str, Json]:
        """Series by ticker; the oldest market of each speaks for it."""
        oldest: dict[str, Listing] = {}
        for listing in self._exchange.listings.values():
            oldest.setdefault(listing.market.series_ticker, listing)
        return {ticker: series_view(listing) for ticker, listing in oldest.items()}

    def _market_views(self, listings: list[Listing]) -> list[Json]:
        return [market_view(listing, self._exchange.now_ms) for listing in listings]

    def _event_view(self, listings: list[Listing], nested: bool | None) -> Json:
        view = event_view(listings[0])
        if nested:
            view["markets"] = self._market_views(listings)
        return view

    def _matching_events(self, request: web.Request) -> list[_Siblings]:
        query = request.query
        tickers, series = queries.words(query, "tickers"), query.get("series_ticker")
        is_wanted = self._market_filter(request)
        numbered = enumerate(self._by_event().values(), start=1)
        return [
            (number, listings)
            for number, listings in reversed(list(numbered))
            if (not tickers or listings[0].market.event_ticker in tickers)
            and (not series or listings[0].market.series_ticker == series)
            and any(is_wanted(listing) for listing in listings)
        ]

    def _market_filter(self, request: web.Request) -> Callable[[Listing], bool]:
        """What at least one market of an event must be like."""
        query = request.query
        status = query.get("status", "")
        if status and status not in _EVENT_STATUSES:
            raise invalid_query("GetEvents", "Status", "oneof")
        close_ms, updated_ms = (
            queries.integer(query, name, 0, "GetEvents", (0, _MAX_TS)) * 1000
            for name in ("min_close_ts", "min_updated_ts")
        )
        return lambda listing: (
            (not status or listing.status in STATUS_FILTERS[status])
            and shown_close_ms(listing, self._exchange.now_ms) >= close_ms
            and listing.updated_ms >= updated_ms
        )
