"""Wire forms of what changes orders and order groups: bodies out, replies in, both in integers.

Pure.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

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
from core.kalshi.rest_wire import parse, problem
from core.kalshi.wire import LOTS
from core.units import PIPS_PER_DOLLAR, Side, format_count, format_price

SELF_TRADE_PREVENTION: Final = "taker_at_cross"


class _CreateReplyBody(msgspec.Struct):
    order_id: str
    fill_count: str
    remaining_count: str
    ts_ms: int


class _AmendReplyBody(msgspec.Struct):
    order_id: str
    ts_ms: int
    remaining_count: str | None = None


class _CancelReplyBody(msgspec.Struct):
    order_id: str
    reduced_by: str
    ts_ms: int


class _DecreaseReplyBody(msgspec.Struct):
    order_id: str
    remaining_count: str
    ts_ms: int


class _BatchItem(msgspec.Struct):
    order_id: str = ""
    client_order_id: str = ""
    fill_count: str = "0"
    remaining_count: str = "0"
    reduced_by: str = "0"
    ts_ms: int = 0
    error: msgspec.Raw = msgspec.Raw(b"null")


class _BatchReply(msgspec.Struct):
    orders: list[_BatchItem]


class _GroupMade(msgspec.Struct):
    order_group_id: str


def _placement(ticker: str, side: int, price_pips: int, lots: int) -> dict[str, object]:
    if not 0 < price_pips < PIPS_PER_DOLLAR or lots <= 0:
        raise ValueError(f"no order of {lots} lots at {price_pips} pips exists")
    return {
        "ticker": ticker,
        "side": "bid" if side == Side.BID else "ask",
        "price": format_price(price_pips),
        "count": format_count(lots),
    }


def _create(request: CreateOrder) -> dict[str, object]:
    body = _placement(request.ticker, request.side, request.price_pips, request.quantity_lots)
    body |= {
        "client_order_id": request.client_order_id,
        "time_in_force": request.time_in_force,
        "self_trade_prevention_type": SELF_TRADE_PREVENTION,
        "post_only": request.post_only,
    }
    if request.expires_s:
        body["expiration_time"] = request.expires_s
    if request.order_group_id:
        body["order_group_id"] = request.order_group_id
    return body | {name: True for name in _flags(request)}


def _flags(request: CreateOrder) -> list[str]:
    """Flags that are sent only where they are set."""
    flags = {"reduce_only": request.reduce_only, "cancel_order_on_pause": request.cancel_on_pause}
    return [name for name, is_set in flags.items() if is_set]


def create_body(request: CreateOrder) -> bytes:
    """Body of a create."""
    return msgspec.json.encode(_create(request))


def amend_body(request: AmendOrder) -> bytes:
    """Body of an amend; its count is filled plus resting."""
    return msgspec.json.encode(
        _placement(request.ticker, request.side, request.price_pips, request.total_lots)
    )


def decrease_body(request: DecreaseOrder) -> bytes:
    """Body of a decrease, which names what shall remain: said twice it does nothing more."""
    return msgspec.json.encode(
        {"reduce_to": format_count(request.remaining_lots), "market_ticker": request.ticker}
    )


def batch_create_body(requests: Sequence[CreateOrder]) -> bytes:
    """Body of several creates."""
    return msgspec.json.encode({"orders": [_create(request) for request in requests]})


def batch_cancel_body(requests: Sequence[CancelOrder]) -> bytes:
    """Body of several cancels."""
    return msgspec.json.encode(
        {"orders": [{"order_id": r.order_id, "market_ticker": r.ticker} for r in requests]}
    )


def limit_body(limit_lots: int) -> bytes:
    """Body that states the limit of an order group."""
    return msgspec.json.encode({"contracts_limit_fp": format_count(limit_lots)})


def create_reply(data: bytes, client_order_id: str) -> CreateReply:
    """Answer to a create."""
    body = parse(data, _CreateReplyBody)
    return CreateReply(
        client_order_id=client_order_id,
        order_id=body.order_id,
        filled_lots=LOTS[body.fill_count],
        remaining_lots=LOTS[body.remaining_count],
        ts_ms=body.ts_ms,
    )


def amend_reply(data: bytes) -> AmendReply:
    """Answer to an amend."""
    body = parse(data, _AmendReplyBody)
    remaining = body.remaining_count
    return AmendReply(body.order_id, None if remaining is None else LOTS[remaining], body.ts_ms)


def cancel_reply(data: bytes) -> CancelReply:
    """Answer to a cancel."""
    body = parse(data, _CancelReplyBody)
    return CancelReply(body.order_id, LOTS[body.reduced_by], body.ts_ms)


def decrease_reply(data: bytes) -> DecreaseReply:
    """Answer to a decrease."""
    body = parse(data, _DecreaseReplyBody)
    return DecreaseReply(body.order_id, LOTS[body.remaining_count], body.ts_ms)


def batch_create_reply(data: bytes, requests: Sequence[CreateOrder]) -> list[CreateReply | Refusal]:
    """Answers to several creates, in the order of the requests."""
    items = parse(data, _BatchReply).orders
    return [
        _refusal(item, request.client_order_id)
        or CreateReply(
            client_order_id=request.client_order_id,
            order_id=item.order_id,
            filled_lots=LOTS[item.fill_count],
            remaining_lots=LOTS[item.remaining_count],
            ts_ms=item.ts_ms,
        )
        for request, item in zip(requests, items, strict=False)
    ]


def batch_cancel_reply(data: bytes, requests: Sequence[CancelOrder]) -> list[CancelReply | Refusal]:
    """Answers to several cancels, in the order of the requests."""
    items = parse(data, _BatchReply).orders
    return [
        _refusal(item, request.client_order_id)
        or CancelReply(item.order_id, LOTS[item.reduced_by], item.ts_ms)
        for request, item in zip(requests, items, strict=False)
    ]


def _refusal(item: _BatchItem, client_order_id: str) -> Refusal | None:
    error = bytes(item.error)
    if error == b"null":
        return None
    return Refusal(client_order_id, *problem(b'{"error":' + error + b"}"))


def group_id(data: bytes) -> str:
    """Id of an order group made just now."""
    return parse(data, _GroupMade).order_group_id
