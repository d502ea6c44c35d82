"""Wire forms of the lines of a session file: exchange frames and a recorder's notes."""

from functools import lru_cache

import msgspec

from core.units import PIPS_PER_DOLLAR, parse_count, parse_price

# A recording repeats the same few thousand number texts; looking them up is ten times faster.
price_pips = lru_cache(maxsize=1 << 14)(parse_price)
count_lots = lru_cache(maxsize=1 << 16)(parse_count)

WireLevels = tuple[tuple[str, str], ...]


class Line(msgspec.Struct, gc=False, tag_field="type"):
    """One line: `sid` and `seq` as on the wire, 0 where absent; `recv_ns` is the recorder's."""

    sid: int = 0
    seq: int = 0
    recv_ns: int = 0


class SnapshotMsg(msgspec.Struct, gc=False):
    """A whole book; NO levels in NO prices; a side is absent when empty."""

    market_ticker: str
    yes_dollars_fp: WireLevels = ()
    no_dollars_fp: WireLevels = ()


class SnapshotLine(Line, gc=False, tag="orderbook_snapshot", kw_only=True):
    """`orderbook_snapshot`."""

    msg: SnapshotMsg


class DeltaMsg(msgspec.Struct, gc=False):
    """A signed change of one level; a NO level in NO price."""

    market_ticker: str
    price_dollars: str
    delta_fp: str
    side: str
    ts_ms: int = 0
    client_order_id: str | None = None


class DeltaLine(Line, gc=False, tag="orderbook_delta", kw_only=True):
    """`orderbook_delta`."""

    msg: DeltaMsg


class TradeMsg(msgspec.Struct, gc=False):
    """A public trade. The newest frames name the book side, older ones only yes or no."""

    trade_id: str
    market_ticker: str
    yes_price_dollars: str
    count_fp: str
    taker_side: str = ""
    taker_outcome_side: str = ""
    taker_book_side: str = ""
    ts: int = 0
    ts_ms: int = 0

    @property
    def side(self) -> int:
        """Side of the book the taker's order was on: 0 bid, 1 ask."""
        word = self.taker_book_side or self.taker_outcome_side or self.taker_side
        return 0 if word in ("bid", "yes") else 1


class TradeLine(Line, gc=False, tag="trade", kw_only=True):
    """`trade`."""

    msg: TradeMsg


class TickerMsg(msgspec.Struct, gc=False):
    """Last price and volume so far."""

    market_ticker: str
    price_dollars: str
    volume_fp: str
    last_trade_size_fp: str = "0.00"
    ts: int = 0
    ts_ms: int = 0


class TickerLine(Line, gc=False, tag="ticker", kw_only=True):
    """`ticker`."""

    msg: TickerMsg


class LifecycleMsg(msgspec.Struct, gc=False):
    """A change of a market's life; times in seconds."""

    market_ticker: str
    event_type: str
    result: str = ""
    settlement_value: str | None = None
    close_ts: int = 0


class LifecycleLine(Line, gc=False, tag="market_lifecycle_v2", kw_only=True):
    """`market_lifecycle_v2`."""

    msg: LifecycleMsg


class SubscribedMsg(msgspec.Struct, gc=False):
    """Which channel a new subscription carries."""

    channel: str
    sid: int


class SubscribedLine(Line, gc=False, tag="subscribed", kw_only=True):
    """`subscribed`: the counter of this sid starts anew."""

    msg: SubscribedMsg


class OkLine(Line, gc=False, tag="ok"):
    """`ok`: says nothing about a market but takes a seq number."""


class ConnectedLine(Line, gc=False, tag="recorder.ws_connected"):
    """Recorder's note: a new connection; all counters start anew."""


class WatchMsg(msgspec.Struct, gc=False):
    """A market a recorder begins to watch."""

    market_ticker: str
    close_time: str = ""
    strike: float | None = None


class WatchLine(Line, gc=False, tag="recorder.watch_market", kw_only=True):
    """Recorder's note: a market it begins to watch."""

    msg: WatchMsg


class WireRange(msgspec.Struct, gc=False):
    """One band of a market's tick structure."""

    start: str
    end: str
    step: str


class MarketMsg(msgspec.Struct, gc=False):
    """The exchange's REST object of a market, as far as a session needs it."""

    ticker: str
    event_ticker: str
    title: str = ""
    yes_sub_title: str = ""
    status: str = "active"
    open_time: str = ""
    close_time: str = ""
    result: str = ""
    price_ranges: tuple[WireRange, ...] = ()
    volume_fp: str = "0.00"


class MarketLine(Line, gc=False, tag="recorder.market", kw_only=True):
    """Recorder's note: a market as REST described it."""

    msg: MarketMsg


class AnyLine(msgspec.Struct, gc=False):
    """Any line that is an object with a type."""

    type: str
    recv_ns: int = 0
    recv_ts: str | None = None
    sid: int = 0
    seq: int = 0


KnownLine = (
    SnapshotLine
    | DeltaLine
    | TradeLine
    | TickerLine
    | LifecycleLine
    | SubscribedLine
    | OkLine
    | ConnectedLine
    | WatchLine
    | MarketLine
)


def yes_pips(price_dollars: str, side: str) -> int:
    """YES price in pips of a level on side `yes` or `no`."""
    pips = price_pips(price_dollars)
    return pips if side == "yes" else PIPS_PER_DOLLAR - pips
