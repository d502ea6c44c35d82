"""REST surface of an account's rate limits: its tier, what requests cost, and the upgrade."""

from aiohttp import web

from core.sandbox.accounts import Account
from core.sandbox.errors import refusal
from core.sandbox.exchange import Exchange
from core.sandbox.limits import DEFAULT_COST, UPGRADE, RateLimits, listed_costs
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response
from core.sandbox.rights import ACCOUNT


class AccountApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, limits: RateLimits, path: RequestPath) -> None:
        self._exchange = exchange
        self._limits = limits
        self._path = path

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        return [
            web.get(f"{prefix}/account/limits", self.limits),
            web.get(f"{prefix}/account/endpoint_costs", self.endpoint_costs),
            web.post(f"{prefix}/account/api_usage_level/upgrade", self.upgrade),
        ]

    async def limits(self, request: web.Request) -> web.Response:
        """The account's tier and token buckets."""
        tier = self._limits.tier_of(request[ACCOUNT])
        grant = {"exchange_instance": "event_contract", "level": UPGRADE, "source": "manual"}
        return json_response(
            {
                "usage_tier": tier.name,
                "read": {"refill_rate": tier.read_per_s, "bucket_capacity": tier.read_per_s},
                "write": {"refill_rate": tier.write_per_s, "bucket_capacity": tier.write_capacity},
                "grants": [grant] if request[ACCOUNT] in self._limits.granted else [],
            }
        )

    async def endpoint_costs(self, _request: web.Request) -> web.Response:
        """What does not cost the default."""
        return json_response({"default_cost": DEFAULT_COST, "endpoint_costs": listed_costs()})

    async def upgrade(self, request: web.Request) -> web.Response:
        """Move a user who has ever placed an order from the lowest tier to the next."""
        accounts = self._exchange.accounts_of(request[ACCOUNT])
        await self._path.act(accounts[0], lambda: self._upgrade(accounts))
        return web.Response(status=201)

    def _upgrade(self, accounts: list[Account]) -> None:
        if not any(account.by_id for account in accounts):
            raise refusal(403, "forbidden", "none of the latest orders was created by the API")
        self._limits.upgrade(accounts[0].user)
