"""Walks beside the long one: what became history, a market's whole life, and every refusal."""

import json
from typing import Any

from exchange_host import ANY, CLOSING, NOON_MS, TAPERED, Host, contract
from plain_client import ORDERS, PlainClient
from wrong_commands import WRONG_COMMANDS

from core.market.ticks import PriceRange
from core.sandbox.command_params import COMMANDS_PER_S

LIVE_DATA_MS = 60_000
"""Of the exchange of `history`: what is older has left the live data."""
PAID = contract("PAID", "KXPAID", close_ms=NOON_MS + 30_000)
MOVED = contract("MOVED", "KXMOVED", close_ms=NOON_MS + 600_000)
MARKETS = (ANY, CLOSING, PAID, MOVED)
NOBODY = "3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"
"""The id of nothing."""
_TIMES = "start_ts=1&end_ts=2&period_interval=1"
UNKNOWN_READS = (
    "/markets/KXNOBODY-1",
    "/markets/KXNOBODY-1/orderbook",
    f"/series/KXNOBODY/markets/KXNOBODY-1/candlesticks?{_TIMES}",
    f"/series/KXNOBODY/events/KXNOBODY-1/candlesticks?{_TIMES}",
    "/events/KXNOBODY-1",
    "/events/KXNOBODY-1/metadata",
    "/series/KXNOBODY",
    "/historical/markets/KXNOBODY-1",
    f"/historical/markets/KXNOBODY-1/candlesticks?{_TIMES}",
    f"/portfolio/orders/{NOBODY}",
    f"/portfolio/orders/{NOBODY}/queue_position",
    f"/portfolio/order_groups/{NOBODY}",
    f"/portfolio/intra_exchange_instance_transfers/{NOBODY}",
)
TOO_MANY_ROWS = tuple(
    f"{path}?limit=1001"
    for path in ("/markets", "/historical/fills", "/portfolio/orders", "/events")
)


async def history(host: Host) -> None:
    """Two markets settle, orders end, and all of it grows older than the live data."""
    for market in (CLOSING, PAID):
        at: dict[str, Any] = {"ticker": market.ticker}
        await host.bob.placed("ask", "0.5500", "7.50", **at, client_order_id=f"b-{market.ticker}")
        await host.ann.placed("bid", "0.5500", "2.25", **at, client_order_id=f"a-{market.ticker}")
        canceled = await host.ann.placed("bid", "0.3000", "5.00", **at)
        await host.ann.cancel(canceled["order_id"])
    await host.pass_time(61_000)
    host.determine(CLOSING, "yes")
    host.determine(PAID, "scalar", 3_000)
    await host.pass_time(6_000)
    await host.pass_time(LIVE_DATA_MS + 1_000)
    for client in (host.ann, host.bob):
        await _read_history(client, host)


async def _read_history(client: PlainClient, host: Host) -> None:
    now_s = host.now_ms // 1000
    times = f"start_ts={now_s - 7_200}&end_ts={now_s + 7_200}"
    tickers = (CLOSING.ticker, PAID.ticker)
    for path in (
        "/historical/cutoff",
        *(f"/historical/markets/{ticker}" for ticker in tickers),
        *(
            f"/historical/markets/{ticker}/candlesticks?{times}&period_interval={minutes}"
            for ticker in tickers
            for minutes in (1, 60, 1440)
        ),
    ):
        await client.get(path)
    for name in ("markets", "trades", "fills", "orders", "positions"):
        whole = await client.get(f"/historical/{name}")
        page = await client.get(f"/historical/{name}?limit=1")
        assert page["cursor"], (name, whole)
        await client.get(f"/historical/{name}?limit=1&cursor={page['cursor']}")


