"""Sends order requests and brings each answer, or its loss, back to the order manager."""

import logging
from collections.abc import Callable

from core.clock import VenueClock
from core.errors import RateLimitedError, RejectedError, UnreachableError
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import AmendOrder, CreateOrder, OrderReply, OrderRequest
from core.runtime.tasks import Tasks
from core.trading.kalshi_order_manager import TOO_MANY, KalshiOrderManager

_log = logging.getLogger(__name__)
EXISTS_ALREADY = "order_already_exists"


class OrderSender:
    """One task a request. At most one request a market is out, which bounds them.

    Args:
        answered: called after every answer, so that what it led to is handed on.
        lost: called when an outcome is unknown and must be asked for.
    """

    def __init__(
        self,
        rest: OrderRest,
        orders: KalshiOrderManager,
        clock: VenueClock,
        tasks: Tasks,
        *,
        answered: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._rest = rest
        self._orders = orders
        self._clock = clock
        self._tasks = tasks
        self._answered = answered
        self._lost = lost

    def send(self, requests: list[OrderRequest]) -> None:
        """Send these, in this order."""
        for request in requests:
            self._tasks.start(f"order {request.client_order_id}", self._perform(request))

    async def _perform(self, request: OrderRequest) -> None:
        try:
            reply = await self._ask(request)
        except RejectedError as error:
            self._refused(request, error)
        except RateLimitedError as error:
            _log.warning("%s: %s", request.client_order_id, error)
            self._orders.on_refused(request, TOO_MANY, "too many requests", self._clock.now_ms())
        except UnreachableError as error:
            _log.warning("%s: outcome unknown: %s", request.client_order_id, error)
            self._orders.on_lost(request, str(error), self._clock.now_ms())
        else:
            self._orders.on_reply(request, reply, self._clock.now_ms())
        if self._orders.is_unknown(request.client_order_id):
            self._lost()
        self._answered()

    def _refused(self, request: OrderRequest, error: RejectedError) -> None:
        _log.info("%s was refused: %s", request.client_order_id, error)
        now_ms = self._clock.now_ms()
        if error.code == EXISTS_ALREADY:  # so this is no refusal: the list tells how it stands
            self._orders.on_lost(request, error.message, now_ms)
        else:
            self._orders.on_refused(request, error.status, error.message, now_ms)

    async def _ask(self, request: OrderRequest) -> OrderReply:
        if isinstance(request, CreateOrder):
            return await self._rest.create_order(request)
        if isinstance(request, AmendOrder):
            return await self._rest.amend_order(request)
        return await self._rest.cancel_order(request)
