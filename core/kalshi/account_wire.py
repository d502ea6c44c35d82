"""Wire forms of what only scripts ask of an account: replies in, integers out. Pure."""

import msgspec

from core.kalshi import reports
from core.kalshi.wire import LOTS
from core.units import MICROS_PER_CENT, PIPS_PER_CENT, parse_money


class Settlement(msgspec.Struct, frozen=True):
    """A market that paid out. `yes_pips` is what one YES contract paid, None if not said."""

    ticker: str
    event_ticker: str
    result: str
    yes_lots: int
    yes_cost_micros: int
    no_lots: int
    no_cost_micros: int
    revenue_micros: int
    fee_micros: int
    settled_ms: int
    yes_pips: int | None = None
    exchange_index: int = 0


class QueuePosition(msgspec.Struct, frozen=True):
    """What lies ahead of one resting order at its price."""

    order_id: str
    ticker: str
    ahead_lots: int


class EndpointCost(msgspec.Struct, frozen=True):
    """Tokens that one call costs."""

    method: str
    path: str
    cost: int


class EndpointCosts(msgspec.Struct, frozen=True):
    """Calls that cost other than the default."""

    default_cost: int
    endpoint_costs: tuple[EndpointCost, ...]


class OrderGroup(msgspec.Struct, frozen=True):
    """A limit on what a group of orders may match in any 15 s. `order_ids` where asked for."""

    group_id: str
    limit_lots: int | None
    is_auto_cancel_enabled: bool
    order_ids: tuple[str, ...] = ()
    exchange_index: int = 0


class _SettlementRow(msgspec.Struct):
    ticker: str
    event_ticker: str
    market_result: str
    yes_count_fp: str
    yes_total_cost_dollars: str
    no_count_fp: str
    no_total_cost_dollars: str
    revenue: int
    fee_cost: str
    settled_time: str
    value: int | None = None
    exchange_index: int = 0


class SettlementsPage(msgspec.Struct):
    """A page of settlements."""

    settlements: list[_SettlementRow]
    cursor: str | None = ""


class QueuePositionReply(msgspec.Struct):
    """Place of one order."""

    queue_position_fp: str


class _QueueRow(msgspec.Struct):
    order_id: str
    market_ticker: str
    queue_position_fp: str


class QueuePositionsReply(msgspec.Struct):
    """Places of resting orders."""

    queue_positions: list[_QueueRow] | None = None


class TimestampReply(msgspec.Struct):
    """How fresh the read side is."""

    as_of_time: str


class _GroupRow(msgspec.Struct):
    id: str
    is_auto_cancel_enabled: bool
    contracts_limit_fp: str | None = None
    exchange_index: int = 0


class GroupsReply(msgspec.Struct):
    """All order groups; the member is absent where there are none."""

    order_groups: list[_GroupRow] | None = None


class GroupReply(msgspec.Struct):
    """One order group."""

    is_auto_cancel_enabled: bool
    orders: list[str] | None = None
    contracts_limit_fp: str | None = None
    exchange_index: int = 0


def settlement(row: _SettlementRow) -> Settlement:
    """A settlement in integer units; the wire's cents are whole ones."""
    return Settlement(
        ticker=row.ticker,
        event_ticker=row.event_ticker,
        result=row.market_result,
        yes_lots=LOTS[row.yes_count_fp],
        yes_cost_micros=parse_money(row.yes_total_cost_dollars),
        no_lots=LOTS[row.no_count_fp],
        no_cost_micros=parse_money(row.no_total_cost_dollars),
        revenue_micros=row.revenue * MICROS_PER_CENT,
        fee_micros=parse_money(row.fee_cost),
        settled_ms=reports.time_ms(row.settled_time),
        yes_pips=None if row.value is None else row.value * PIPS_PER_CENT,
        exchange_index=row.exchange_index,
    )


def queue_positions(reply: QueuePositionsReply) -> list[QueuePosition]:
    """Places of resting orders."""
    return [
        QueuePosition(row.order_id, row.market_ticker, LOTS[row.queue_position_fp])
        for row in reply.queue_positions or ()
    ]


def groups(reply: GroupsReply) -> list[OrderGroup]:
    """All order groups, without their orders."""
    return [
        OrderGroup(
            row.id,
            _limit(row.contracts_limit_fp),
            row.is_auto_cancel_enabled,
            exchange_index=row.exchange_index,
        )
        for row in reply.order_groups or ()
    ]


def group(group_id: str, reply: GroupReply) -> OrderGroup:
    """One order group with its orders."""
    limit_lots = _limit(reply.contracts_limit_fp)
    return OrderGroup(
        group_id,
        limit_lots,
        reply.is_auto_cancel_enabled,
        tuple(reply.orders or ()),
        reply.exchange_index,
    )


def _limit(text: str | None) -> int | None:
    return None if text is None else LOTS[text]
