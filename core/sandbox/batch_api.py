"""REST writes that concern many orders at once: batches, and cancel all."""

from aiohttp import web

from core.sandbox import rest_views as views
from core.sandbox.accounts import Account
from core.sandbox.desk import Desk
from core.sandbox.errors import ApiError, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import BatchCancelBody, BatchCreateBody, CancelItem, CreateBody
from core.sandbox.portfolio_api import ACCOUNT
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response, read_body
from core.units import format_count


class BatchApi:
    """Handlers; the items of a batch succeed or fail one by one, in order."""

    def __init__(self, exchange: Exchange, path: RequestPath) -> None:
        self._exchange = exchange
        self._path = path
        self._desk = Desk(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        orders = f"{prefix}/portfolio/events/orders"
        return [
            web.post(f"{orders}/batched", self.create),
            web.delete(f"{orders}/batched", self.cancel),
            web.delete(orders, self.cancel_all),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Place several orders."""
        body = await read_body(request, BatchCreateBody)
        account = self._account(request)
        if not body.orders:
            raise refusal(400, "missing_parameters", "orders")
        placed = await self._path.act(
            account, lambda: [self._placed(account, item) for item in body.orders]
        )
        return json_response({"orders": placed}, 201)

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel several orders."""
        body = await read_body(request, BatchCancelBody)
        account = self._account(request)
        if not body.orders:
            raise refusal(400, "missing_parameters", "orders")
        canceled = await self._path.act(
            account, lambda: [self._canceled(account, item) for item in body.orders]
        )
        return json_response({"orders": canceled})

    async def cancel_all(self, request: web.Request) -> web.Response:
        """Cancel whatever the account has resting."""
        account = self._account(request)
        await self._path.act(account, lambda: self._desk.cancel_all(account))
        return web.Response(status=204)

    def _placed(self, account: Account, item: CreateBody) -> views.Json:
        try:
            return views.created_view(self._desk.create(account, item))
        except ApiError as error:
            failed: views.Json = {"error": error.body["error"]}
            if item.client_order_id:
                failed["client_order_id"] = item.client_order_id
            return failed

    def _canceled(self, account: Account, item: CancelItem) -> views.Json:
        try:
            return views.canceled_view(*self._desk.cancel(account, item.order_id))
        except ApiError as error:
            return {
                "order_id": item.order_id,
                "reduced_by": format_count(0),
                "error": error.body["error"],
            }

    def _account(self, request: web.Request) -> Account:
        return self._exchange.accounts[request[ACCOUNT]]
