"""Recorded liquidity: plays sessions into recorded books, one time-stamp group after another."""

from collections.abc import Iterable, Iterator
from heapq import merge

from core.market.events import BookSnapshot, MarketChanged
from core.sandbox.exchange import Exchange
from core.sandbox.playback import Playback
from core.storage.recorded_session import RecordedSession, SessionEvent


class RecordedSource:
    """Recorded sessions in their own time; several play in order of time."""

    def __init__(self, sessions: Iterable[RecordedSession]) -> None:
        played = sorted(sessions, key=lambda session: session.start_ms)
        self._markets = {m.ticker: m for session in played for m in session.markets}
        timed = merge(*(_timed(session) for session in played), key=lambda entry: entry[0])
        self._events: Iterator[tuple[int, SessionEvent]] = iter(timed)
        self._next = next(self._events, None)
        self.start_ms = played[0].start_ms
        self.end_ms = max(session.end_ms for session in played)
        kinds = {session.trades for session in played}
        self.trades: str = kinds.pop() if len(kinds) == 1 else "mixed"
        self.waits = True

    def open(self, exchange: Exchange) -> None:
        """List the markets whose snapshots begin the recording, so that they can be found.

        Nobody can have missed anything before the first delta or trade, so time stands after
        these snapshots when the replay starts.
        """
        self._playback = Playback(exchange, self._markets)
        while self._next:
            now_ms, event = self._next
            if not isinstance(event, BookSnapshot | MarketChanged):
                break
            exchange.advance(now_ms)
            self._playback.apply(event)
            self._next = next(self._events, None)

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""
        return self._next[0] if self._next else None

    def take(self) -> None:
        """Apply the next instant, all of it."""
        if self._next is None:
            return
        now_ms = self._next[0]
        while self._next and self._next[0] == now_ms:
            self._playback.apply(self._next[1])
            self._next = next(self._events, None)
        self._playback.end_group(now_ms)


def _timed(session: RecordedSession) -> Iterator[tuple[int, SessionEvent]]:
    """Events with their times; one without takes that of the event before it."""
    now_ms = session.start_ms
    for event in session.events:
        if not isinstance(event, MarketChanged):
            now_ms = max(now_ms, event.ts_ms)
        yield now_ms, event
