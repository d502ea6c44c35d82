"""Market data beyond the books: trades, candlesticks, events, series, fees. Changes nothing."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from core.kalshi import event_wire, market_records, market_wire
from core.kalshi.event_wire import EventInfo, EventMetadata, FeeChange, SeriesTerms
from core.kalshi.market_records import MarketRecord
from core.kalshi.market_wire import Candle, EventCandles
from core.kalshi.queries import (
    ALL_EVENTS,
    ALL_MARKETS,
    ALL_SERIES,
    ALL_TRADES,
    EventQuery,
    MarketQuery,
    Minutes,
    SeriesQuery,
    TradeQuery,
    given,
    period,
)
from core.kalshi.reader import Reader, readable
from core.market.events import BookSnapshot, Trade

_EVENTS_PAGE: Final = 200
_BOOKS_AT_ONCE: Final = 100


class MarketReader(Reader):
    """Reads what needs no key. Times are venue milliseconds; the wire's are whole seconds."""

    async def orderbooks(self, tickers: Sequence[str]) -> list[BookSnapshot]:
        """Whole books of many markets; without sequence numbers."""
        found: list[BookSnapshot] = []
        for start in range(0, len(tickers), _BOOKS_AT_ONCE):
            asked = [("tickers", ticker) for ticker in tickers[start : start + _BOOKS_AT_ONCE]]
            reply = await self._read("/markets/orderbooks", market_wire.OrderbooksReply, asked)
            found += _books(reply)
        return found

    async def market_records(self, asked: MarketQuery = ALL_MARKETS) -> list[MarketRecord]:
        """Live markets with all that is said of them, newest first."""
        pages = await self._pages("/markets", market_records.MarketRowsPage, asked.params())
        return [record for page in pages for record in market_records.market_records(page)]

    async def market_record(self, ticker: str) -> MarketRecord:
        """One market with all that is said of it."""
        reply = await self._read(f"/markets/{_part(ticker)}", market_records.MarketRowReply)
        return readable(lambda: market_records.market_record(reply.market))

    async def trades(
        self, asked: TradeQuery = ALL_TRADES, *, limit: int | None = None
    ) -> list[Trade]:
        """Public trades, newest first; all of them, or one page of at most `limit`."""
        pages = await self._first_or_all(
            "/markets/trades", market_wire.TradesPage, asked.params(), limit
        )
        return readable(lambda: [market_wire.trade(row) for page in pages for row in page.trades])

    async def candles(
        self,
        series_ticker: str,
        ticker: str,
        from_ms: int,
        to_ms: int,
        minutes: Minutes,
        *,
        with_before: bool = False,
    ) -> list[Candle]:
        """Candlesticks of one market; `with_before` puts the last one before them in front."""
        path = f"/series/{_part(series_ticker)}/markets/{_part(ticker)}/candlesticks"
        params = period(from_ms, to_ms, minutes, with_before=with_before)
        reply = await self._read(path, market_wire.CandlesReply, params)
        return readable(lambda: market_wire.candles(reply.candlesticks))

    async def candles_of(
        self,
        tickers: Sequence[str],
        from_ms: int,
        to_ms: int,
        minutes: Minutes,
        *,
        with_before: bool = False,
    ) -> dict[str, list[Candle]]:
        """Candlesticks of up to 100 markets, 10 000 periods in all."""
        params = period(from_ms, to_ms, minutes, with_before=with_before)
        params |= {"market_tickers": ",".join(tickers)}
        path = "/markets/candlesticks"
        reply = await self._read(path, market_wire.CandlesBatchReply, params)
        return readable(
            lambda: {
                body.market_ticker or body.ticker: market_wire.candles(body.candlesticks)
                for body in reply.markets
            }
        )

    async def event_candles(
        self, series_ticker: str, event_ticker: str, from_ms: int, to_ms: int, minutes: Minutes
    ) -> EventCandles:
        """Candlesticks of every market of an event."""
        path = f"/series/{_part(series_ticker)}/events/{_part(event_ticker)}/candlesticks"
        params = period(from_ms, to_ms, minutes)
        reply = await self._read(path, market_wire.EventCandlesReply, params)
        return readable(lambda: market_wire.event_candles(reply))

    async def events(self, asked: EventQuery = ALL_EVENTS) -> list[EventInfo]:
        """Events, newest first."""
        pages = await self._pages("/events", event_wire.EventsPage, asked.params(), _EVENTS_PAGE)
        return readable(lambda: [event_wire.event(body) for page in pages for body in page.events])

    async def event(self, event_ticker: str) -> EventInfo:
        """One event with its markets."""
        reply = await self._read(f"/events/{_part(event_ticker)}", event_wire.EventReply)
        return readable(lambda: event_wire.event(reply.event, reply.markets))

    async def event_metadata(self, event_ticker: str) -> EventMetadata:
        """What an event is shown with: pictures, colors, sources."""
        return await self._read(f"/events/{_part(event_ticker)}/metadata", EventMetadata)

    async def series_list(self, asked: SeriesQuery = ALL_SERIES) -> list[SeriesTerms]:
        """What the markets of each series share; there are no pages."""
        reply = await self._read("/series", event_wire.SeriesListReply, asked.params())
        return readable(lambda: event_wire.series_list(reply))

    async def series_terms(self, series_ticker: str) -> SeriesTerms:
        """What the markets of a series share, their fees above all."""
        reply = await self._read(f"/series/{_part(series_ticker)}", event_wire.SeriesReply)
        return readable(lambda: event_wire.series_terms(reply))

    async def series_fee_changes(self, series_ticker: str = "") -> list[FeeChange]:
        """Past and planned changes of the fees of a series, or of all."""
        params = given(series_ticker=series_ticker, show_historical=True)
        path = "/series/fee_changes"
        reply = await self._read(path, event_wire.SeriesFeeChangesReply, params)
        return readable(lambda: event_wire.series_fee_changes(reply))

    async def event_fee_changes(self, event_ticker: str = "") -> list[FeeChange]:
        """Changes of the fees of an event, or of all."""
        filters = given(event_ticker=event_ticker)
        path = "/events/fee_changes"
        pages = await self._pages(path, event_wire.EventFeeChangesPage, filters)
        return readable(
            lambda: [change for page in pages for change in event_wire.event_fee_changes(page)]
        )


def _books(reply: market_wire.OrderbooksReply) -> list[BookSnapshot]:
    return readable(lambda: market_wire.books(reply))


def _part(text: str) -> str:
    return quote(text, safe="")
