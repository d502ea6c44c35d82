"""Builds the event stream of a session: order kept, time never stepping back, gaps marked.

Snapshots and changes of a market's life carry no exchange time. They take the time of the last
stamped frame plus the receive time that has passed since, but never more than the next stamp in
the file; before the first stamp they take the first one. Receive clocks are off by up to half a
second, so they serve for differences only.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import msgspec

from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    MarketChanged,
    Trade,
)
from core.storage.recorded_session import SessionEvent
from core.storage.trade_inference import TickerReading


@dataclass
class SessionBuilder:
    """The one owner of a session while it is read.

    Attributes:
        events: what has been emitted so far.
        counts: tallies by field name of ImportReport.
        tickers: all ticker readings, for the trade inference.
        ignored: lines kept out, by type.
        has_trades: the file carries the trade channel.
        first_ms: the first time stamp, 0 before it.
    """

    events: list[SessionEvent] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tickers: list[TickerReading] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    has_trades: bool = False
    first_ms: int = 0
    _with_book: set[str] = field(default_factory=set)
    _now_ms: int = 0
    _stamped_recv_ns: int = 0
    _unstamped: list[tuple[int, int]] = field(default_factory=list)
    _last_seq: dict[int, int] = field(default_factory=dict)
    _tickers_of: defaultdict[int, dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @property
    def last_ms(self) -> int:
        """Time of the last event."""
        return self._now_ms

    def stamp(self, ts_ms: int, recv_ns: int) -> int:
        """Take the next exchange time stamp; return it, raised to the last one if it is older."""
        if ts_ms < self._now_ms:
            if ts_ms:
                self.counts["clamped"] += 1
            ts_ms = self._now_ms
        self._now_ms = ts_ms
        self.first_ms = self.first_ms or ts_ms
        self._stamped_recv_ns = recv_ns
        if self._unstamped:
            self._settle(ts_ms)
        return ts_ms

    def add_snapshot(self, snapshot: BookSnapshot, recv_ns: int) -> None:
        """Emit a snapshot that the exchange did not stamp."""
        self._with_book.add(snapshot.ticker)
        self._tickers_of[snapshot.sid][snapshot.ticker] = None
        self._add_unstamped(snapshot, recv_ns)
        self.counts["snapshots"] += 1

    def add_delta(self, delta: BookDelta) -> None:
        """Emit a stamped delta; one that comes before its market's first snapshot is ignored."""
        if delta.ticker not in self._with_book:
            self.ignored["orderbook_delta before its snapshot"] += 1
            return
        self.events.append(delta)
        self.counts["deltas"] += 1

    def add_trade(self, trade: Trade) -> None:
        """Emit a stamped trade right before the deltas of its instant that it explains."""
        place = index = len(self.events)
        while index:
            index -= 1
            event = self.events[index]
            if not isinstance(event, BookDelta | Trade) or event.ts_ms != trade.ts_ms:
                break
            if isinstance(event, BookDelta) and _explains(trade, event):
                place = index
        self.events.insert(place, trade)
        self.counts["trades"] += 1

    def add_change(self, change: MarketChanged, recv_ns: int) -> None:
        """Emit a change of a market's life, which the exchange does not stamp either."""
        self._add_unstamped(change, recv_ns)

    def restart(self, sid: int | None = None) -> None:
        """Expect seq of one subscription, or of all after a new connection, to start anew."""
        if sid is None:
            self._last_seq.clear()
            self._tickers_of.clear()
        else:
            self._last_seq.pop(sid, None)
            self._tickers_of.pop(sid, None)

    def is_new(self, sid: int, seq: int, recv_ns: int) -> bool:
        """Check seq of a frame: False for one seen before; a jump doubts all books of its sid."""
        if not seq:
            return True
        last = self._last_seq.get(sid)
        if last is not None and seq <= last:
            self.counts["duplicates"] += 1
            return False
        if last is not None and seq != last + 1:
            self._doubt(sid, f"seq {last + 1} to {seq - 1} missing", recv_ns)
        self._last_seq[sid] = seq
        return True

    def finish(self) -> None:
        """Settle what still waits for a time stamp."""
        if self._unstamped:
            self._now_ms = max(self._now_ms, self._unstamped[-1][1])
            self._settle(self._now_ms)

    def _doubt(self, sid: int, reason: str, recv_ns: int) -> None:
        self.counts["gaps"] += 1
        for ticker in self._tickers_of[sid]:
            self._add_unstamped(BookDoubted(ticker, reason), recv_ns)

    def _add_unstamped(
        self, event: BookSnapshot | BookDoubted | MarketChanged, recv_ns: int
    ) -> None:
        guess_ms = 0
        if self._now_ms:
            elapsed_ms = (recv_ns - self._stamped_recv_ns) // 1_000_000 if recv_ns else 0
            guess_ms = self._now_ms + max(0, elapsed_ms)
        if self._unstamped:
            guess_ms = max(guess_ms, self._unstamped[-1][1])
        self._unstamped.append((len(self.events), guess_ms))
        self.events.append(event)

    def _settle(self, limit_ms: int) -> None:
        for index, guess_ms in self._unstamped:
            ts_ms = min(guess_ms, limit_ms) or limit_ms
            self.events[index] = msgspec.structs.replace(self.events[index], ts_ms=ts_ms)
        self._unstamped.clear()


def _explains(trade: Trade, delta: BookDelta) -> bool:
    return (
        delta.ticker == trade.ticker
        and delta.price_pips == trade.price_pips
        and delta.side != trade.taker_side
        and delta.delta_lots < 0
    )
