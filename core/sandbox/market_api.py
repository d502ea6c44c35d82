"""Public REST reads of markets: their state, order books and trades."""

from collections.abc import Iterable
from heapq import merge

from aiohttp import web

from core.sandbox import queries
from core.sandbox.errors import invalid_query, not_found
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing, PublicTrade
from core.sandbox.rest_json import json_response
from core.sandbox.rest_views import (
    market_view,
    orderbook_view,
    shown_close_ms,
    trade_view,
)

STATUS_FILTERS = {
    "unopened": ("initialized",),
    "open": ("active",),
    "paused": ("inactive",),
    "closed": ("closed", "determined", "disputed", "amended"),
    "settled": ("finalized",),
}
"""Filter words of the markets list and the status values they mean."""

_MAX_TS = 2**53
_MAX_BOOKS = 100


class MarketApi:
    """Handlers of the reads of markets."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

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
        listings = list(self._exchange.listings.values())
        places = {listing: index for index, listing in enumerate(listings, start=1)}
        wanted = self._filtered(reversed(listings), request)
        shown, cursor = queries.page(wanted, places.__getitem__, query, limit)
        now_ms = self._exchange.now_ms
        views = [market_view(listing, now_ms) for listing in shown]
        return json_response({"cursor": cursor, "markets": views})

    async def market(self, request: web.Request) -> web.Response:
        """One market."""
        listing = self._listing(request)
        return json_response({"market": market_view(listing, self._exchange.now_ms)})

    async def orderbook(self, request: web.Request) -> web.Response:
        """One order book, optionally only its best levels."""
        depth = queries.integer(request.query, "depth", 0, "GetMarketOrderbook", (0, 100))
        return json_response({"orderbook_fp": orderbook_view(self._listing(request), depth)})

    async def orderbooks(self, request: web.Request) -> web.Response:
        """Several order books; tickers nobody knows are left out."""
        tickers = dict.fromkeys(request.query.getall("tickers", ()))
        if not tickers:
            raise invalid_query("GetMarketOrderbooks", "Tickers", "required")
        if len(tickers) > _MAX_BOOKS:
            raise invalid_query("GetMarketOrderbooks", "Tickers", "max")
        listings = self._exchange.listings
        books = [
            {"ticker": ticker, "orderbook_fp": orderbook_view(listings[ticker], 0)}
            for ticker in tickers
            if ticker in listings
        ]
        return json_response({"orderbooks": books})

    async def trades(self, request: web.Request) -> web.Response:
        """List public trades, newest first, as far back as the markets remember."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetTrades", (0, 1000)) or 100
        in_time = queries.time_filter(query, "GetTrades")
        is_block = queries.flag(query, "is_block_trade", "GetTrades")
        newest_first = () if is_block else self._trades(query.get("ticker"))
        wanted = (trade for trade in newest_first if in_time(trade.ts_ms))
        shown, cursor = queries.page(wanted, lambda trade: trade.serial, query, limit)
        return json_response({"cursor": cursor, "trades": [trade_view(trade) for trade in shown]})

    def _trades(self, ticker: str | None) -> Iterable[PublicTrade]:
        """Remembered trades of one market or of all, newest first. Nothing here is a block."""
        listings = self._exchange.listings.values()
        wanted = (listing for listing in listings if not ticker or listing.ticker == ticker)
        return merge(
            *(reversed(listing.trades) for listing in wanted), key=lambda trade: -trade.serial
        )

    def _listing(self, request: web.Request) -> Listing:
        listing = self._exchange.listings.get(request.match_info["ticker"])
        if listing is None:
            raise not_found()
        return listing

    def _filtered(self, listings: Iterable[Listing], request: web.Request) -> list[Listing]:
        query = request.query
        status = query.get("status", "")
        if status and status not in STATUS_FILTERS:
            raise invalid_query("GetMarkets", "Status", "oneof")
        statuses = STATUS_FILTERS.get(status)
        tickers = queries.words(query, "tickers")
        event, series = query.get("event_ticker"), query.get("series_ticker")
        low = queries.integer(query, "min_close_ts", 0, "GetMarkets", (0, _MAX_TS)) * 1000
        high = queries.integer(query, "max_close_ts", _MAX_TS, "GetMarkets", (0, _MAX_TS)) * 1000
        now_ms = self._exchange.now_ms
        return [
            listing
            for listing in listings
            if (statuses is None or listing.status in statuses)
            and (not tickers or listing.ticker in tickers)
            and (not event or listing.market.event_ticker == event)
            and (not series or listing.market.series_ticker == series)
            and low <= shown_close_ms(listing, now_ms) <= high
        ]
