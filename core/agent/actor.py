"""The actor: when to decide, and from observation to intent. Pure; time is an argument.

Decision k of a market is at venue time t_k = t_0 + k x 1.0 s. It sees every event up to t_k and
none after, so it is taken when the first later event has arrived on the connection.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.agent.policies import Choice, Policy
from core.market.book import BookStatus, OrderBook
from core.market.calendar import Calendar
from core.market.market import Market

INTERVAL_MS = 1_000
THROTTLE_MS = 250


class Instant(NamedTuple):
    """Decision `number` of a market, due at venue time `ts_ms`."""

    ticker: str
    number: int
    ts_ms: int


@dataclass
class _Schedule:
    live_since_ms: int
    number: int = 0
    last_order_ms: int = -THROTTLE_MS
    decided_ms: int = 0


class Actor:
    """Decides while it is armed; the pipeline asks it at every decision instant.

    Attributes:
        policy: who chooses.
        calendar: when the exchange pauses; nothing is decided then.
        is_armed: False until trading starts; a market then begins at t_0 = now.
    """

    def __init__(self, policy: Policy, calendar: Calendar | None = None) -> None:
        self.policy = policy
        self.calendar = calendar or Calendar()
        self.is_armed = False
        self._markets: dict[str, _Schedule] = {}
        self._instants: list[tuple[int, str]] = []
        self._over: set[str] = set()

    def arm(self, now_ms: int) -> None:
        """Start deciding; every market's first instant is now."""
        self.is_armed = True
        self._instants = [(now_ms, ticker) for ticker in sorted(self._markets)]

    def disarm(self) -> None:
        """No new decisions."""
        self.is_armed = False
        self._instants = []

    def book_live(self, ticker: str, now_ms: int) -> None:
        """A book became LIVE: its warm-up starts; a new market's first instant is now."""
        schedule = self._markets.get(ticker)
        if schedule is not None:
            schedule.live_since_ms = now_ms
            return
        if ticker in self._over:
            return
        self._markets[ticker] = _Schedule(now_ms)
        if self.is_armed:
            heapq.heappush(self._instants, (now_ms, ticker))

    def finish(self, ticker: str) -> None:
        """The market is determined: no decision any more, whatever its book still does."""
        self._over.add(ticker)
        self._markets.pop(ticker, None)
        self._instants = [entry for entry in self._instants if entry[1] != ticker]
        heapq.heapify(self._instants)

    def forget(self, ticker: str) -> None:
        """The market is settled and followed no longer."""
        self.finish(ticker)
        self._over.discard(ticker)
        self.policy.forget(ticker)

    def ordered(self, ticker: str, now_ms: int) -> None:
        """An order action was taken here; the throttle runs from it."""
        self._markets[ticker].last_order_ms = now_ms

    def due(self, before_ms: int) -> Iterator[Instant]:
        """Instants strictly before `before_ms`, in time order; each is given once."""
        while self._instants and self._instants[0][0] < before_ms:
            ts_ms, ticker = self._instants[0]
            schedule = self._markets[ticker]
            heapq.heapreplace(self._instants, (ts_ms + INTERVAL_MS, ticker))
            schedule.number += 1
            schedule.decided_ms = ts_ms
            yield Instant(ticker, schedule.number, ts_ms)

    def is_late(self, ticker: str, ts_ms: int) -> bool:
        """True if an event of this market comes after a decision that should have seen it."""
        schedule = self._markets.get(ticker)
        return schedule is not None and ts_ms <= schedule.decided_ms

    def obstacle(self, market: Market | None, book: OrderBook | None, instant: Instant) -> str:
        """Why no decision can be taken here now, "" if it can."""
        if market is None or book is None or book.status is BookStatus.EMPTY:
            return "book is empty"
        if book.status is BookStatus.STALE:
            return f"book is stale, {(instant.ts_ms - book.changed_ms) / 1000:.1f} s old"
        if market.close_ms and instant.ts_ms >= market.close_ms:
            return "market is closed"
        if market.status != "active":
            return f"market is {market.status}"
        paused = self.calendar.obstacle(instant.ts_ms)
        if paused:
            return paused
        schedule = self._markets[instant.ticker]
        warm_ms = instant.ts_ms - schedule.live_since_ms
        if warm_ms < self.policy.warm_up_ms:
            return f"warming up, {warm_ms // 1000} of {self.policy.warm_up_ms // 1000} s"
        if instant.ts_ms - schedule.last_order_ms < THROTTLE_MS:
            return f"throttled, last order {instant.ts_ms - schedule.last_order_ms} ms ago"
        return ""

    def choose(self, ticker: str, masks: tuple[bool, ...]) -> Choice:
        """The policy's choice among what is open."""
        return self.policy.choose(ticker, masks)
