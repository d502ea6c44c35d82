"""Order requests and their answers, in integer units; wire forms are in order_wire.py."""

from typing import Literal

import msgspec

TimeInForce = Literal["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]
SelfTradePrevention = Literal["taker_at_cross", "maker"]
"""Which of two own orders gives way where they would meet: the coming or the resting one."""


class CreateOrder(msgspec.Struct, frozen=True):
    """Place an order. `side` is 0 bid, 1 ask; `price_pips` a YES price.

    `expires_s` is Unix seconds, 0 for never; `order_group_id` "" for none. `reduce_only` goes with
    orders that do not rest. `subaccount` None is the one that the key means; `exchange_index` None
    routes by market, -1 insists on that.
    """

    client_order_id: str
    ticker: str
    side: int
    price_pips: int
    quantity_lots: int
    time_in_force: TimeInForce = "good_till_canceled"
    post_only: bool = False
    expires_s: int = 0
    reduce_only: bool = False
    cancel_on_pause: bool = False
    order_group_id: str = ""
    self_trade_prevention: SelfTradePrevention = "taker_at_cross"
    subaccount: int | None = None
    exchange_index: int | None = None


class AmendOrder(msgspec.Struct, frozen=True):
    """Move a resting order. `total_lots` counts what is already filled plus what should rest.

    `expires_s` None keeps the expiry, 0 removes it. With an `updated_client_order_id` the order
    has that one afterwards; the old one is not free again.
    """

    client_order_id: str
    order_id: str
    ticker: str
    side: int
    price_pips: int
    total_lots: int
    expires_s: int | None = None
    updated_client_order_id: str = ""
    subaccount: int | None = None
    exchange_index: int | None = None


class CancelOrder(msgspec.Struct, frozen=True):
    """Take a resting order back."""

    client_order_id: str
    order_id: str
    ticker: str
    subaccount: int | None = None
    exchange_index: int | None = None


class DecreaseOrder(msgspec.Struct, frozen=True):
    """Make a resting order smaller, down to `remaining_lots`; it keeps its place in the queue."""

    client_order_id: str
    order_id: str
    ticker: str
    remaining_lots: int
    subaccount: int | None = None
    exchange_index: int | None = None


OrderRequest = CreateOrder | AmendOrder | CancelOrder


class CreateReply(msgspec.Struct, frozen=True):
    """Accepted. `remaining_lots` is what rests now, not what went unfilled.

    The averages are of one contract, None where nothing filled.
    """

    client_order_id: str
    order_id: str
    filled_lots: int
    remaining_lots: int
    ts_ms: int
    average_price_micros: int | None = None
    average_fee_micros: int | None = None


class AmendReply(msgspec.Struct, frozen=True):
    """Amended. `remaining_lots` is None where the exchange did not say (nothing changed).

    `filled_lots` is what the amend itself filled; the averages are of one contract of that.
    """

    order_id: str
    remaining_lots: int | None
    ts_ms: int
    client_order_id: str = ""
    filled_lots: int | None = None
    average_price_micros: int | None = None
    average_fee_micros: int | None = None


class CancelReply(msgspec.Struct, frozen=True):
    """Canceled; `reduced_lots` were still resting."""

    order_id: str
    reduced_lots: int
    ts_ms: int
    client_order_id: str = ""


class DecreaseReply(msgspec.Struct, frozen=True):
    """Decreased."""

    order_id: str
    remaining_lots: int
    ts_ms: int
    client_order_id: str = ""


class CreatedGroup(msgspec.Struct, frozen=True):
    """An order group that was made."""

    group_id: str
    subaccount: int
    exchange_index: int = 0


class Refusal(msgspec.Struct, frozen=True):
    """One item of a batch was refused; nothing was done for it."""

    client_order_id: str
    code: str
    message: str


OrderReply = CreateReply | AmendReply | CancelReply
