"""Commands of the exchange's WebSocket as bytes (protocol section 5.2). Pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec


def subscribe(
    command_id: int, channel: str, tickers: Iterable[str], *, use_yes_price: bool | None = None
) -> bytes:
    """Subscribe to a channel; no tickers means the channel's own default (usually all)."""
    params: dict[str, object] = {"channels": [channel]}
    if listed := sorted(tickers):
        params["market_tickers"] = listed
    if use_yes_price is not None:
        params["use_yes_price"] = use_yes_price
    return _command(command_id, "subscribe", params)


def unsubscribe(command_id: int, sid: int) -> bytes:
    """End a subscription."""
    return _command(command_id, "unsubscribe", {"sids": [sid]})


def update_subscription(
    command_id: int,
    sid: int,
    action: Literal["add_markets", "delete_markets", "get_snapshot"],
    tickers: Iterable[str],
) -> bytes:
    """Change the markets of a subscription, or ask for their snapshots again."""
    params: dict[str, object] = {"sid": sid, "action": action, "market_tickers": sorted(tickers)}
    return _command(command_id, "update_subscription", params)


def list_subscriptions(command_id: int) -> bytes:
    """Ask what is subscribed; the answer comes behind everything sent before it."""
    return msgspec.json.encode({"id": command_id, "cmd": "list_subscriptions"})


def _command(command_id: int, cmd: str, params: dict[str, object]) -> bytes:
    return msgspec.json.encode({"id": command_id, "cmd": cmd, "params": params})
