"""Private REST surface: orders, balance, positions, fills, settlements."""

from itertools import groupby

from aiohttp import web

from core.sandbox import queries
from core.sandbox import rest_views as views
from core.sandbox.accounts import Account, Position, Settlement
from core.sandbox.desk import Desk
from core.sandbox.errors import invalid_query, not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import Order
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response, read_body
from core.units import format_count

ACCOUNT = web.RequestKey("account", int)
"""Number of the account that signed the request; set by the guard."""

_STATUSES = ("resting", "canceled", "executed")
_SETTLEMENT_STATUSES = ("unsettled", "settled", "all")


class PortfolioApi:
    """Handlers of everything that belongs to one account."""

    def __init__(self, exchange: Exchange, path: RequestPath) -> None:
        self._exchange = exchange
        self._path = path
        self._desk = Desk(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        orders, events = f"{prefix}/portfolio/orders", f"{prefix}/portfolio/events/orders"
        one, summary = f"{events}/{{order_id}}", f"{prefix}/portfolio/summary"
        return [
            web.post(events, self.create),
            web.delete(one, self.cancel),
            web.post(f"{one}/amend", self.amend),
            web.post(f"{one}/decrease", self.decrease),
            web.get(orders, self.orders),
            web.get(f"{orders}/{{order_id}}", self.order),
            web.get(f"{orders}/{{order_id}}/queue_position", self.queue_position),
            web.post(orders, self.gone),
            web.route("*", f"{orders}/batched", self.gone),
            web.delete(f"{orders}/{{order_id}}", self.gone),
            web.post(f"{orders}/{{order_id}}/amend", self.gone),
            web.post(f"{orders}/{{order_id}}/decrease", self.gone),
            web.get(f"{prefix}/portfolio/balance", self.balance),
            web.get(f"{prefix}/portfolio/positions", self.positions),
            web.get(f"{prefix}/portfolio/fills", self.fills),
            web.get(f"{prefix}/portfolio/settlements", self.settlements),
            web.get(f"{summary}/total_resting_order_value", self.resting_value),
        ]

    # Orders: writes.

    async def create(self, request: web.Request) -> web.Response:
        """Place an order."""
        body = await read_body(request, CreateBody)
        account = self._account(request)
        view = await self._path.act(
            account, lambda: views.created_view(self._desk.create(account, body))
        )
        return json_response(view, 201)

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel an order."""
        account = self._account(request)
        order_id = request.match_info["order_id"]
        view = await self._path.act(
            account, lambda: views.canceled_view(*self._desk.cancel(account, order_id))
        )
        return json_response(view)

    async def amend(self, request: web.Request) -> web.Response:
        """Move or resize an order."""
        body = await read_body(request, AmendBody)
        account = self._account(request)
        order_id = request.match_info["order_id"]
        view = await self._path.act(
            account, lambda: views.amended_view(*self._desk.amend(account, order_id, body))
        )
        return json_response(view)

    async def decrease(self, request: web.Request) -> web.Response:
        """Shrink an order."""
        body = await read_body(request, DecreaseBody)
        account = self._account(request)
        order_id = request.match_info["order_id"]
        view = await self._path.act(
            account, lambda: views.decreased_view(self._desk.decrease(account, order_id, body))
        )
        return json_response(view)

    async def gone(self, _request: web.Request) -> web.Response:
        """Answer the order endpoints of old."""
        message = "This endpoint is gone; use the V2 order endpoints"
        raise refusal(410, "deprecated_v1_order_endpoint", message=message)

    # Orders: reads.

    async def orders(self, request: web.Request) -> web.Response:
        """List orders, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetOrders", (1, 1000))
        status = query.get("status", "")
        if status and status not in _STATUSES:
            raise invalid_query("GetOrders", "Status", "oneof")
        account = self._account(request)
        wanted = self._matching_orders(account, request, status)
        shown, cursor = queries.page(wanted, lambda order: order.serial, query, limit)
        return json_response(
            {"cursor": cursor, "orders": [views.order_view(account, order) for order in shown]}
        )

    async def order(self, request: web.Request) -> web.Response:
        """One order."""
        account = self._account(request)
        return json_response({"order": views.order_view(account, self._order(request))})

    async def queue_position(self, request: web.Request) -> web.Response:
        """Contracts that trade before a resting order."""
        order = self._order(request)
        if order.status != "resting":
            raise not_found()
        ahead = self._exchange.listings[order.ticker].book.queue_ahead_lots(order)
        return json_response({"queue_position_fp": format_count(ahead)})

    # Money and positions.

    async def balance(self, request: web.Request) -> web.Response:
        """Free cash, and what the positions would bring."""
        account = self._account(request)
        value = sum(self._value_micros(position) for position in account.positions.values())
        return json_response(views.balance_view(account, value, self._exchange.now_ms))

    async def resting_value(self, request: web.Request) -> web.Response:
        """What resting orders hold back."""
        return json_response(views.resting_value_view(self._account(request)))

    async def positions(self, request: web.Request) -> web.Response:
        """Market and event positions."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetPositions", (1, 1000))
        positions = self._matching_positions(request)
        places = {position.ticker: len(positions) - i for i, position in enumerate(positions)}
        shown, cursor = queries.page(positions, lambda p: places[p.ticker], query, limit)
        groups = groupby(sorted(shown, key=self._event_of), key=self._event_of)
        return json_response(
            {
                "cursor": cursor,
                "market_positions": [views.position_view(position) for position in shown],
                "event_positions": [views.event_position_view(e, list(ps)) for e, ps in groups],
            }
        )

    async def fills(self, request: web.Request) -> web.Response:
        """List fills, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetFills", (1, 1000))
        in_time = queries.time_filter(query, "GetFills")
        ticker, order_id = query.get("ticker"), query.get("order_id")
        wanted = (
            fill
            for fill in reversed(self._account(request).fills)
            if (not ticker or fill.order.ticker == ticker)
            and (not order_id or fill.order.order_id == order_id)
            and in_time(fill.ts_ms)
        )
        shown, cursor = queries.page(wanted, lambda fill: fill.serial, query, limit)
        return json_response({"cursor": cursor, "fills": [views.fill_view(f) for f in shown]})

    async def settlements(self, request: web.Request) -> web.Response:
        """List settlements, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetSettlements", (1, 1000))
        wanted = self._matching_settlements(request)
        shown, cursor = queries.page(wanted, lambda numbered: numbered[0], query, limit)
        paid = [views.settlement_view(s, self._event_of(s)) for _, s in shown]
        return json_response({"cursor": cursor, "settlements": paid})

    # Selections.

    def _account(self, request: web.Request) -> Account:
        return self._exchange.accounts[request[ACCOUNT]]

    def _order(self, request: web.Request) -> Order:
        order = self._account(request).by_id.get(request.match_info["order_id"])
        if order is None:
            raise not_found()
        return order

    def _event_of(self, item: Position | Settlement) -> str:
        return self._exchange.listings[item.ticker].market.event_ticker

    def _value_micros(self, position: Position) -> int:
        if not position.lots:
            return 0
        mark = self._exchange.listings[position.ticker].mark_pips(position.lots > 0)
        return position.lots * mark if position.lots > 0 else -position.lots * (10_000 - mark)

    def _matching_orders(self, account: Account, request: web.Request, status: str) -> list[Order]:
        query = request.query
        in_time = queries.time_filter(query, "GetOrders")
        ticker, events = query.get("ticker"), queries.words(query, "event_ticker")
        if status == "resting":
            resting = (order for orders in account.resting.values() for order in orders.values())
            newest_first = sorted(resting, key=lambda order: -order.serial)
        else:
            newest_first = account.orders[::-1]
        return [
            order
            for order in newest_first
            if (not status or order.status == status)
            and (not ticker or order.ticker == ticker)
            and (not events or self._exchange.listings[order.ticker].market.event_ticker in events)
            and in_time(order.created_ms)
        ]

    def _matching_settlements(self, request: web.Request) -> list[tuple[int, Settlement]]:
        """The account's settlements, each with its number of all; the newest comes first."""
        query = request.query
        in_time = queries.time_filter(query, "GetSettlements")
        ticker, event = query.get("ticker"), query.get("event_ticker")
        numbered = list(enumerate(self._account(request).settlements, start=1))
        return [
            (number, settlement)
            for number, settlement in reversed(numbered)
            if (not ticker or settlement.ticker == ticker)
            and (not event or self._event_of(settlement) == event)
            and in_time(settlement.settled_ms)
        ]

    def _matching_positions(self, request: web.Request) -> list[Position]:
        query = request.query
        settlement = query.get("settlement_status", "unsettled")
        if settlement not in _SETTLEMENT_STATUSES:
            raise invalid_query("GetPositions", "SettlementStatus", "oneof")
        counts = queries.words(query, "count_filter")
        ticker, events = query.get("ticker"), queries.words(query, "event_ticker")
        return [
            position
            for position in self._account(request).positions.values()
            if (settlement == "all" or position.is_settled == (settlement == "settled"))
            and (not ticker or position.ticker == ticker)
            and (not events or self._event_of(position) in events)
            and ("position" not in counts or position.lots)
            and ("total_traded" not in counts or position.traded_lots)
        ]
