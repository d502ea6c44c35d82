"""Private REST surface of single orders: V2 writes, reads, and the endpoints that are gone."""

from aiohttp import web

from core.sandbox import queries
from core.sandbox import rest_views as views
from core.sandbox.accounts import Account
from core.sandbox.desk import Desk
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import Order
from core.sandbox.portfolio_api import ACCOUNT
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response, read_body
from core.sandbox.selections import Selections
from core.units import format_count


class OrderApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, selections: Selections, path: RequestPath) -> None:
        self._exchange = exchange
        self._selections = selections
        self._path = path
        self._desk = Desk(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        orders, events = f"{prefix}/portfolio/orders", f"{prefix}/portfolio/events/orders"
        one, old = f"{events}/{{order_id}}", f"{orders}/{{order_id}}"
        return [
            web.post(events, self.create),
            web.delete(one, self.cancel),
            web.post(f"{one}/amend", self.amend),
            web.post(f"{one}/decrease", self.decrease),
            web.get(orders, self.orders),
            web.get(f"{orders}/queue_positions", self.queue_positions),
            web.get(old, self.order),
            web.get(f"{old}/queue_position", self.queue_position),
            web.post(orders, self.gone),
            web.route("*", f"{orders}/batched", self.gone),
            web.delete(old, self.gone),
            web.post(f"{old}/amend", self.gone),
            web.post(f"{old}/decrease", self.gone),
        ]

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

    async def orders(self, request: web.Request) -> web.Response:
        """List orders, newest first."""
        query = request.query
        limit = queries.integer(query, "limit", 100, "GetOrders", (1, 1000))
        account = self._exchange.reads.see(self._account(request))
        wanted = self._selections.orders(account, query, "GetOrders", is_old=False)
        shown, cursor = queries.page(wanted, lambda order: order.serial, query, limit)
        return json_response(
            {"cursor": cursor, "orders": [views.order_view(account, order) for order in shown]}
        )

    async def order(self, request: web.Request) -> web.Response:
        """One order, also one that left the list for its age."""
        account = self._exchange.reads.see(self._account(request))
        order = _order(account, request)
        return json_response({"order": views.order_view(account, order)})

    async def queue_position(self, request: web.Request) -> web.Response:
        """Contracts that trade before a resting order."""
        order = _order(self._account(request), request)
        if order.status != "resting":
            raise not_found()
        return json_response({"queue_position_fp": self._ahead(order)})

    async def queue_positions(self, request: web.Request) -> web.Response:
        """The same for all resting orders, or those of some markets or of one event."""
        query = request.query
        tickers, event = queries.words(query, "market_tickers"), query.get("event_ticker")
        positions = [
            {
                "order_id": order.order_id,
                "market_ticker": order.ticker,
                "queue_position_fp": self._ahead(order),
            }
            for order in self._account(request).resting_orders()
            if (not tickers or order.ticker in tickers)
            and (not event or self._selections.event_of(order) == event)
        ]
        return json_response({"queue_positions": positions})

    def _account(self, request: web.Request) -> Account:
        return self._exchange.accounts[request[ACCOUNT]]

    def _ahead(self, order: Order) -> str:
        ahead = self._exchange.listings[order.ticker].book.queue_ahead_lots(order)
        return format_count(ahead)


def _order(account: Account, request: web.Request) -> Order:
    order = account.by_id.get(request.match_info["order_id"])
    if order is None:
        raise not_found()
    return order
