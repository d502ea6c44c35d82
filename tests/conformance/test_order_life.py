"""Protocol 11.3: client order ids, IOC and GTC partials, self-cross, post-only cross."""

import pytest
from exchange_host import Host, hosting
from plain_client import ANY_TICKER, ORDERS, Reply

DUPLICATE = Reply(
    409, {"error": {"code": "order_already_exists", "message": "order already exists"}}
)


async def test_client_order_id_is_spent_by_a_canceled_order(host: Host) -> None:
    first = await host.ann.placed("bid", "0.4000", "1.00", client_order_id="c-1")
    assert (await host.ann.cancel(first["order_id"])).status == 200
    assert await host.ann.place("bid", "0.4000", "1.00", client_order_id="c-1") == DUPLICATE
    assert (await host.bob.place("bid", "0.4000", "1.00", client_order_id="c-1")).status == 201


async def test_client_order_id_is_spent_by_a_resting_and_by_a_filled_order(host: Host) -> None:
    await host.ann.placed("bid", "0.4000", "1.00", client_order_id="c-1")
    assert await host.ann.place("bid", "0.3000", "1.00", client_order_id="c-1") == DUPLICATE
    await host.bob.placed("ask", "0.4000", "1.00")
    assert await host.ann.place("bid", "0.3000", "1.00", client_order_id="c-1") == DUPLICATE


async def test_killed_fok_leaves_no_order_and_spends_its_id(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "3.00")
    fok = {"time_in_force": "fill_or_kill", "client_order_id": "f-1"}
    killed = await host.ann.place("bid", "0.5000", "4.00", **fok)
    assert killed.status == 409
    assert killed.body["error"]["code"] == "fill_or_kill_insufficient_resting_volume"
    assert (await host.ann.get("/portfolio/orders"))["orders"] == []
    assert (await host.ann.get("/portfolio/fills"))["fills"] == []
    assert await host.ann.place("bid", "0.5000", "3.00", **fok) == DUPLICATE
    whole = await host.ann.placed("bid", "0.5000", "3.00", time_in_force="fill_or_kill")
    assert (whole["fill_count"], whole["remaining_count"]) == ("3.00", "0.00")


async def test_ioc_partial_fills_less_and_rests_nothing(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "3.00")
    reply = await host.ann.placed("bid", "0.6000", "10.00", time_in_force="immediate_or_cancel")
    assert (reply["fill_count"], reply["remaining_count"]) == ("3.00", "0.00")
    assert reply["average_fill_price"] == "0.5000"
    order = await host.ann.order(reply["order_id"])
    assert (order["status"], order["yes_price_dollars"]) == ("canceled", "0.6000")
    counts = [order[f"{name}_count_fp"] for name in ("initial", "fill", "remaining")]
    assert counts == ["10.00", "3.00", "0.00"]
    assert await host.ann.book(ANY_TICKER) == ([], [])


async def test_ioc_without_a_match_is_201_and_zero(host: Host) -> None:
    reply = await host.ann.placed("bid", "0.6000", "10.00", time_in_force="immediate_or_cancel")
    assert (reply["fill_count"], reply["remaining_count"]) == ("0.00", "0.00")
    assert {"average_fill_price", "average_fee_paid"}.isdisjoint(reply)


async def test_gtc_partial_rests_the_remainder_in_the_book(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "3.00")
    reply = await host.ann.placed("bid", "0.5500", "10.00", client_order_id="g-1")
    assert (reply["fill_count"], reply["remaining_count"]) == ("3.00", "7.00")
    assert reply["client_order_id"] == "g-1"
    order = await host.ann.order(reply["order_id"])
    assert (order["status"], order["remaining_count_fp"]) == ("resting", "7.00")
    assert order["taker_fill_cost_dollars"] == "1.500000"
    assert await host.bob.book(ANY_TICKER) == ([["0.5500", "7.00"]], [])
    fills = (await host.ann.get("/portfolio/fills"))["fills"]
    assert [(f["yes_price_dollars"], f["count_fp"]) for f in fills] == [("0.5000", "3.00")]


