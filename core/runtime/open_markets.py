"""What is open now, as the exchange lists it: asked for in few requests, with categories."""

from dataclasses import replace
from typing import Final

from core.kalshi.queries import MarketQuery
from core.kalshi.rest import KalshiRest
from core.market.discovery import MarketFilter
from core.market.market import Market

MOST_QUERIES: Final = 20
"""More series and events than this are picked out of the list of all open markets."""


class OpenMarkets:
    """Reads open markets and remembers which series are in the categories asked for."""

    def __init__(self, rest: KalshiRest) -> None:
        self._rest = rest
        self._categories: dict[str, str] = {}

    async def listed(self, wanted: MarketFilter) -> list[Market]:
        """Open markets, at least all those that were asked for by name.

        Raises:
            VenueError: the exchange does not say.
        """
        self._categories = {
            series.ticker: category
            for category in wanted.categories
            for series in await self._rest.series_in(category)
        }
        series = {*wanted.series, *self._categories}
        queries = [MarketQuery(status="open", series_ticker=name) for name in series]
        queries += [MarketQuery(status="open", event_ticker=name) for name in wanted.events]
        if wanted.categories and not queries:
            return []
        if not queries or len(queries) > MOST_QUERIES:
            queries = [MarketQuery(status="open", combos="exclude")]
        listed = [market for query in queries for market in await self._rest.markets(query)]
        return [self._categorised(market) for market in listed]

    async def one(self, ticker: str) -> Market:
        """One market, open or not.

        Raises:
            VenueError: the exchange does not say.
        """
        return self._categorised(await self._rest.market(ticker))

    def may_name(self, ticker: str, wanted: MarketFilter) -> bool:
        """Whether a market nobody has read can be in what was named, as far as its ticker tells.

        One of an unusual ticker is found in the next list instead.
        """
        if not (wanted.series or wanted.events or wanted.categories):
            return True
        series = ticker.split("-", 1)[0]
        is_in_event = any(f"{ticker}-".startswith(f"{event}-") for event in wanted.events)
        return is_in_event or series in wanted.series or series in self._categories

    def _categorised(self, market: Market) -> Market:
        category = self._categories.get(market.series_ticker, "")
        return replace(market, category=category) if category else market
