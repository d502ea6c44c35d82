"""Protocol 4.6: cancel-all is answered at once and works in the background, on what rests then."""

from exchange_host import Host, hosting
from plain_client import ORDERS, Reply


async def statuses(host: Host) -> dict[str, str]:
    """Orders of ann by their client's id."""
    listed = (await host.ann.get("/portfolio/orders"))["orders"]
    return {order["client_order_id"]: order["status"] for order in listed}


async def test_catches_orders_placed_after_it() -> None:
    async with hosting(cancel_all_ms=(40_000, 40_000)) as host:
        await host.ann.placed("bid", "0.4000", "1.00", client_order_id="before")
        await host.bob.placed("bid", "0.2000", "1.00", client_order_id="another")
        assert await host.ann.call("DELETE", ORDERS) == Reply(204, None)
        await host.pass_time(39_999)
        await host.ann.placed("bid", "0.3000", "1.00", client_order_id="meanwhile")
        assert await statuses(host) == {"before": "resting", "meanwhile": "resting"}
        await host.pass_time(1)
        assert await statuses(host) == {"before": "canceled", "meanwhile": "canceled"}
        await host.ann.placed("bid", "0.3000", "1.00", client_order_id="after")
        await host.pass_time(60_000)
        assert (await statuses(host))["after"] == "resting"
        (others,) = (await host.bob.get("/portfolio/orders"))["orders"]
        assert others["status"] == "resting"


async def test_what_filled_meanwhile_stays_filled_and_the_rest_goes() -> None:
    async with hosting(cancel_all_ms=(10_000, 30_000)) as host:
        order_id = (await host.ann.placed("bid", "0.4000", "5.00"))["order_id"]
        await host.ann.call("DELETE", ORDERS)
        await host.bob.placed("ask", "0.4000", "2.00")
        await host.pass_time(30_000)
        order = await host.ann.order(order_id)
        assert (order["status"], order["fill_count_fp"], order["remaining_count_fp"]) == (
            "canceled",
            "2.00",
            "0.00",
        )


async def test_a_paused_exchange_refuses_it_at_once() -> None:
    async with hosting(cancel_all_ms=(10_000, 10_000)) as host:
        await host.ann.placed("bid", "0.4000", "5.00", client_order_id="stays")
        host.sandbox.exchange.pause("exchange", host.now_ms + 1_000)
        assert (await host.ann.call("DELETE", ORDERS)).status == 409
        await host.pass_time(60_000)
        assert await statuses(host) == {"stays": "resting"}
