"""REST surface of order groups: the seven calls of protocol 4.8b."""

from collections.abc import Iterable

from aiohttp import web

from core.sandbox.accounts import Account
from core.sandbox.errors import not_found
from core.sandbox.exchange import Exchange
from core.sandbox.group_desk import GroupDesk
from core.sandbox.groups import OrderGroup
from core.sandbox.order_bodies import GroupBody
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import Json, json_response, read_body
from core.sandbox.subaccounts import Subaccounts
from core.units import format_count


class GroupApi:
    """Handlers; what concerns orders goes their way, or it would overtake them."""

    def __init__(self, exchange: Exchange, path: RequestPath) -> None:
        self._exchange = exchange
        self._path = path
        self._desk = GroupDesk(exchange)
        self._subaccounts = Subaccounts(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        groups = f"{prefix}/portfolio/order_groups"
        one = f"{groups}/{{group_id}}"
        return [
            web.post(f"{groups}/create", self.create),
            web.get(groups, self.groups),
            web.get(one, self.group),
            web.put(f"{one}/reset", self.reset),
            web.put(f"{one}/trigger", self.trigger),
            web.put(f"{one}/limit", self.limit),
            web.delete(one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Open a group."""
        body = await read_body(request, GroupBody)
        account = self._subaccounts.named(request, body.subaccount, body.exchange_index)
        group = await self._path.act(account, lambda: self._desk.create(account, body))
        view = {
            "order_group_id": group.group_id,
            "subaccount": account.subaccount,
            "exchange_index": 0,
        }
        return json_response(view, 201)

    async def groups(self, request: web.Request) -> web.Response:
        """List the groups; without any the list itself is absent."""
        views = [
            {"id": group.group_id} | _view(group)
            for account in self._subaccounts.several(request, "GetOrderGroups")
            for group in self._exchange.reads.see(account).groups.values()
        ]
        return json_response({"order_groups": views} if views else {})

    async def group(self, request: web.Request) -> web.Response:
        """One group with the orders that rest in it."""
        group_id = _group_id(request)
        accounts = self._subaccounts.several(request, "GetOrderGroup")
        account = _owner([self._exchange.reads.see(each) for each in accounts], group_id)
        group = account.groups[group_id]
        orders = [order.order_id for order in account.resting_orders(group.group_id)]
        return json_response(_view(group) | {"orders": orders})

    async def reset(self, request: web.Request) -> web.Response:
        """Open a triggered group again."""
        account, group_id = self._subaccounts.one(request, "ResetOrderGroup"), _group_id(request)
        await self._path.act(account, lambda: self._desk.reset(account, group_id))
        return json_response({})

    async def trigger(self, request: web.Request) -> web.Response:
        """Cut a group off."""
        account, group_id = self._subaccounts.one(request, "TriggerOrderGroup"), _group_id(request)
        await self._path.act(account, lambda: self._desk.trigger(account, group_id))
        return json_response({})

    async def limit(self, request: web.Request) -> web.Response:
        """Change a group's limit."""
        body = await read_body(request, GroupBody)
        account, group_id = (
            self._subaccounts.one(request, "UpdateOrderGroupLimit"),
            _group_id(request),
        )
        await self._path.act(account, lambda: self._desk.limit(account, group_id, body))
        return json_response({})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a group."""
        account, group_id = self._subaccounts.one(request, "DeleteOrderGroup"), _group_id(request)
        await self._path.act(account, lambda: self._desk.delete(account, group_id))
        return json_response({})


def _owner(accounts: Iterable[Account], group_id: str) -> Account:
    """Whose group this is.

    Raises:
        ApiError: 404, nobody's.
    """
    for account in accounts:
        if group_id in account.groups:
            return account
    raise not_found()


def _group_id(request: web.Request) -> str:
    return request.match_info["group_id"]


def _view(group: OrderGroup) -> Json:
    return {
        "contracts_limit_fp": format_count(group.limit_lots),
        "is_auto_cancel_enabled": True,
        "exchange_index": 0,
    }
