"""The only class that writes: places, moves and cancels orders, each request at most once."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from core.clock import WallClock
from core.kalshi import order_wire
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.reader import readable
from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CancelReply,
    CreateOrder,
    CreateReply,
    DecreaseOrder,
    DecreaseReply,
    Refusal,
)
from core.kalshi.signing import Signer
from core.kalshi.transport import Method, Transport, WrittenHook

_T = TypeVar("_T")
_ORDERS: Final = "/portfolio/events/orders"
_GROUPS: Final = "/portfolio/order_groups"


class OrderRest:
    """Writes to one account.

    Every call raises RejectedError or RateLimitedError if nothing was done, and UnreachableError
    if it may or may not have been.

    Args:
        endpoint: local exchange or demo.
        signer: key of the account.
        wall: time of signatures and round trips.
        on_written: told the client order id and monotonic ns as a request goes to the socket.
        clock: offset of the exchange's clock, shared by all that sign for it.

    Raises:
        RefusedError: an endpoint that orders must not go to.
    """

    def __init__(
        self,
        endpoint: OrderEndpoint,
        signer: Signer,
        wall: WallClock,
        on_written: WrittenHook | None = None,
        *,
        clock: ClockOffset | None = None,
    ) -> None:
        endpoint.check()
        self._transport = Transport(endpoint.rest_url, wall, signer, on_written, clock=clock)

    @property
    def rtt_ns(self) -> int:
        """Round trip of the last answered request, 0 before the first."""
        return self._transport.rtt_ns

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def create_order(self, request: CreateOrder) -> CreateReply:
        """Place an order."""
        data = await self._transport.request(
            "POST", _ORDERS, body=order_wire.create_body(request), tag=request.client_order_id
        )
        return readable(lambda: order_wire.create_reply(data, request.client_order_id))

    async def amend_order(self, request: AmendOrder) -> AmendReply:
        """Move a resting order."""
        data = await self._transport.request(
            "POST",
            f"{_order(request.order_id)}/amend",
            body=order_wire.amend_body(request),
            tag=request.client_order_id,
        )
        return readable(lambda: order_wire.amend_reply(data))

    async def decrease_order(self, request: DecreaseOrder) -> DecreaseReply:
        """Make a resting order smaller; it keeps its place. Nothing remaining cancels it."""
        data = await self._transport.request(
            "POST",
            f"{_order(request.order_id)}/decrease",
            body=order_wire.decrease_body(request),
            tag=request.client_order_id,
        )
        return readable(lambda: order_wire.decrease_reply(data))

    async def cancel_order(self, request: CancelOrder) -> CancelReply:
        """Take a resting order back; a dead one is a 404 RejectedError."""
        data = await self._transport.request(
            "DELETE",
            _order(request.order_id),
            params={"market_ticker": request.ticker},
            tag=request.client_order_id,
        )
        return readable(lambda: order_wire.cancel_reply(data))

    async def cancel_all(self) -> None:
        """Cancel all orders in the background; ones placed within a minute may go too."""
        await self._transport.request("DELETE", _ORDERS)

    async def create_orders(self, requests: Sequence[CreateOrder]) -> list[CreateReply | Refusal]:
        """Place several orders; each is accepted or refused by itself, in this order."""
        return await self._batch(
            "POST",
            order_wire.batch_create_body(requests),
            lambda data: order_wire.batch_create_reply(data, requests),
        )

    async def cancel_orders(self, requests: Sequence[CancelOrder]) -> list[CancelReply | Refusal]:
        """Take several orders back; each is answered by itself, in this order."""
        return await self._batch(
            "DELETE",
            order_wire.batch_cancel_body(requests),
            lambda data: order_wire.batch_cancel_reply(data, requests),
        )

    async def _batch(self, method: Method, body: bytes, read: Callable[[bytes], _T]) -> _T:
        data = await self._transport.request(method, f"{_ORDERS}/batched", body=body)
        return readable(lambda: read(data))

    # Order groups: limits on what a group of orders matches within any 15 seconds.

    async def create_group(self, limit_lots: int) -> str:
        """Open an order group with this limit; returns its id."""
        body = order_wire.limit_body(limit_lots)
        data = await self._transport.request("POST", f"{_GROUPS}/create", body=body)
        return readable(lambda: order_wire.group_id(data))

    async def reset_group(self, group_id: str) -> None:
        """Let a triggered group trade again, counting from zero."""
        await self._transport.request("PUT", f"{_group(group_id)}/reset", body=b"{}")

    async def trigger_group(self, group_id: str) -> None:
        """Cancel the orders of a group and refuse new ones until it is reset."""
        await self._transport.request("PUT", f"{_group(group_id)}/trigger", body=b"{}")

    async def limit_group(self, group_id: str, limit_lots: int) -> None:
        """Change the limit of a group; one below what matched just now triggers it."""
        body = order_wire.limit_body(limit_lots)
        await self._transport.request("PUT", f"{_group(group_id)}/limit", body=body)

    async def delete_group(self, group_id: str) -> None:
        """Delete a group and cancel its orders."""
        await self._transport.request("DELETE", _group(group_id))


def _order(order_id: str) -> str:
    return f"{_ORDERS}/{quote(order_id, safe='')}"


def _group(group_id: str) -> str:
    return f"{_GROUPS}/{quote(group_id, safe='')}"
