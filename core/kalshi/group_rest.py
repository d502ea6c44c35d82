"""Writes that concern order groups: limits on what a group of orders matches in any 15 seconds."""

from typing import Final, Literal
from urllib.parse import quote

from core.kalshi import order_wire
from core.kalshi.queries import given
from core.kalshi.reader import readable
from core.kalshi.requests import CreatedGroup
from core.kalshi.transport import Method
from core.kalshi.writer import Writer

_GROUPS: Final = "/portfolio/order_groups"
_ENDING: Final = ("/trigger", "")


class GroupWriter(Writer):
    """Makes, limits, cuts off and deletes order groups.

    `subaccount` None is the account that the key means, `exchange_index` None its first shard.
    """

    async def create_group(
        self, limit_lots: int, subaccount: int | None = None, exchange_index: int | None = None
    ) -> CreatedGroup:
        """Open an order group with this limit."""
        body = order_wire.group_body(limit_lots, subaccount, exchange_index)
        data = await self._write("POST", f"{_GROUPS}/create", body=body)
        return readable(lambda: order_wire.created_group(data))

    async def reset_group(
        self, group_id: str, subaccount: int | None = None, exchange_index: int | None = None
    ) -> None:
        """Let a triggered group trade again, counting from zero."""
        await self._change("PUT", group_id, "/reset", b"{}", subaccount, exchange_index)

    async def trigger_group(
        self, group_id: str, subaccount: int | None = None, exchange_index: int | None = None
    ) -> None:
        """Cancel the orders of a group and refuse new ones until it is reset."""
        await self._change("PUT", group_id, "/trigger", b"{}", subaccount, exchange_index)

    async def limit_group(
        self,
        group_id: str,
        limit_lots: int,
        subaccount: int | None = None,
        exchange_index: int | None = None,
    ) -> None:
        """Change the limit of a group; one below what matched just now triggers it."""
        body = order_wire.limit_body(limit_lots)
        await self._change("PUT", group_id, "/limit", body, subaccount, exchange_index)

    async def delete_group(
        self, group_id: str, subaccount: int | None = None, exchange_index: int | None = None
    ) -> None:
        """Delete a group and cancel its orders."""
        await self._change("DELETE", group_id, "", None, subaccount, exchange_index)

    async def _change(
        self,
        method: Method,
        group_id: str,
        what: Literal["/reset", "/trigger", "/limit", ""],
        body: bytes | None,
        subaccount: int | None,
        exchange_index: int | None,
    ) -> None:
        await self._write(
            method,
            f"{_GROUPS}/{quote(group_id, safe='')}{what}",
            params=given(subaccount=subaccount, exchange_index=exchange_index),
            body=body,
            ends_orders=what in _ENDING,
        )
