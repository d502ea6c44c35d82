"""Order groups, written by a script over the local exchange and as bytes on the wire."""

import json
from typing import Any

import pytest
from scripted_http import SIGNER, serving

from core.clock import SystemClock
from core.errors import RejectedError
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.group_rest import GroupWriter

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


async def test_a_group_cuts_its_orders_off_and_trades_again_after_a_reset(user: ScriptUser) -> None:
    group_id = (await user.orders.create_group(1_000)).group_id
    order = await user.place(0, 3_000, 100, order_group_id=group_id)
    await user.orders.limit_group(group_id, 2_000)
    assert (await user.rest.order_group(group_id)).limit_lots == 2_000
    await user.orders.trigger_group(group_id)
    assert (await user.rest.order(order.order_id)).status == "canceled"
    with pytest.raises(RejectedError):
        await user.place(0, 3_000, 100, order_group_id=group_id)
    await user.orders.reset_group(group_id)
    again = await user.place(0, 3_000, 100, order_group_id=group_id)
    await user.orders.delete_group(group_id)
    assert (await user.rest.order(again.order_id)).status == "canceled"
    assert await user.rest.order_groups() == []


async def test_account_and_shard_go_along_with_every_change() -> None:
    async with serving() as exchange:
        writer = GroupWriter(OrderEndpoint.sandbox(exchange.rest_url), SIGNER, SystemClock())
        exchange.answer({"order_group_id": "g/1"}, {}, {}, {}, {})
        made = await writer.create_group(1_000, 3, -1)
        await writer.limit_group(made.group_id, 250, 3, -1)
        await writer.trigger_group(made.group_id, 3, -1)
        await writer.reset_group(made.group_id, 3, -1)
        await writer.delete_group(made.group_id, 3, -1)
        await writer.close()
    routed = {"subaccount": "3", "exchange_index": "-1"}
    (_, _, _, body), *changes = exchange.requests
    assert json.loads(body) == {
        "contracts_limit_fp": "10.00",
        "subaccount": 3,
        "exchange_index": -1,
    }
    assert [(method, path.rpartition("/")[2], query) for method, path, query, _ in changes] == [
        ("PUT", "limit", routed),
        ("PUT", "trigger", routed),
        ("PUT", "reset", routed),
        ("DELETE", "1", routed),
    ]
    assert json.loads(changes[0][3]) == {"contracts_limit_fp": "2.50"}
