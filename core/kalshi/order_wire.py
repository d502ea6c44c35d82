"""Wire forms of what changes orders and order groups: bodies out, replies in, both in integers.

Pure.
"""

from collections.abc import Sequence

import msgspec

from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CancelReply,
    CreatedGroup,
    CreateOrder,
    CreateReply,
    DecreaseOrder,
    DecreaseReply,
    Refusal,
)
from core.kalshi.rest_wire import parse, problem
from core.kalshi.wire import LOTS
from core.units import PIPS_PER_DOLLAR, Side, format_count, format_price, parse_money


class _CreateReplyBody(msgspec.Struct):
    order_id: str
    fill_count: str
    remaining_count: str
    ts_ms: int
    average_fill_price: str | None = None
    average_fee_paid: str | None = None


class _AmendReplyBody(msgspec.Struct):
    order_id: str
    ts_ms: int
    remaining_count: str | None = None
    client_order_id: str = ""
    fill_count: str | None = None
    average_fill_price: str | None = None
    average_fee_paid: str | None = None


class _CancelReplyBody(msgspec.Struct):
    order_id: str
    reduced_by: str
    ts_ms: int
    client_order_id: str = ""


class _DecreaseReplyBody(msgspec.Struct):
    order_id: str
    remaining_count: str
    ts_ms: int
    client_order_id: str = ""


class _BatchItem(msgspec.Struct):
    order_id: str = ""
    client_order_id: str = ""
    fill_count: str = "0"
    remaining_count: str = "0"
    reduced_by: str = "0"
    ts_ms: int = 0
    average_fill_price: str | None = None
    average_fee_paid: str | None = None
    error: msgspec.Raw = msgspec.Raw(b"null")


class _BatchReply(msgspec.Struct):
    orders: list[_BatchItem]


class _GroupMade(msgspec.Struct):
    order_group_id: str
    subaccount: int = 0
    exchange_index: int = 0


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
    """The members of a create; those that may be left out are sent only where they are set."""
    body = _placement(request.ticker, request.side, request.price_pips, request.quantity_lots)
    body["client_order_id"] = request.client_order_id
    body["time_in_force"] = request.time_in_force
    body["self_trade_prevention_type"] = request.self_trade_prevention
    body["post_only"] = request.post_only
    if request.expires_s:
        body["expiration_time"] = request.expires_s
    if request.order_group_id:
        body["order_group_id"] = request.order_group_id
    if request.reduce_only:
        body["reduce_only"] = True
    if request.cancel_on_pause:
        body["cancel_order_on_pause"] = True
    return _routed(body, request)


def _routed(
    body: dict[str, object], request: CreateOrder | AmendOrder | CancelOrder | DecreaseOrder
) -> dict[str, object]:
    """A body with the shard it is for; one of several accounts is named where bodies do that."""
    if request.subaccount is not None and isinstance(request, CreateOrder | CancelOrder):
        body["subaccount"] = request.subaccount
    if request.exchange_index is not None:
        body["exchange_index"] = request.exchange_index
    return body


def query(request: AmendOrder | CancelOrder | DecreaseOrder) -> dict[str, str]:
    """The account of a change where queries name it; a cancel has market and shard there too."""
    names = {} if request.subaccount is None else {"subaccount": str(request.subaccount)}
    if not isinstance(request, CancelOrder):
        return names
    if request.exchange_index is not None:
        names["exchange_index"] = str(request.exchange_index)
    return {"market_ticker": request.ticker} | names


def create_body(request: CreateOrder) -> bytes:
    """Body of a create."""
    return msgspec.json.encode(_create(request))


def amend_body(request: AmendOrder) -> bytes:
    """Body of an amend; its count is filled plus resting."""
    body = _placement(request.ticker, request.side, request.price_pips, request.total_lots)
    if request.expires_s is not None:
        body["expiration_time"] = request.expires_s
    if request.updated_client_order_id:
        body["updated_client_order_id"] = request.updated_client_order_id
    return msgspec.json.encode(_routed(body, request))


