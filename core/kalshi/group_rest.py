"""Writes that concern order groups: limits on what a group of orders matches in any 15 seconds."""

from typing import Final
from urllib.parse import quote

from core.kalshi import order_wire
from core.kalshi.reader import readable
from core.kalshi.writer import Writer

_GROUPS: Final = "/portfolio/order_groups"


class GroupWriter(Writer):
    """Makes, limits, cuts off and deletes order groups."""

    async def create_group(self, limit_lots: int) -> str:
        """Open an order group with this limit; returns its id."""
        body = order_wire.limit_body(limit_lots)
        data = await self._write("POST", f"{_GROUPS}/create", body=body)
        return readable(lambda: order_wire.group_id(data))

    async def reset_group(self, group_id: str) -> None:
        """Let a triggered group trade again, counting from zero."""
        await self._write("PUT", f"{_group(group_id)}/reset", body=b"{}")

    async def trigger_group(self, group_id: str) -> None:
        """Cancel the orders of a group and refuse new ones until it is reset."""
        await self._write("PUT", f"{_group(group_id)}/trigger", body=b"{}", ends_orders=True)

    async def limit_group(self, group_id: str, limit_lots: int) -> None:
        """Change the limit of a group; one below what matched just now triggers it."""
        body = order_wire.limit_body(limit_lots)
        await self._write("PUT", f"{_group(group_id)}/limit", body=body)

    async def delete_group(self, group_id: str) -> None:
        """Delete a group and cancel its orders."""
        await self._write("DELETE", _group(group_id), ends_orders=True)


def _group(group_id: str) -> str:
    return f"{_GROUPS}/{quote(group_id, safe='')}"
