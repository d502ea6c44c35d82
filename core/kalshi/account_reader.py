"""What the exchange knows of our account beyond cash, positions and orders. Changes nothing."""

from collections.abc import Sequence
from urllib.parse import quote

from core.kalshi import account_wire, reports
from core.kalshi.account_wire import EndpointCosts, OrderGroup, QueuePosition, Settlement
from core.kalshi.reader import Reader, given, readable
from core.kalshi.wire import LOTS


class AccountReader(Reader):
    """Reads one account."""

    async def settlements(self, ticker: str = "", from_ms: int | None = None) -> list[Settlement]:
        """Markets that paid this account out, newest first."""
        since = None if from_ms is None else from_ms // 1000
        filters = given(ticker=ticker, min_ts=since)
        path = "/portfolio/settlements"
        pages = await self._pages(path, account_wire.SettlementsPage, filters)
        return readable(
            lambda: [account_wire.settlement(row) for page in pages for row in page.settlements]
        )

    async def queue_position(self, order_id: str) -> int:
        """Lots ahead of one resting order."""
        path = f"/portfolio/orders/{quote(order_id, safe='')}/queue_position"
        reply = await self._read(path, account_wire.QueuePositionReply)
        return readable(lambda: LOTS[reply.queue_position_fp])

    async def queue_positions(
        self, tickers: Sequence[str] = (), event_ticker: str = ""
    ) -> list[QueuePosition]:
        """Lots ahead of every resting order in these markets or in an event."""
        params = given(market_tickers=",".join(tickers), event_ticker=event_ticker)
        path = "/portfolio/orders/queue_positions"
        reply = await self._read(path, account_wire.QueuePositionsReply, params)
        return readable(lambda: account_wire.queue_positions(reply))

    async def order_groups(self) -> list[OrderGroup]:
        """All order groups, without their orders."""
        reply = await self._read("/portfolio/order_groups", account_wire.GroupsReply)
        return readable(lambda: account_wire.groups(reply))

    async def order_group(self, group_id: str) -> OrderGroup:
        """One order group; one made just now may not be readable yet (404)."""
        path = f"/portfolio/order_groups/{quote(group_id, safe='')}"
        reply = await self._read(path, account_wire.GroupReply)
        return readable(lambda: account_wire.group(group_id, reply))

    async def data_as_of_ms(self) -> int:
        """Venue time that the lists of orders, fills and positions have reached."""
        path = "/exchange/user_data_timestamp"
        reply = await self._read(path, account_wire.TimestampReply)
        return readable(lambda: reports.time_ms(reply.as_of_time))

    async def endpoint_costs(self) -> EndpointCosts:
        """Tokens that calls cost."""
        return await self._read("/account/endpoint_costs", EndpointCosts)
