"""Reads a session file of any known form into markets and events.

Forms, told apart by content: frames with a recorder's notes, raw frames, and the 2023 form in
whole cents. A file damaged in the middle yields what came before, and the report says so.
"""

from pathlib import Path

import msgspec

from core.errors import DecodeError, StorageError
from core.market.market import Market
from core.storage.cent_reader import CentReader
from core.storage.frame_reader import FrameReader
from core.storage.frames import AnyLine
from core.storage.recorded_session import (
    ImportReport,
    RecordedSession,
    SessionEvent,
    TradeSource,
)
from core.storage.session_builder import SessionBuilder
from core.storage.session_lines import read_lines
from core.storage.session_markets import MarketDirectory
from core.storage.trade_inference import infer_trades


def read_session(path: Path) -> RecordedSession:
    """Read a session file, plain or gzip.

    Raises:
        StorageError: the file is missing, or holds no session; the text says what to do.
    """
    return _Reading(path).run()


class _Reading:
    """One pass over one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._builder = SessionBuilder()
        self._markets = MarketDirectory()
        self._damaged: str | None = None

    def run(self) -> RecordedSession:
        self._read()
        builder = self._builder
        builder.finish()
        if not builder.counts["snapshots"]:
            raise self._not_a_session()
        self._markets.read_beside(self._path)
        markets = self._markets.markets(builder.events)
        events, trades = self._with_trades(markets)
        return RecordedSession(
            name=self._path.name.removesuffix(".gz").removesuffix(".jsonl"),
            markets=markets,
            events=tuple(events),
            start_ms=builder.first_ms,
            end_ms=builder.last_ms,
            trades=trades,
            report=self._report(),
        )

    def _read(self) -> None:
        """Take every line up to the end of the file or to its damage."""
        lines = 0
        reader: FrameReader | CentReader | None = None
        try:
            for line in read_lines(self._path):
                reader = reader or self._reader_for(line)
                reader.read(line)
                lines += 1
        except (DecodeError, msgspec.DecodeError, ValueError) as error:
            self._damaged = f"after {lines} good lines: {error}"
        self._builder.counts["frames"] = lines

    def _reader_for(self, line: bytes) -> FrameReader | CentReader:
        first = msgspec.json.decode(line, type=AnyLine)
        if first.recv_ts is not None:
            return CentReader(self._builder, self._markets)
        return FrameReader(self._builder, self._markets)

    def _with_trades(self, markets: tuple[Market, ...]) -> tuple[list[SessionEvent], TradeSource]:
        builder = self._builder
        if builder.has_trades:
            return builder.events, "real"
        if not builder.tickers:
            return builder.events, "none"
        ticks = {market.ticker: market.ticks() for market in markets}
        inferred = infer_trades(builder.events, builder.tickers, ticks)
        builder.counts.update(
            trades=inferred.trades,
            step_lots=inferred.step_lots,
            inferred_lots=inferred.matched_lots,
        )
        return inferred.events, "inferred"

    def _report(self) -> ImportReport:
        return ImportReport(
            tickers=len(self._builder.tickers),
            ignored=tuple(sorted(self._builder.ignored.items())),
            damaged=self._damaged,
            **self._builder.counts,
        )

    def _not_a_session(self) -> StorageError:
        reason = self._damaged or "it holds no order book snapshot"
        return StorageError(
            f"{self._path} is not a session file ({reason}); "
            "give a file of recorded exchange frames, one JSON object a line, plain or gzip."
        )
