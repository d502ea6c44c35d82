"""Market data beyond the books: trades, candlesticks, events, series, fees. Changes nothing."""

from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import quote

from core.kalshi import event_wire, market_wire
from core.kalshi.event_wire import EventInfo, FeeChange, SeriesTerms
from core.kalshi.market_wire import Candle, HistoricalCutoff
from core.kalshi.reader import PAGE, Reader, given, readable
from core.market.events import BookSnapshot, Trade

Minutes = Literal[1, 60, 1440]
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

    async def trades(
        self,
        ticker: str = "",
        *,
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int | None = None,
    ) -> list[Trade]:
        """Public trades, newest first; all of them, or one page of at most `limit`."""
        filters = given(ticker=ticker, min_ts=_seconds(from_ms), max_ts=_seconds(to_ms))
        path = "/markets/trades"
        if limit is None:
            pages = await self._pages(path, market_wire.TradesPage, filters)
        else:
            params = filters | {"limit": str(min(limit, PAGE))}
            pages = [await self._read(path, market_wire.TradesPage, params)]
        return readable(lambda: [market_wire.trade(row) for page in pages for row in page.trades])

    async def candles(
        self, series_ticker: str, ticker: str, from_ms: int, to_ms: int, minutes: Minutes
    ) -> list[Candle]:
        """Candlesticks of one market."""
        path = f"/series/{_part(series_ticker)}/markets/{_part(ticker)}/candlesticks"
        params = _period(from_ms, to_ms, minutes)
        reply = await self._read(path, market_wire.CandlesReply, params)
        return readable(lambda: market_wire.candles(reply.candlesticks))

    async def candles_of(
        self, tickers: Sequence[str], from_ms: int, to_ms: int, minutes: Minutes
    ) -> dict[str, list[Candle]]:
        """Candlesticks of up to 100 markets, 10 000 periods in all."""
        params = _period(from_ms, to_ms, minutes) | {"market_tickers": ",".join(tickers)}
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
    ) -> dict[str, list[Candle]]:
        """Candlesticks of every market of an event."""
        path = f"/series/{_part(series_ticker)}/events/{_part(event_ticker)}/candlesticks"
        params = _period(from_ms, to_ms, minutes)
        reply = await self._read(path, market_wire.EventCandlesReply, params)
        listed = zip(reply.market_tickers, reply.market_candlesticks, strict=False)
        return readable(lambda: {ticker: market_wire.candles(rows) for ticker, rows in listed})

    async def events(
        self, *, series_ticker: str = "", status: str = "", with_markets: bool = False
    ) -> list[EventInfo]:
        """Events; `status` is unopened, open, closed or settled, "" for all."""
        filters = given(
            series_ticker=series_ticker, status=status, with_nested_markets=with_markets or None
        )
        pages = await self._pages("/events", event_wire.EventsPage, filters, _EVENTS_PAGE)
        return readable(lambda: [event_wire.event(body) for page in pages for body in page.events])

    async def event(self, event_ticker: str) -> EventInfo:
        """One event with its markets."""
        reply = await self._read(f"/events/{_part(event_ticker)}", event_wire.EventReply)
        return readable(lambda: event_wire.event(reply.event, reply.markets))

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

    async def historical_cutoff(self) -> HistoricalCutoff:
        """Since when the live calls answer; what is older lies in the archive."""
        reply = await self._read("/historical/cutoff", market_wire.CutoffReply)
        return readable(lambda: market_wire.cutoff(reply))


def _books(reply: market_wire.OrderbooksReply) -> list[BookSnapshot]:
    return readable(lambda: market_wire.books(reply))


def _part(text: str) -> str:
    return quote(text, safe="")


def _seconds(ms: int | None) -> int | None:
    return None if ms is None else ms // 1000


def _period(from_ms: int, to_ms: int, minutes: Minutes) -> dict[str, str]:
    return given(start_ts=from_ms // 1000, end_ts=to_ms // 1000, period_interval=minutes)
