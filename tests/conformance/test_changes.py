"""Protocol 11.3: amend, decrease, cancel twice, batches."""

from typing import Any

import pytest
from exchange_host import Host
from plain_client import ANY_TICKER, ORDERS, PlainClient, Reply


async def amend(client: PlainClient, order_id: str, **fields: object) -> Reply:
    body = {"ticker": ANY_TICKER, "side": "bid", "price": "0.4000", "count": "10.00"} | fields
    return await client.call("POST", f"{ORDERS}/{order_id}/amend", body)


async def decrease(client: PlainClient, order_id: str, **fields: str) -> Reply:
    return await client.call("POST", f"{ORDERS}/{order_id}/decrease", fields)


async def two_in_line(host: Host) -> tuple[str, str]:
    """Two bids of ten at one price, ann's before bob's."""
    first = await host.ann.placed("bid", "0.4000", "10.00", client_order_id="mine")
    second = await host.bob.placed("bid", "0.4000", "10.00")
    return first["order_id"], second["order_id"]


async def queue_ahead(host: Host, order_id: str) -> str:
    reply = await host.ann.get(f"/portfolio/orders/{order_id}/queue_position")
    return str(reply["queue_position_fp"])


async def served_first(host: Host) -> str:
    """Who is filled by one contract sold at the best bid."""
    await host.eve.placed("ask", "0.0100", "1.00", time_in_force="immediate_or_cancel")
    fills = (await host.ann.get("/portfolio/fills"))["fills"]
    return "ann" if fills else "bob"


async def test_amended_price_goes_to_the_back(host: Host) -> None:
    await host.bob.placed("bid", "0.4000", "10.00")
    order_id = (await host.ann.placed("bid", "0.4100", "10.00"))["order_id"]
    assert await queue_ahead(host, order_id) == "0.00"
    reply = await amend(host.ann, order_id, price="0.4000")
    assert (reply.status, reply.body["order_id"]) == (200, order_id)
    assert await queue_ahead(host, order_id) == "10.00"


async def test_smaller_amend_keeps_the_place(host: Host) -> None:
    order_id, _ = await two_in_line(host)
    reply = await amend(host.ann, order_id, count="4.00")
    assert (reply.status, reply.body["remaining_count"]) == (200, "4.00")
    assert await served_first(host) == "ann"


async def test_larger_amend_goes_to_the_back(host: Host) -> None:
    order_id, _ = await two_in_line(host)
    reply = await amend(host.ann, order_id, count="11.00")
    assert (reply.status, reply.body["remaining_count"]) == (200, "11.00")
    assert await served_first(host) == "bob"


