"""Public REST reads of candlesticks: of one market, of several, of an event, of an old market.

A period in which nothing happened has no candle. Days end at Eastern midnight, as recorded ones
do. `include_latest_before_start` puts the last candle before the asked time in front, moved to the
first period boundary after it, without trades; where a real candle ends at that boundary there is
nothing to bridge and none is added. Between two markets of one answer others get their turn.
"""

import asyncio
from typing import NamedTuple

from aiohttp import web

from core.sandbox import queries
from core.sandbox.archive import Archive
from core.sandbox.candle_views import candle_view, historical_candle_view
from core.sandbox.candles import DAY_S, HOUR_S, MINUTE_S, Candle, end_s
from core.sandbox.errors import invalid_query, not_found
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.rest_json import json_response

MAX_TICKERS = 100
MAX_CANDLES = 10_000
"""Most candles of one answer, over all its markets."""
_PERIODS_S = {1: MINUTE_S, 60: HOUR_S, 1440: DAY_S}


class _Range(NamedTuple):
    """What a request asks for; both ends are counted in, by the end of a candle."""

    start_s: int
    end_s: int
    period_s: int
    has_latest_before: bool = False


class CandleApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, archive: Archive) -> None:
        self._exchange = exchange
        self._archive = archive

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix; to be added before those of single markets."""
        series = f"{prefix}/series/{{series_ticker}}"
        return [
            web.get(f"{prefix}/markets/candlesticks", self.batch),
            web.get(f"{series}/markets/{{ticker}}/candlesticks", self.market),
            web.get(f"{series}/events/{{ticker}}/candlesticks", self.event),
            web.get(f"{prefix}/historical/markets/{{ticker}}/candlesticks", self.historical),
        ]

    async def market(self, request: web.Request) -> web.Response:
        """Candles of one market, which must belong to the series."""
        asked = _asked(request, "GetMarketCandlesticks")
        listing = self._archive.live(request.match_info["ticker"])
        if listing.market.series_ticker != request.match_info["series_ticker"]:
            raise not_found()
        views = [candle_view(*each) for each in self._candles(listing, asked)[:MAX_CANDLES]]
        return json_response({"ticker": listing.ticker, "candlesticks": views})

    async def batch(self, request: web.Request) -> web.Response:
        """Candles of several markets until the answer is full; unknown ones are left out."""
        operation = "BatchGetMarketCandlesticks"
        tickers = queries.listed(request.query, "market_tickers", operation, MAX_TICKERS)
        if not tickers:
            raise invalid_query(operation, "MarketTickers", "required")
        asked = _asked(request, operation)
        left, markets = MAX_CANDLES, []
        for listing in self._archive.live_among(tickers):
            await asyncio.sleep(0)
            views = [candle_view(*each) for each in self._candles(listing, asked)[:left]]
            left -= len(views)
            markets.append({"market_ticker": listing.ticker, "candlesticks": views})
        return json_response({"markets": markets})

    async def event(self, request: web.Request) -> web.Response:
        """Candles of all markets of an event, up to an earlier end where it would be too many."""
        asked = _asked(request, "GetMarketCandlesticksByEvent")
        listings = self._siblings(request)
        found = []
        for listing in listings:
            await asyncio.sleep(0)
            found.append(self._candles(listing, asked))
        seconds = sorted(second for each in found for second, _ in each)
        last_s = seconds[MAX_CANDLES] - 1 if len(seconds) > MAX_CANDLES else asked.end_s
        candles = [[candle_view(*c) for c in each if c[0] <= last_s] for each in found]
        return json_response(
            {
                "market_tickers": [listing.ticker for listing in listings],
                "market_candlesticks": candles,
                "adjusted_end_ts": last_s,
            }
        )

    async def historical(self, request: web.Request) -> web.Response:
        """Candles of a market that left the live data, in the form of those."""
        asked = _asked(request, "GetMarketCandlesticksHistorical")
        listing = self._archive.old(request.match_info["ticker"])
        candles = self._candles(listing, asked)[:MAX_CANDLES]
        views = [historical_candle_view(*each) for each in candles]
        return json_response({"ticker": listing.ticker, "candlesticks": views})

    def _siblings(self, request: web.Request) -> list[Listing]:
        tickers = self._exchange.events.get(request.match_info["ticker"], ())
        found = self._archive.live_among(tickers)
        series = request.match_info["series_ticker"]
        if not found or found[0].market.series_ticker != series:
            raise not_found()
        return found

    def _candles(self, listing: Listing, asked: _Range) -> list[tuple[int, Candle]]:
        """Candles by their end second, oldest first."""
        self._exchange.publisher.quotes.sample_all(self._exchange.now_ms)
        history, period_s = listing.history, asked.period_s
        candles = history.candles(period_s, asked.start_s, asked.end_s)
        found = [(end_s(candle.start_s, period_s), candle) for candle in candles]
        boundary_s = end_s(asked.start_s - 1, period_s)
        if asked.has_latest_before and not (found and found[0][0] == boundary_s):
            before = history.latest_before(period_s, asked.start_s)
            if before is not None:
                found.insert(0, (boundary_s, before.continued()))
        return found


def _asked(request: web.Request, operation: str) -> _Range:
    query = request.query
    start, end = (queries.required(query, name, operation) for name in ("start_ts", "end_ts"))
    period_s = _PERIODS_S.get(queries.required(query, "period_interval", operation))
    if period_s is None:
        raise invalid_query(operation, "PeriodInterval", "oneof")
    if end < start:
        raise invalid_query(operation, "EndTs", "gtefield")
    has_latest = bool(queries.flag(query, "include_latest_before_start", operation))
    return _Range(start, end, period_s, has_latest)
