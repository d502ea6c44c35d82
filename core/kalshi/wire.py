"""Wire forms of the exchange's WebSocket frames, decimal text to integers.

Pure: bytes and values only. Frames hold the members this program reads; unknown members are
ignored and unknown types reported as such, because the exchange adds both without notice.
"""

import re
from collections.abc import Callable
from typing import Final, Literal, get_args

import msgspec

from core.errors import DecodeError
from core.units import PIPS_PER_DOLLAR, parse_count, parse_fixed

BookSide = Literal["bid", "ask"]
OutcomeSide = Literal["yes", "no"]
WireLevel = tuple[str, str]
"""(price text, count text)."""

_MEMO_LIMIT: Final = 16_384
_MOST_LOTS: Final = 10**15


class IntegerMemo(dict[str, int]):
    """Decimal text to integer, parsed once per distinct text. Holds at most 16 384 texts."""

    def __init__(self, parse: Callable[[str], int]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> int:
        value = self._parse(text)
        if len(self) < _MEMO_LIMIT:
            self[text] = value
        return value


def _checked_price(text: str) -> int:
    pips = parse_fixed(text, 4)
    if not 0 <= pips <= PIPS_PER_DOLLAR:
        raise DecodeError(f"price {text!r} is outside 0 to 1 dollar")
    return pips


def _checked_count(text: str) -> int:
    lots = parse_count(text)
    if abs(lots) > _MOST_LOTS:
        raise DecodeError(f"count {text!r} is beyond anything a market holds")
    return lots


PIPS: Final = IntegerMemo(_checked_price)
"""Price text to pips, 0 to 10 000."""
LOTS: Final = IntegerMemo(_checked_count)
"""Count text to lots, signed; at most 10^15, so that sums of levels fit 64 bits."""


class DeltaBody(msgspec.Struct, gc=False):
    """Signed change of one level."""

    market_ticker: str
    price_dollars: str
    delta_fp: str
    side: OutcomeSide
    ts_ms: int = 0
    client_order_id: str | None = None


class SnapshotBody(msgspec.Struct, gc=False):
    """Whole book; an empty side is absent."""

    market_ticker: str
    yes_dollars_fp: list[WireLevel] = []
    no_dollars_fp: list[WireLevel] = []


class TradeBody(msgspec.Struct, gc=False):
    """Public trade. Frames from before May 2026 have only `taker_side`."""

    trade_id: str
    market_ticker: str
    yes_price_dollars: str
    count_fp: str
    taker_book_side: BookSide | None = None
    taker_side: OutcomeSide | None = None
    ts: int = 0
    ts_ms: int = 0


class TickerBody(msgspec.Struct, gc=False):
    """Best quotes and totals of a market."""

    market_ticker: str
    price_dollars: str = ""
    yes_bid_dollars: str = ""
    yes_ask_dollars: str = ""
    volume_fp: str = ""
    open_interest_fp: str = ""
    last_trade_size_fp: str = ""
    ts_ms: int = 0


class FillBody(msgspec.Struct, gc=False):
    """Own fill, on the channel and in the REST list (which has no client_order_id, no ts_ms)."""

    trade_id: str
    order_id: str
    market_ticker: str
    book_side: BookSide
    yes_price_dollars: str
    count_fp: str
    fee_cost: str
    is_taker: bool
    ts: int = 0
    ts_ms: int = 0
    created_time: str = ""
    client_order_id: str = ""
    post_position_fp: str | None = None


class OrderBody(msgspec.Struct, gc=False):
    """Own order, on the channel (`*_ts_ms`) and in REST replies (`*_time`)."""

    order_id: str
    ticker: str
    status: str
    book_side: BookSide
    yes_price_dollars: str
    initial_count_fp: str
    fill_count_fp: str
    remaining_count_fp: str
    client_order_id: str = ""
    created_ts_ms: int = 0
    last_updated_ts_ms: int = 0
    created_time: str | None = None
    last_update_time: str | None = None
    last_update_reason: str = ""


class PositionBody(msgspec.Struct, gc=False):
    """Own position in one market."""

    market_ticker: str
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str


class LifecycleBody(msgspec.Struct, gc=False):
    """Something happened in the life of a market. Times are seconds."""

    market_ticker: str
    event_type: str
    result: str = ""
    settlement_value: str | None = None
    close_ts: int | None = None


class EventFeeBody(msgspec.Struct, gc=False):
    """The fees of an event changed; its new ones are asked for."""

    event_ticker: str


class ClockBody(msgspec.Struct, gc=False):
    """The local exchange's own time; `end_ms` is where its recording ends (0: open end)."""

    venue_ms: int
    monotonic_ns: int
    speed: float
    end_ms: int = 0


class ChannelBody(msgspec.Struct, gc=False):
    """A channel and the number of its subscription."""

    channel: str
    sid: int


class MarketsBody(msgspec.Struct, gc=False):
    """All markets of a subscription after a change."""

    market_tickers: list[str] = []


class ErrorBody(msgspec.Struct, gc=False):
    """Why a command failed or a subscription ended."""

    code: int
    msg: str = ""


class Frame(msgspec.Struct, tag_field="type", gc=False, kw_only=True):
    """What any message may carry; 0 where absent. `sent_ns` comes from the local exchange only."""

    sid: int = 0
    seq: int = 0
    id: int = 0
    sent_ns: int = 0
    sending_ts_ms: int = 0


class DeltaFrame(Frame, tag="orderbook_delta", kw_only=True):
    """One level of a book changed."""

    msg: DeltaBody


class SnapshotFrame(Frame, tag="orderbook_snapshot", kw_only=True):
    """A whole book."""

    msg: SnapshotBody


class TradeFrame(Frame, tag="trade", kw_only=True):
    """A public trade."""

    msg: TradeBody


class TickerFrame(Frame, tag="ticker", kw_only=True):
    """Quotes and totals."""

    msg: TickerBody


class FillFrame(Frame, tag="fill", kw_only=True):
    """An own fill."""

    msg: FillBody


class OrderFrame(Frame, tag="user_order", kw_only=True):
    """An own order changed."""

    msg: OrderBody


class PositionFrame(Frame, tag="market_position", kw_only=True):
    """An own position changed."""

    msg: PositionBody


class LifecycleFrame(Frame, tag="market_lifecycle_v2", kw_only=True):
    """A market changed."""

    msg: LifecycleBody


class EventFrame(Frame, tag="event_lifecycle", kw_only=True):
    """An event changed; only its sequence number matters here."""


class EventFeeFrame(Frame, tag="event_fee_update", kw_only=True):
    """An event's fees changed."""

    msg: EventFeeBody


class ClockFrame(Frame, tag="sandbox_clock", kw_only=True):
    """The local exchange states its time."""

    msg: ClockBody


class SubscribedFrame(Frame, tag="subscribed", kw_only=True):
    """Answer to subscribe, one per channel."""

    msg: ChannelBody


class UnsubscribedFrame(Frame, tag="unsubscribed", kw_only=True):
    """Answer to unsubscribe, one per sid."""


class OkFrame(Frame, tag="ok", kw_only=True):
    """Answer to update_subscription (markets) or list_subscriptions (channels)."""

    msg: MarketsBody | list[ChannelBody] | None = None


class ErrorFrame(Frame, tag="error", kw_only=True):
    """A command failed, or a subscription is over."""

    msg: ErrorBody


class UnknownFrame(msgspec.Struct, gc=False):
    """A message of a type this program does not know; its sequence number still counts."""

    type: str = ""
    sid: int = 0
    seq: int = 0


KnownFrame = (
    DeltaFrame
    | SnapshotFrame
    | TradeFrame
    | TickerFrame
    | FillFrame
    | OrderFrame
    | PositionFrame
    | LifecycleFrame
    | EventFrame
    | EventFeeFrame
    | ClockFrame
    | SubscribedFrame
    | UnsubscribedFrame
    | OkFrame
    | ErrorFrame
)
AnyFrame = KnownFrame | UnknownFrame

_KNOWN: Final[msgspec.json.Decoder[KnownFrame]] = msgspec.json.Decoder(KnownFrame)
_HEADER: Final = msgspec.json.Decoder(UnknownFrame)
_LOOSE: Final = msgspec.json.Decoder(float_hook=str)
_TYPES: Final = frozenset(kind.__struct_config__.tag for kind in get_args(KnownFrame))
_TEXT_KEY: Final = re.compile(r".*_(dollars|fp|cost)|settlement_value")


class FrameError(DecodeError):
    """A frame cannot be read. `header` tells what could be read of it, None if nothing."""

    def __init__(self, message: str, header: UnknownFrame | None) -> None:
        super().__init__(message)
        self.header = header


def decode(data: bytes | str) -> AnyFrame:
    """Read one frame.

    Raises:
        FrameError: no JSON object, or a known type whose members are missing or wrong.
    """
    try:
        return _KNOWN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _decode_rare(data, error)


def _decode_rare(data: bytes | str, cause: Exception) -> AnyFrame:
    """Unknown types, and numbers where text is due; everything else is an error."""
    try:
        header = _HEADER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"unreadable message: {error}", None) from cause
    if header.type not in _TYPES:
        return header
    try:
        loose = _numbers_as_text(_LOOSE.decode(data))
        frame: KnownFrame = msgspec.convert(loose, KnownFrame, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"bad {header.type} message: {error}", header) from cause
    return frame


def _numbers_as_text(value: object, *, is_decimal: bool = False) -> object:
    """Integers in price and count members as their text (floats are text already)."""
    if isinstance(value, dict):
        return {
            key: _numbers_as_text(item, is_decimal=bool(_TEXT_KEY.fullmatch(key)))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_numbers_as_text(item, is_decimal=is_decimal) for item in value]
    return str(value) if is_decimal and type(value) is int else value
