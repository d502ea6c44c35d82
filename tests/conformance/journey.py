"""One long walk through the exchange: every kind of request in every kind of state, written down.

What the replies and frames mean is asserted elsewhere; their form is checked on this record.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import further_walks
from exchange_host import (
    ANY,
    CLOSING,
    FREE,
    HALF,
    LATER,
    MAKER,
    NOON_MS,
    SIBLING,
    TAPERED,
    Host,
    contract,
    hosting,
)
from plain_client import ORDERS, PlainClient

_RESULTS = {"yes": -1, "no": -1, "scalar": 3_000}
_ENDING = [
    contract(result.upper(), f"KX{result.upper()}", close_ms=NOON_MS + 60_000)
    for result in _RESULTS
]
_MARKETS = (ANY, SIBLING, TAPERED, FREE, HALF, MAKER, LATER, CLOSING, *_ENDING)
_UNKNOWN = "3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"
_CHANNELS = (
    "orderbook_delta",
    "ticker",
    "trade",
    "market_lifecycle_v2",
    "fill",
    "user_orders",
    "market_positions",
    "order_group_updates",
)
_BEFORE_PAUSE_MS = NOON_MS + 14 * 3_600_000 + 59 * 60_000
"""Thursday 02:59 Eastern."""


class Exchanged(NamedTuple):
    """A request and what it was answered; the path has its query."""

    method: str
    path: str
    request: object
    status: int
    body: Any


@dataclass
class Journey:
    """Everything that was answered and sent."""

    replies: list[Exchanged]
    frames: list[dict[str, Any]]


async def travel() -> Journey:
    """Walk through everything."""
    replies: list[Exchanged] = []
    frames: list[dict[str, Any]] = []
    aged: dict[str, Any] = {"live_data_ms": further_walks.LIVE_DATA_MS}
    for walk, markets, start_ms, rules in (
        (_noon, _MARKETS, NOON_MS, {}),
        (_pause, _MARKETS, _BEFORE_PAUSE_MS, {}),
        (further_walks.history, further_walks.MARKETS, NOON_MS, aged),
        (further_walks.life, further_walks.MARKETS, NOON_MS, {}),
        (further_walks.refusals, further_walks.MARKETS, NOON_MS, {}),
        (further_walks.mistakes, further_walks.MARKETS, NOON_MS, {}),
        (further_walks.hurry, further_walks.MARKETS, NOON_MS, {"tier": "basic"}),
    ):
        async with hosting(markets, start_ms=start_ms, **rules) as host:
            await walk(host)
            for client in (host.ann, host.bob, host.eve):
                replies += [Exchanged(*entry) for entry in client.seen]
                frames += client.frames
    return Journey(replies, frames)


async def _noon(host: Host) -> None:
    await _read_everything(host.ann, host)
    async with host.ann.socket() as mine, host.bob.socket() as yours:
        for socket, is_yes in ((mine, True), (yours, False)):
            tickers = [market.ticker for market in _MARKETS]
            await socket.subscribe(_CHANNELS[0], market_tickers=tickers, use_yes_price=is_yes)
            await socket.subscribe(*_CHANNELS[1:])
        host.list_market(contract("NEW", "KXNEW", close_ms=NOON_MS + 3_600_000))
        await _trade(host)
        await _change(host)
        await _groups(host)
        await _subaccounts(host)
        await _commands(mine)
        await _read_everything(host.ann, host)
        await _change_fees(host)
        await _trade_later(host)
        await _commands(yours)
        await _settle(host)
        await _read_everything(host.ann, host)
        await _read_everything(host.bob, host)
        await _keys(host.ann)
        await _errors(host)
        for socket in (mine, yours):
            await socket.until_quiet()


async def _pause(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("user_orders")
        await host.ann.placed("bid", "0.4000", "1.00", cancel_order_on_pause=True)
        await host.pass_time(120_000)
        await host.ann.get("/exchange/status")
        await host.ann.get("/exchange/schedule")
        await host.ann.place("bid", "0.4000", "1.00")
        await socket.until_quiet()


async def _read_everything(client: PlainClient, host: Host) -> None:
    now_s = host.now_ms // 1000
    times = f"start_ts={now_s - 7_200}&end_ts={now_s + 7_200}"
    event = f"{ANY.series_ticker}/events/{ANY.event_ticker}"
    market = f"{ANY.series_ticker}/markets/{ANY.ticker}"
    tickers = [listed.ticker for listed in _MARKETS]
    for path in (
        "/exchange/status",
        "/exchange/schedule",
        "/exchange/user_data_timestamp",
        "/series/fee_changes?show_historical=true",
        "/markets",
        "/markets?limit=2",
        *(f"/markets/{ticker}" for ticker in tickers),
        *(f"/markets/{ticker}/orderbook" for ticker in tickers),
        f"/markets/{ANY.ticker}/orderbook?depth=1",
        "/markets/orderbooks?" + "&".join(f"tickers={ticker}" for ticker in tickers),
        "/markets/trades",
        f"/markets/trades?limit=1&ticker={ANY.ticker}",
        "/series",
        f"/series/{MAKER.series_ticker}",
        *(f"/series/{market}/candlesticks?{times}&period_interval={m}" for m in (1, 60, 1440)),
        f"/markets/candlesticks?market_tickers={','.join(tickers)}&{times}&period_interval=60",
        f"/series/{event}/candlesticks?{times}&period_interval=1",
        "/events",
        "/events?with_nested_markets=true&limit=1",
        f"/events/{ANY.event_ticker}?with_nested_markets=true",
        f"/events/{ANY.event_ticker}/metadata",
        "/events/fee_changes",
        "/portfolio/balance",
        "/portfolio/positions?settlement_status=all",
        "/portfolio/positions?limit=1",
        "/portfolio/fills",
        "/portfolio/fills?limit=1",
        "/portfolio/settlements",
        "/portfolio/orders",
        "/portfolio/orders?limit=1",
        f"/portfolio/orders/queue_positions?market_tickers={ANY.ticker}",
        "/portfolio/summary/total_resting_order_value",
        "/portfolio/order_groups",
        "/portfolio/subaccounts/balances",
        "/portfolio/subaccounts/transfers",
        "/portfolio/subaccounts/transfers?limit=1",
        "/portfolio/subaccounts/netting",
        "/portfolio/intra_exchange_instance_transfers",
        "/account/limits",
        "/account/endpoint_costs",
        "/api_keys",
        "/historical/cutoff",
        "/historical/markets",
        "/historical/trades",
        "/historical/fills",
        "/historical/orders",
        "/historical/positions",
    ):
        await client.call("GET", path)
    for order in (await client.get("/portfolio/orders"))["orders"]:
        await client.order(order["order_id"])
        if order["status"] == "resting":
            await client.get(f"/portfolio/orders/{order['order_id']}/queue_position")


async def _trade(host: Host) -> None:
    """Both sides, both roles, every time in force, several markets."""
    for market in (ANY, TAPERED, FREE, HALF, MAKER, *_ENDING):
        at: dict[str, Any] = {"ticker": market.ticker}
        await host.bob.placed("ask", "0.5500", "7.50", **at, client_order_id=f"b-{market.ticker}")
        await host.ann.placed("bid", "0.5500", "2.25", **at, client_order_id=f"a-{market.ticker}")
        await host.ann.placed("bid", "0.5600", "9.00", **at, time_in_force="immediate_or_cancel")
        await host.bob.placed("bid", "0.4000", "3.00", **at)
        await host.ann.placed("ask", "0.4000", "1.00", **at, time_in_force="fill_or_kill")
        await host.ann.placed("bid", "0.3000", "5.00", **at, post_only=True)
    await host.ann.placed("bid", "0.2000", "1.00", expiration_time=host.now_ms // 1000 + 5)
    await host.ann.placed("ask", "0.9000", "4.00", self_trade_prevention_type="maker")
    await host.ann.placed("bid", "0.9000", "2.00", self_trade_prevention_type="maker")
    await host.pass_time(6_000)


async def _change_fees(host: Host) -> None:
    """A series and an event change theirs at once, and the event goes back."""
    half = {"fee_type": "quadratic", "fee_multiplier": "0.5"}
    await host.change_fees(series_ticker=MAKER.series_ticker, **half)
    await host.change_fees(event_ticker=HALF.event_ticker, **half)
    await host.change_fees(event_ticker=HALF.event_ticker, fee_type=None, delay_s=1)
    await host.change_fees(series_ticker=FREE.series_ticker, **half, delay_s=9_000)


async def _trade_later(host: Host) -> None:
    """Trades of another minute, and quotes on both sides that stay."""
    await host.pass_time(45_000)
    for market in (ANY, SIBLING, FREE):
        for price, count in (("0.6500", "3.00"), ("0.7000", "4.00")):
            await host.bob.placed("ask", price, count, ticker=market.ticker)
        await host.eve.placed("bid", "0.6500", "1.00", ticker=market.ticker)


async def _change(host: Host) -> None:
    """Amend, decrease, cancel, alone and in batches, well and badly."""
    order_id = (await host.ann.placed("bid", "0.3300", "5.00", client_order_id="change"))[
        "order_id"
    ]
    same = {"ticker": ANY.ticker, "side": "bid"}
    for fields in ({"price": "0.3300", "count": "4.00"}, {"price": "0.3100", "count": "6.00"}):
        await host.ann.call("POST", f"{ORDERS}/{order_id}/amend", same | fields)
    expiry = {"price": "0.3100", "count": "6.00", "expiration_time": host.now_ms // 1000 + 900}
    await host.ann.call("POST", f"{ORDERS}/{order_id}/amend", same | expiry)
    await host.bob.placed("ask", "0.3500", "2.00")
    crossing = same | {"price": "0.3500", "count": "6.00"}
    await host.ann.call("POST", f"{ORDERS}/{order_id}/amend", crossing)
    await host.ann.call("POST", f"{ORDERS}/{order_id}/decrease", {"reduce_by": "1.00"})
    await host.ann.cancel(order_id)
    await host.ann.cancel(order_id)
    item = same | {
        "count": "2.00",
        "price": "0.2500",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    }
    orders = [item | {"client_order_id": "item"}, item | {"price": "0.2550"}, item]
    batch = (await host.ann.call("POST", f"{ORDERS}/batched", {"orders": orders})).body["orders"]
    doomed = [{"order_id": batch[0]["order_id"]}, {"order_id": _UNKNOWN}]
    await host.ann.call("DELETE", f"{ORDERS}/batched", {"orders": doomed})
    await host.eve.placed("bid", "0.0100", "1.00")
    await host.eve.call("DELETE", ORDERS)


async def _groups(host: Host) -> None:
    made = await host.ann.call(
        "POST", "/portfolio/order_groups/create", {"contracts_limit_fp": "5.00"}
    )
    group = f"/portfolio/order_groups/{made.body['order_group_id']}"
    member = {"order_group_id": made.body["order_group_id"]}
    await host.ann.placed("bid", "0.1500", "1.00", **member)
    for path in (group, "/portfolio/order_groups"):
        await host.ann.get(path)
    await host.ann.call("PUT", f"{group}/limit", {"contracts_limit": 3})
    await host.ann.call("PUT", f"{group}/trigger", {})
    await host.ann.get(group)
    await host.ann.place("bid", "0.1500", "1.00", **member)
    await host.ann.call("PUT", f"{group}/reset")
    await host.ann.call("DELETE", group)


async def _subaccounts(host: Host) -> None:
    """Two more accounts of ann, with money, orders, fills, a group and a position."""
    for _ in range(2):
        await host.ann.call("POST", "/portfolio/subaccounts", {})
    own = {"source": "event_contract", "destination": "event_contract"}
    for number in (1, 2):
        transfer = {"from_subaccount": 0, "to_subaccount": number, "amount_cents": 5_000}
        transfer |= {"client_transfer_id": f"{_UNKNOWN[:-1]}{number}"}
        await host.ann.call("POST", "/portfolio/subaccounts/transfer", transfer)
    back = own | {"source_subaccount": 2, "amount": 100_000}
    await host.ann.call("POST", "/portfolio/intra_exchange_instance_transfer", back)
    switch = {"subaccount_number": 1, "enabled": True}
    await host.ann.call("PUT", "/portfolio/subaccounts/netting", switch)
    await host.bob.placed("ask", "0.8000", "2.00", ticker=SIBLING.ticker)
    for number in (1, 2):
        named = {"ticker": SIBLING.ticker, "subaccount": number}
        await host.ann.placed("bid", "0.8000", "1.00", **named)
        await host.ann.placed("bid", "0.1000", "1.00", **named, client_order_id=f"sub-{number}")
    group = {"contracts_limit": 5, "subaccount": 1}
    await host.ann.call("POST", "/portfolio/order_groups/create", group)
    for path in ("balance", "positions", "fills", "orders", "settlements", "order_groups"):
        await host.ann.get(f"/portfolio/{path}?subaccount=1&exchange_index=0")
    await host.ann.call("DELETE", f"{ORDERS}?subaccount=1")


async def _commands(socket: Any) -> None:  # noqa: ANN401  (a PlainSocket)
    (sid,) = await socket.subscribe("orderbook_delta", market_ticker=SIBLING.ticker)
    for action in ("add_markets", "get_snapshot", "delete_markets"):
        await socket.command(
            "update_subscription", sid=sid, action=action, market_tickers=[ANY.ticker]
        )
    await socket.command("unsubscribe", sids=[sid])
    await socket.command("subscribe", channels=["gossip"])
    await socket.until_quiet()


async def _settle(host: Host) -> None:
    await host.pass_time(16_000)
    for market, (result, value_pips) in zip(_ENDING, _RESULTS.items(), strict=True):
        host.determine(market, result, value_pips)
        await host.ann.get(f"/markets/{market.ticker}")
    await host.pass_time(60_000)


async def _keys(client: PlainClient) -> None:
    pem = PlainClient.public_pem()
    for path, body in (
        ("/api_keys", {"name": "brought", "public_key": pem, "scopes": ["read"]}),
        ("/api_keys/generate", {"name": "made", "key_type": "ed25519"}),
        ("/api_keys/generate", {"name": "made too"}),
    ):
        made = await client.call("POST", path, body)
        await client.get("/api_keys")
        await client.call("DELETE", f"/api_keys/{made.body['api_key_id']}")
    await client.call("POST", "/account/api_usage_level/upgrade")
    await client.get("/account/limits")


async def _errors(host: Host) -> None:
    await host.ann.send("GET", "/portfolio/balance")
    await host.ann.call("GET", "/markets?limit=1001")
    await host.ann.call("GET", "/markets/KXNOBODY-1")
    await host.ann.call("GET", f"/portfolio/orders/{_UNKNOWN}")
    await host.ann.call("POST", "/portfolio/orders", {})
    await host.ann.place("bid", "0.5050", "1.00")
    await host.ann.call("POST", ORDERS, {"count": 1})
    await host.ann.place("bid", "0.0100", "1.00", client_order_id="item")
