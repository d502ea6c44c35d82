"""Own orders and fills with all that lists say of them, for scripts: replies in, integers out.

Pure. The console's own reports are in events.py; a record holds one and what it leaves out.
"""

import msgspec

from core.kalshi import reports
from core.kalshi.events import FillReport, OrderReport
from core.kalshi.wire import FillBody, OrderBody
from core.units import parse_money


class OrderRecord(msgspec.Struct, frozen=True):
    """An order as lists show it. Costs and fees are sums; `expires_ms` is 0 for never.

    `self_trade_prevention` is the exchange's word, "" where it does not say.
    """

    report: OrderReport
    user_id: str
    kind: str
    taker_cost_micros: int
    maker_cost_micros: int
    taker_fees_micros: int
    maker_fees_micros: int
    created_ms: int
    expires_ms: int
    self_trade_prevention: str
    order_group_id: str
    is_canceled_on_pause: bool
    subaccount: int
    exchange_index: int


class FillRecord(msgspec.Struct, frozen=True):
    """A fill as lists show it."""

    report: FillReport
    fill_id: str
    subaccount: int
    exchange_index: int


class OrderRow(OrderBody):
    """An order object with the members that only lists have."""

    user_id: str = ""
    type: str = "limit"
    taker_fill_cost_dollars: str = "0"
    maker_fill_cost_dollars: str = "0"
    taker_fees_dollars: str = "0"
    maker_fees_dollars: str = "0"
    expiration_time: str | None = None
    self_trade_prevention_type: str | None = None
    order_group_id: str | None = None
    cancel_order_on_pause: bool = False
    subaccount_number: int | None = None
    exchange_index: int = 0


class FillRow(FillBody):
    """A fill object with the members that only lists have."""

    fill_id: str = ""
    subaccount_number: int | None = None
    exchange_index: int = 0


class OrderRowReply(msgspec.Struct):
    """One order."""

    order: OrderRow


class OrderRowsPage(msgspec.Struct):
    """A page of orders."""

    orders: list[OrderRow]
    cursor: str | None = ""


class FillRowsPage(msgspec.Struct):
    """A page of fills, newest first."""

    fills: list[FillRow]
    cursor: str | None = ""


def order_record(row: OrderRow) -> OrderRecord:
    """An order in integer units."""
    return OrderRecord(
        report=reports.order(row),
        user_id=row.user_id,
        kind=row.type,
        taker_cost_micros=parse_money(row.taker_fill_cost_dollars),
        maker_cost_micros=parse_money(row.maker_fill_cost_dollars),
        taker_fees_micros=parse_money(row.taker_fees_dollars),
        maker_fees_micros=parse_money(row.maker_fees_dollars),
        created_ms=reports.time_ms(row.created_time),
        expires_ms=reports.time_ms(row.expiration_time),
        self_trade_prevention=row.self_trade_prevention_type or "",
        order_group_id=row.order_group_id or "",
        is_canceled_on_pause=row.cancel_order_on_pause,
        subaccount=row.subaccount_number or 0,
        exchange_index=row.exchange_index,
    )


def fill_record(row: FillRow) -> FillRecord:
    """A fill in integer units; lists of old call its id the trade's alone."""
    return FillRecord(
        report=reports.fill(row),
        fill_id=row.fill_id or row.trade_id,
        subaccount=row.subaccount_number or 0,
        exchange_index=row.exchange_index,
    )
