"""REST surface of subaccounts: open, balances, and the switch of netting.

Netting returns collateral across the markets of an event. No event here offers that, so the
switch is kept and changes no money.
"""

import msgspec
from aiohttp import web

from core.sandbox.accounts import Account
from core.sandbox.errors import refusal
from core.sandbox.exchange import Exchange
from core.sandbox.limits import BASIC, RateLimits
from core.sandbox.order_checks import require_fields
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import Json, json_response, read_body
from core.sandbox.rights import ACCOUNT, LOCK
from core.sandbox.subaccounts import Subaccounts
from core.sandbox.wire_text import dollars


class _OpenBody(msgspec.Struct):
    exchange_index: int = 0


class _NettingBody(msgspec.Struct):
    subaccount_number: int | None = None
    enabled: bool | None = None


class SubaccountApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, limits: RateLimits, path: RequestPath) -> None:
        self._exchange = exchange
        self._limits = limits
        self._path = path
        self._subaccounts = Subaccounts(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        subaccounts = f"{prefix}/portfolio/subaccounts"
        return [
            web.post(subaccounts, self.create),
            web.get(f"{subaccounts}/balances", self.balances),
            web.get(f"{subaccounts}/netting", self.netting),
            web.put(f"{subaccounts}/netting", self.set_netting),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Open the next subaccount; it has no cash until a transfer brings some."""
        body = await read_body(request, _OpenBody) if request.can_read_body else _OpenBody()
        if request.get(LOCK) is not None:
            raise refusal(403, "forbidden", "a key locked to a subaccount opens none")
        if self._limits.tier_of(request[ACCOUNT]) == BASIC:
            raise refusal(403, "forbidden", "subaccounts need the usage tier advanced")
        primary = self._subaccounts.named(request, 0, body.exchange_index)
        opened = await self._path.act(primary, lambda: self._open(primary))
        return json_response({"subaccount_number": opened.subaccount}, 201)

    async def balances(self, request: web.Request) -> web.Response:
        """Free cash of every account of the user."""
        now_s = self._exchange.now_ms // 1000
        found = [_balance(account, now_s) for account in self._subaccounts.user(request)]
        return json_response({"subaccount_balances": found})

    async def netting(self, request: web.Request) -> web.Response:
        """The switch of every account of the user."""
        found = [
            {
                "subaccount_number": account.subaccount,
                "enabled": account.is_netting,
                "exchange_index": 0,
            }
            for account in self._subaccounts.user(request)
        ]
        return json_response({"netting_configs": found})

    async def set_netting(self, request: web.Request) -> web.Response:
        """Turn the switch of one account."""
        body = await read_body(request, _NettingBody)
        require_fields(body, ("subaccount_number", "enabled"))
        account = self._subaccounts.named(request, body.subaccount_number)
        await self._path.act(account, lambda: self._set_netting(account, bool(body.enabled)))
        return web.Response(status=200)

    def _set_netting(self, account: Account, is_on: bool) -> None:
        account.is_netting = is_on

    def _open(self, primary: Account) -> Account:
        opened = self._exchange.open_subaccount(primary.user)
        if opened is None:
            raise refusal(400, "bad_request", "all 63 subaccounts are open")
        return opened


def _balance(account: Account, now_s: int) -> Json:
    return {
        "subaccount_number": account.subaccount,
        "exchange_index": 0,
        "balance": dollars(account.available_micros),
        "updated_ts": now_s,
    }
