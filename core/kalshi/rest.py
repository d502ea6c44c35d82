"""The exchange's REST calls: a reading client for everything, and the only class that writes.

Reading calls are tried again when the connection fails or the server errs; nothing that places,
moves or cancels an order is ever sent twice.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar
from urllib.parse import quote

from core.clock import WallClock
from core.errors import DecodeError, RejectedError, UnreachableError
from core.kalshi import reports, rest_wire
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.events import BalanceReport, FillReport, OrderReport, PositionReport
from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CancelReply,
    CreateOrder,
    CreateReply,
)
from core.kalshi.rest_wire import AccountLimits, ExchangeStatus
from core.kalshi.signing import Signer
from core.kalshi.transport import Transport, WrittenHook
from core.market.events import BookSnapshot
from core.market.market import Market

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_TRIES: Final = 3
_FIRST_PAUSE_S: Final = 0.2
_PAGE: Final = 1_000
_MOST_PAGES: Final = 1_000
_ORDERS: Final = "/portfolio/events/orders"
_FORBIDDEN: Final = 403


class KalshiRest:
    """Reads markets and the account. Has no method that changes anything.

    Args:
        endpoint: where to read.
        signer: needed for the account; market data work without.
        wall: time of signatures and round trips.
        rng: jitter of repeated tries.
    """

    def __init__(
        self,
        endpoint: DataEndpoint | OrderEndpoint,
        signer: Signer | None,
        wall: WallClock,
        rng: random.Random,
    ) -> None:
        self._transport = Transport(endpoint.rest_url, wall, signer)
        self._rng = rng

    @property
    def rtt_ns(self) -> int:
        """Round trip of the last answered call, 0 before the first."""
        return self._transport.rtt_ns

    @property
    def clock_offset_ms(self) -> int | None:
        """Exchange minus wall time, to about half a second at first; None before any answer."""
        return self._transport.clock.offset_ms

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def exchange_status(self) -> ExchangeStatus:
        """Whether exchange and trading are active."""
        return await self._read("/exchange/status", ExchangeStatus)

    async def key_scopes(self, api_key_id: str) -> tuple[str, ...] | None:
        """What a key of this account may do; None if the exchange lists no such key."""
        listed = await self._read("/api_keys", rest_wire.ApiKeys)
        return next((key.scopes for key in listed.api_keys if key.api_key_id == api_key_id), None)

    async def markets(self, **filters: str) -> list[Market]:
        """All binary markets that pass the exchange's own filters.

        Args:
            **filters: status (unopened, open, paused, closed, settled), series_ticker,
                event_ticker, tickers (comma separated), mve_filter and time bounds.
        """
        found: list[Market] = []

        async def page(cursor: str) -> str:
            params = filters | _page(cursor, _PAGE)
            reply = await self._read("/markets", rest_wire.MarketsPage, params)
            found.extend(rest_wire.markets(reply))
            return reply.cursor

        await _all_pages(page)
        return found

    async def market(self, ticker: str) -> Market:
        """One market."""
        reply = await self._read(f"/markets/{quote(ticker, safe='')}", rest_wire.MarketReply)
        return _readable(lambda: rest_wire.market(reply.market))

    async def orderbook(self, ticker: str, depth: int = 0) -> BookSnapshot:
        """A book, all levels or the best `depth`; has no sequence number."""
        path = f"/markets/{quote(ticker, safe='')}/orderbook"
        reply = await self._read(path, rest_wire.OrderbookReply, {"depth": str(depth)})
        return _readable(lambda: rest_wire.orderbook(ticker, reply))

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
        return _readable(lambda: rest_wire.balance(cash, resting))

    async def positions(self) -> list[PositionReport]:
        """All unsettled positions, flat ones that were traded included."""
        found: list[PositionReport] = []

        async def page(cursor: str) -> str:
            params = _page(cursor, _PAGE)
            reply = await self._read("/portfolio/positions", rest_wire.PositionsPage, params)
            rows = reply.market_positions
            found.extend(_readable(lambda: [rest_wire.position(row) for row in rows]))
            return reply.cursor

        await _all_pages(page)
        return found

    async def orders(self, status: str = "", ticker: str = "") -> list[OrderReport]:
        """Orders of the account; `status` is resting, canceled, executed or "" for all."""
        found: list[OrderReport] = []
        filters = {k: v for k, v in (("status", status), ("ticker", ticker)) if v}

        async def page(cursor: str) -> str:
            params = filters | _page(cursor, _PAGE)
            reply = await self._read("/portfolio/orders", rest_wire.OrdersPage, params)
            found.extend(_readable(lambda: [reports.order(body) for body in reply.orders]))
            return reply.cursor

        await _all_pages(page)
        return found

    async def order(self, order_id: str) -> OrderReport:
        """One order by the exchange's id."""
        path = f"/portfolio/orders/{quote(order_id, safe='')}"
        reply = await self._read(path, rest_wire.OrderReply)
        return _readable(lambda: reports.order(reply.order))

    async def fills(self, limit: int | None = None, ticker: str = "") -> list[FillReport]:
        """Fills of the account, newest first; the latest `limit` or all."""
        found: list[FillReport] = []
        filters = {"ticker": ticker} if ticker else {}

        async def page(cursor: str) -> str:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            params = filters | _page(cursor, size)
            reply = await self._read("/portfolio/fills", rest_wire.FillsPage, params)
            found.extend(_readable(lambda: [reports.fill(body) for body in reply.fills]))
            return "" if limit is not None and len(found) >= limit else reply.cursor

        await _all_pages(page)
        return found

    async def account_limits(self) -> AccountLimits:
        """Rate limits of the account."""
        return await self._read("/account/limits", AccountLimits)

    async def _read(self, path: str, kind: type[_T], params: Mapping[str, str] | None = None) -> _T:
        """GET, up to three times, and parse."""
        data = await self._try_again(lambda: self._transport.request("GET", path, params=params))
        return _readable(lambda: rest_wire.parse(data, kind))

    async def _try_again(self, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        for tried in range(1, _TRIES):
            try:
                return await attempt()
            except UnreachableError as error:
                if isinstance(error.__cause__, TimeoutError):
                    raise  # waited long enough already
            await asyncio.sleep(_FIRST_PAUSE_S * tried * self._rng.uniform(0.5, 1.5))
        return await attempt()


class OrderRest:
    """Places, moves and cancels orders, each request exactly once.

    Args:
        endpoint: local exchange or demo.
        signer: key of the account.
        wall: time of signatures and round trips.
        on_written: told the client order id and monotonic ns as a request goes to the socket.

    Raises:
        RefusedError: an endpoint that orders must not go to.
    """

    def __init__(
        self,
        endpoint: OrderEndpoint,
        signer: Signer,
        wall: WallClock,
        on_written: WrittenHook | None = None,
    ) -> None:
        endpoint.check()
        self._transport = Transport(endpoint.rest_url, wall, signer, on_written)

    @property
    def rtt_ns(self) -> int:
        """Round trip of the last answered request, 0 before the first."""
        return self._transport.rtt_ns

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def create_order(self, request: CreateOrder) -> CreateReply:
        """Place an order.

        Raises:
            RejectedError: refused, nothing was done.
            RateLimitedError: too many requests, nothing was done.
            UnreachableError: it may or may not exist.
        """
        data = await self._transport.request(
            "POST", _ORDERS, body=rest_wire.create_body(request), tag=request.client_order_id
        )
        return _readable(lambda: rest_wire.create_reply(data, request.client_order_id))

    async def amend_order(self, request: AmendOrder) -> AmendReply:
        """Move a resting order; errors as in `create_order`."""
        data = await self._transport.request(
            "POST",
            f"{_ORDERS}/{quote(request.order_id, safe='')}/amend",
            body=rest_wire.amend_body(request),
            tag=request.client_order_id,
        )
        return _readable(lambda: rest_wire.amend_reply(data))

    async def cancel_order(self, request: CancelOrder) -> CancelReply:
        """Take a resting order back; a dead one is a 404 RejectedError. Errors as above."""
        data = await self._transport.request(
            "DELETE",
            f"{_ORDERS}/{quote(request.order_id, safe='')}",
            params={"market_ticker": request.ticker},
            tag=request.client_order_id,
        )
        return _readable(lambda: rest_wire.cancel_reply(data))


def _page(cursor: str, limit: int) -> dict[str, str]:
    return {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})


async def _all_pages(page: Callable[[str], Awaitable[str]]) -> None:
    """Read pages until the cursor is empty or comes again."""
    seen = {""}
    cursor = await page("")
    while cursor not in seen and len(seen) < _MOST_PAGES:
        seen.add(cursor)
        cursor = await page(cursor)


def _readable(read: Callable[[], _T]) -> _T:
    """An answer that cannot be read is as good as none.

    Raises:
        UnreachableError: the answer breaks the protocol.
    """
    try:
        return read()
    except DecodeError as error:
        raise UnreachableError(f"the exchange's answer cannot be read: {error}") from error
