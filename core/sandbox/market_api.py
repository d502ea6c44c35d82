"""Public REST reads of markets: their state, order books and trades."""

import asyncio
from collections.abc import Callable, Iterable
from operator import itemgetter

from aiohttp import web

from core.sandbox import queries
from core.sandbox.archive import Archive
from core.sandbox.errors import invalid_query
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_views import (
    market_view,
    orderbook_view,
    shown_close_ms,
    shown_created_ms,
    trade_view,
)
from core.sandbox.rest_json import Json, json_response
from core.sandbox.selections import Selections

STATUS_FILTERS = {
    "unopened": ("initialized",),
    "open": ("active",),
    "paused": ("inactive",),
    "closed": ("closed", "determined", "disputed", "amended"),
    "settled": ("finalized",),
}
"""Filter words of the markets list and the status values they mean."""

_VIEWS_AT_ONCE = 20
_MVE_WORDS = ("only", "exclude")
_MAX_BOOKS = 100


class MarketApi:
    """Handlers of the reads of markets."""

    def __init__(self, exchange: Exchange, archive: Archive, selections: Selections) -> None:
        self._exchange = exchange
        self._archive = archive
        self._selections = selections

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        return [
            web.get(f"{prefix}/markets", self.markets),
            web.get(f"{prefix}/markets/trades", self.trades),
            web.get(f"{prefix}/markets/orderbooks", self.orderbooks),
            web.get(f"{prefix}/markets/{{ticker}}", self.market),
            web.get(f"{prefix}/markets/{{ticker}}/orderbook", self.orderbook),
        ]

    async def markets(self, request: web.Request) -> web.Response:
        """List markets, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetMarkets", (0, 1000)) or 100
        is_wanted = market_filter(query, self._exchange.now_ms)
        numbered = list(enumerate(self._exchange.listings.values(), start=1))
        wanted = (
            (number, listing)
            for number, listing in reversed(numbered)
            if not self._archive.is_old_market(listing) and is_wanted(listing)
        )
        shown, cursor = queries.page(wanted, itemgetter(0), query, limit)
        found = await market_views((listing for _, listing in shown), self._exchange.now_ms)
        return json_response({"cursor": cursor, "markets": found})

    async def market(self, request: web.Request) -> web.Response:
        """One market."""
        listing = self._archive.live(request.match_info["ticker"])
        return json_response({"market": market_view(listing, self._exchange.now_ms)})

    async def orderbook(self, request: web.Request) -> web.Response:
        """One order book, optionally only its best levels."""
        depth = queries.integer(request.query, "depth", 0, "GetMarketOrderbook", (0, 100))
        listing = self._archive.live(request.match_info["ticker"])
        return json_response({"orderbook_fp": orderbook_view(listing, depth)})

    async def orderbooks(self, request: web.Request) -> web.Response:
        """Several order books; tickers nobody knows are left out."""
        tickers = dict.fromkeys(request.query.getall("tickers", ()))
        if not tickers:
            raise invalid_query("GetMarketOrderbooks", "Tickers", "required")
        if len(tickers) > _MAX_BOOKS:
            raise invalid_query("GetMarketOrderbooks", "Tickers", "max")
        books = [
            {"ticker": listing.ticker, "orderbook_fp": orderbook_view(listing, 0)}
            for listing in self._archive.live_among(tickers)
        ]
        return json_response({"orderbooks": books})

    async def trades(self, request: web.Request) -> web.Response:
        """List public trades, newest first, as far back as the markets remember."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetTrades", (0, 1000)) or 100
        wanted = self._selections.trades(query, "GetTrades", is_old=False)
        shown, cursor = queries.page(wanted, lambda trade: trade.serial, query, limit)
        return json_response({"cursor": cursor, "trades": [trade_view(trade) for trade in shown]})


async def market_views(listings: Iterable[Listing], now_ms: int) -> list[Json]:
    """Market objects, made a few at a time, so that no order waits for a long list."""
    views: list[Json] = []
    for listing in listings:
        if len(views) % _VIEWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        views.append(market_view(listing, now_ms))
    return views


def market_filter(
    query: queries.Query, now_ms: int, operation: str = "GetMarkets"
) -> Callable[[Listing], bool]:
    """Test of a market against the filters of the markets list.

    Combos are not listed here, so `mve_filter=only` finds nothing.

    Raises:
        ApiError: 400 in the query shape.
    """
    statuses = STATUS_FILTERS.get(queries.one_of(query, "status", operation, STATUS_FILTERS))
    is_for_combos = queries.one_of(query, "mve_filter", operation, _MVE_WORDS) == "only"
    tickers = queries.words(query, "tickers")
    event, series = query.get("event_ticker"), query.get("series_ticker")
    is_timely = _market_time_filter(query, now_ms, operation)
    return lambda listing: (
        not is_for_combos
        and (statuses is None or listing.status in statuses)
        and (not tickers or listing.ticker in tickers)
        and (not event or listing.market.event_ticker == event)
        and (not series or listing.market.series_ticker == series)
        and is_timely(listing)
    )


def _market_time_filter(
    query: queries.Query, now_ms: int, operation: str
) -> Callable[[Listing], bool]:
    """A market that has not settled fits no filter by time of settlement."""
    created, updated, close, settled = (
        queries.time_filter(query, operation, f"{name}_ts")
        for name in ("created", "updated", "close", "settled")
    )
    asks_settled = bool(query.get("min_settled_ts") or query.get("max_settled_ts"))
    return lambda listing: (
        created(shown_created_ms(listing))
        and updated(listing.updated_ms)
        and close(shown_close_ms(listing, now_ms))
        and (not asks_settled or (listing.settled_ms > 0 and settled(listing.settled_ms)))
    )
