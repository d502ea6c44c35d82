"""Commands that are answered with an error (protocol 5.2)."""

from exchange_host import ANY, SIBLING

BOOK = "orderbook_delta"
_ANY_BOOK: dict[str, object] = {"channels": [BOOK], "market_ticker": ANY.ticker}
WRONG_COMMANDS: list[tuple[str, object, int]] = [
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
    ("no shards", {"cmd": "subscribe", "params": _ANY_BOOK | {"shard_factor": 0}}, 19),
    ("key without shards", {"cmd": "subscribe", "params": _ANY_BOOK | {"shard_key": 1}}, 20),
    (
        "key of no shard",
        {"cmd": "subscribe", "params": _ANY_BOOK | {"shard_factor": 2, "shard_key": 2}},
        21,
    ),
    ("too many shards", {"cmd": "subscribe", "params": _ANY_BOOK | {"shard_factor": 101}}, 22),
    (
        "snapshot of another market",
        {
            "cmd": "update_subscription",
            "params": {"sid": 1, "action": "get_snapshot", "market_tickers": [SIBLING.ticker]},
        },
        11,
    ),
    (
        "too many markets",
        {
            "cmd": "subscribe",
            "params": {"channels": [BOOK], "market_tickers": [f"KX-{n}" for n in range(10_001)]},
        },
        26,
    ),
]
"""What, the command, and the code of the error; sid 1 holds the book of one market."""
