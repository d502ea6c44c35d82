"""Public REST reads of what groups markets: events and series."""

from collections.abc import Callable
from operator import itemgetter

from aiohttp import web

from core.sandbox import queries
from core.sandbox.archive import Archive
from core.sandbox.catalogue_views import event_metadata_view, event_view, series_view
from core.sandbox.errors import not_found
from core.sandbox.exchange import Exchange
from core.sandbox.fee_changes import FeeChanges
from core.sandbox.listings import Listing
from core.sandbox.market_api import STATUS_FILTERS, market_views
from core.sandbox.market_views import shown_close_ms
from core.sandbox.rest_json import Json, json_response
from core.units import format_count

_EVENT_STATUSES = ("unopened", "open", "closed", "settled")
_Siblings = tuple[int, list[Listing]]
"""An event's number in order of appearance, and its markets."""


class CatalogueApi:
    """Handlers of events and series. Neither has a state: both are read off their markets.

    An event stays when its markets have become history; it then shows without them.
    """

    def __init__(self, exchange: Exchange, archive: Archive, fee_changes: FeeChanges) -> None:
        self._exchange = exchange
        self._archive = archive
        self._fee_changes = fee_changes

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        return [
            web.get(f"{prefix}/events", self.events),
            web.get(f"{prefix}/events/{{event_ticker}}", self.event),
            web.get(f"{prefix}/events/{{event_ticker}}/metadata", self.metadata),
            web.get(f"{prefix}/series", self.series_list),
            web.get(f"{prefix}/series/{{series_ticker}}", self.series),
        ]

    async def events(self, request: web.Request) -> web.Response:
        """List events, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 200, "GetEvents", (1, 200))
        nested = queries.flag(query, "with_nested_markets", "GetEvents")
        wanted = self._matching_events(query)
        shown, cursor = queries.page(wanted, itemgetter(0), query, limit)
        events = [await self._event_view(listings, nested) for _, listings in shown]
        body: Json = {"cursor": cursor, "events": events}
        if queries.flag(query, "with_milestones", "GetEvents"):
            body["milestones"] = []
        return json_response(body)

    async def event(self, request: web.Request) -> web.Response:
        """One event with its markets."""
        listings = self._siblings(request.match_info["event_ticker"])
        nested = queries.flag(request.query, "with_nested_markets", "GetEvent")
        views = await self._market_views(listings)
        view = await self._event_view(listings, nested)
        return json_response({"event": view, "markets": views})

    async def metadata(self, request: web.Request) -> web.Response:
        """What one event is shown with."""
        listings = self._siblings(request.match_info["event_ticker"])
        return json_response(event_metadata_view(listings))

    async def series_list(self, request: web.Request) -> web.Response:
        """List series; none here has a tag, so that asking for one finds nothing."""
        query, operation = request.query, "GetSeriesList"
        category, tags = query.get("category"), queries.words(query, "tags")
        has_volume = queries.flag(query, "include_volume", operation)
        queries.flag(query, "include_product_metadata", operation)
        updated_ms = queries.integer(query, "min_updated_ts", 0, operation, (0, queries.MAX_TS))
        found = [
            self._series_view(listings, bool(has_volume))
            for listings in self._by_series().values()
            if not tags and listings[0].created_ms >= updated_ms * 1000
        ]
        return json_response(
            {"series": [view for view in found if not category or view["category"] == category]}
        )

    async def series(self, request: web.Request) -> web.Response:
        """One series."""
        listings = self._by_series().get(request.match_info["series_ticker"])
        if listings is None:
            raise not_found()
        has_volume = queries.flag(request.query, "include_volume", "GetSeries")
        return json_response({"series": self._series_view(listings, bool(has_volume))})

    def _siblings(self, event_ticker: str) -> list[Listing]:
        tickers = self._exchange.events.get(event_ticker)
        if tickers is None:
            raise not_found()
        return [self._exchange.listings[ticker] for ticker in tickers]

    def _by_series(self) -> dict[str, list[Listing]]:
        series: dict[str, list[Listing]] = {}
        for listing in self._exchange.listings.values():
            series.setdefault(listing.market.series_ticker, []).append(listing)
        return series

    def _series_view(self, listings: list[Listing], has_volume: bool) -> Json:
        """A series by its oldest market, with what all of them traded where it is asked for."""
        oldest = listings[0]
        view = series_view(oldest, self._fee_changes.in_force(oldest.market.series_ticker))
        if has_volume:
            view["volume_fp"] = format_count(sum(listing.volume_lots for listing in listings))
        return view

    async def _market_views(self, listings: list[Listing]) -> list[Json]:
        live = [listing for listing in listings if not self._archive.is_old_market(listing)]
        return await market_views(live, self._exchange.now_ms)

    async def _event_view(self, listings: list[Listing], nested: bool | None) -> Json:
        oldest = listings[0]
        view = event_view(oldest, self._fee_changes.override(oldest.market.event_ticker))
        if nested:
            view["markets"] = await self._market_views(listings)
        return view

    def _matching_events(self, query: queries.Query) -> list[_Siblings]:
        tickers, series = queries.words(query, "tickers"), query.get("series_ticker")
        is_wanted = self._market_filter(query)
        numbered = list(enumerate(map(self._siblings, self._exchange.events), start=1))
        return [
            (number, listings)
            for number, listings in reversed(numbered)
            if (not tickers or listings[0].market.event_ticker in tickers)
            and (not series or listings[0].market.series_ticker == series)
            and any(is_wanted(listing) for listing in listings)
        ]

    def _market_filter(self, query: queries.Query) -> Callable[[Listing], bool]:
        """What at least one market of an event must be like."""
        status = queries.one_of(query, "status", "GetEvents", _EVENT_STATUSES)
        close_ms, updated_ms = (
            queries.integer(query, name, 0, "GetEvents", (0, queries.MAX_TS)) * 1000
            for name in ("min_close_ts", "min_updated_ts")
        )
        return lambda listing: (
            (not status or listing.status in STATUS_FILTERS[status])
            and shown_close_ms(listing, self._exchange.now_ms) >= close_ms
            and listing.updated_ms >= updated_ms
        )
