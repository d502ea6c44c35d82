"""Protocol 5.2: every error that a command can be answered with."""

import json
from typing import Any

import pytest
from exchange_host import ANY, Host

BOOK = "orderbook_delta"
CASES: list[tuple[str, object, int]] = [
    ("not JSON", "{", 1),
    ("no params", {"cmd": "subscribe"}, 2),
    ("no channels", {"cmd": "subscribe", "params": {}}, 3),
    ("empty channels", {"cmd": "subscribe", "params": {"channels": []}}, 3),
    ("no sids", {"cmd": "unsubscribe", "params": {}}, 4),
    ("unknown command", {"cmd": "dance", "params": {}}, 5),
    ("unknown sid", {"cmd": "unsubscribe", "params": {"sids": [99]}}, 7),
    ("unknown channel", {"cmd": "subscribe", "params": {"channels": ["gossip"]}}, 8),
    (
        "both market forms",
        {
            "cmd": "subscribe",
            "params": {"channels": [BOOK], "market_ticker": "A", "market_tickers": ["A"]},
        },
        11,
    ),
    ("wrong type", {"cmd": "subscribe", "params": {"channels": "trade"}}, 11),
    (
        "no sid",
        {"cmd": "update_subscription", "params": {"action": "add_markets", "market_ticker": "A"}},
        12,
    ),
    (
        "two sids",
        {
            "cmd": "update_subscription",
            "params": {"sids": [1, 2], "action": "add_markets", "market_ticker": "A"},
        },
        12,
    ),
    (
        "unknown action",
        {
            "cmd": "update_subscription",
            "params": {"sid": 1, "action": "juggle", "market_ticker": ANY.ticker},
        },
        13,
    ),
    ("book without market", {"cmd": "subscribe", "params": {"channels": [BOOK]}}, 14),
    (
        "update without market",
        {"cmd": "update_subscription", "params": {"sid": 1, "action": "add_markets"}},
        14,
    ),
    (
        "no action",
        {"cmd": "update_subscription", "params": {"sid": 1, "market_ticker": ANY.ticker}},
        15,
    ),
]


@pytest.mark.parametrize(("command", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
async def test_wrong_command_is_answered_with_its_code(
    host: Host, command: dict[str, Any] | str, code: int
) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker)
        await socket.read()
        text = command if isinstance(command, str) else json.dumps({"id": 77} | command)
        await socket.connection.send(text)
        answer = await socket.read()
        assert (await socket.until_quiet()) == []
    assert answer["type"] == "error"
    assert answer["msg"]["code"] == code
    assert answer["msg"]["msg"]
    if code != 1:
        assert answer["id"] == 77


async def test_id_0_is_not_returned(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.connection.send(json.dumps({"id": 0, "cmd": "list_subscriptions"}))
        answer = await socket.read()
    assert answer.get("id", 0) == 0
    assert (answer["type"], answer["msg"]) == ("ok", [])
