"""Positions and cash with all that the exchange says of them: replies in, integers out. Pure."""

import msgspec

from core.kalshi import reports
from core.kalshi.wire import LOTS
from core.units import MICROS_PER_CENT, parse_money


class MarketHolding(msgspec.Struct, frozen=True):
    """A position in one market. `position_lots`: + is YES, - is NO. Fees are in no other sum.

    `cost_micros` is that of what is still open, `traded_micros` of all that was ever traded.
    """

    ticker: str
    position_lots: int
    cost_micros: int
    traded_micros: int
    realized_micros: int
    fees_micros: int
    updated_ms: int
    exchange_index: int


class EventHolding(msgspec.Struct, frozen=True):
    """The positions of one event, as the exchange sums them up."""

    event_ticker: str
    cost_micros: int
    traded_micros: int
    traded_lots: int
    realized_micros: int
    fees_micros: int


class Holdings(msgspec.Struct, frozen=True):
    """Positions by market and by event; an event may stand once a page of the answer."""

    markets: tuple[MarketHolding, ...]
    events: tuple[EventHolding, ...]


class Cash(msgspec.Struct, frozen=True):
    """Cash of one account free for trading, in all and by shard, and the value of positions."""

    available_micros: int
    portfolio_micros: int
    updated_ms: int
    shards: dict[int, int]


class _MarketRow(msgspec.Struct):
    ticker: str
    position_fp: str
    market_exposure_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    total_traded_dollars: str = "0"
    last_updated_ts: str | None = None
    exchange_index: int = 0


class _EventRow(msgspec.Struct):
    event_ticker: str
    event_exposure_dollars: str
    total_cost_dollars: str
    total_cost_shares_fp: str
    realized_pnl_dollars: str
    fees_paid_dollars: str


class HoldingsPage(msgspec.Struct):
    """A page of positions."""

    market_positions: list[_MarketRow]
    event_positions: list[_EventRow] = []
    cursor: str | None = ""


class _Shard(msgspec.Struct):
    exchange_index: int
    balance: str


class CashReply(msgspec.Struct):
    """Cash of one account."""

    balance: int
    portfolio_value: int
    updated_ts: int
    balance_dollars: str | None = None
    balance_breakdown: list[_Shard] = []


def holdings(pages: list[HoldingsPage]) -> Holdings:
    """Positions of all pages, in their order."""
    return Holdings(
        markets=tuple(_market(row) for page in pages for row in page.market_positions),
        events=tuple(_event(row) for page in pages for row in page.event_positions),
    )


def cash(reply: CashReply) -> Cash:
    """Cash in micros, from the exact member where it is given."""
    exact = reply.balance_dollars
    return Cash(
        available_micros=parse_money(exact) if exact else reply.balance * MICROS_PER_CENT,
        portfolio_micros=reply.portfolio_value * MICROS_PER_CENT,
        updated_ms=reply.updated_ts * 1000,
        shards={row.exchange_index: parse_money(row.balance) for row in reply.balance_breakdown},
    )


def _market(row: _MarketRow) -> MarketHolding:
    return MarketHolding(
        ticker=row.ticker,
        position_lots=LOTS[row.position_fp],
        cost_micros=parse_money(row.market_exposure_dollars),
        traded_micros=parse_money(row.total_traded_dollars),
        realized_micros=parse_money(row.realized_pnl_dollars),
        fees_micros=parse_money(row.fees_paid_dollars),
        updated_ms=reports.time_ms(row.last_updated_ts),
        exchange_index=row.exchange_index,
    )


def _event(row: _EventRow) -> EventHolding:
    return EventHolding(
        event_ticker=row.event_ticker,
        cost_micros=parse_money(row.event_exposure_dollars),
        traded_micros=parse_money(row.total_cost_dollars),
        traded_lots=LOTS[row.total_cost_shares_fp],
        realized_micros=parse_money(row.realized_pnl_dollars),
        fees_micros=parse_money(row.fees_paid_dollars),
    )