async def life(host: Host) -> None:
    """One market through every step that an operator has, read after each."""
    at, ticker = {"ticker": MOVED.ticker}, MOVED.ticker
    async with host.ann.socket() as socket:
        await socket.subscribe("market_lifecycle_v2")
        await host.bob.placed("ask", "0.5500", "2.00", **at)
        await host.ann.placed("bid", "0.5500", "2.00", **at)
        steps = (
            lambda: host.life.deactivate(ticker),
            lambda: host.life.activate(ticker),
            lambda: host.life.move_close(ticker, host.now_ms + 60_000),
            lambda: host.life.change_ticks(ticker, (PriceRange(0, 10_000, 10),)),
            lambda: host.life.change_ticks(ticker, TAPERED.price_ranges),
            lambda: host.life.change_metadata(ticker, "above $95,000", 95_000),
            lambda: host.life.change_terms(ticker, "scalar", 2_000),
            lambda: host.life.change_terms(ticker, "binary", -1),
            lambda: host.life.close_early(ticker),
            lambda: host.life.move_close(ticker, host.now_ms + 60_000),
            lambda: host.life.close_early(ticker),
        )
        for step in steps:
            assert step()
            await host.ann.place("bid", "0.3000", "1.00", **at)
            await _read_market(host.ann)
        host.list_market(contract("COMING", "KXCOMING", open_ms=host.now_ms + 60_000))
        host.determine(MOVED, "no")
        await _read_market(host.ann)
        assert host.life.dispute(ticker)
        await _read_market(host.ann)
        assert host.life.amend(ticker, "yes")
        await _read_market(host.ann)
        await host.pass_time(6_000)
        await _read_market(host.ann)
        await socket.until_quiet()


async def _read_market(client: PlainClient) -> None:
    for path in (
        f"/markets/{MOVED.ticker}",
        f"/events/{MOVED.event_ticker}?with_nested_markets=true",
    ):
        await client.get(path)


async def refusals(host: Host) -> None:
    """Every kind of error: what is wrong with the key, the request, the rights, the state."""
    await _unsigned(host.ann)
    await _unknown(host.ann)
    await _gone(host.ann)
    await _undecodable(host.ann)
    await _refused_orders(host)
    await _forbidden(host)
    await host.inject(kind="http_503")
    assert (await host.eve.place("bid", "0.1000", "1.00")).status == 503


async def mistakes(host: Host) -> None:
    """Every wrong command, subscriptions that the exchange ends by itself, and too much haste."""
    for _, command, _ in WRONG_COMMANDS:
        async with host.ann.socket() as socket:
            await socket.subscribe("orderbook_delta", market_ticker=ANY.ticker)
            text = command if isinstance(command, str) else json.dumps({"id": 77} | command)
            await socket.connection.send(text)
            await socket.read_until("error")
    for kind in ("error_10", "error_25"):
        async with host.ann.socket() as socket:
            await socket.subscribe("orderbook_delta", market_ticker=ANY.ticker)
            await host.inject(kind=kind)
            await host.bob.placed("bid", "0.1000", "1.00")
            await socket.read_until("error")
    async with host.ann.socket() as socket:
        await host.inject(kind="error_18")
        await socket.command("list_subscriptions")
        await socket.read_until("error", code=18)
    async with host.ann.socket() as socket:  # time stands, so that a second never ends
        for _ in range(COMMANDS_PER_S):
            await socket.command("dance")
            await socket.connection.recv()  # as above, and not worth recording again
        await socket.command("dance")
        assert (await socket.read())["msg"]["code"] == 27


async def hurry(host: Host) -> None:
    """More requests than the tier grants, of both kinds."""
    for _ in range(10):
        await host.ann.placed("bid", "0.1000", "1.00")
    assert (await host.ann.place("bid", "0.1000", "1.00")).status == 429
    for _ in range(20):
        await host.bob.get("/portfolio/balance")
    assert (await host.bob.call("GET", "/portfolio/balance")).status == 429


