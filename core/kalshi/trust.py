"""Which books of a session can be trusted. Pure bookkeeping of tickers, no book content.

A followed market is expected (its first snapshot is on its way), live, doubted (was live or may
have lost its first snapshot; needs repair) or absent (no snapshot came although asked).
"""

from collections.abc import Iterable
from typing import Final

from core.kalshi.repair import STAGE_DEADLINE_MS
from core.market.events import BookDoubted

_PROBE_INTERVAL_MS: Final = 60_000


class BookTrust:
    """State of every followed market on this connection.

    Attributes:
        live: trusted markets; read by the hot path, changed only here.
        doubted: markets that need repair.
        doubts: how often a live book was doubted, over all connections.
    """

    def __init__(self) -> None:
        self.live: set[str] = set()
        self.doubted: set[str] = set()
        self.doubts = 0
        self._expected_by_ms: dict[str, int] = {}
        self._absent: set[str] = set()

    @property
    def is_complete(self) -> bool:
        """True if every market has its book, absent ones apart."""
        return not self.doubted and not (self._expected_by_ms.keys() - self._absent)

    def reset(self) -> None:
        """Forget everything: a new connection brings new snapshots."""
        self.live.clear()
        self.doubted.clear()
        self._expected_by_ms.clear()
        self._absent.clear()

    def expect(self, tickers: Iterable[str], now_ms: int) -> None:
        """Wait for the first snapshots of these markets."""
        for ticker in tickers:
            self._expected_by_ms[ticker] = now_ms + STAGE_DEADLINE_MS

    def accept(self, ticker: str) -> None:
        """Trust a market from its snapshot on."""
        self.forget(ticker)
        self.live.add(ticker)

    def forget(self, ticker: str) -> None:
        """Take a market out."""
        self.live.discard(ticker)
        self.doubted.discard(ticker)
        self._absent.discard(ticker)
        self._expected_by_ms.pop(ticker, None)

    def doubt(self, tickers: Iterable[str], reason: str, ts_ms: int) -> list[BookDoubted]:
        """Distrust those of these markets that are live."""
        doubted = sorted(self.live.intersection(tickers))
        self.live.difference_update(doubted)
        self.doubted.update(doubted)
        self.doubts += len(doubted)
        return [BookDoubted(ticker, reason, ts_ms) for ticker in doubted]

    def doubt_all(self, reason: str, ts_ms: int) -> list[BookDoubted]:
        """Distrust every market; first snapshots on their way may be lost too."""
        events = self.doubt(tuple(self.live), reason, ts_ms)
        waiting = self._expected_by_ms.keys() - self._absent
        for ticker in waiting:
            del self._expected_by_ms[ticker]
        self.doubted |= waiting
        return events

    def due_probes(self, now_ms: int) -> set[str]:
        """Markets whose snapshot is overdue; asked for now and then, never worth a reconnect."""
        due = {ticker for ticker, by_ms in self._expected_by_ms.items() if now_ms >= by_ms}
        for ticker in due:
            self._expected_by_ms[ticker] = now_ms + _PROBE_INTERVAL_MS
        self._absent |= due
        return due
