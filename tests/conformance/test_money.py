"""Protocol 11.3: long 5, ask 8 gives -3; cash and collateral are conserved apart from fees."""

import random
from decimal import Decimal

from exchange_host import ANY, FREE, Host, hosting
from plain_client import PlainClient

START = Decimal(1_000)


async def position(client: PlainClient) -> dict[str, str]:
    (row,) = (await client.get("/portfolio/positions"))["market_positions"]
    return dict(row)


async def cash(client: PlainClient) -> Decimal:
    return Decimal((await client.get("/portfolio/balance"))["balance_dollars"])


async def fees(client: PlainClient) -> Decimal:
    rows = (await client.get("/portfolio/fills?limit=1000"))["fills"]
    return sum((Decimal(row["fee_cost"]) for row in rows), Decimal(0))


async def locked(host: Host, ticker: str) -> Decimal:
    """A dollar for every pair of YES and NO that is open."""
    return Decimal((await host.ann.get(f"/markets/{ticker}"))["market"]["open_interest_fp"])


async def test_long_5_ask_8_is_short_3(host: Host) -> None:
    await host.bob.placed("ask", "0.4000", "5.00")
    await host.ann.placed("bid", "0.4000", "5.00")
    assert (await position(host.ann))["position_fp"] == "5.00"
    await host.bob.placed("bid", "0.6000", "8.00")
    reply = await host.ann.placed("ask", "0.6000", "8.00")
    assert reply["fill_count"] == "8.00"
    row = await position(host.ann)
    assert row["position_fp"] == "-3.00"
    assert row["market_exposure_dollars"] == "1.200000"  # 3 NO at 0.40
    assert row["realized_pnl_dollars"] == "1.000000"  # 5 * (0.60 - 0.40)
    assert (await position(host.bob))["position_fp"] == "3.00"
    assert await locked(host, ANY.ticker) == 3


async def test_crossing_through_zero_needs_collateral_only_for_what_opens() -> None:
    async with hosting(cash=3) as host:
        at = {"ticker": FREE.ticker}
        await host.bob.placed("ask", "0.4000", "5.00", **at)
        await host.ann.placed("bid", "0.4000", "5.00", **at)
        assert await cash(host.ann) == 1
        await host.eve.placed("bid", "0.8000", "3.00", **at)
        reply = await host.ann.place("ask", "0.8000", "10.00", **at)
        assert reply.status == 201  # 5 close, 5 open at 0.20 each
        refused = await host.ann.place("ask", "0.8000", "20.00", **at)
        assert refused.body["error"]["code"] == "insufficient_balance"


async def test_fill_post_position_and_the_position_channel_agree(host: Host) -> None:
    await host.bob.placed("ask", "0.4000", "5.00")
    async with host.ann.socket() as socket:
        await socket.subscribe("fill", "market_positions")
        await host.ann.placed("bid", "0.4000", "5.00")
        frames = {f["type"]: f["msg"] for f in await socket.until_quiet()}
    assert frames["fill"]["post_position_fp"] == "5.00"
    assert frames["market_position"]["position_fp"] == "5.00"
    assert frames["market_position"]["position_cost_dollars"] == "2.000000"


async def test_open_interest_is_made_and_unmade_by_pairs(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "4.00")
    await host.ann.placed("bid", "0.5000", "4.00")
    assert await locked(host, ANY.ticker) == 4
    await host.ann.placed("ask", "0.5000", "1.00")
    await host.eve.placed("bid", "0.5000", "1.00")  # a YES changes hands
    assert await locked(host, ANY.ticker) == 4
    await host.bob.placed("bid", "0.5000", "3.00")
    await host.ann.placed("ask", "0.5000", "3.00")  # both sides close
    assert await locked(host, ANY.ticker) == 1


async def test_cash_and_collateral_are_conserved_apart_from_fees(host: Host) -> None:
    clients = (host.ann, host.bob, host.eve)
    rng = random.Random(7)
    for _ in range(120):
        price = f"0.{rng.randrange(30, 70)}"
        count = f"{rng.randrange(1, 900) / 100:.2f}"
        await rng.choice(clients).place(rng.choice(("bid", "ask")), price, count)
    for client in clients:
        await client.call("DELETE", "/portfolio/events/orders")
    held = sum([await cash(client) for client in clients]) + await locked(host, ANY.ticker)
    paid = sum([await fees(client) for client in clients])
    assert paid > 0
    assert held + paid == 3 * START


async def test_resting_orders_hold_back_cash_until_canceled(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.5000", "10.00", ticker=FREE.ticker))["order_id"]
    assert await cash(host.ann) == START - 5
    total = await host.ann.get("/portfolio/summary/total_resting_order_value")
    assert total["total_resting_order_value"] == 500
    await host.ann.cancel(order_id)
    assert await cash(host.ann) == START


async def test_resting_orders_hold_nothing_when_so_switched() -> None:
    async with hosting(reserves_resting=False) as host:
        await host.ann.placed("bid", "0.5000", "10.00")
        assert await cash(host.ann) == START


async def test_balance_is_truncated_and_its_dollars_exact(host: Host) -> None:
    await host.bob.placed("ask", "0.5200", "1.00")
    await host.ann.placed("bid", "0.5200", "1.00")
    balance = await host.ann.get("/portfolio/balance")
    assert balance["balance_dollars"] == "999.4625"
    assert balance["balance"] == 99_946
