"""REST writes that concern many orders at once: batches, and cancel all."""

from collections.abc import Sequence

from aiohttp import web

from core.sandbox import order_views as views
from core.sandbox.accounts import Account
from core.sandbox.desk import Desk
from core.sandbox.errors import ApiError, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import BatchCancelBody, BatchCreateBody, CancelItem, CreateBody
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import Json, json_response, read_body
from core.sandbox.rights import check_lock
from core.sandbox.subaccounts import Subaccounts
from core.units import format_count


class BatchApi:
    """Handlers; the items of a batch succeed or fail one by one, in order."""

    def __init__(self, exchange: Exchange, path: RequestPath) -> None:
        self._exchange = exchange
        self._path = path
        self._desk = Desk(exchange)
        self._subaccounts = Subaccounts(exchange)

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
        user = self._admitted(request, body.orders)
        placed = await self._path.act(
            user, lambda: [self._placed(request, item) for item in body.orders]
        )
        return json_response({"orders": placed}, 201)

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel several orders."""
        body = await read_body(request, BatchCancelBody)
        user = self._admitted(request, body.orders)
        canceled = await self._path.act(
            user, lambda: [self._canceled(request, item) for item in body.orders]
        )
        return json_response({"orders": canceled})

    async def cancel_all(self, request: web.Request) -> web.Response:
        """Cancel whatever rests, of one account or of all, also what comes to rest meanwhile."""
        accounts = self._subaccounts.several(request, "CancelAllOrders")
        await self._path.act(accounts[0], lambda: self._begin_cancel_all(accounts))
        return web.Response(status=204)

    def _admitted(self, request: web.Request, items: Sequence[CreateBody | CancelItem]) -> Account:
        """Let a batch through whose items the key may name; for whose way it goes."""
        if not items:
            raise refusal(400, "missing_parameters", "orders")
        for item in items:
            check_lock(request, item.subaccount)
        return self._subaccounts.user(request)[0]

    def _begin_cancel_all(self, accounts: Sequence[Account]) -> None:
        self._exchange.pauses.require_active(self._exchange.now_ms)
        self._path.later(self._exchange.rules.cancel_all_ms, lambda: self._cancel_all(accounts))

    def _cancel_all(self, accounts: Sequence[Account]) -> None:
        for account in accounts:
            self._desk.cancel_all(account)

    def _placed(self, request: web.Request, item: CreateBody) -> Json:
        try:
            account = self._subaccounts.named(request, item.subaccount, item.exchange_index)
            return views.created_view(self._desk.create(account, item))
        except ApiError as error:
            failed: Json = {"error": error.body["error"]}
            if item.client_order_id:
                failed["client_order_id"] = item.client_order_id
            return failed

    def _canceled(self, request: web.Request, item: CancelItem) -> Json:
        try:
            account = self._subaccounts.named(request, item.subaccount, item.exchange_index)
            return views.canceled_view(*self._desk.cancel(account, item.order_id))
        except ApiError as error:
            return {
                "order_id": item.order_id,
                "reduced_by": format_count(0),
                "error": error.body["error"],
            }
