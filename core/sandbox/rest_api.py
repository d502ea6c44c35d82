"""The guard before every request: signature, rate limit, and refusals in the venue's shapes."""

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from core.clock import WallClock
from core.sandbox.auth import KEY_HEADER, SIGNATURE_HEADER, KeyRing
from core.sandbox.errors import ApiError, refusal, too_many_requests, undecodable
from core.sandbox.exchange import Exchange
from core.sandbox.fault_requests import RequestFaults
from core.sandbox.json_input import decode
from core.sandbox.limits import RateLimits
from core.sandbox.order_bodies import BatchSize
from core.sandbox.portfolio_api import ACCOUNT
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import json_response
from core.sandbox.rights import check_scope, check_subaccount

REST_PREFIX = "/trade-api/v2"
WS_PATH = "/trade-api/ws/v2"

_UPGRADE = f"{REST_PREFIX}/account/api_usage_level"
_HISTORY = tuple(f"{REST_PREFIX}/historical/{own}" for own in ("fills", "orders", "positions"))
_PRIVATE = (
    *_HISTORY,
    f"{REST_PREFIX}/portfolio",
    f"{REST_PREFIX}/api_keys",
    f"{REST_PREFIX}/account/limits",
    _UPGRADE,
    WS_PATH,
)
_BATCHED = f"{REST_PREFIX}/portfolio/events/orders/batched"


class Guard:
    """Checks each request before its handler runs."""

    def __init__(
        self,
        exchange: Exchange,
        keys: KeyRing,
        limits: RateLimits,
        clock: WallClock,
        faults: RequestFaults,
        path: RequestPath,
    ) -> None:
        self._exchange = exchange
        self._keys = keys
        self._limits = limits
        self._clock = clock
        self._faults = faults
        self._path = path

    def middleware(self) -> Middleware:
        """The aiohttp middleware."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await self._answer(request, handler)
            if ACCOUNT in request and _route(request) != WS_PATH:
                response = await self._faults.answer(request, response)
            return response

        return guarded

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            await self._admit(request)
            if request.method == "GET" and _is_rest(request):
                await self._path.arrive()
            return await handler(request)
        except ApiError as error:
            return json_response(error.body, error.status)
        except web.RequestPayloadError as error:
            return json_response(undecodable("bad_request", "bad request", str(error)).body, 400)
        except web.HTTPNotFound:
            return json_response(refusal(404, "not_found").body, 404)
        except web.HTTPMethodNotAllowed:
            return json_response(refusal(405, "method_not_allowed").body, 405)

    async def _admit(self, request: web.Request) -> None:
        route = _route(request)
        is_signed = KEY_HEADER in request.headers or SIGNATURE_HEADER in request.headers
        is_private = route.startswith(_PRIVATE)
        if not (is_signed or is_private):
            return
        key = self._keys.verified(request.headers, request.method, request.rel_url.raw_path)
        account = request[ACCOUNT] = key.account
        if is_private:
            check_scope(key, request.method, route)
            await check_subaccount(key, request)
        if route == WS_PATH:
            return
        self._faults.admit()
        if not self._pays(request, account, await _items(request)):
            raise too_many_requests()

    def _pays(self, request: web.Request, account: int, items: int) -> bool:
        now_ms, wall_ms = self._exchange.now_ms, self._clock.monotonic_ns() // 1_000_000
        return self._limits.allows(account, request.method, _route(request), now_ms, wall_ms, items)


def _is_rest(request: web.Request) -> bool:
    """True for what the REST surface of the protocol serves: no socket, no control call."""
    return _route(request).startswith(f"{REST_PREFIX}/")


def _route(request: web.Request) -> str:
    """The route that answers, however its path was written; the path itself where none does."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else request.path


async def _items(request: web.Request) -> int:
    """How many items a request is billed for; one whose body says nothing counts as one."""
    if _route(request) != _BATCHED:
        return 1
    try:
        return len(decode(await request.read(), BatchSize).orders) or 1
    except msgspec.DecodeError:
        return 1
