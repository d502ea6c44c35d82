"""What panels read: frozen rows made once a frame by the console source. No Qt, no formatting.

Prices in pips (YES), quantities in lots, money in micros, times in venue milliseconds. None means
unknown and is drawn as an en dash, never as 0.
"""

from dataclasses import dataclass

Level = tuple[int, int]
"""(YES price in pips, quantity in lots)."""


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A line of the markets table."""

    ticker: str
    title: str
    feed_state: str  # key of states.FEED: live, lagging, recovering, stale, paused, empty, ...
    bid_pips: int | None
    ask_pips: int | None
    age_ms: int | None  # since the book's last change, exchange time
    close_ms: int | None
    position_lots: int
    status: str = "active"  # the exchange's word: active, closed, determined, finalized, ...
    result: str = ""  # yes or no once determined


@dataclass(frozen=True, slots=True)
class OwnLevel:
    """Own resting quantity at a price. `side` 0 bid, 1 ask; `in_flight` while a request is out."""

    side: int
    price_pips: int
    lots: int
    in_flight: bool


@dataclass(frozen=True, slots=True)
class BookView:
    """The displayed book of one market. Bids and asks are ordered best first."""

    ticker: str
    title: str
    status: str  # "empty", "live", "stale"
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    own: tuple[OwnLevel, ...]
    prices: tuple[int, ...]  # the market's tick grid, ascending
    age_ms: int | None
    last_trade_pips: int | None
    last_trade_side: int | None
    position_lots: int
    average_pips: float | None
    open_pnl_micros: int | None
    realized_micros: int
    fees_micros: int
    left_ms: int | None = None  # until the market closes, in whole seconds


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of the orders table. `state` is a key of states.ORDER."""

    client_order_id: str
    ticker: str
    title: str
    side: int
    outcome: str  # words a trader reads: "Buy YES", "Sell YES", "Buy NO", "Sell NO"
    price_pips: int
    target_pips: int | None  # price asked for by an amend in flight
    filled_lots: int
    total_lots: int
    age_ms: int
    state: str
    detail: str
    origin: str  # actor, manual, close
    is_open: bool


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A line of the positions table; `mark_pips` is the price it could be closed at now."""

    ticker: str
    title: str
    position_lots: int
    average_pips: float | None
    mark_pips: int | None
    open_micros: int | None
    realized_micros: int
    fees_micros: int
    close_ms: int | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A line of the decisions table."""

    number: int
    ts_ms: int
    ticker: str
    title: str
    action: str  # HOLD, BUY_YES, SELL_YES, BUY_NO, SELL_NO
    probability: float | None
    outcome: str  # hold, ordered, blocked, skipped
    reason: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the log. `level` is a logging level name, `ts_ms` wall milliseconds."""

    number: int
    ts_ms: int
    level: str
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the start-up checklist. `state`: waiting, running, done, failed."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class SystemsView:
    """Everything the systems panel and the status bar say."""

    alert: str  # what is wrong now and what to do, "" if nothing is
    can_trade: (
        bool  # False until start-up is done, after the exchange died, after the session's end
    )
    is_over: bool  # the recorded session has been played to its end
    mode: str  # word read back from the running core: SANDBOX, REPLAY, ...
    source: str  # one line: whose books and whose fills
    steps: tuple[StepView, ...]
    feed_state: str
    feed_detail: str
    feed_age_ms: int | None
    messages_per_s: float
    books_live: int
    books_stale: int
    books_empty: int
    gaps: int
    late: int
    venue_ms: int | None
    speed: float
    session_progress: float | None  # 0...1 of a recorded session
    database_state: str  # ok, away, off
    database_detail: str
    queue_rows: int
    queue_limit: int
    rows_recorded: int
    rows_per_s: float
    rows_dropped: int
    last_commit_age_ms: int | None
    last_sync_age_ms: int | None
    drift_cash_micros: int | None
    drift_position_lots: int | None
    drift_orders: int | None
    rest_ms: float | None
    write_tokens: int | None
    clock_offset_ms: int | None
    actor_state: str  # key of states.ACTOR: off, running, holding, paused
    actor_detail: str
    policy: str
    cash_micros: int | None
    equity_micros: int | None
    session_pnl_micros: int | None
    open_orders: int
    open_positions: int
    fills: int
    decision_ms_p50: float | None
    decision_ms_p99: float | None
    frame_ms_p99: float | None
    pause_begins_ms: int | None = (
        None  # next pause by the exchange's schedule, or the one that is on
    )
    pause_ends_ms: int | None = None
    is_paused: bool = False
    is_halted: bool = False  # paused although the schedule has no pause; its end may be unknown
    overflows: int = 0  # how often the exchange found us reading too slowly
    checks_agreed: int | None = None  # books compared with the exchange's own answer
    checks_mismatched: int | None = None
    checks_unclear: int | None = None


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """Something that comes next in the exchange's calendar."""

    left_ms: int  # in whole seconds
    what: str  # "pause begins", "closes", "result due", "payout due"
    markets: int  # how many of the followed ones, 0 for the whole exchange
    event_ticker: str
