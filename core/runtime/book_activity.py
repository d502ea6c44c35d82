"""How busy the followed books are, from one round of discovery to the next."""

from collections import Counter

from core.events import Event
from core.market.events import BookDelta

QUIET_ROUNDS = 10
"""So long a market that was let go for being quiet is not tried again."""


class BookActivity:
    """Counts book changes; half of a round's count is carried into the next.

    Attributes:
        changes: by ticker as the last round left them, of what was followed for a whole round;
            0 for what was let go.
    """

    def __init__(self) -> None:
        self.changes: dict[str, int] = {}
        self._fresh: Counter[str] = Counter()
        self._counts: dict[str, int] = {}
        self._quiet: dict[str, int] = {}
        self._watched: set[str] = set()

    def observe(self, event: Event) -> None:
        """Count a change of a book."""
        if type(event) is BookDelta:
            self._fresh[event.ticker] += 1

    def close_round(self, followed: set[str]) -> dict[str, int]:
        """End a round and begin the next; returns `changes`."""
        watched = followed & self._watched
        self._counts = {t: self._counts.get(t, 0) // 2 + self._fresh[t] for t in watched}
        for ticker in self._watched - followed:
            self._quiet[ticker] = QUIET_ROUNDS
        self._quiet = {t: left - 1 for t, left in self._quiet.items() if left and t not in followed}
        self._fresh.clear()
        self._watched = set(followed)
        self.changes = dict.fromkeys(self._quiet, 0) | self._counts
        return self.changes