def decrease_body(request: DecreaseOrder) -> bytes:
    """Body of a decrease, which names what shall remain: said twice it does nothing more."""
    body: dict[str, object] = {
        "reduce_to": format_count(request.remaining_lots),
        "market_ticker": request.ticker,
    }
    return msgspec.json.encode(_routed(body, request))


def batch_create_body(requests: Sequence[CreateOrder]) -> bytes:
    """Body of several creates."""
    return msgspec.json.encode({"orders": [_create(request) for request in requests]})


def batch_cancel_body(requests: Sequence[CancelOrder]) -> bytes:
    """Body of several cancels."""
    return msgspec.json.encode({"orders": [_cancel(request) for request in requests]})


def _cancel(request: CancelOrder) -> dict[str, object]:
    return _routed({"order_id": request.order_id, "market_ticker": request.ticker}, request)


def limit_body(limit_lots: int) -> bytes:
    """Body that states the limit of an order group."""
    return msgspec.json.encode({"contracts_limit_fp": format_count(limit_lots)})


def group_body(limit_lots: int, subaccount: int | None, exchange_index: int | None) -> bytes:
    """Body that makes an order group, in the account that the key means if none is named."""
    body: dict[str, object] = {"contracts_limit_fp": format_count(limit_lots)}
    if subaccount is not None:
        body["subaccount"] = subaccount
    if exchange_index is not None:
        body["exchange_index"] = exchange_index
    return msgspec.json.encode(body)


def create_reply(data: bytes, client_order_id: str) -> CreateReply:
    """Answer to a create."""
    body = parse(data, _CreateReplyBody)
    return CreateReply(
        client_order_id=client_order_id,
        order_id=body.order_id,
        filled_lots=LOTS[body.fill_count],
        remaining_lots=LOTS[body.remaining_count],
        ts_ms=body.ts_ms,
        average_price_micros=_micros(body.average_fill_price),
        average_fee_micros=_micros(body.average_fee_paid),
    )


def amend_reply(data: bytes) -> AmendReply:
    """Answer to an amend."""
    body = parse(data, _AmendReplyBody)
    remaining, filled = body.remaining_count, body.fill_count
    return AmendReply(
        order_id=body.order_id,
        remaining_lots=None if remaining is None else LOTS[remaining],
        ts_ms=body.ts_ms,
        client_order_id=body.client_order_id,
        filled_lots=None if filled is None else LOTS[filled],
        average_price_micros=_micros(body.average_fill_price),
        average_fee_micros=_micros(body.average_fee_paid),
    )


def cancel_reply(data: bytes) -> CancelReply:
    """Answer to a cancel."""
    body = parse(data, _CancelReplyBody)
    lots = LOTS[body.reduced_by]
    return CancelReply(body.order_id, lots, body.ts_ms, body.client_order_id)


def decrease_reply(data: bytes) -> DecreaseReply:
    """Answer to a decrease."""
    body = parse(data, _DecreaseReplyBody)
    lots = LOTS[body.remaining_count]
    return DecreaseReply(body.order_id, lots, body.ts_ms, body.client_order_id)


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
            average_price_micros=_micros(item.average_fill_price),
            average_fee_micros=_micros(item.average_fee_paid),
        )
        for request, item in zip(requests, items, strict=False)
    ]


def batch_cancel_reply(data: bytes, requests: Sequence[CancelOrder]) -> list[CancelReply | Refusal]:
    """Answers to several cancels, in the order of the requests."""
    items = parse(data, _BatchReply).orders
    return [
        _refusal(item, request.client_order_id)
        or CancelReply(item.order_id, LOTS[item.reduced_by], item.ts_ms, item.client_order_id)
        for request, item in zip(requests, items, strict=False)
    ]


def _refusal(item: _BatchItem, client_order_id: str) -> Refusal | None:
    error = bytes(item.error)
    if error == b"null":
        return None
    return Refusal(client_order_id, *problem(b'{"error":' + error + b"}"))


def created_group(data: bytes) -> CreatedGroup:
    """An order group made just now."""
    made = parse(data, _GroupMade)
    return CreatedGroup(made.order_group_id, made.subaccount, made.exchange_index)


def _micros(text: str | None) -> int | None:
    return None if text is None else parse_money(text)
