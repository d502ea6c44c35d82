"""Wire bodies to events in integer units. Pure; the same for WebSocket frames and REST replies.

Raises DecodeError for decimal text that is no number of its unit.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from core.errors import DecodeError
from core.events import Event
from core.kalshi.events import FillReport, OrderReport, PositionReport
from core.kalshi.wire import (
    LOTS,
    PIPS,
    ClockFrame,
    EventFeeFrame,
    FillBody,
    FillFrame,
    LifecycleBody,
    LifecycleFrame,
    OrderBody,
    OrderFrame,
    PositionBody,
    PositionFrame,
    SnapshotFrame,
    TradeFrame,
    WireLevel,
)
from core.market.events import (
    BookSnapshot,
    EventFeesChanged,
    Level,
    MarketChanged,
    Trade,
    VenueTime,
)
from core.units import PIPS_PER_DOLLAR, Side, parse_money


def time_ms(text: str | None) -> int:
    """RFC 3339 text as Unix milliseconds; 0 for none.

    Raises:
        DecodeError: the text is no time.
    """
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DecodeError(f"not a time: {text!r}") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def side_of(book_side: str) -> Side:
    """Side of the YES book from the wire's word."""
    return Side.BID if book_side == "bid" else Side.ASK


def levels(wire_levels: list[WireLevel], *, is_no_price: bool = False) -> tuple[Level, ...]:
    """Levels ascending by YES price; empty ones left out.

    Raises:
        DecodeError: a price stands twice, or a level holds less than nothing.
    """
    pairs = [(PIPS[price], LOTS[count]) for price, count in wire_levels]
    if len(dict(pairs)) < len(pairs) or any(lots < 0 for _, lots in pairs):
        raise DecodeError("a book names a price twice or holds a negative level")
    if is_no_price:
        pairs = [(PIPS_PER_DOLLAR - pips, lots) for pips, lots in pairs]
    return tuple(sorted(level for level in pairs if level[1]))


def book_snapshot(frame: SnapshotFrame, ts_ms: int, *, use_yes_price: bool) -> BookSnapshot:
    """A whole book. The wire gives snapshots no time, so the caller says which it has reached."""
    return BookSnapshot(
        ticker=frame.msg.market_ticker,
        bids=levels(frame.msg.yes_dollars_fp),
        asks=levels(frame.msg.no_dollars_fp, is_no_price=not use_yes_price),
        sid=frame.sid,
        seq=frame.seq,
        ts_ms=ts_ms,
        sent_ns=frame.sent_ns,
    )


def trade(frame: TradeFrame) -> Trade:
    """A public trade."""
    body = frame.msg
    if body.taker_book_side is not None:
        taker_side = side_of(body.taker_book_side)
    elif body.taker_side is not None:
        taker_side = Side.BID if body.taker_side == "yes" else Side.ASK
    else:
        raise DecodeError(f"trade {body.trade_id} does not say its taker's side")
    return Trade(
        trade_id=body.trade_id,
        ticker=body.market_ticker,
        price_pips=PIPS[body.yes_price_dollars],
        quantity_lots=LOTS[body.count_fp],
        taker_side=int(taker_side),
        ts_ms=body.ts_ms or body.ts * 1000,
        sid=frame.sid,
        seq=frame.seq,
        sent_ns=frame.sent_ns,
    )


def fill(body: FillBody) -> FillReport:
    """An own fill."""
    post = body.post_position_fp
    return FillReport(
        trade_id=body.trade_id,
        order_id=body.order_id,
        ticker=body.market_ticker,
        side=int(side_of(body.book_side)),
        price_pips=PIPS[body.yes_price_dollars],
        quantity_lots=LOTS[body.count_fp],
        fee_micros=parse_money(body.fee_cost),
        is_taker=body.is_taker,
        ts_ms=body.ts_ms or time_ms(body.created_time) or body.ts * 1000,
        client_order_id=body.client_order_id,
        post_position_lots=None if post is None else LOTS[post],
    )


def order(body: OrderBody) -> OrderReport:
    """State of an own order."""
    return OrderReport(
        order_id=body.order_id,
        client_order_id=body.client_order_id,
        ticker=body.ticker,
        side=int(side_of(body.book_side)),
        price_pips=PIPS[body.yes_price_dollars],
        initial_lots=LOTS[body.initial_count_fp],
        filled_lots=LOTS[body.fill_count_fp],
        remaining_lots=LOTS[body.remaining_count_fp],
        status=body.status,
        ts_ms=body.last_updated_ts_ms
        or time_ms(body.last_update_time)
        or body.created_ts_ms
        or time_ms(body.created_time),
        reason=body.last_update_reason,
    )


def position(body: PositionBody) -> PositionReport:
    """An own position."""
    return PositionReport(
        ticker=body.market_ticker,
        position_lots=LOTS[body.position_fp],
        cost_micros=parse_money(body.position_cost_dollars),
        realized_micros=parse_money(body.realized_pnl_dollars),
        fees_micros=parse_money(body.fees_paid_dollars),
    )


def market_changed(body: LifecycleBody) -> MarketChanged:
    """A step in the life of a market."""
    value = body.settlement_value
    return MarketChanged(
        ticker=body.market_ticker,
        kind=body.event_type,
        result=body.result,
        close_ms=(body.close_ts or 0) * 1000,
        settlement_pips=PIPS[value] if value else -1,
    )


def venue_time(frame: ClockFrame) -> VenueTime:
    """The local exchange's time."""
    body = frame.msg
    return VenueTime(body.venue_ms, body.monotonic_ns, body.speed, body.end_ms)


REPORTS: Final[dict[type, Callable[[Any], Event]]] = {
    FillFrame: lambda frame: fill(frame.msg),
    OrderFrame: lambda frame: order(frame.msg),
    PositionFrame: lambda frame: position(frame.msg),
    LifecycleFrame: lambda frame: market_changed(frame.msg),
    EventFeeFrame: lambda frame: EventFeesChanged(frame.msg.event_ticker),
    ClockFrame: venue_time,
}
"""Frames that become an event whatever the session's state is."""
