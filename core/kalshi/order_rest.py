"""The only class that writes: places, moves and cancels orders, each request at most once."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from core.kalshi import order_wire
from core.kalshi.group_rest import GroupWriter
from core.kalshi.key_rest import KeyWriter
from core.kalshi.limits import CANCEL_COST, ORDER_COST
from core.kalshi.queries import given
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

_ORDERS: Final = "/portfolio/events/orders"
_BATCH: Final = f"{_ORDERS}/batched"


class OrderRest(GroupWriter, KeyWriter):
    """Places, moves and takes back orders; a batch is billed by its items and must fit whole."""

    async def create_order(self, request: CreateOrder) -> CreateReply:
        """Place an order."""
        data = await self._write(
            "POST",
            _ORDERS,
            body=order_wire.create_body(request),
            tag=request.client_order_id,
            is_paid=self._is_prepaid,
        )
        return readable(lambda: order_wire.create_reply(data, request.client_order_id))

    async def amend_order(self, request: AmendOrder) -> AmendReply:
        """Move a resting order."""
        data = await self._write(
            "POST",
            f"{_order(request.order_id)}/amend",
            params=order_wire.query(request),
            body=order_wire.amend_body(request),
            tag=request.client_order_id,
            is_paid=self._is_prepaid,
        )
        return readable(lambda: order_wire.amend_reply(data))

    async def decrease_order(self, request: DecreaseOrder) -> DecreaseReply:
        """Make a resting order smaller; it keeps its place. Nothing remaining cancels it."""
        data = await self._write(
            "POST",
            f"{_order(request.order_id)}/decrease",
            params=order_wire.query(request),
            body=order_wire.decrease_body(request),
            tag=request.client_order_id,
        )
        return readable(lambda: order_wire.decrease_reply(data))

    async def cancel_order(self, request: CancelOrder) -> CancelReply:
        """Take a resting order back; a dead one is a 404 RejectedError."""
        data = await self._write(
            "DELETE",
            _order(request.order_id),
            params=order_wire.query(request),
            tag=request.client_order_id,
            cost=CANCEL_COST,
            ends_orders=True,
            is_paid=self._is_prepaid,
        )
        return readable(lambda: order_wire.cancel_reply(data))

    async def cancel_all(self, subaccount: int | None = None) -> None:
        """Cancel all orders, or all of one account, in the background.

        Ones that are placed within a minute may go too.
        """
        params = given(subaccount=subaccount)
        await self._write("DELETE", _ORDERS, params=params, ends_orders=True)

    async def create_orders(self, requests: Sequence[CreateOrder]) -> list[CreateReply | Refusal]:
        """Place several orders; each is accepted or refused by itself, in this order."""
        data = await self._write(
            "POST",
            _BATCH,
            body=order_wire.batch_create_body(requests),
            cost=ORDER_COST * len(requests),
        )
        return readable(lambda: order_wire.batch_create_reply(data, requests))

    async def cancel_orders(self, requests: Sequence[CancelOrder]) -> list[CancelReply | Refusal]:
        """Take several orders back; each is answered by itself, in this order."""
        data = await self._write(
            "DELETE",
            _BATCH,
            body=order_wire.batch_cancel_body(requests),
            cost=CANCEL_COST * len(requests),
            ends_orders=True,
        )
        return readable(lambda: order_wire.batch_cancel_reply(data, requests))


def _order(order_id: str) -> str:
    return f"{_ORDERS}/{quote(order_id, safe='')}"
