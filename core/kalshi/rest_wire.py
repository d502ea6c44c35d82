"""Wire forms of the REST calls that every run makes, and of errors: replies in, integers out.

Pure. Replies hold the members this program reads and default what older or newer servers leave
out; amounts are text, as the exchange writes them.
"""

import logging
from typing import NamedTuple, TypeVar

import msgspec

from core.errors import DecodeError
from core.kalshi import reports
from core.kalshi.events import BalanceReport, PositionReport
from core.kalshi.wire import LOTS, PIPS, FillBody, OrderBody, WireLevel
from core.market.events import BookSnapshot
from core.market.market import Market
from core.market.ticks import PriceRange
from core.units import (
    MICROS_PER_CENT,
    parse_money,
)

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class ShardStatus(msgspec.Struct, frozen=True):
    """How one shard of the exchange stands."""

    exchange_index: int
    description: str
    exchange_active: bool
    trading_active: bool
    intra_exchange_transfers_active: bool


class ExchangeStatus(msgspec.Struct, frozen=True):
    """Whether the exchange runs at all, and whether it takes orders.

    `exchange_estimated_resume_time` is RFC 3339, there in a pause only, if at all.
    """

    exchange_active: bool
    trading_active: bool
    intra_exchange_transfers_active: bool | None = None
    exchange_estimated_resume_time: str | None = None
    exchange_index_statuses: tuple[ShardStatus, ...] = ()


class BucketLimit(msgspec.Struct, frozen=True):
    """Tokens a second, and the most that can be saved up."""

    refill_rate: int
    bucket_capacity: int


class UsageGrant(msgspec.Struct, frozen=True):
    """A usage level that was granted; `expires_ts` in Unix seconds, None for never."""

    exchange_instance: str
    level: str
    source: str
    expires_ts: int | None = None


class AccountLimits(msgspec.Struct, frozen=True):
    """Rate limits of the account."""

    usage_tier: str
    read: BucketLimit
    write: BucketLimit
    grants: tuple[UsageGrant, ...] = ()


class ApiKeyInfo(msgspec.Struct, frozen=True):
    """One API key of the account and what it may do, in one subaccount or (None) in all."""

    api_key_id: str
    scopes: tuple[str, ...]
    name: str = ""
    subaccount: int | None = None


class ApiKeys(msgspec.Struct, frozen=True):
    """API keys of the account."""

    api_keys: tuple[ApiKeyInfo, ...]


class _RangeBody(msgspec.Struct):
    start: str
    end: str
    step: str


class MarketBody(msgspec.Struct):
    """A market object."""

    ticker: str
    event_ticker: str
    title: str = ""
    subtitle: str = ""
    yes_sub_title: str = ""
    market_type: str = "binary"
    status: str = "active"
    open_time: str | None = None
    close_time: str | None = None
    result: str = ""
    volume_fp: str = "0"
    settlement_value_dollars: str | None = None
    volume_24h_fp: str = "0"
    expected_expiration_time: str | None = None
    settlement_timer_seconds: int = 0
    notional_value_dollars: str = "1.0000"
    price_ranges: list[_RangeBody] | None = None


class BookBody(msgspec.Struct):
    """Bids of both outcomes."""

    yes_dollars: list[WireLevel] | None = None
    no_dollars: list[WireLevel] | None = None


class OrderbookReply(msgspec.Struct):
    """One book; only bids are listed, `no` bids in NO prices."""

    orderbook_fp: BookBody


class MarketReply(msgspec.Struct):
    """One market."""

    market: MarketBody


class MarketsPage(msgspec.Struct):
    """A page of markets; the last one has no cursor."""

    markets: list[MarketBody]
    cursor: str = ""


class OrderReply(msgspec.Struct):
    """One order."""

    order: OrderBody


class OrdersPage(msgspec.Struct):
    """A page of orders."""

    orders: list[OrderBody]
    cursor: str = ""


class FillsPage(msgspec.Struct):
    """A page of fills, newest first."""

    fills: list[FillBody]
    cursor: str = ""


class PositionRow(msgspec.Struct):
    """A position of the REST list."""

    ticker: str
    position_fp: str
    market_exposure_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str


class PositionsPage(msgspec.Struct):
    """A page of positions."""

    market_positions: list[PositionRow]
    cursor: str = ""


class BalanceReply(msgspec.Struct):
    """Cash free for trading (cents truncated, dollars exact) and the value of positions."""

    balance: int
    portfolio_value: int = 0
    balance_dollars: str | None = None


