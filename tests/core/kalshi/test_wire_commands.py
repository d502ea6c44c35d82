"""Commands as the exchange reads them."""

import json

from core.kalshi import wire_commands


def test_subscribe_names_markets_and_scale_only_where_given() -> None:
    command = json.loads(wire_commands.subscribe(1, "trade", []))
    assert command == {"id": 1, "cmd": "subscribe", "params": {"channels": ["trade"]}}
    command = json.loads(
        wire_commands.subscribe(2, "orderbook_delta", {"B", "A"}, use_yes_price=False)
    )
    assert command["params"] == {
        "channels": ["orderbook_delta"],
        "market_tickers": ["A", "B"],
        "use_yes_price": False,
    }


def test_changes_name_one_sid() -> None:
    assert json.loads(wire_commands.unsubscribe(3, 7)) == {
        "id": 3,
        "cmd": "unsubscribe",
        "params": {"sids": [7]},
    }
    command = json.loads(wire_commands.update_subscription(4, 7, "get_snapshot", ["A"]))
    assert command["params"] == {"sid": 7, "action": "get_snapshot", "market_tickers": ["A"]}


def test_list_subscriptions_has_no_parameters() -> None:
    assert json.loads(wire_commands.list_subscriptions(5)) == {
        "id": 5,
        "cmd": "list_subscriptions",
    }
