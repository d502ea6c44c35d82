"""Keeps the fees of followed markets in step with what the exchange sets for their events."""

import asyncio
import logging
from dataclasses import replace

from core.errors import VenueError
from core.events import Event
from core.kalshi.rest import KalshiRest
from core.market.events import EventFeesChanged
from core.market.market import FeeSchedule, Market
from core.runtime.tasks import Tasks

_log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0


class EventFees:
    """Asks for the fees of an event after the exchange said that they have changed.

    Args:
        markets: whose fees are kept right; events of none of them are not asked for.
    """

    def __init__(self, rest: KalshiRest, markets: dict[str, Market], tasks: Tasks) -> None:
        self._rest = rest
        self._markets = markets
        self._tasks = tasks
        self._changed: dict[str, None] = {}
        self._is_reading = False

    def observe(self, event: Event) -> None:
        """Note that the fees of an event have changed; what else happens is ignored."""
        if not isinstance(event, EventFeesChanged) or not self._of(event.event_ticker):
            return
        self._changed[event.event_ticker] = None
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start("event fees", self._read_all())

    def _of(self, event_ticker: str) -> list[Market]:
        return [known for known in self._markets.values() if known.event_ticker == event_ticker]

    async def _read_all(self) -> None:
        try:
            while self._changed:
                event_ticker = next(iter(self._changed))
                del self._changed[event_ticker]
                try:
                    fees = await self._read(event_ticker)
                except VenueError as error:
                    _log.warning("fees of %s could not be read: %s", event_ticker, error)
                    await asyncio.sleep(RETRY_SECONDS)
                    self._changed[event_ticker] = None
                    continue
                for market in self._of(event_ticker):
                    self._markets[market.ticker] = replace(market, fees=fees)
        finally:
            self._is_reading = False

    async def _read(self, event_ticker: str) -> FeeSchedule:
        """The fees of an event, or of its series where it has none of its own.

        Raises:
            VenueError: the exchange does not say.
        """
        event = await self._rest.event(event_ticker)
        if event.fee_type and event.multiplier_millionths is not None:
            return FeeSchedule.of(event.fee_type, event.multiplier_millionths)
        terms = await self._rest.series_terms(event.series_ticker)
        return FeeSchedule.of(terms.fee_type, terms.multiplier_millionths)
