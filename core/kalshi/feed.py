"""The WebSocket session without its socket: bytes in, events and commands out.

Checks the sequence of every subscription, doubts books the moment a message may be lost, and
repairs them: snapshots in the stream, then a new subscription, then a new connection. Pure: wall
time comes as an argument and serves time-outs only. Must not keep books; prices and sizes that
make no sense are the books' to notice, who then call `doubt`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from core.errors import DecodeError
from core.events import Event
from core.kalshi import reports
from core.kalshi.events import FeedState
from core.kalshi.repair import STAGE_DEADLINE_MS, Repair, Step
from core.kalshi.subscriptions import Arrival, Purpose, Stream, Subscriptions
from core.kalshi.wire import (
    LOTS,
    PIPS,
    AnyFrame,
    ClockFrame,
    DeltaFrame,
    ErrorFrame,
    EventFeeFrame,
    EventFrame,
    FillFrame,
    FrameError,
    LifecycleFrame,
    OkFrame,
    OrderFrame,
    PositionFrame,
    SnapshotFrame,
    SubscribedFrame,
    TradeFrame,
    UnknownFrame,
    UnsubscribedFrame,
    decode,
)
from core.market.events import BookDelta, BookDoubted, VenueTime
from core.units import PIPS_PER_DOLLAR

BOOK: Final = "orderbook_delta"
TRADE: Final = "trade"
LIFECYCLE: Final = "market_lifecycle_v2"
CLOCK: Final = "sandbox_clock"
_MARKET_CHANNELS: Final = (BOOK, TRADE)
_ACCOUNT_CHANNELS: Final = ("fill", "user_orders", "market_positions")

_SUBSCRIBE_PATIENCE_MS: Final = 10_000
_PROBE_INTERVAL_MS: Final = 60_000
_RETRY_MS: Final = 1_000
_SNAPSHOT_CHUNK: Final = 500
_SUBSCRIPTION_OVER: Final = frozenset({10, 25})
_UNKNOWN_SID: Final = 7
_TRY_AGAIN: Final = frozenset({18, 27})

_CHANNEL_OF: Final[dict[type, str]] = {
    DeltaFrame: BOOK,
    SnapshotFrame: BOOK,
    TradeFrame: TRADE,
    LifecycleFrame: LIFECYCLE,
    EventFrame: LIFECYCLE,
    EventFeeFrame: LIFECYCLE,
}
_BOOK_TYPES: Final = frozenset({"orderbook_delta", "orderbook_snapshot"})


def _venue_time(frame: ClockFrame) -> Event:
    return VenueTime(frame.msg.venue_ms, frame.msg.monotonic_ns, frame.msg.speed)


_REPORTS: Final[dict[type, Callable[[Any], Event]]] = {
    FillFrame: lambda frame: reports.fill(frame.msg),
    OrderFrame: lambda frame: reports.order(frame.msg),
    PositionFrame: lambda frame: reports.position(frame.msg),
    LifecycleFrame: lambda frame: reports.market_changed(frame.msg),
    ClockFrame: _venue_time,
}


@dataclass(slots=True)
class FeedCounters:
    """What the session has seen since it was made; never reset by a reconnect."""

    deltas: int = 0
    snapshots: int = 0
    trades: int = 0
    gaps: int = 0
    duplicates: int = 0
    unknown: int = 0
    malformed: int = 0
    held_back: int = 0
    doubts: int = 0
    repairs: int = 0
    resubscribes: int = 0
    reconnects: int = 0


class FeedSession:
    """One account's view of one feed endpoint, across reconnects.

    Args:
        use_yes_price: ask for the `no` side in YES prices (otherwise converted here).
        has_account: follow own fills, orders and positions too.
        has_clock: follow the local exchange's clock channel.
    """

    def __init__(
        self, *, use_yes_price: bool = True, has_account: bool = True, has_clock: bool = False
    ) -> None:
        self.counters = FeedCounters()
        self._use_yes_price = use_yes_price
        self._fixed_channels = (
            (_ACCOUNT_CHANNELS if has_account else ())
            + (LIFECYCLE,)
            + ((CLOCK,) if has_clock else ())
        )
        self._subscriptions = Subscriptions()
        self._streams = self._subscriptions.streams
        self._tickers: set[str] = set()
        self._live: set[str] = set()
        self._doubted: set[str] = set()
        self._expected_by_ms: dict[str, int] = {}
        self._absent: set[str] = set()
        self._retry_at_ms: dict[str, int] = {}
        self._repair = Repair()
        self._is_connected = False
        self._state = "disconnected"
        self._reconnect_reason = ""
        self._ts_ms = 0
        self._noticed_ms = -_RETRY_MS
        self._unknown_types: set[str] = set()

    # What the owner of the socket calls

    @property
    def state(self) -> str:
        """State as last published: live, recovering or disconnected."""
        return self._state

    @property
    def tickers(self) -> frozenset[str]:
        """Markets followed."""
        return frozenset(self._tickers)

    @property
    def live_tickers(self) -> frozenset[str]:
        """Markets whose book is trusted."""
        return frozenset(self._live)

    @property
    def wants_reconnect(self) -> bool:
        """True when only a new connection can help; `reconnect_reason` says why."""
        return bool(self._reconnect_reason)

    @property
    def reconnect_reason(self) -> str:
        """Why a new connection is wanted, "" while it is not."""
        return self._reconnect_reason

    def data_to_send(self) -> list[bytes]:
        """Commands to send as text frames, oldest first; each is handed out once."""
        return self._subscriptions.take_output()

    def start(self, tickers: Iterable[str]) -> None:
        """Name the markets to follow, before the connection is made."""
        self._tickers = set(tickers)

    def connection_made(self, now_ms: int) -> list[Event]:
        """Subscribe to everything on a fresh connection."""
        self._forget_connection()
        self._is_connected = True
        self._expect(self._tickers, now_ms)
        for channel in _MARKET_CHANNELS:
            self._follow_markets(channel, now_ms)
        for channel in self._fixed_channels:
            self._subscriptions.open(channel, set(), now_ms)
        return self._state_events()

    def connection_lost(self, now_ms: int, reason: str = "") -> list[Event]:
        """Doubt every book; the next connection brings new snapshots."""
        events = self._doubt_all(f"connection lost {reason}".rstrip())
        self._forget_connection()
        self.counters.reconnects += 1
        return events + self._state_events(reason)

    def add_markets(self, tickers: Iterable[str], now_ms: int) -> None:
        """Follow more markets; their snapshots come on the same subscription."""
        added = set(tickers) - self._tickers
        self._tickers |= added
        if added and self._is_connected:
            self._expect(added, now_ms)
            for channel in _MARKET_CHANNELS:
                self._follow_markets(channel, now_ms)

    def delete_markets(self, tickers: Iterable[str], now_ms: int) -> None:
        """Stop following markets; what still arrives for them is dropped."""
        for ticker in set(tickers) & self._tickers:
            self._tickers.discard(ticker)
            self._live.discard(ticker)
            self._doubted.discard(ticker)
            self._absent.discard(ticker)
            self._expected_by_ms.pop(ticker, None)
        if self._is_connected:
            for channel in _MARKET_CHANNELS:
                self._follow_markets(channel, now_ms)

    def doubt(self, ticker: str, reason: str, now_ms: int) -> list[Event]:
        """Distrust one book (crossed, negative, mismatched) and have it repaired."""
        events = self._doubt([ticker], reason)
        self._repair_books(now_ms)
        return events + self._state_events(reason)

    def tick(self, now_ms: int) -> list[Event]:
        """Let time-outs pass; call a few times a second."""
        if not self._is_connected:
            return []
        late = self._subscriptions.overdue_channel(now_ms, _SUBSCRIBE_PATIENCE_MS)
        if late:
            self._reconnect_reason = f"the exchange did not answer the subscription to {late}"
        self._probe_absent(now_ms)
        self._retry_channels(now_ms)
        self._repair_books(now_ms)
        return self._state_events()

    def receive(self, data: bytes | str, now_ms: int) -> list[Event]:
        """Take one message; events come in integer units, in order."""
        frame: AnyFrame | None = None
        try:
            frame = decode(data)
            if type(frame) is DeltaFrame:  # the hot path: nearly every message
                stream = self._streams.get(frame.sid)
                if stream is not None and frame.seq == stream.last_seq + 1:
                    stream.last_seq = frame.seq
                    return self._delta(frame)
            return self._receive_other(frame, now_ms)
        except DecodeError as error:
            return self._malformed(error, frame, now_ms)

    # Messages

    def _delta(self, frame: DeltaFrame) -> list[Event]:
        body = frame.msg
        if body.market_ticker not in self._live:
            # In sequence, so the snapshot to come already contains it.
            self.counters.held_back += 1
            return []
        pips = PIPS[body.price_dollars]
        is_ask = body.side == "no"
        if is_ask and not self._use_yes_price:
            pips = PIPS_PER_DOLLAR - pips
        self._ts_ms = body.ts_ms
        self.counters.deltas += 1
        return [
            BookDelta(
                body.market_ticker,
                1 if is_ask else 0,
                pips,
                LOTS[body.delta_fp],
                body.ts_ms,
                frame.sid,
                frame.seq,
                body.client_order_id,
                frame.sent_ns,
            )
        ]

    def _receive_other(self, frame: AnyFrame, now_ms: int) -> list[Event]:
        if isinstance(frame, SubscribedFrame):
            stream = self._subscriptions.confirm(frame)
            if stream.channel in _MARKET_CHANNELS:
                self._follow_markets(stream.channel, now_ms)
            return self._state_events()
        arrival = self._subscriptions.check(frame, _CHANNEL_OF.get(type(frame), ""))
        events = self._arrived(arrival, frame.sid)
        if arrival in (Arrival.NEXT, Arrival.GAP):
            events += self._handle(frame, now_ms)
        self._repair_books(now_ms)
        return events + self._state_events()

    def _handle(self, frame: AnyFrame, now_ms: int) -> list[Event]:
        report = _REPORTS.get(type(frame))
        if report is not None:
            return [report(frame)]
        match frame:
            case DeltaFrame():
                return self._delta(frame)
            case SnapshotFrame():
                return self._snapshot(frame)
            case TradeFrame():
                return self._trade(frame)
            case ErrorFrame():
                return self._refused(frame, now_ms)
            case OkFrame():
                self._subscriptions.answered(frame.id)
            case UnsubscribedFrame() if frame.sid in self._streams:
                return self._ended(self._streams[frame.sid].channel, "unsubscribed", now_ms)
            case UnknownFrame():
                return self._unknown(frame)
        return []

    def _snapshot(self, frame: SnapshotFrame) -> list[Event]:
        ticker = frame.msg.market_ticker
        if ticker not in self._tickers:
            return []
        event = reports.book_snapshot(
            frame, frame.sending_ts_ms or self._ts_ms, use_yes_price=self._use_yes_price
        )
        self._live.add(ticker)
        self._doubted.discard(ticker)
        self._absent.discard(ticker)
        self._expected_by_ms.pop(ticker, None)
        self.counters.snapshots += 1
        return [event]

    def _trade(self, frame: TradeFrame) -> list[Event]:
        if frame.msg.market_ticker not in self._tickers:
            return []
        self.counters.trades += 1
        return [reports.trade(frame)]

    def _unknown(self, frame: UnknownFrame) -> list[Event]:
        self.counters.unknown += 1
        if frame.type in self._unknown_types or len(self._unknown_types) >= 64:
            return []
        self._unknown_types.add(frame.type)
        return [FeedState(self._state, f"message type {frame.type[:40]!r} is unknown and ignored")]

    def _malformed(self, error: DecodeError, frame: AnyFrame | None, now_ms: int) -> list[Event]:
        """Doubt what the message may have changed; unreadable, it may have been any book's."""
        self.counters.malformed += 1
        events: list[Event] = []
        if isinstance(frame, DeltaFrame | SnapshotFrame):
            events += self._doubt([frame.msg.market_ticker], str(error))
        elif isinstance(error, FrameError):
            header = error.header
            if header is not None:
                arrival = self._subscriptions.check(header, "")
                events += self._arrived(arrival, header.sid)
            if header is None or header.type in _BOOK_TYPES:
                events += self._doubt_all(f"unreadable message: {error}")
        self._repair_books(now_ms)
        if now_ms - self._noticed_ms >= _RETRY_MS:
            self._noticed_ms = now_ms
            return events + self._state_events(f"malformed message ignored: {error}")
        return events + self._state_events()

    def _arrived(self, arrival: Arrival, sid: int) -> list[Event]:
        """Count a message that is not the next one, and doubt what it puts in doubt."""
        if arrival is Arrival.NEXT or arrival is Arrival.FOREIGN:
            return []
        if arrival is Arrival.DUPLICATE:
            self.counters.duplicates += 1
            return []
        self.counters.gaps += 1
        stream = self._streams[sid]
        if stream.channel == BOOK:
            return self._doubt_all(f"messages lost before number {stream.last_seq}")
        detail = f"messages of channel {stream.channel} lost before number {stream.last_seq}"
        return [FeedState(self._state, detail)]

    # Refusals and subscriptions that end

    def _refused(self, frame: ErrorFrame, now_ms: int) -> list[Event]:
        code = frame.msg.code
        command = self._subscriptions.answered(frame.id)
        stream = self._streams.get(frame.sid)
        channel = stream.channel if stream else command.channel if command else ""
        detail = f"exchange error {code} on {channel or 'the connection'}: {frame.msg.msg}"
        if code in _SUBSCRIPTION_OVER:
            return self._ended(channel, detail, now_ms)
        if command is None or command.purpose is Purpose.UNSUBSCRIBE:
            return [] if command else [FeedState(self._state, detail)]
        if command.purpose is Purpose.REPAIR or code == _UNKNOWN_SID:
            return self._ended(channel, detail, now_ms)
        if command.purpose is Purpose.SUBSCRIBE and code in _TRY_AGAIN:
            self._retry_at_ms[channel] = now_ms + _RETRY_MS
        return [FeedState(self._state, detail)]

    def _ended(self, channel: str, detail: str, now_ms: int) -> list[Event]:
        if channel == BOOK:
            self._repair.lapse()
            return self._doubt_all(detail)
        if channel:
            self._retry_at_ms[channel] = now_ms + _RETRY_MS
        else:
            self._reconnect_reason = detail
        return [FeedState(self._state, detail)]

    def _retry_channels(self, now_ms: int) -> None:
        due = [channel for channel, at_ms in self._retry_at_ms.items() if now_ms >= at_ms]
        for channel in due:
            del self._retry_at_ms[channel]
            self._subscriptions.close(channel, now_ms)
            if channel in _MARKET_CHANNELS:
                self._follow_markets(channel, now_ms)
            else:
                self._subscriptions.open(channel, set(), now_ms)

    def _follow_markets(self, channel: str, now_ms: int) -> None:
        """Bring a market channel's subscription in line with the markets followed."""
        stream = self._subscriptions.stream(channel)
        if stream is None:
            if self._tickers and not self._subscriptions.is_opening(channel):
                flag = self._use_yes_price if channel == BOOK else None
                self._subscriptions.open(channel, self._tickers, now_ms, use_yes_price=flag)
        elif not self._tickers:  # without markets these channels would mean all markets
            self._subscriptions.close(channel, now_ms)
        else:
            self._change_markets(stream, now_ms)

    def _change_markets(self, stream: Stream, now_ms: int) -> None:
        update = self._subscriptions.update
        if added := self._tickers - stream.tickers:
            update(stream, "add_markets", added, Purpose.CHANGE, now_ms)
        if deleted := stream.tickers - self._tickers:
            update(stream, "delete_markets", deleted, Purpose.CHANGE, now_ms)

    # Doubt and repair

    def _doubt(self, tickers: Iterable[str], reason: str) -> list[Event]:
        doubted = sorted(ticker for ticker in tickers if ticker in self._live)
        self._live.difference_update(doubted)
        self._doubted.update(doubted)
        self.counters.doubts += len(doubted)
        return [BookDoubted(ticker, reason, self._ts_ms) for ticker in doubted]

    def _doubt_all(self, reason: str) -> list[Event]:
        """Doubt every live book; a first snapshot on its way may be lost too, so ask for it."""
        events = self._doubt(list(self._live), reason)
        waiting = [ticker for ticker in self._expected_by_ms if ticker not in self._absent]
        for ticker in waiting:
            del self._expected_by_ms[ticker]
        self._doubted.update(waiting)
        return events

    def _repair_books(self, now_ms: int) -> None:
        stream = self._subscriptions.stream(BOOK)
        if stream is None or not self._is_connected:
            return
        match self._repair.next_step(self._doubted, now_ms):
            case Step.SNAPSHOT:
                self.counters.repairs += 1
                self._ask_snapshots(stream, self._doubted, Purpose.REPAIR, now_ms)
            case Step.RESUBSCRIBE:
                self.counters.resubscribes += 1
                self._subscriptions.close(BOOK, now_ms)
                self._follow_markets(BOOK, now_ms)
            case Step.RECONNECT:
                self._reconnect_reason = "books could not be repaired by a new subscription"
            case Step.WAIT:
                pass

    def _ask_snapshots(
        self, stream: Stream, tickers: Iterable[str], purpose: Purpose, now_ms: int
    ) -> None:
        ordered = sorted(tickers)
        for start in range(0, len(ordered), _SNAPSHOT_CHUNK):
            chunk = set(ordered[start : start + _SNAPSHOT_CHUNK])
            self._subscriptions.update(stream, "get_snapshot", chunk, purpose, now_ms)

    def _expect(self, tickers: Iterable[str], now_ms: int) -> None:
        for ticker in tickers:
            self._expected_by_ms[ticker] = now_ms + STAGE_DEADLINE_MS

    def _probe_absent(self, now_ms: int) -> None:
        """Ask now and then for books that never came; one dead market must not end the session."""
        stream = self._subscriptions.stream(BOOK)
        due = {ticker for ticker, by_ms in self._expected_by_ms.items() if now_ms >= by_ms}
        if stream is None or not due:
            return
        self._absent |= due
        for ticker in due:
            self._expected_by_ms[ticker] = now_ms + _PROBE_INTERVAL_MS
        self._ask_snapshots(stream, due, Purpose.PROBE, now_ms)

    # State

    def _forget_connection(self) -> None:
        self._subscriptions.reset()
        self._live.clear()
        self._doubted.clear()
        self._expected_by_ms.clear()
        self._absent.clear()
        self._retry_at_ms.clear()
        self._repair = Repair()
        self._reconnect_reason = ""
        self._is_connected = False

    def _state_events(self, detail: str = "") -> list[Event]:
        if not self._is_connected:
            state = "disconnected"
        elif self._doubted or self._expected_by_ms.keys() - self._absent:
            state = "recovering"
        else:
            state = "live"
        if state == self._state and not detail:
            return []
        self._state = state
        return [FeedState(state, detail)]
