"""Private REST surface: balance, positions, fills, settlements.

Balance and positions are those of one account, fills and settlements those of all a user has,
unless the query names one.
"""

from operator import itemgetter

from aiohttp import web

from core.sandbox import portfolio_views as views
from core.sandbox import queries
from core.sandbox.accounts import Position
from core.sandbox.exchange import Exchange
from core.sandbox.order_views import fill_view
from core.sandbox.rest_json import json_response
from core.sandbox.rights import ACCOUNT as ACCOUNT  # the guard and the socket know it from here
from core.sandbox.selections import Selections
from core.sandbox.subaccounts import Subaccounts


class PortfolioApi:
    """Handlers of what a user owns and owned."""

    def __init__(self, exchange: Exchange, selections: Selections) -> None:
        self._exchange = exchange
        self._selections = selections
        self._subaccounts = Subaccounts(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        summary = f"{prefix}/portfolio/summary"
        return [
            web.get(f"{prefix}/portfolio/balance", self.balance),
            web.get(f"{prefix}/portfolio/positions", self.positions),
            web.get(f"{prefix}/portfolio/fills", self.fills),
            web.get(f"{prefix}/portfolio/settlements", self.settlements),
            web.get(f"{summary}/total_resting_order_value", self.resting_value),
        ]

    # Money and positions.

    async def balance(self, request: web.Request) -> web.Response:
        """Free cash, and what the positions would bring."""
        account = self._subaccounts.one(request, "GetBalance")
        value = sum(self._value_micros(position) for position in account.positions.values())
        return json_response(views.balance_view(account, value, self._exchange.now_ms))

    async def resting_value(self, request: web.Request) -> web.Response:
        """What resting orders of all accounts hold back."""
        held = sum(account.held_micros for account in self._subaccounts.user(request))
        return json_response(views.resting_value_view(held))

    async def positions(self, request: web.Request) -> web.Response:
        """Market and event positions."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetPositions", (1, 1000))
        account = self._exchange.reads.see(self._subaccounts.one(request, "GetPositions"))
        wanted = self._selections.positions(account, query, "GetPositions", is_old=False)
        numbered, cursor = queries.page(wanted, itemgetter(0), query, limit)
        shown = [position for _, position in numbered]
        body = views.positions_view(shown, self._selections.event_of)
        return json_response({"cursor": cursor, **body})

    async def fills(self, request: web.Request) -> web.Response:
        """List fills, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetFills", (1, 1000))
        accounts = self._subaccounts.several(request, "GetFills")
        wanted = self._selections.fills(accounts, query, "GetFills", is_old=False)
        shown, cursor = queries.page(wanted, lambda fill: fill.serial, query, limit)
        return json_response({"cursor": cursor, "fills": [fill_view(f) for f in shown]})

    async def settlements(self, request: web.Request) -> web.Response:
        """List settlements, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetSettlements", (1, 1000))
        accounts = self._subaccounts.several(request, "GetSettlements")
        wanted = self._selections.settlements(accounts, query, "GetSettlements")
        shown, cursor = queries.page(wanted, lambda settlement: settlement.serial, query, limit)
        paid = [views.settlement_view(s, self._selections.event_of(s)) for s in shown]
        return json_response({"cursor": cursor, "settlements": paid})

    def _value_micros(self, position: Position) -> int:
        if not position.lots:
            return 0
        mark = self._exchange.listings[position.ticker].mark_pips(position.lots > 0)
        return position.lots * mark if position.lots > 0 else -position.lots * (10_000 - mark)
