"""Private REST surface of single orders: V2 writes, reads, and the endpoints that are gone."""

from aiohttp import web

from core.sandbox import order_views as views
from core.sandbox import queries
from core.sandbox.accounts import Account
from core.sandbox.desk import Desk
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import Order
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response, read_body
from core.sandbox.selections import Selections
from core.sandbox.subaccounts import Subaccounts, order_among
from core.units import format_count


class OrderApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, selections: Selections, path: RequestPath) -> None:
        self._exchange = exchange
        self._selections = selections
        self._subaccounts = Subaccounts(exchange)
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
        account = self._subaccounts.named(request, body.subaccount, body.exchange_index)
        view = await self._path.act(
            account, lambda: views.created_view(self._desk.create(account, body))
        )
        return json_response(view, 201)

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel an order."""
        account = self._subaccounts.one(request, "CancelOrderV2")
        order_id = request.match_info["order_id"]
        view = await self._path.act(
            account, lambda: views.canceled_view(*self._desk.cancel(account, order_id))
        )
        return json_response(view)

    async def amend(self, request: web.Request) -> web.Response:
        """Move or resize an order."""
        body = await read_body(request, AmendBody)
        account = self._subaccounts.changed(request, "AmendOrderV2", body.exchange_index)
        order_id = request.match_info["order_id"]
        view = await self._path.act(
            account, lambda: views.amended_view(*self._desk.amend(account, order_id, body))
        )
        return json_response(view)

    async def decrease(self, request: web.Request) -> web.Response:
        """Shrink an order."""
        body = await read_body(request, DecreaseBody)
        account = self._subaccounts.changed(request, "DecreaseOrderV2", body.exchange_index)
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
        accounts = self._seen(self._subaccounts.several(request, "GetOrders"))
        wanted = self._selections.orders(accounts, query, "GetOrders", is_old=False)
        shown, cursor = queries.page(wanted, lambda order: order.serial, query, limit)
        return json_response(
            {"cursor": cursor, "orders": [views.order_view(accounts[0], order) for order in shown]}
        )

    async def order(self, request: web.Request) -> web.Response:
        """One order, also one that left the list for its age."""
        accounts = self._seen(self._subaccounts.user(request))
        order = order_among(accounts, request.match_info["order_id"])
        return json_response({"order": views.order_view(accounts[0], order)})

    async def queue_position(self, request: web.Request) -> web.Response:
        """Contracts that trade before a resting order."""
        order = order_among(self._subaccounts.user(request), request.match_info["order_id"])
        if order.status != "resting":
            raise not_found()
        return json_response({"queue_position_fp": self._ahead(order)})

    async def queue_positions(self, request: web.Request) -> web.Response:
        """The same for all resting orders, or those of some markets or of one event."""
        query = request.query
        account = self._subaccounts.one(request, "GetOrderQueuePositions")
        tickers, event = queries.words(query, "market_tickers"), query.get("event_ticker")
        positions = [
            {
                "order_id": order.order_id,
                "market_ticker": order.ticker,
                "queue_position_fp": self._ahead(order),
            }
            for order in account.resting_orders()
            if (not tickers or order.ticker in tickers)
            and (not event or self._selections.event_of(order) == event)
        ]
        return json_response({"queue_positions": positions})

    def _seen(self, accounts: list[Account]) -> list[Account]:
        """Accounts as a read shows them."""
        return [self._exchange.reads.see(account) for account in accounts]

    def _ahead(self, order: Order) -> str:
        ahead = self._exchange.listings[order.ticker].book.queue_ahead_lots(order)
        return format_count(ahead)
