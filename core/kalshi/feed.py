"""The WebSocket session without its socket: bytes in, events and commands out.

Checks the sequence of every subscription and decides which books a message puts in doubt; doubt
and repair are `recovery`'s. Pure: wall time comes as an argument and serves time-outs only. Must
not keep books; levels and groups that make no sense are the books' to notice, who then call
`doubt`.
"""

from collections.abc import Callable, Iterable
from typing import Final

from core.errors import DecodeError
from core.events import Event
from core.kalshi import reports
from core.kalshi.channels import BOOK, LIFECYCLE, TRADE, Channels
from core.kalshi.events import FeedState
from core.kalshi.feed_counters import FeedCounters
from core.kalshi.price_scale import Known, PriceScale
from core.kalshi.recovery import Recovery
from core.kalshi.subscriptions import Arrival, Purpose, Subscriptions
from core.kalshi.wire import (
    LOTS,
    PIPS,
    AnyFrame,
    ClockFrame,
    DeltaFrame,
    ErrorFrame,
    EventFeeFrame,
    EventFrame,
    FrameError,
    LifecycleFrame,
    OkFrame,
    SnapshotFrame,
    SubscribedFrame,
    TradeFrame,
    UnknownFrame,
    UnsubscribedFrame,
    decode,
)
from core.market.events import BookDelta, BookSnapshot
from core.units import PIPS_PER_DOLLAR

_NOTICE_DISTANCE_MS: Final = 1_000
_UNKNOWN_TYPES_LIMIT: Final = 64

_CHANNEL_OF: Final[dict[type, str]] = {
    DeltaFrame: BOOK,
    SnapshotFrame: BOOK,
    TradeFrame: TRADE,
    LifecycleFrame: LIFECYCLE,
    EventFrame: LIFECYCLE,
    EventFeeFrame: LIFECYCLE,
}
_BOOK_TYPES: Final = frozenset({"orderbook_delta", "orderbook_snapshot"})