async def _unsigned(client: PlainClient) -> None:
    path, full = "/portfolio/balance", "/trade-api/v2/portfolio/balance"
    for headers in (
        {},
        client.signed("POST", full),
        client.signed("GET", full, key_id=NOBODY),
        client.signed("GET", full, skew_ms=-300_000),
    ):
        await client.send("GET", path, headers=headers)


async def _unknown(client: PlainClient) -> None:
    for path in UNKNOWN_READS:
        assert (await client.call("GET", path)).status == 404, path
    group = f"/portfolio/order_groups/{NOBODY}"
    for method, path, body in (
        ("DELETE", f"{ORDERS}/{NOBODY}", None),
        ("POST", f"{ORDERS}/{NOBODY}/decrease", {"reduce_by": "1.00"}),
        ("PUT", f"{group}/reset", None),
        ("PUT", f"{group}/trigger", {}),
        ("PUT", f"{group}/limit", {"contracts_limit": 3}),
        ("DELETE", group, None),
        ("DELETE", f"/api_keys/{NOBODY}", None),
    ):
        assert (await client.call(method, path, body)).status == 404, path


async def _gone(client: PlainClient) -> None:
    for method, path in (
        ("POST", "/portfolio/orders"),
        ("POST", "/portfolio/orders/batched"),
        ("DELETE", "/portfolio/orders/batched"),
        ("DELETE", f"/portfolio/orders/{NOBODY}"),
        ("POST", f"/portfolio/orders/{NOBODY}/amend"),
        ("POST", f"/portfolio/orders/{NOBODY}/decrease"),
    ):
        assert (await client.call(method, path, {})).status == 410, path


async def _undecodable(client: PlainClient) -> None:
    """Bodies and queries that say nothing, one for each call that takes some."""
    for method, path in (
        ("POST", ORDERS),
        ("POST", f"{ORDERS}/batched"),
        ("DELETE", f"{ORDERS}/batched"),
        ("POST", f"{ORDERS}/{NOBODY}/amend"),
        ("POST", f"{ORDERS}/{NOBODY}/decrease"),
        ("POST", "/portfolio/order_groups/create"),
        ("PUT", f"/portfolio/order_groups/{NOBODY}/limit"),
        ("POST", "/portfolio/subaccounts/transfer"),
        ("POST", "/portfolio/intra_exchange_instance_transfer"),
        ("PUT", "/portfolio/subaccounts/netting"),
        ("POST", "/api_keys"),
        ("POST", "/api_keys/generate"),
    ):
        assert (await client.call(method, path, "{")).status == 400, path
    for path in TOO_MANY_ROWS:
        assert (await client.call("GET", path)).status == 400, path
    headers = client.signed("POST", "/trade-api/v2" + ORDERS) | {"Content-Type": "text/plain"}
    assert (await client.send("POST", ORDERS, "{}", headers)).status == 400


async def _refused_orders(host: Host) -> None:
    place = host.ann.place
    await place("bid", "0.5050", "1.00")
    await place("bid", "0.5000", "0.00")
    await place("bid", "0.5000", "9999999.00")
    await place("bid", "0.5000", "1.00", ticker="KXNOBODY-1")
    await place("bid", "0.5000", "1.00", time_in_force="fill_or_kill")
    await place("bid", "0.5000", "1.00", reduce_only=True)
    await place("bid", "0.1000", "1.00", client_order_id="twice")
    await place("bid", "0.1000", "1.00", client_order_id="twice")
    await host.bob.placed("ask", "0.6000", "1.00")
    await place("bid", "0.6000", "1.00", post_only=True)
    host.life.close_early(CLOSING.ticker)
    await place("bid", "0.5000", "1.00", ticker=CLOSING.ticker)


async def _forbidden(host: Host) -> None:
    """A key that may only read."""
    reader = await host.reader_of(host.bob)
    assert (await reader.place("bid", "0.1000", "1.00")).status == 403
    assert (await reader.call("POST", "/api_keys/generate", {"name": "more"})).status == 403
