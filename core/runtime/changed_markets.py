"""Reads the terms of followed markets again after the exchange said that they have changed."""

import asyncio
import logging
from dataclasses import replace
from typing import Final

from core.errors import VenueError
from core.kalshi.queries import MarketQuery
from core.kalshi.rest import KalshiRest
from core.market.market import Market
from core.runtime.tasks import Tasks

_log = logging.getLogger(__name__)
CHANGES: Final = frozenset({"price_level_structure_updated", "metadata_updated"})
TICKERS_A_PAGE: Final = 100
RETRY_SECONDS = 5.0


class ChangedMarkets:
    """Keeps titles, price grids and settlement times of followed markets right.

    Their state and their end are told by messages and are left alone.

    Args:
        markets: what is kept right; only markets in it are asked for, which bounds the requests.
    """

    def __init__(self, rest: KalshiRest, markets: dict[str, Market], tasks: Tasks) -> None:
        self._rest = rest
        self._markets = markets
        self._tasks = tasks
        self._changed: dict[str, None] = {}
        self._is_reading = False

    def note(self, ticker: str) -> None:
        """Read a market again soon, together with others that changed."""
        self._changed[ticker] = None
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start("changed markets", self._read_all())

    async def _read_all(self) -> None:
        try:
            while self._changed:
                await self._read_page()
        finally:
            self._is_reading = False

    async def _read_page(self) -> None:
        page = [name for name in self._changed if name in self._markets][:TICKERS_A_PAGE]
        if not page:
            self._changed.clear()  # nobody follows them any more
            return
        for name in page:
            del self._changed[name]
        try:
            listed = await self._rest.markets(MarketQuery(tickers=tuple(page)))
        except VenueError as error:
            _log.warning("changed markets could not be read: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
            self._changed.update(dict.fromkeys(page))
            return
        for now in listed:
            self._take(now)

    def _take(self, now: Market) -> None:
        known = self._markets.get(now.ticker)
        if known is not None:
            self._markets[now.ticker] = replace(
                known,
                title=now.title,
                subtitle=now.subtitle,
                price_ranges=now.price_ranges,
                expected_ms=now.expected_ms,
                settle_after_ms=now.settle_after_ms,
            )
