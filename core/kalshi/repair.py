"""When to repair doubted books, and how: ask for snapshots, subscribe again, connect again.

Pure policy of one order book subscription. At most one request is outstanding, requests come
with growing distance, and each stage has a deadline after which the next one is tried.
"""

from collections.abc import Set
from enum import Enum, auto
from typing import Final

STAGE_DEADLINE_MS: Final = 5_000
"""Longest wait for the answer of one stage."""
_FIRST_DISTANCE_MS: Final = 250
_LARGEST_DISTANCE_MS: Final = 10_000
_CALM_MS: Final = 30_000


class Step(Enum):
    """What to do now."""

    WAIT = auto()
    SNAPSHOT = auto()
    RESUBSCRIBE = auto()
    RECONNECT = auto()


class Repair:
    """Escalating repair of one subscription. `next_step` assumes that its answer is carried out."""

    def __init__(self) -> None:
        self._outstanding = Step.WAIT
        self._asked: frozenset[str] = frozenset()
        self._is_lapsed = False
        self._deadline_ms = 0
        self._not_before_ms = 0
        self._last_ms: int | None = None
        self._distance_ms = _FIRST_DISTANCE_MS

    def lapse(self) -> None:
        """Take note that the subscription is over or useless: only a new one helps."""
        self._is_lapsed = True

    def next_step(self, doubted: Set[str], now_ms: int) -> Step:
        """What to do about the markets still doubted, at wall time `now_ms`."""
        self._asked &= doubted  # repaired once is answered, even if doubted again later
        if not self._asked:
            self._outstanding = Step.WAIT
        if self._is_lapsed:
            return self._start(Step.RESUBSCRIBE, doubted, now_ms)
        if not doubted:
            return Step.WAIT
        if self._outstanding is Step.WAIT:
            return self._start(Step.SNAPSHOT, doubted, now_ms)
        if now_ms < self._deadline_ms:
            return Step.WAIT
        if self._outstanding is Step.SNAPSHOT:
            return self._start(Step.RESUBSCRIBE, doubted, now_ms)
        return Step.RECONNECT

    def _start(self, step: Step, doubted: Set[str], now_ms: int) -> Step:
        if self._last_ms is None or now_ms - self._last_ms > _CALM_MS:
            self._distance_ms = _FIRST_DISTANCE_MS
        elif now_ms < self._not_before_ms:
            return Step.WAIT
        self._outstanding = step
        self._asked = frozenset(doubted)
        self._is_lapsed = False
        self._last_ms = now_ms
        self._deadline_ms = now_ms + STAGE_DEADLINE_MS
        self._not_before_ms = now_ms + self._distance_ms
        self._distance_ms = min(2 * self._distance_ms, _LARGEST_DISTANCE_MS)
        return step