class FeedSession:
    """One account's view of one feed endpoint, across reconnects.

    Args:
        use_yes_price: ask for the `no` side in YES prices (otherwise converted here).
        has_account: follow own fills, orders and positions too.
        has_clock: follow the local exchange's clock channel.
        held: the owner's book of a market, which a new snapshot's price scale is judged by.

    Attributes:
        counters: what was seen so far.
        scale: judges the price scale, and says when the exchange has to be asked about it.
    """

    def __init__(
        self,
        *,
        use_yes_price: bool = True,
        has_account: bool = True,
        has_clock: bool = False,
        held: Callable[[str], Known | None] = lambda _: None,
    ) -> None:
        self.counters = FeedCounters()
        self.scale = PriceScale(held)
        self._use_yes_price = use_yes_price
        self._subscriptions = Subscriptions()
        self._streams = self._subscriptions.streams
        self._channels = Channels(
            self._subscriptions,
            use_yes_price=use_yes_price,
            has_account=has_account,
            has_clock=has_clock,
        )
        self._recovery = Recovery(self._subscriptions, self._channels, self.counters)
        self._trust = self._recovery.trust
        self._live = self._trust.live
        self._noticed_ms = -_NOTICE_DISTANCE_MS
        self._unknown_types: set[str] = set()
        self._marked = 0

    # What the owner of the socket calls

    @property
    def state(self) -> str:
        """State as last published: live, recovering or disconnected."""
        return self._recovery.state

    @property
    def tickers(self) -> frozenset[str]:
        """Markets followed."""
        return frozenset(self._channels.tickers)

    @property
    def live_tickers(self) -> frozenset[str]:
        """Markets whose book is trusted."""
        return frozenset(self._live)

    @property
    def doubts(self) -> int:
        """How often a live book was doubted."""
        return self._trust.doubts

    @property
    def wants_reconnect(self) -> bool:
        """True when only a new connection can help; `reconnect_reason` says why."""
        return bool(self._recovery.reconnect_reason)

    @property
    def reconnect_reason(self) -> str:
        """Why a new connection is wanted, "" while it is not."""
        return self._recovery.reconnect_reason

    def data_to_send(self) -> list[bytes]:
        """Commands to send as text frames, oldest first; each is handed out once."""
        return self._subscriptions.take_output()

    def start(self, tickers: Iterable[str]) -> None:
        """Name the markets to follow, before the connection is made."""
        self._channels.tickers = set(tickers)

    def connection_made(self, now_ms: int) -> list[Event]:
        """Subscribe to everything on a fresh connection."""
        self._recovery.connected(now_ms)
        self._channels.open_all(now_ms)
        return self._recovery.state_events()

    def connection_lost(self, reason: str) -> list[Event]:
        """Doubt every book; the next connection brings new snapshots."""
        self._subscriptions.reset()
        self.scale.begin()
        return self._recovery.disconnected(reason)

    def add_markets(self, tickers: Iterable[str], now_ms: int) -> None:
        """Follow more markets; their snapshots come on the same subscription."""
        added = set(tickers) - self._channels.tickers
        self._channels.tickers |= added
        if added and self._recovery.is_connected:
            self._trust.expect(added, now_ms)
            self._channels.follow_markets(now_ms)

    def delete_markets(self, tickers: Iterable[str], now_ms: int) -> None:
        """Stop following markets; what still arrives for them is dropped."""
        deleted = self._channels.tickers.intersection(tickers)
        self._channels.tickers -= deleted
        for ticker in deleted:
            self._trust.forget(ticker)
            self.scale.forget(ticker)
        if deleted and self._recovery.is_connected:
            self._channels.follow_markets(now_ms)

    def doubt(self, ticker: str, reason: str, now_ms: int) -> list[Event]:
        """Distrust one book (crossed, negative, mismatched) and have it repaired."""
        events = self._recovery.doubt([ticker], reason)
        events += self._recovery.repair_books(now_ms)
        return events + self._recovery.state_events()

    def answered(self, theirs: BookSnapshot, now_ms: int) -> list[Event]:
        """Take the exchange's own answer about a book, asked for by another door.

        Returns:
            What follows if a live book is that answer's mirror: every book is in the other scale.
            Nothing otherwise; a book that merely differs is the caller's to `doubt`.
        """
        if theirs.ticker not in self._channels.tickers:
            return []
        if not self.scale.condemns(theirs) or theirs.ticker not in self._live:
            return []
        events = self._other_scale(theirs.ticker)
        events += self._recovery.repair_books(now_ms)
        return events + self._recovery.state_events()

    def mark(self, now_ms: int) -> int | None:
        """Mark this point of the stream: `has_passed` tells when all before it was received.

        Returns:
            The mark, None without a connection.
        """
        return self._subscriptions.mark(now_ms) if self._recovery.is_connected else None

    def has_passed(self, mark: int) -> bool:
        """True once everything that the exchange had sent before the mark has been received."""
        return self._marked >= mark

    def tick(self, now_ms: int) -> list[Event]:
        """Let time-outs pass; call a few times a second."""
        if not self._recovery.is_connected:
            return []
        return self._recovery.tick(now_ms) + self._recovery.state_events()

    def receive(self, data: bytes | str, now_ms: int) -> list[Event]:
        """Take one message; events come in integer units, in order."""
        frame: AnyFrame | None = None
        self._recovery.heard_ms = now_ms
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
        ticker, ts_ms = body.market_ticker, body.ts_ms
        if ticker not in self._live:
            # In sequence, so the snapshot to come already contains it.
            self.counters.held_back += 1
            return []
        pips, side = PIPS[body.price_dollars], 0
        if body.side == "no":
            side = 1
            if not self._use_yes_price:
                pips = PIPS_PER_DOLLAR - pips
        lots = LOTS[body.delta_fp]
        self._recovery.ts_ms = ts_ms
        self.counters.deltas += 1
        own_id, sent_ns = body.client_order_id, frame.sent_ns
        return [BookDelta(ticker, side, pips, lots, ts_ms, frame.sid, frame.seq, own_id, sent_ns)]

    def _receive_other(self, frame: AnyFrame, now_ms: int) -> list[Event]:
        if isinstance(frame, SubscribedFrame):
            self._subscriptions.confirm(frame, now_ms)
            return self._subscribed(frame.msg.channel, now_ms)
        channel = _CHANNEL_OF.get(type(frame), "")
        if channel == BOOK and not (frame.sid and frame.seq):
            raise DecodeError("book message without sid and seq")
        arrival = self._subscriptions.check(frame, channel)
        events = self._arrived(arrival, frame.sid)
        if arrival is Arrival.NEXT or arrival is Arrival.GAP:
            events += self._handle(frame, now_ms)
        events += self._recovery.repair_books(now_ms)
        return events + self._recovery.state_events()

    def _subscribed(self, channel: str, now_ms: int) -> list[Event]:
        self._channels.follow(channel, now_ms)
        if self._subscriptions.stream(channel) is None:
            return self._recovery.state_events()  # another subscription has replaced it
        if channel == BOOK:
            self.scale.begin()
        return self._recovery.account.confirmed(channel) + self._recovery.state_events()

    def _handle(self, frame: AnyFrame, now_ms: int) -> list[Event]:
        report = reports.REPORTS.get(type(frame))
        if report is not None:
            self._note_time(frame)
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
                command = self._subscriptions.answered(frame.id)
                if command is not None and command.purpose is Purpose.MARK:
                    self._marked = frame.id
            case UnsubscribedFrame() if frame.sid in self._streams:
                channel = self._streams[frame.sid].channel
                return self._recovery.ended(channel, f"exchange ended channel {channel}", now_ms)
            case UnknownFrame():
                return self._unknown(frame)
        return []

    def _note_time(self, frame: AnyFrame) -> None:
        if isinstance(frame, ClockFrame):
            self._recovery.ts_ms = max(self._recovery.ts_ms, frame.msg.venue_ms)

    def _snapshot(self, frame: SnapshotFrame) -> list[Event]:
        is_followed = frame.msg.market_ticker in self._channels.tickers
        if not is_followed or self.scale.is_refused(frame.sid):
            return []
        ts_ms = frame.sending_ts_ms or self._recovery.ts_ms
        event = reports.book_snapshot(frame, ts_ms, use_yes_price=self._use_yes_price)
        if self.scale.is_other(event):
            return self._other_scale(event.ticker)
        self._trust.accept(frame.msg.market_ticker)
        self.counters.snapshots += 1
        return [event]

    def _other_scale(self, ticker: str) -> list[Event]:
        self.scale.refuse()
        return self._recovery.other_scale(ticker)

    def _trade(self, frame: TradeFrame) -> list[Event]:
        if frame.msg.market_ticker not in self._channels.tickers:
            return []
        self.counters.trades += 1
        return [reports.trade(frame)]

    def _unknown(self, frame: UnknownFrame) -> list[Event]:
        self.counters.unknown += 1
        if frame.type in self._unknown_types or len(self._unknown_types) >= _UNKNOWN_TYPES_LIMIT:
            return []
        self._unknown_types.add(frame.type)
        return [
            FeedState(self._recovery.state, f"message type {frame.type[:40]!r} is unknown, ignored")
        ]

    # What goes wrong

    def _arrived(self, arrival: Arrival, sid: int) -> list[Event]:
        """Count a message that is not the next one, and doubt what it puts in doubt."""
        if arrival is Arrival.DUPLICATE:
            self.counters.duplicates += 1
        if arrival is not Arrival.GAP and arrival is not Arrival.RESTART:
            return []
        self.counters.gaps += 1
        stream = self._streams[sid]
        detail = f"messages of channel {stream.channel} lost before number {stream.last_seq}"
        if stream.channel == BOOK:
            return self._recovery.doubt_all(detail)
        return [*self._missed(sid), FeedState(self._recovery.state, detail)]

    def _malformed(self, error: DecodeError, frame: AnyFrame | None, now_ms: int) -> list[Event]:
        """Doubt what the message may have changed; unreadable, it may have been any book's."""
        self.counters.malformed += 1
        reason = f"malformed message: {error}"
        events: list[Event] = []
        if isinstance(frame, DeltaFrame | SnapshotFrame):
            events += self._recovery.doubt([frame.msg.market_ticker], reason)
        elif isinstance(error, FrameError):
            events += self._unreadable(error.header, reason)
        elif frame is not None:
            events += self._missed(frame.sid)
        events += self._recovery.repair_books(now_ms)
        is_noticed = now_ms - self._noticed_ms >= _NOTICE_DISTANCE_MS
        if is_noticed:
            self._noticed_ms = now_ms
        return events + self._recovery.state_events(reason if is_noticed else "")

    def _unreadable(self, header: UnknownFrame | None, reason: str) -> list[Event]:
        events: list[Event] = []
        if header is not None and header.sid in self._streams:
            events += self._arrived(self._subscriptions.check(header, ""), header.sid)
            events += self._missed(header.sid)
        else:
            events += self._recovery.account.missed_somewhere()
        if header is None or header.type in _BOOK_TYPES:
            events += self._recovery.doubt_all(reason)
        return events

    def _missed(self, sid: int) -> list[Event]:
        stream = self._streams.get(sid)
        return self._recovery.account.missed(stream.channel) if stream else []

    def _refused(self, frame: ErrorFrame, now_ms: int) -> list[Event]:
        command = self._subscriptions.answered(frame.id)
        if command is not None and self._subscriptions.is_replaced(frame.id, command):
            return []
        stream = self._streams.get(frame.sid)
        channel = stream.channel if stream else command.channel if command else ""
        return self._recovery.refused(frame, command, channel, now_ms)
