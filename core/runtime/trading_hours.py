"""Keeps the calendar in step with the hours that the exchange publishes, and with its halts."""

import asyncio
import logging
from typing import Final

from core.clock import VenueClock
from core.errors import DecodeError, VenueError
from core.kalshi.reports import time_ms
from core.kalshi.rest import KalshiRest
from core.kalshi.rest_wire import ExchangeStatus
from core.market.calendar import STANDING, Calendar, Halt

_log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
LOOKS_A_REREAD: Final = 720
"""The schedule is read anew once an hour."""


class TradingHours:
    """Reads the schedule at the start and every hour, and every few seconds whether it trades.

    No message tells of a halt.

    Args:
        calendar: what is kept in step; nobody else writes it.
    """

    def __init__(self, rest: KalshiRest, calendar: Calendar, clock: VenueClock) -> None:
        self._rest = rest
        self._clock = clock
        self._calendar = calendar
        self._is_known = False

    async def read(self) -> None:
        """Ask once; without an answer the last schedule stays, and before any the standing one."""
        try:
            self._calendar.take(await self._rest.schedule())
        except VenueError as error:
            _log.warning("the exchange does not say its hours: %s", error)
            if not self._is_known:
                self._calendar.take(STANDING)
        else:
            self._is_known = True

    async def look(self) -> None:
        """Ask once whether it trades; without an answer what it said last stays."""
        try:
            status = await self._rest.exchange_status()
        except VenueError as error:
            _log.debug("the exchange does not say whether it trades: %s", error)
        else:
            self._calendar.halt = _halt(status, self._clock.now_ms())

    async def run(self) -> None:
        """Look every few seconds, and ask for the schedule again every hour."""
        while True:
            for _ in range(LOOKS_A_REREAD):
                await self.look()
                await asyncio.sleep(LOOK_SECONDS)
            await self.read()


def _halt(status: ExchangeStatus, now_ms: int) -> Halt | None:
    """What a status says, None of one that trades; a time that has passed tells nothing."""
    if status.exchange_active and status.trading_active:
        return None
    try:
        until_ms = time_ms(status.exchange_estimated_resume_time)
    except DecodeError:
        until_ms = 0
    return Halt(until_ms if until_ms > now_ms else 0, is_whole=not status.exchange_active)
