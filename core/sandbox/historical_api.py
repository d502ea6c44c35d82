"""REST reads of what left the live data: markets, trades, and an account's own old rows."""

from operator import itemgetter

from aiohttp import web

from core.sandbox import queries
from core.sandbox.archive import Archive
from core.sandbox.exchange import Exchange
from core.sandbox.market_api import market_filter, market_views
from core.sandbox.market_views import market_view, trade_view
from core.sandbox.order_views import fill_view, order_view
from core.sandbox.portfolio_views import positions_view
from core.sandbox.rest_json import json_response
from core.sandbox.selections import Selections
from core.sandbox.subaccounts import Subaccounts
from core.sandbox.wire_text import time_text

CUTOFFS = (
    "market_settled_ts",
    "trades_created_ts",
    "orders_updated_ts",
    "market_positions_last_updated_ts",
)
"""Names of the cutoffs; here they are all the same instant."""


class HistoricalApi:
    """Handlers; rows have the form and the filters of their live endpoints."""

    def __init__(self, exchange: Exchange, archive: Archive, selections: Selections) -> None:
        self._exchange = exchange
        self._archive = archive
        self._selections = selections
        self._subaccounts = Subaccounts(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        historical = f"{prefix}/historical"
        return [
            web.get(f"{historical}/cutoff", self.cutoff),
            web.get(f"{historical}/markets", self.markets),
            web.get(f"{historical}/markets/{{ticker}}", self.market),
            web.get(f"{historical}/trades", self.trades),
            web.get(f"{historical}/fills", self.fills),
            web.get(f"{historical}/orders", self.orders),
            web.get(f"{historical}/positions", self.positions),
        ]

    async def cutoff(self, _request: web.Request) -> web.Response:
        """Before when data must be asked for here."""
        return json_response(dict.fromkeys(CUTOFFS, time_text(max(0, self._archive.cutoff_ms))))

    async def markets(self, request: web.Request) -> web.Response:
        """List old markets, newest first."""
        query, operation = request.query, "GetHistoricalMarkets"
        limit = queries.integer(query, "limit", 100, operation, (0, 1000)) or 100
        is_wanted = market_filter(query, self._exchange.now_ms, operation)
        numbered = list(enumerate(self._exchange.listings.values(), start=1))
        wanted = (
            (number, listing)
            for number, listing in reversed(numbered)
            if self._archive.is_old_market(listing) and is_wanted(listing)
        )
        shown, cursor = queries.page(wanted, itemgetter(0), query, limit)
        found = await market_views((listing for _, listing in shown), self._exchange.now_ms)
        return json_response({"cursor": cursor, "markets": found})

    async def market(self, request: web.Request) -> web.Response:
        """One old market."""
        listing = self._archive.old(request.match_info["ticker"])
        return json_response({"market": market_view(listing, self._exchange.now_ms)})

    async def trades(self, request: web.Request) -> web.Response:
        """List old public trades, newest first."""
        query, operation = request.query, "GetTradesHistorical"
        limit = queries.integer(query, "limit", 100, operation, (0, 1000)) or 100
        wanted = self._selections.trades(query, operation, is_old=True)
        shown, cursor = queries.page(wanted, lambda trade: trade.serial, query, limit)
        return json_response({"cursor": cursor, "trades": [trade_view(t) for t in shown]})

    async def fills(self, request: web.Request) -> web.Response:
        """List old fills, newest first."""
        query, operation = request.query, "GetFillsHistorical"
        limit = queries.integer(query, "limit", 100, operation, (1, 1000))
        accounts = self._subaccounts.several(request, operation)
        wanted = self._selections.fills(accounts, query, operation, is_old=True)
        shown, cursor = queries.page(wanted, lambda fill: fill.serial, query, limit)
        return json_response({"cursor": cursor, "fills": [fill_view(f) for f in shown]})

    async def orders(self, request: web.Request) -> web.Response:
        """List orders that ended before the cutoff, newest first."""
        query, operation = request.query, "GetHistoricalOrders"
        limit = queries.integer(query, "limit", 100, operation, (1, 1000))
        accounts = self._subaccounts.several(request, operation)
        wanted = self._selections.orders(accounts, query, operation, is_old=True)
        shown, cursor = queries.page(wanted, lambda order: order.serial, query, limit)
        orders = [order_view(accounts[0], order) for order in shown]
        return json_response({"cursor": cursor, "orders": orders})

    async def positions(self, request: web.Request) -> web.Response:
        """List closed positions that last changed before the cutoff."""
        query, operation = request.query, "GetHistoricalPositions"
        limit = queries.integer(query, "limit", 100, operation, (1, 1000))
        account = self._subaccounts.one(request, operation)
        wanted = self._selections.positions(account, query, operation, is_old=True)
        shown, cursor = queries.page(wanted, itemgetter(0), query, limit)
        positions = [position for _, position in shown]
        body = positions_view(positions, self._selections.event_of)
        return json_response({"cursor": cursor, **body})
