"""Protocol 2.7, 4.5 to 4.8b and 5.7: accounts of one user beside each other, seen from outside."""

from uuid import uuid4

from exchange_host import Host
from plain_client import ORDERS

SUBACCOUNTS = "/portfolio/subaccounts"


async def opened(host: Host, cents: int = 5_000) -> int:
    """Number of a new subaccount of ann with this much cash."""
    reply = await host.ann.call("POST", SUBACCOUNTS)
    assert reply.status == 201
    number = int(reply.body["subaccount_number"])
    transfer = {"from_subaccount": 0, "to_subaccount": number, "amount_cents": cents}
    transfer["client_transfer_id"] = str(uuid4())
    assert (await host.ann.call("POST", f"{SUBACCOUNTS}/transfer", transfer)).status == 200
    return number


async def total(host: Host) -> float:
    """Cash over all of ann's accounts."""
    rows = (await host.ann.get(f"{SUBACCOUNTS}/balances"))["subaccount_balances"]
    return sum(float(row["balance"]) for row in rows)


async def test_a_subaccount_has_money_orders_and_positions_of_its_own(host: Host) -> None:
    number = await opened(host)
    own = f"subaccount={number}"
    await host.bob.placed("ask", "0.5000", "10.00")
    taken = await host.ann.placed("bid", "0.5000", "10.00", subaccount=number)
    assert taken["fill_count"] == "10.00"
    assert (await host.ann.get("/portfolio/positions"))["market_positions"] == []
    (position,) = (await host.ann.get(f"/portfolio/positions?{own}"))["market_positions"]
    assert position["position_fp"] == "10.00"
    assert (await host.ann.get("/portfolio/balance"))["balance"] == 95_000
    balance = await host.ann.get(f"/portfolio/balance?{own}")
    assert balance["portfolio_value"] > 0
    assert balance["balance"] < 4_500
    (fill,) = (await host.ann.get("/portfolio/fills"))["fills"]
    assert fill["subaccount_number"] == number


async def test_transfers_keep_the_sum(host: Host) -> None:
    first, second = await opened(host, 1), await opened(host, 12_345)
    assert await total(host) == 1_000
    transfer = {"from_subaccount": second, "to_subaccount": first, "amount_cents": 12_345}
    for amount, status in ((12_346, 400), (12_345, 200)):
        wish = transfer | {"client_transfer_id": str(uuid4()), "amount_cents": amount}
        assert (await host.ann.call("POST", f"{SUBACCOUNTS}/transfer", wish)).status == status
        assert await total(host) == 1_000


async def test_own_accounts_do_not_trade_with_each_other(host: Host) -> None:
    number = await opened(host)
    await host.ann.placed("ask", "0.5000", "5.00")
    met = await host.ann.placed("bid", "0.5000", "5.00", subaccount=number)
    assert (met["fill_count"], met["remaining_count"]) == ("0.00", "0.00")
    assert (await host.ann.get("/portfolio/fills"))["fills"] == []


async def test_a_connection_hears_all_accounts_of_its_user(host: Host) -> None:
    number = await opened(host)
    async with host.ann.socket() as mine, host.bob.socket() as yours:
        for socket in (mine, yours):
            await socket.subscribe("user_orders", "fill", "market_positions")
            await socket.subscribe("orderbook_delta", market_ticker="KXCONF-26NOV18-ANY")
        order = {"subaccount": number, "client_order_id": "deep"}
        await host.ann.placed("bid", "0.5000", "5.00", **order)
        await host.bob.placed("ask", "0.5000", "2.00", time_in_force="immediate_or_cancel")
        frames = await mine.until_quiet()
        told = {frame["type"]: frame["msg"] for frame in frames}
        assert told["user_order"]["subaccount_number"] == number
        assert told["fill"]["subaccount"] == told["market_position"]["subaccount"] == number
        (delta, _) = [frame["msg"] for frame in frames if frame["type"] == "orderbook_delta"]
        assert (delta["client_order_id"], delta["subaccount"]) == ("deep", number)
        theirs = [frame["msg"] for frame in await yours.until_quiet()]
        assert all(msg.get("subaccount", 0) == 0 for msg in theirs)


async def test_an_order_in_no_account_is_refused(host: Host) -> None:
    for number in (1, 63, 64):
        reply = await host.ann.place("bid", "0.1000", "1.00", subaccount=number)
        assert (reply.status, reply.body["error"]["code"]) == (400, "bad_request")
    assert (await host.ann.get("/portfolio/orders"))["orders"] == []
    assert (await host.ann.call("DELETE", f"{ORDERS}?subaccount=1")).status == 400
