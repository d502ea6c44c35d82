"""Lets faults happen, one by one or by schedule, and keeps a list of what was done."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from core.clock import WallClock
from core.sandbox.exchange import Exchange
from core.sandbox.fault_actions import FaultActions, FaultTargetError
from core.sandbox.faults import Fault, PlannedFault, Schedule, planned

KEPT: Final = 1_000
"""Faults remembered; the oldest goes first."""
MISSED: Final = "missed"


class FaultRecord(NamedTuple):
    """What was done; `missed` says why nothing was, "" otherwise."""

    venue_ms: int
    wall_ms: int
    fault: Fault
    missed: str


class FaultInjector:
    """Everything that goes wrong at one exchange on purpose.

    Attributes:
        records: the last faults, oldest first.
        counts: faults that happened, by kind, and those that missed.
        schedule: the one followed now, None without.
    """

    def __init__(self, exchange: Exchange, actions: FaultActions, clock: WallClock) -> None:
        self._exchange = exchange
        self._actions = actions
        self._clock = clock
        self._following: asyncio.Task[None] | None = None
        self.records: deque[FaultRecord] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        self.schedule: Schedule | None = None

    def inject(self, fault: Fault, spared: asyncio.Transport | None = None) -> FaultRecord:
        """Let a fault happen now; see `FaultActions.carry_out`.

        Raises:
            FaultTargetError: nothing it could happen to; recorded as missed.
        """
        try:
            self._actions.carry_out(fault, spared)
        except FaultTargetError as error:
            self._note(fault, str(error))
            raise
        return self._note(fault)

    def _note(self, fault: Fault, missed: str = "") -> FaultRecord:
        record = FaultRecord(self._exchange.now_ms, self._clock.now_ms(), fault, missed)
        self.records.append(record)
        self.counts[MISSED if missed else str(fault.__struct_config__.tag)] += 1
        return record

    def active(self) -> list[Fault]:
        """Faults that last."""
        return self._actions.active()

    def clear(self) -> None:
        """Forget the schedule and end what lasts."""
        self._forget()
        self._actions.clear()

    async def close(self) -> None:
        """End everything."""
        following = self._following
        self._forget()
        if following is not None:
            await asyncio.gather(following, return_exceptions=True)
        await self._actions.close()

    # Schedules.

    def follow(self, schedule: Schedule) -> None:
        """Let the faults of a schedule happen from now on, instead of any other's."""
        self._forget()
        self.schedule = schedule
        steps = planned(schedule)
        if schedule.time == "venue":
            self._plan(schedule, steps, self._exchange.now_ms)
        else:
            loop = asyncio.get_running_loop()
            work = self._follow_wall(steps)
            self._following = loop.create_task(work, name="sandbox-faults")

    def _forget(self) -> None:
        self.schedule = None
        if self._following is not None:
            self._following.cancel()
            self._following = None

    def _plan(self, schedule: Schedule, steps: Iterator[PlannedFault], origin_ms: int) -> None:
        """Let the exchange's own time bring the next fault, and that the one after it."""
        step = next(steps, None)
        if step is None:
            self.schedule = None
            return

        def due() -> None:
            if self.schedule is schedule:
                self._try(step.fault)
                self._plan(schedule, steps, origin_ms)

        self._exchange.at(origin_ms + step.after_ms, due)

    async def _follow_wall(self, steps: Iterator[PlannedFault]) -> None:
        loop = asyncio.get_running_loop()
        origin_s = loop.time()
        for step in steps:
            await asyncio.sleep(origin_s + step.after_ms / 1000 - loop.time())
            self._try(step.fault)
        self.schedule = None

    def _try(self, fault: Fault) -> None:
        try:
            self.inject(fault)
        except FaultTargetError:
            return  # recorded as missed