class _ShardBalance(msgspec.Struct):
    balance: str


class RestingValueReply(msgspec.Struct):
    """Cash held back by resting orders (cents truncated, shards exact)."""

    total_resting_order_value: int
    resting_order_value_breakdown: list[_ShardBalance] = []


class _ErrorDetail(msgspec.Struct):
    code: str = ""
    message: str = ""
    details: str = ""


class _ErrorReply(msgspec.Struct):
    error: _ErrorDetail | str | None = None
    code: str = ""
    message: str = ""
    details: str = ""
    msg: str = ""


class Problem(NamedTuple):
    """What an error answer says."""

    code: str
    message: str


def parse(data: bytes, kind: type[_T]) -> _T:
    """Read a reply.

    Raises:
        DecodeError: not JSON, or not of that kind.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"the answer is no {kind.__name__.strip('_')}: {error}") from error


def is_status(status: int, data: bytes) -> bool:
    """True if an exchange that cannot be used says how it stands."""
    if status not in (503, 504):
        return False
    try:
        parse(data, ExchangeStatus)
    except DecodeError:
        return False
    return True


def problem(data: bytes) -> Problem:
    """Read an error answer in any of the exchange's four shapes; unreadable ones give no code."""
    try:
        reply = parse(data, _ErrorReply)
    except DecodeError:
        return Problem("", "the answer is not readable")
    if isinstance(reply.error, str):
        return Problem("", reply.error)
    detail = reply.error or _ErrorDetail(reply.code, reply.message or reply.msg, reply.details)
    message = detail.message or detail.code or "no reason given"
    return Problem(detail.code, f"{message}: {detail.details}" if detail.details else message)


def market(body: MarketBody) -> Market:
    """A market in integer units.

    Raises:
        DecodeError: a contract that does not pay one dollar, or unreadable amounts.
    """
    if parse_money(body.notional_value_dollars) != 1_000_000:
        raise DecodeError(f"{body.ticker} pays {body.notional_value_dollars} instead of 1 dollar")
    return Market(
        ticker=body.ticker,
        event_ticker=body.event_ticker,
        title=body.title,
        subtitle=body.yes_sub_title or body.subtitle,
        status=body.status,
        open_ms=reports.time_ms(body.open_time),
        close_ms=reports.time_ms(body.close_time),
        result=body.result,
        price_ranges=tuple(
            PriceRange(PIPS[band.start], PIPS[band.end], PIPS[band.step])
            for band in body.price_ranges or ()
        ),
        volume_lots=LOTS[body.volume_fp],
        settlement_pips=PIPS[body.settlement_value_dollars]
        if body.settlement_value_dollars
        else -1,
        volume_24h_lots=LOTS[body.volume_24h_fp],
        expected_ms=reports.time_ms(body.expected_expiration_time),
        settle_after_ms=body.settlement_timer_seconds * 1000,
    )


def markets(page: MarketsPage) -> list[Market]:
    """The binary one-dollar markets of a page; others are left out with a warning."""
    found: list[Market] = []
    for body in page.markets:
        if body.market_type != "binary":
            continue
        try:
            found.append(market(body))
        except DecodeError as error:
            _log.warning("market %s is left out: %s", body.ticker, error)
    return found


def book(ticker: str, body: BookBody) -> BookSnapshot:
    """A book without time or sequence; it cannot be spliced with the feed."""
    return BookSnapshot(
        ticker=ticker,
        bids=reports.levels(body.yes_dollars or []),
        asks=reports.levels(body.no_dollars or [], is_no_price=True),
    )


def position(row: PositionRow) -> PositionReport:
    """A position in integer units."""
    return PositionReport(
        ticker=row.ticker,
        position_lots=LOTS[row.position_fp],
        cost_micros=parse_money(row.market_exposure_dollars),
        realized_micros=parse_money(row.realized_pnl_dollars),
        fees_micros=parse_money(row.fees_paid_dollars),
    )


def balance(reply: BalanceReply, resting: RestingValueReply) -> BalanceReport:
    """Cash in micros, from the exact members where they are given."""
    exact = reply.balance_dollars
    shards = resting.resting_order_value_breakdown
    return BalanceReport(
        available_micros=parse_money(exact) if exact else reply.balance * MICROS_PER_CENT,
        reserved_micros=sum(parse_money(shard.balance) for shard in shards)
        if shards
        else resting.total_resting_order_value * MICROS_PER_CENT,
        portfolio_micros=reply.portfolio_value * MICROS_PER_CENT,
    )
