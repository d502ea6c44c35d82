"""Bodies of the order requests. Types are the decoder's business, presence the desk's."""

import msgspec


class CreateBody(msgspec.Struct):
    """Body of a V2 create. Required fields are checked by the desk, types by the decoder."""

    ticker: str | None = None
    side: str | None = None
    count: str | None = None
    price: str | None = None
    time_in_force: str | None = None
    self_trade_prevention_type: str | None = None
    client_order_id: str = ""
    expiration_time: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    cancel_order_on_pause: bool = False
    order_group_id: str = ""
    subaccount: int | None = None
    exchange_index: int = 0


class AmendBody(msgspec.Struct):
    """Body of a V2 amend; `count` is the total size."""

    ticker: str | None = None
    side: str | None = None
    price: str | None = None
    count: str | None = None
    client_order_id: str = ""
    updated_client_order_id: str = ""
    expiration_time: int | None = None
    exchange_index: int = 0


class DecreaseBody(msgspec.Struct):
    """Body of a V2 decrease: exactly one of the two counts of remaining lots."""

    reduce_by: str | None = None
    reduce_to: str | None = None
    exchange_index: int = 0
    market_ticker: str = ""


class BatchCreateBody(msgspec.Struct):
    """Body of a V2 batch create."""

    orders: list[CreateBody] = []


class CancelItem(msgspec.Struct):
    """One order of a V2 batch cancel."""

    order_id: str
    market_ticker: str = ""
    subaccount: int | None = None
    exchange_index: int = 0


class BatchCancelBody(msgspec.Struct):
    """Body of a V2 batch cancel."""

    orders: list[CancelItem] = []


class BatchSize(msgspec.Struct):
    """Any batch, read only to count its items."""

    orders: list[msgspec.Raw] = []


class GroupBody(msgspec.Struct):
    """Body of an order group's create and limit calls: one of the limits, or both the same."""

    contracts_limit: int | None = None
    contracts_limit_fp: str | None = None
    subaccount: int | None = None
    exchange_index: int = 0