async def test_amend_of_the_expiry_alone_keeps_the_place(host: Host) -> None:
    order_id, _ = await two_in_line(host)
    reply = await amend(host.ann, order_id, expiration_time=host.now_ms // 1000 + 60)
    assert reply.status == 200
    assert {"remaining_count", "fill_count"}.isdisjoint(reply.body)
    assert await served_first(host) == "ann"
    await host.pass_time(61_000)
    assert (await host.ann.order(order_id))["status"] == "canceled"


async def test_amend_with_expiry_0_removes_it(host: Host) -> None:
    due = host.now_ms // 1000 + 30
    order_id = (await host.ann.placed("bid", "0.4000", "10.00", expiration_time=due))["order_id"]
    assert (await amend(host.ann, order_id, expiration_time=0)).status == 200
    await host.pass_time(31_000)
    order = await host.ann.order(order_id)
    assert order["status"] == "resting"
    assert "expiration_time" not in order


async def test_amended_count_is_the_total_with_what_is_filled(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00"))["order_id"]
    await host.bob.placed("ask", "0.4000", "4.00")
    reply = await amend(host.ann, order_id, count="7.00")
    assert reply.body["remaining_count"] == "3.00"
    order = await host.ann.order(order_id)
    counts = [order[f"{name}_count_fp"] for name in ("initial", "fill", "remaining")]
    assert counts == ["7.00", "4.00", "3.00"]


async def test_amended_price_may_cross_and_fill(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00"))["order_id"]
    await host.bob.placed("ask", "0.4500", "4.00")
    reply = await amend(host.ann, order_id, price="0.4500")
    assert (reply.body["fill_count"], reply.body["remaining_count"]) == ("4.00", "6.00")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ticker": "KXCONF-26NOV18-SIBLING"}, "order_ticker_mismatch"),
        ({"side": "ask"}, "order_side_mismatch"),
        ({"client_order_id": "other"}, "order_id_and_client_order_id_mismatch"),
        ({"price": "0.4050"}, "invalid_price"),
        ({"count": "0"}, "invalid_order_size"),
    ],
)
async def test_amend_that_names_another_order_is_400(
    host: Host, fields: dict[str, str], code: str
) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00", client_order_id="mine"))["order_id"]
    before = await host.ann.order(order_id)
    reply = await amend(host.ann, order_id, **fields)
    assert (reply.status, reply.body["error"]["code"]) == (400, code)
    assert await host.ann.order(order_id) == before


async def test_amend_changes_the_client_order_id_and_the_old_stays_spent(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00", client_order_id="old"))["order_id"]
    reply = await amend(host.ann, order_id, client_order_id="old", updated_client_order_id="new")
    assert (reply.status, reply.body["client_order_id"]) == (200, "new")
    for spent in ("old", "new"):
        again = await host.ann.place("bid", "0.3000", "1.00", client_order_id=spent)
        assert again.status == 409


async def test_decrease_keeps_the_place(host: Host) -> None:
    order_id, _ = await two_in_line(host)
    reply = await decrease(host.ann, order_id, reduce_by="3.00")
    assert (reply.status, reply.body["remaining_count"]) == (200, "7.00")
    reply = await decrease(host.ann, order_id, reduce_to="2.50")
    assert (reply.body["remaining_count"], reply.body["client_order_id"]) == ("2.50", "mine")
    assert await served_first(host) == "ann"


@pytest.mark.parametrize("fields", [{"reduce_to": "0"}, {"reduce_by": "10.00"}])
async def test_decrease_to_zero_cancels(host: Host, fields: dict[str, str]) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00"))["order_id"]
    reply = await decrease(host.ann, order_id, **fields)
    assert (reply.status, reply.body["remaining_count"]) == (200, "0.00")
    order = await host.ann.order(order_id)
    assert (order["status"], order["remaining_count_fp"]) == ("canceled", "0.00")
    assert await host.ann.book(ANY_TICKER) == ([], [])


@pytest.mark.parametrize("fields", [{}, {"reduce_by": "1.00", "reduce_to": "1.00"}])
async def test_decrease_needs_exactly_one_count(host: Host, fields: dict[str, str]) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00"))["order_id"]
    assert (await decrease(host.ann, order_id, **fields)).status == 400
    assert (await host.ann.order(order_id))["remaining_count_fp"] == "10.00"


async def test_cancel_twice_is_404(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "10.00", client_order_id="c"))["order_id"]
    first = await host.ann.cancel(order_id)
    assert first.status == 200
    assert (first.body["reduced_by"], first.body["client_order_id"]) == ("10.00", "c")
    gone = Reply(404, {"error": {"code": "not_found", "message": "not found"}})
    assert await host.ann.cancel(order_id) == gone
    order = await host.ann.order(order_id)
    assert (order["remaining_count_fp"], order["initial_count_fp"]) == ("0.00", "10.00")


async def test_cancel_of_executed_and_of_unknown_is_the_same_404(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "1.00"))["order_id"]
    await host.bob.placed("ask", "0.4000", "1.00")
    executed = await host.ann.cancel(order_id)
    unknown = await host.ann.cancel("3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11")
    assert executed == unknown
    assert executed.status == 404


def item(price: str, **fields: object) -> dict[str, Any]:
    return {
        "ticker": ANY_TICKER,
        "side": "bid",
        "price": price,
        "count": "5.00",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    } | fields


async def test_batch_create_mixes_success_and_error(host: Host) -> None:
    orders = [item("0.4000", client_order_id="b-1"), item("0.4050", client_order_id="b-2")]
    reply = await host.ann.call("POST", f"{ORDERS}/batched", {"orders": orders})
    good, bad = reply.body["orders"]
    assert reply.status == 201
    assert (good["client_order_id"], good["remaining_count"]) == ("b-1", "5.00")
    assert (bad["client_order_id"], bad["error"]["code"]) == ("b-2", "invalid_price")
    assert "error" not in good
    assert (await host.ann.order(good["order_id"]))["status"] == "resting"


async def test_batch_create_is_201_even_if_all_fail(host: Host) -> None:
    orders = [item("0.4050"), item("1.0000")]
    reply = await host.ann.call("POST", f"{ORDERS}/batched", {"orders": orders})
    assert reply.status == 201
    assert [entry["error"]["code"] for entry in reply.body["orders"]] == ["invalid_price"] * 2


async def test_batch_cancel_mixes_success_and_error(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "5.00", client_order_id="b-1"))["order_id"]
    unknown = "3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"
    orders = [{"order_id": order_id, "market_ticker": ANY_TICKER}, {"order_id": unknown}]
    reply = await host.ann.call("DELETE", f"{ORDERS}/batched", {"orders": orders})
    good, bad = reply.body["orders"]
    assert reply.status == 200
    assert (good["order_id"], good["reduced_by"]) == (order_id, "5.00")
    assert (bad["order_id"], bad["reduced_by"]) == (unknown, "0.00")
    assert bad["error"]["code"] == "not_found"


async def test_cancel_all_is_204_and_empty(host: Host) -> None:
    ids = [(await host.ann.placed("bid", price, "1.00"))["order_id"] for price in ("0.40", "0.30")]
    kept = (await host.bob.placed("bid", "0.2000", "1.00"))["order_id"]
    assert await host.ann.call("DELETE", ORDERS) == Reply(204, None)
    assert [(await host.ann.order(order_id))["status"] for order_id in ids] == ["canceled"] * 2
    assert (await host.bob.order(kept))["status"] == "resting"
