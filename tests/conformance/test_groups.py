"""Protocol 11.3: order groups and their 15 second window."""

from typing import Any

import pytest
from exchange_host import Host
from plain_client import ANY_TICKER, Reply

GROUPS = "/portfolio/order_groups"


async def new_group(host: Host, limit: int = 10) -> str:
    reply = await host.ann.call("POST", f"{GROUPS}/create", {"contracts_limit": limit})
    assert reply.status == 201
    return str(reply.body["order_group_id"])


async def match(host: Host, group_id: str, count: str) -> Reply:
    """Let an order of the group match this much at once."""
    await host.bob.placed("ask", "0.5000", count)
    ioc = {"time_in_force": "immediate_or_cancel", "order_group_id": group_id}
    return await host.ann.place("bid", "0.5000", count, **ioc)


async def rest(host: Host, group_id: str) -> Reply:
    return await host.ann.place("bid", "0.1000", "1.00", order_group_id=group_id)


async def status_of(host: Host, reply: Reply) -> str:
    return str((await host.ann.order(reply.body["order_id"]))["status"])


async def test_window_counts_what_matched_14_seconds_ago(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    await match(host, group_id, "9.00")
    await host.pass_time(14_000)
    assert await status_of(host, resting) == "resting"
    crossing = await match(host, group_id, "2.00")
    assert crossing.body["fill_count"] == "2.00"
    assert await status_of(host, resting) == "canceled"


async def test_window_forgets_what_matched_16_seconds_ago(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    await match(host, group_id, "9.00")
    await host.pass_time(16_000)
    await match(host, group_id, "2.00")
    assert await status_of(host, resting) == "resting"
    assert (await rest(host, group_id)).status == 201


async def test_reaching_the_limit_does_not_trigger(host: Host) -> None:
    group_id = await new_group(host)
    await match(host, group_id, "10.00")
    assert (await rest(host, group_id)).status == 201
    await match(host, group_id, "0.01")
    assert (await rest(host, group_id)).status == 409


async def test_order_in_a_triggered_group_is_refused_until_reset(host: Host) -> None:
    group_id = await new_group(host)
    await match(host, group_id, "11.00")
    refused = await rest(host, group_id)
    assert 400 <= refused.status < 500
    assert (await host.ann.place("bid", "0.1000", "1.00")).status == 201
    assert await host.ann.call("PUT", f"{GROUPS}/{group_id}/reset", {}) == Reply(200, {})
    assert (await rest(host, group_id)).status == 201
    await match(host, group_id, "9.00")
    assert (await rest(host, group_id)).status == 201


async def test_reset_of_a_group_that_is_not_triggered_is_200(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    assert await host.ann.call("PUT", f"{GROUPS}/{group_id}/reset") == Reply(200, {})
    assert await status_of(host, resting) == "resting"


@pytest.mark.parametrize("body", [{"contracts_limit": 5}, {"contracts_limit_fp": "5.00"}])
async def test_lowering_the_limit_below_the_sum_triggers(host: Host, body: dict[str, Any]) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    await match(host, group_id, "6.00")
    assert await host.ann.call("PUT", f"{GROUPS}/{group_id}/limit", body) == Reply(200, {})
    assert await status_of(host, resting) == "canceled"
    assert (await host.ann.get(f"{GROUPS}/{group_id}"))["contracts_limit_fp"] == "5.00"


async def test_trigger_cancels_the_group_and_nothing_else(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    other = await host.ann.place("bid", "0.2000", "1.00")
    assert await host.ann.call("PUT", f"{GROUPS}/{group_id}/trigger") == Reply(200, {})
    assert await status_of(host, resting) == "canceled"
    assert await status_of(host, other) == "resting"
    assert (await rest(host, group_id)).status == 409


async def test_delete_cancels_the_orders(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    assert await host.ann.call("DELETE", f"{GROUPS}/{group_id}") == Reply(200, {})
    assert await status_of(host, resting) == "canceled"
    assert (await host.ann.call("GET", f"{GROUPS}/{group_id}")).status == 404
    order = await host.ann.order(resting.body["order_id"])
    assert order["order_group_id"] == group_id


async def test_group_lists_its_resting_orders(host: Host) -> None:
    assert await host.ann.get(GROUPS) in ({}, {"order_groups": []})
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    (listed,) = (await host.ann.get(GROUPS))["order_groups"]
    assert (listed["id"], listed["contracts_limit_fp"]) == (group_id, "10.00")
    read = await host.ann.get(f"{GROUPS}/{group_id}")
    assert read["orders"] == [resting.body["order_id"]]
    assert (await host.bob.call("GET", f"{GROUPS}/{group_id}")).status == 404


async def test_a_resting_order_filled_by_others_counts(host: Host) -> None:
    group_id = await new_group(host)
    resting = await rest(host, group_id)
    await host.ann.placed("bid", "0.5000", "11.00", order_group_id=group_id)
    await host.bob.placed("ask", "0.5000", "11.00")
    assert await status_of(host, resting) == "canceled"
    assert await host.bob.book(ANY_TICKER) == ([], [])


async def test_triggered_is_told_before_its_cancels(host: Host) -> None:
    group_id = await new_group(host)
    await rest(host, group_id)
    async with host.ann.socket() as socket:
        await socket.subscribe("order_group_updates", "user_orders")
        await host.ann.call("PUT", f"{GROUPS}/{group_id}/trigger")
        told, canceled = await socket.until_quiet()
    assert (told["type"], told["msg"]["event_type"]) == ("order_group_updates", "triggered")
    assert (canceled["type"], canceled["msg"]["status"]) == ("user_order", "canceled")
    assert told["msg"]["ts_ms"] == canceled["msg"]["last_updated_ts_ms"]


async def test_every_step_of_a_group_is_told_in_sequence(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("order_group_updates")
        group_id = await new_group(host)
        for verb, body in (("limit", {"contracts_limit": 4}), ("trigger", {}), ("reset", {})):
            await host.ann.call("PUT", f"{GROUPS}/{group_id}/{verb}", body)
        await host.ann.call("DELETE", f"{GROUPS}/{group_id}")
        frames = await socket.until_quiet()
    kinds = ["created", "limit_updated", "triggered", "reset", "deleted"]
    assert [f["msg"]["event_type"] for f in frames] == kinds
    assert [f["seq"] for f in frames] == [1, 2, 3, 4, 5]
    limits = [f["msg"].get("contracts_limit_fp") for f in frames]
    assert limits == ["10.00", "4.00", None, None, None]
