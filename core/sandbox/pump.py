"""Venue time: steps the exchange and its source as fast as the chosen speed says."""

import asyncio
from collections.abc import Awaitable, Callable

from core.clock import WallClock
from core.sandbox.clock_channel import QUIET_MS, ClockChannel
from core.sandbox.exchange import Exchange
from core.sandbox.publisher import BOOK
from core.sandbox.sources import Source, TimedSource

SLICE_NS = 1_000_000
"""Wall time worked before requests get their turn."""
PACE_MS = 100
"""Venue time at most that a paced exchange is ahead of its subscribers."""
_LONGEST_SLEEP_S = 0.01
_SHORTEST_SLEEP_S = 0.001
_IDLE_SLEEP_S = 0.01


class Pump:
    """Owns venue time.

    Args:
        is_paced: wait until every subscriber has taken what was sent, at a set speed too; venue
            time then runs slower rather than have one fall behind.

    Attributes:
        speed: venue seconds per wall second; 0 is as fast as subscribers take it.
    """

    def __init__(
        self,
        exchange: Exchange,
        source: Source,
        clock: WallClock,
        speed: float,
        until_taken: Callable[[], Awaitable[None]],
        *,
        is_paced: bool = False,
    ) -> None:
        self._exchange = exchange
        self._source = source
        self._clock = clock
        self._until_taken = until_taken
        self._is_paced = is_paced
        self._beats = ClockChannel(exchange.publisher, clock, source.end_ms)
        self.speed = speed
        self.is_running = False

    async def run(self) -> None:
        """Step until cancelled."""
        await self._wait_for_subscriber()
        self.is_running = True
        if self.speed > 0:
            await self._run_timed()
        else:
            await self._run_freely()
        self.is_running = False
        self._exchange.advance(self._source.end_ms + 1)
        while True:
            self._beats.tick(self._source.end_ms, 0)
            await asyncio.sleep(_IDLE_SLEEP_S)

    async def _wait_for_subscriber(self) -> None:
        publisher = self._exchange.publisher
        must_wait = self._source.waits or self.speed == 0
        while must_wait and not publisher.subscriptions(BOOK):
            self._beats.tick(self._exchange.now_ms - 1, 0)
            await asyncio.sleep(_IDLE_SLEEP_S)

    async def _run_timed(self) -> None:
        """Follow the wall clock, or the source's own time, until the source ends."""
        origin_ms, origin_ns = self._exchange.now_ms, self._clock.monotonic_ns()
        paced_ms = origin_ms
        timed = self._source if isinstance(self._source, TimedSource) else None
        while True:
            if timed is not None:
                target_ms, self.speed = timed.time()
            else:
                elapsed_ns = self._clock.monotonic_ns() - origin_ns
                target_ms = origin_ms + int(elapsed_ns * self.speed) // 1_000_000
            is_behind = self._work(target_ms)
            due_ms = self._source.next_ms()
            if due_ms is None and target_ms >= self._source.end_ms:
                return
            if self._is_paced and self._exchange.now_ms - paced_ms >= PACE_MS:
                paced_ms = self._exchange.now_ms
                await self._until_taken()
                if is_behind:
                    origin_ms, origin_ns = self._exchange.now_ms, self._clock.monotonic_ns()
            if is_behind:
                await asyncio.sleep(0)
                continue
            self._exchange.advance(target_ms)
            self._beats.tick(self._exchange.now_ms - 1, self.speed)
            await asyncio.sleep(self._nap_s(due_ms))

    async def _run_freely(self) -> None:
        """Go on as soon as every subscriber has taken what was sent."""
        while self._source.next_ms() is not None:
            target_ms = self._exchange.now_ms + QUIET_MS
            while self._work(target_ms):  # noqa: ASYNC110  (each turn works)
                await asyncio.sleep(0)
            if self._source.next_ms() is not None:
                self._exchange.advance(target_ms)
                self._beats.tick(self._exchange.now_ms - 1, 0)
            await self._until_taken()

    def _work(self, target_ms: int) -> bool:
        """Apply due instants for one slice of wall time; True if some are left."""
        deadline_ns = self._clock.monotonic_ns() + SLICE_NS
        while self._clock.monotonic_ns() < deadline_ns:
            due_ms = self._source.next_ms()
            if due_ms is None or due_ms > target_ms:
                return False
            if due_ms - self._exchange.now_ms > QUIET_MS:
                self._exchange.advance(self._exchange.now_ms + QUIET_MS)
                self._beats.tick(self._exchange.now_ms - 1, self.speed)
                continue
            self._exchange.advance(due_ms)
            self._source.take()
        return True

    def _nap_s(self, due_ms: int | None) -> float:
        """Sleep until something is due, but let venue time never lag much behind."""
        speed = self.speed or 1.0
        nap_s = min(_LONGEST_SLEEP_S, QUIET_MS / 2 / 1000 / speed)
        if due_ms is not None:
            wait_s = (due_ms - self._exchange.now_ms) / 1000 / speed
            nap_s = min(nap_s, wait_s)
        return max(_SHORTEST_SLEEP_S, nap_s)
