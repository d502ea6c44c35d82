"""What reading a session file yields: markets, events in order, and a report of the reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    MarketChanged,
    Trade,
)
from core.market.market import Market

SessionEvent = BookSnapshot | BookDelta | Trade | MarketChanged | BookDoubted
TradeSource = Literal["real", "inferred", "none"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of one reading.

    Attributes:
        frames: lines read, notes included.
        snapshots: book snapshots emitted.
        deltas: deltas emitted.
        trades: trades emitted, inferred ones included.
        tickers: ticker frames read; they feed the trade inference only.
        ignored: lines kept out by their type, such as another account's fills.
        gaps: jumps of seq inside one subscription.
        duplicates: frames dropped because their seq had been seen.
        clamped: events whose time stamp was raised to that of an earlier event.
        checkpoints: snapshots a recorder computed itself, checked against the replay.
        checkpoint_mismatches: checkpoints that differed from the replayed book.
        step_lots: traded quantity that the ticker steps tell, in lots.
        inferred_lots: the part of it matched to removals, in lots.
        damaged: where and why reading stopped early, None if the file was read to its end.
    """

    frames: int = 0
    snapshots: int = 0
    deltas: int = 0
    trades: int = 0
    tickers: int = 0
    ignored: tuple[tuple[str, int], ...] = ()
    gaps: int = 0
    duplicates: int = 0
    clamped: int = 0
    checkpoints: int = 0
    checkpoint_mismatches: int = 0
    step_lots: int = 0
    inferred_lots: int = 0
    damaged: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """A recording, ready to be replayed.

    Attributes:
        name: file name without its endings.
        markets: in order of appearance; `result` is the outcome where the file knows it.
        events: in order of receipt; `ts_ms` never decreases; a trade stands right before the
            deltas it explains.
        start_ms: venue time of the first event.
        end_ms: venue time of the last event.
        trades: where the trades come from.
        report: what was read and what was not.
    """

    name: str
    markets: tuple[Market, ...]
    events: Sequence[SessionEvent]
    start_ms: int
    end_ms: int
    trades: TradeSource
    report: ImportReport
