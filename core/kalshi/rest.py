"""The reading client of one exchange: what every run asks for, beside what scripts may ask."""

import logging
from typing import Final
from urllib.parse import quote

from core.errors import RejectedError
from core.kalshi import catalogue, reports, rest_wire
from core.kalshi.account_reader import AccountReader
from core.kalshi.events import BalanceReport, FillReport, OrderReport, PositionReport
from core.kalshi.history_reader import HistoryReader
from core.kalshi.limits import ORDER_READ_COST
from core.kalshi.market_reader import MarketReader
from core.kalshi.queries import (
    ALL_FILLS,
    ALL_MARKETS,
    ALL_ORDERS,
    FillQuery,
    MarketQuery,
    OrderQuery,
)
from core.kalshi.reader import readable
from core.kalshi.rest_wire import AccountLimits, ApiKeyInfo, ExchangeStatus
from core.market.calendar import Schedule
from core.market.events import BookSnapshot
from core.market.market import Market

_log = logging.getLogger(__name__)
_FORBIDDEN: Final = 403


class KalshiRest(MarketReader, AccountReader, HistoryReader):
    """Reads markets and the account. Has no method that changes anything."""

    async def exchange_status(self) -> ExchangeStatus:
        """Whether exchange and trading are active; one that is not may say so with a 503."""
        return await self._read("/exchange/status", ExchangeStatus, is_answer=rest_wire.is_status)

    async def key_scopes(self, api_key_id: str) -> tuple[str, ...] | None:
        """What a key of this account may do; None if the exchange lists no such key."""
        keys = await self.api_keys()
        return next((key.scopes for key in keys if key.api_key_id == api_key_id), None)

    async def api_keys(self) -> tuple[ApiKeyInfo, ...]:
        """Keys of this account."""
        return (await self._read("/api_keys", rest_wire.ApiKeys)).api_keys

    async def schedule(self) -> Schedule:
        """The exchange's hours and planned maintenance."""
        reply = await self._read("/exchange/schedule", catalogue.ScheduleReply)
        return readable(lambda: catalogue.schedule(reply))

    async def series_in(self, category: str) -> list[catalogue.Series]:
        """All series of a category, by the exchange's own word for it."""
        reply = await self._read("/series", catalogue.SeriesReply, {"category": category})
        return reply.series or []

    async def markets(self, asked: MarketQuery = ALL_MARKETS) -> list[Market]:
        """All live binary markets that are asked for, newest first."""
        pages = await self._pages("/markets", rest_wire.MarketsPage, asked.params())
        return [market for page in pages for market in rest_wire.markets(page)]

    async def market(self, ticker: str) -> Market:
        """One market."""
        reply = await self._read(f"/markets/{quote(ticker, safe='')}", rest_wire.MarketReply)
        return readable(lambda: rest_wire.market(reply.market))

    async def orderbook(self, ticker: str, depth: int = 0) -> BookSnapshot:
        """A book, all levels or the best `depth`; has no sequence number."""
        path = f"/markets/{quote(ticker, safe='')}/orderbook"
        reply = await self._read(path, rest_wire.OrderbookReply, {"depth": str(depth)})
        return readable(lambda: rest_wire.book(ticker, reply.orderbook_fp))

    async def balance(self) -> BalanceReport:
        """Cash of the account, from the balance and the value of resting orders."""
        cash = await self._read("/portfolio/balance", rest_wire.BalanceReply)
        try:
            resting = await self._read(
                "/portfolio/summary/total_resting_order_value", rest_wire.RestingValueReply
            )
        except RejectedError as error:
            if error.status != _FORBIDDEN:
                raise
            _log.warning("the exchange does not show the value of resting orders: %s", error)
            resting = rest_wire.RestingValueReply(0)
        return readable(lambda: rest_wire.balance(cash, resting))

    async def positions(self) -> list[PositionReport]:
        """All unsettled positions, flat ones that were traded included."""
        pages = await self._pages("/portfolio/positions", rest_wire.PositionsPage, {})
        rows = [row for page in pages for row in page.market_positions]
        return readable(lambda: [rest_wire.position(row) for row in rows])

    async def orders(self, asked: OrderQuery = ALL_ORDERS) -> list[OrderReport]:
        """Live orders of the account, newest first."""
        pages = await self._pages("/portfolio/orders", rest_wire.OrdersPage, asked.params())
        return readable(lambda: [reports.order(body) for page in pages for body in page.orders])

    async def order(self, order_id: str) -> OrderReport:
        """One order by the exchange's id."""
        path = f"/portfolio/orders/{quote(order_id, safe='')}"
        reply = await self._read(path, rest_wire.OrderReply, cost=ORDER_READ_COST)
        return readable(lambda: reports.order(reply.order))

    async def fills(
        self, asked: FillQuery = ALL_FILLS, *, limit: int | None = None
    ) -> list[FillReport]:
        """Live fills, newest first; the latest `limit` (one page at most) or all."""
        pages = await self._first_or_all(
            "/portfolio/fills", rest_wire.FillsPage, asked.params(), limit
        )
        return readable(lambda: [reports.fill(body) for page in pages for body in page.fills])

    async def account_limits(self) -> AccountLimits:
        """Rate limits of the account; its clients keep to them from now on."""
        limits = await self._read("/account/limits", AccountLimits)
        self.budget.keep_to(limits)
        return limits