async def test_expiring_order_is_canceled_at_its_second(host: Host) -> None:
    due = host.now_ms // 1000 + 30
    order_id = (await host.ann.placed("bid", "0.4000", "1.00", expiration_time=due))["order_id"]
    await host.pass_time(29_000)
    assert (await host.ann.order(order_id))["status"] == "resting"
    await host.pass_time(1_500)
    assert (await host.ann.order(order_id))["status"] == "canceled"


async def test_self_cross_taker_at_cross_cuts_the_incoming_order(host: Host) -> None:
    resting = (await host.ann.placed("ask", "0.5000", "5.00"))["order_id"]
    incoming = await host.ann.placed("bid", "0.5000", "5.00")
    assert (incoming["fill_count"], incoming["remaining_count"]) == ("0.00", "0.00")
    assert (await host.ann.order(incoming["order_id"]))["status"] == "canceled"
    assert (await host.ann.order(resting))["remaining_count_fp"] == "5.00"


async def test_self_cross_taker_at_cross_keeps_fills_before_it(host: Host) -> None:
    await host.bob.placed("ask", "0.4900", "2.00")
    await host.ann.placed("ask", "0.5000", "5.00")
    incoming = await host.ann.placed("bid", "0.5000", "5.00")
    assert (incoming["fill_count"], incoming["remaining_count"]) == ("2.00", "0.00")


async def test_self_cross_maker_cancels_the_resting_order_and_goes_on(host: Host) -> None:
    resting = (await host.ann.placed("ask", "0.5000", "5.00"))["order_id"]
    await host.bob.placed("ask", "0.5000", "2.00")
    async with host.ann.socket() as socket:
        await socket.subscribe("user_orders")
        incoming = await host.ann.placed(
            "bid", "0.5000", "5.00", self_trade_prevention_type="maker"
        )
        frames = await socket.until_quiet()
    assert (incoming["fill_count"], incoming["remaining_count"]) == ("2.00", "3.00")
    reasons = {f["msg"]["order_id"]: f["msg"].get("last_update_reason") for f in frames}
    assert reasons[resting] == "SelfTradeCancel"
    order = await host.ann.order(resting)
    assert (order["status"], order["remaining_count_fp"]) == ("canceled", "0.00")


async def test_post_only_cross_is_refused_by_default(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "2.00")
    reply = await host.ann.place("bid", "0.5000", "1.00", post_only=True)
    assert reply.status == 400
    assert reply.body["error"]["code"] == "invalid_order"
    assert reply.body["error"]["details"] == "post only cross"
    assert (await host.ann.place("bid", "0.4900", "1.00", post_only=True)).status == 201


async def test_post_only_cross_is_canceled_when_so_switched() -> None:
    async with hosting(post_only_cross="cancel") as host, host.ann.socket() as socket:
        await host.bob.placed("ask", "0.5000", "2.00")
        await socket.subscribe("user_orders")
        reply = await host.ann.placed("bid", "0.5000", "1.00", post_only=True)
        (update,) = await socket.until_quiet()
        order = await host.ann.order(reply["order_id"])
    assert (reply["fill_count"], reply["remaining_count"]) == ("0.00", "0.00")
    assert (order["status"], order["fill_count_fp"]) == ("canceled", "0.00")
    assert update["msg"]["last_update_reason"] == "PostOnlyCrossCancel"


@pytest.mark.parametrize("tif", ["immediate_or_cancel", "fill_or_kill"])
async def test_reduce_only_is_capped_at_the_position(host: Host, tif: str) -> None:
    await host.bob.placed("ask", "0.5000", "2.00")
    await host.ann.placed("bid", "0.5000", "2.00")
    await host.bob.placed("bid", "0.4000", "9.00")
    reply = await host.ann.placed("ask", "0.4000", "5.00", reduce_only=True, time_in_force=tif)
    assert reply["fill_count"] == "2.00"
    (position,) = (await host.ann.get("/portfolio/positions"))["market_positions"]
    assert position["position_fp"] == "0.00"


async def test_order_of_another_account_is_unknown(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "1.00"))["order_id"]
    assert (await host.bob.call("GET", f"/portfolio/orders/{order_id}")).status == 404
    assert (await host.bob.call("DELETE", f"{ORDERS}/{order_id}")).status == 404
