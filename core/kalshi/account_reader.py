"""What the exchange knows of our account beyond cash, positions and orders. Changes nothing."""

from collections.abc import Sequence
from urllib.parse import quote

from core.kalshi import account_wire, holding_wire, order_records, reports
from core.kalshi.account_wire import EndpointCosts, OrderGroup, QueuePosition, Settlement
from core.kalshi.holding_wire import Cash, Holdings
from core.kalshi.limits import ORDER_READ_COST
from core.kalshi.order_records import FillRecord, OrderRecord
from core.kalshi.queries import (
    ALL_FILLS,
    ALL_ORDERS,
    ALL_POSITIONS,
    ALL_SETTLEMENTS,
    FillQuery,
    OrderQuery,
    PositionQuery,
    SettlementQuery,
    given,
)
from core.kalshi.reader import Reader, readable
from core.kalshi.wire import LOTS


class AccountReader(Reader):
    """Reads one account."""

    async def settlements(self, asked: SettlementQuery = ALL_SETTLEMENTS) -> list[Settlement]:
        """Markets that paid this account out, newest first."""
        path = "/portfolio/settlements"
        pages = await self._pages(path, account_wire.SettlementsPage, asked.params())
        return readable(
            lambda: [account_wire.settlement(row) for page in pages for row in page.settlements]
        )

    async def order_records(self, asked: OrderQuery = ALL_ORDERS) -> list[OrderRecord]:
        """Live orders with all that is said of them, newest first."""
        path = "/portfolio/orders"
        pages = await self._pages(path, order_records.OrderRowsPage, asked.params())
        return readable(
            lambda: [order_records.order_record(row) for page in pages for row in page.orders]
        )

    async def order_record(self, order_id: str) -> OrderRecord:
        """One order with all that is said of it."""
        path = f"/portfolio/orders/{quote(order_id, safe='')}"
        reply = await self._read(path, order_records.OrderRowReply, cost=ORDER_READ_COST)
        return readable(lambda: order_records.order_record(reply.order))

    async def fill_records(self, asked: FillQuery = ALL_FILLS) -> list[FillRecord]:
        """Live fills with all that is said of them, newest first."""
        path = "/portfolio/fills"
        pages = await self._pages(path, order_records.FillRowsPage, asked.params())
        return readable(
            lambda: [order_records.fill_record(row) for page in pages for row in page.fills]
        )

    async def holdings(self, asked: PositionQuery = ALL_POSITIONS) -> Holdings:
        """Positions of one account by market and by event, unsettled ones if not asked else."""
        path = "/portfolio/positions"
        pages = await self._pages(path, holding_wire.HoldingsPage, asked.params())
        return readable(lambda: holding_wire.holdings(pages))

    async def cash(self, subaccount: int | None = None) -> Cash:
        """Cash of one account, of the primary one where none is named."""
        params = given(subaccount=subaccount)
        reply = await self._read("/portfolio/balance", holding_wire.CashReply, params)
        return readable(lambda: holding_wire.cash(reply))

    async def queue_position(self, order_id: str) -> int:
        """Lots ahead of one resting order."""
        path = f"/portfolio/orders/{quote(order_id, safe='')}/queue_position"
        reply = await self._read(path, account_wire.QueuePositionReply)
        return readable(lambda: LOTS[reply.queue_position_fp])

    async def queue_positions(
        self,
        tickers: Sequence[str] = (),
        event_ticker: str = "",
        subaccount: int | None = None,
    ) -> list[QueuePosition]:
        """Lots ahead of every resting order in these markets or in an event."""
        params = given(
            market_tickers=",".join(tickers), event_ticker=event_ticker, subaccount=subaccount
        )
        path = "/portfolio/orders/queue_positions"
        reply = await self._read(path, account_wire.QueuePositionsReply, params)
        return readable(lambda: account_wire.queue_positions(reply))

    async def order_groups(self, subaccount: int | None = None) -> list[OrderGroup]:
        """All order groups, or those of one account, without their orders."""
        params = given(subaccount=subaccount)
        reply = await self._read("/portfolio/order_groups", account_wire.GroupsReply, params)
        return readable(lambda: account_wire.groups(reply))

    async def order_group(self, group_id: str, subaccount: int | None = None) -> OrderGroup:
        """One order group; one made just now may not be readable yet (404)."""
        path = f"/portfolio/order_groups/{quote(group_id, safe='')}"
        reply = await self._read(path, account_wire.GroupReply, given(subaccount=subaccount))
        return readable(lambda: account_wire.group(group_id, reply))

    async def data_as_of_ms(self) -> int:
        """Venue time that the lists of orders, fills and positions have reached."""
        path = "/exchange/user_data_timestamp"
        reply = await self._read(path, account_wire.TimestampReply)
        return readable(lambda: reports.time_ms(reply.as_of_time))

    async def endpoint_costs(self) -> EndpointCosts:
        """Tokens that calls cost."""
        return await self._read("/account/endpoint_costs", EndpointCosts)
