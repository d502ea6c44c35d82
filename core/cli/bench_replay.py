"""`bench replay`: replays recorded sessions through the live books and says what was seen.

Its figures can be compared with a replay of one's own: groups are maximal runs of consecutive
deltas with one exchange time stamp, books are quoted like the exchange does it, NO levels in NO
prices.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from core.clock import SystemClock
from core.errors import StorageError
from core.market.book import OrderBook
from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot, Level
from core.storage.importing import read_session
from core.storage.recorded_session import RecordedSession
from core.units import PIPS_PER_DOLLAR, Side

_log = logging.getLogger(__name__)


class FinalBook(TypedDict):
    """One book as [pips, lots] pairs, each side ascending in its own price."""

    yes: list[list[int]]
    no: list[list[int]]


class ReplayFigures(TypedDict):
    """What `bench replay --json` prints."""

    sessions: int
    deltas: int
    snapshots: int
    groups: int
    gaps: int
    negative: int
    crossed_at_group_end: int
    deltas_per_s: int
    final_books: dict[str, FinalBook]


def add_parser(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `replay` to what `bench` can measure."""
    replay = kinds.add_parser("replay", help="replay recorded sessions through the books")
    replay.add_argument(
        "--session",
        type=Path,
        action="append",
        required=True,
        metavar="FILE",
        help="session file, or a folder of them; may be given more than once",
    )
    replay.add_argument("--json", action="store_true", help="print one JSON object")
    replay.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay and print; 0 unless there was nothing to replay."""
    figures = replay(_sessions(args.session))
    if not figures["sessions"]:
        raise StorageError("There is no session file in the folder; name one with --session.")
    if args.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        lines = (f"{name:22} {value}" for name, value in figures.items() if name != "final_books")
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _sessions(paths: Sequence[Path]) -> Iterator[RecordedSession]:
    for path in paths:
        if not path.is_dir():
            yield read_session(path)
            continue
        for file in sorted(path.glob("*.jsonl*")):
            try:
                yield read_session(file)
            except StorageError as error:
                _log.warning("%s", error)


def replay(sessions: Iterable[RecordedSession]) -> ReplayFigures:
    """Apply every session to books of its own; the time counted includes the reading."""
    clock = SystemClock()
    figures = ReplayFigures(
        sessions=0,
        deltas=0,
        snapshots=0,
        groups=0,
        gaps=0,
        negative=0,
        crossed_at_group_end=0,
        deltas_per_s=0,
        final_books={},
    )
    began_ns = clock.monotonic_ns()
    for session in sessions:
        books = _replayed(session)
        counters = books.counters
        figures["sessions"] += 1
        figures["deltas"] += session.report.deltas
        figures["snapshots"] += session.report.snapshots
        figures["groups"] += counters.groups
        figures["gaps"] += session.report.gaps
        figures["negative"] += counters.negative
        figures["crossed_at_group_end"] += counters.crossed_at_group_end
        figures["final_books"].update((book.ticker, _final(book)) for book in books)
    elapsed_ns = clock.monotonic_ns() - began_ns
    figures["deltas_per_s"] = figures["deltas"] * 1_000_000_000 // max(1, elapsed_ns)
    return figures


def _replayed(session: RecordedSession) -> Books:
    """The books after the whole session."""
    books = Books()
    for market in session.markets:
        books.follow(market)
    group_ms: int | None = None
    for event in session.events:
        if isinstance(event, BookDelta):
            if event.ts_ms != group_ms and group_ms is not None:
                books.end_group()
            group_ms = event.ts_ms
            books.apply_delta(event)
        elif isinstance(event, BookSnapshot):
            books.apply_snapshot(event)
        elif isinstance(event, BookDoubted):
            books.doubt(event.ticker)
    if group_ms is not None:
        books.end_group()
    return books


def _final(book: OrderBook) -> FinalBook:
    asks: tuple[Level, ...] = book.displayed(Side.ASK)
    return FinalBook(
        yes=[[price, lots] for price, lots in reversed(book.displayed(Side.BID))],
        no=[[PIPS_PER_DOLLAR - price, lots] for price, lots in reversed(asks)],
    )
