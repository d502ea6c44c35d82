"""What has left the live data: markets, trades, candlesticks and the account's own old rows.

Changes nothing. `historical_cutoff` says where the live data begin; a row is on one side only.
"""

from urllib.parse import quote

from core.kalshi import holding_wire, market_wire, order_records, rest_wire
from core.kalshi.holding_wire import Holdings
from core.kalshi.market_wire import Candle, HistoricalCutoff
from core.kalshi.order_records import FillRecord, OrderRecord
from core.kalshi.queries import (
    ALL_FILLS,
    ALL_MARKETS,
    ALL_ORDERS,
    ALL_POSITIONS,
    ALL_TRADES,
    FillQuery,
    MarketQuery,
    Minutes,
    OrderQuery,
    PositionQuery,
    TradeQuery,
    period,
)
from core.kalshi.reader import Reader, readable
from core.market.events import Trade
from core.market.market import Market


class HistoryReader(Reader):
    """Reads the archive, by the filters of the live lists."""

    async def historical_cutoff(self) -> HistoricalCutoff:
        """Since when the live calls answer; what is older lies in the archive."""
        reply = await self._read("/historical/cutoff", market_wire.CutoffReply)
        return readable(lambda: market_wire.cutoff(reply))

    async def historical_markets(self, asked: MarketQuery = ALL_MARKETS) -> list[Market]:
        """Binary markets that settled before the cutoff."""
        pages = await self._pages("/historical/markets", rest_wire.MarketsPage, asked.params())
        return [market for page in pages for market in rest_wire.markets(page)]

    async def historical_market(self, ticker: str) -> Market:
        """One market that settled before the cutoff; a live one is a 404 RejectedError."""
        reply = await self._read(_market(ticker), rest_wire.MarketReply)
        return readable(lambda: rest_wire.market(reply.market))

    async def historical_candles(
        self, ticker: str, from_ms: int, to_ms: int, minutes: Minutes
    ) -> list[Candle]:
        """Candlesticks of a market that settled before the cutoff."""
        path, params = f"{_market(ticker)}/candlesticks", period(from_ms, to_ms, minutes)
        reply = await self._read(path, market_wire.OldCandlesReply, params)
        return readable(lambda: market_wire.old_candles(reply))

    async def historical_trades(self, asked: TradeQuery = ALL_TRADES) -> list[Trade]:
        """Public trades of before the cutoff, newest first."""
        pages = await self._pages("/historical/trades", market_wire.TradesPage, asked.params())
        return readable(lambda: [market_wire.trade(row) for page in pages for row in page.trades])

    async def historical_orders(self, asked: OrderQuery = ALL_ORDERS) -> list[OrderRecord]:
        """Orders of the account that ended before the cutoff, newest first."""
        path = "/historical/orders"
        pages = await self._pages(path, order_records.OrderRowsPage, asked.params())
        return readable(
            lambda: [order_records.order_record(row) for page in pages for row in page.orders]
        )

    async def historical_fills(self, asked: FillQuery = ALL_FILLS) -> list[FillRecord]:
        """Fills of the account of before the cutoff, newest first."""
        path = "/historical/fills"
        pages = await self._pages(path, order_records.FillRowsPage, asked.params())
        return readable(
            lambda: [order_records.fill_record(row) for page in pages for row in page.fills]
        )

    async def historical_positions(self, asked: PositionQuery = ALL_POSITIONS) -> Holdings:
        """Closed positions that last changed before the cutoff."""
        path = "/historical/positions"
        pages = await self._pages(path, holding_wire.HoldingsPage, asked.params())
        return readable(lambda: holding_wire.holdings(pages))


def _market(ticker: str) -> str:
    return f"/historical/markets/{quote(ticker, safe='')}"
