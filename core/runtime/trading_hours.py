"""Keeps the calendar in step with the hours that the exchange publishes."""

import asyncio
import logging

from core.errors import VenueError
from core.kalshi.rest import KalshiRest
from core.market.calendar import STANDING, Calendar

_log = logging.getLogger(__name__)
REREAD_SECONDS = 3_600.0


class TradingHours:
    """Reads the schedule at the start and every hour.

    Args:
        calendar: what is kept in step; nobody else writes it.
    """

    def __init__(self, rest: KalshiRest, calendar: Calendar) -> None:
        self._rest = rest
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

    async def run(self) -> None:
        """Ask again every hour."""
        while True:
            await asyncio.sleep(REREAD_SECONDS)
            await self.read()
