"""What happens in a market, in integer units. Prices are always YES prices in pips.

`sid` and `seq` name the message on its connection (0 where the source has none); `ts_ms` is the
exchange's time stamp in venue milliseconds; `sent_ns` is the local exchange's monotonic send
stamp (0 where there is none) and serves only latency figures.
"""

from core.events import Event

Level = tuple[int, int]
"""(price in pips, quantity in lots)."""


class BookSnapshot(Event, frozen=True, gc=False):
    """A whole book, replacing what was known. Levels ascend by YES price."""

    ticker: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    sid: int = 0
    seq: int = 0
    ts_ms: int = 0
    sent_ns: int = 0


class BookDelta(Event, frozen=True, gc=False):
    """A signed change of one level. `side` is 0 for bids, 1 for asks (see units.Side)."""

    ticker: str
    side: int
    price_pips: int
    delta_lots: int
    ts_ms: int
    sid: int = 0
    seq: int = 0
    client_order_id: str | None = None
    sent_ns: int = 0


class Trade(Event, frozen=True, gc=False):
    """A public trade. `taker_side` is the side of the book the taker's order was on."""

    trade_id: str
    ticker: str
    price_pips: int
    quantity_lots: int
    taker_side: int
    ts_ms: int
    sid: int = 0
    seq: int = 0
    is_inferred: bool = False
    sent_ns: int = 0


class MarketChanged(Event, frozen=True, gc=False):
    """A lifecycle message: created, activated, deactivated, closed, determined, settled, ...

    The exchange does not stamp it; `ts_ms` is when a recording received it, 0 when live.
    """

    ticker: str
    kind: str
    result: str = ""
    close_ms: int = 0
    settlement_pips: int = -1
    ts_ms: int = 0


class EventFeesChanged(Event, frozen=True, gc=False):
    """The exchange set other fees for an event, or took them back; they have to be asked for."""

    event_ticker: str


class BookDoubted(Event, frozen=True, gc=False):
    """The book of this market can no longer be trusted until its next snapshot."""

    ticker: str
    reason: str
    ts_ms: int = 0


class VenueTime(Event, frozen=True, gc=False):
    """A local exchange states its time: everything up to `venue_ms` has been sent here.

    `speed` is venue seconds per wall second, 0 while it replays as fast as it can. `end_ms` is
    when a recorded session ends, 0 for flow without an end.
    """

    venue_ms: int
    monotonic_ns: int
    speed: float
    end_ms: int = 0


class GroupClosed(Event, frozen=True, gc=False):
    """Every message stamped up to `ts_ms` is applied and every book checked: a true instant."""

    ts_ms: int
