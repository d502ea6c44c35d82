"""Which channels are followed for which markets."""

import json

from core.kalshi.channels import BOOK, Channels
from core.kalshi.subscriptions import Purpose, Subscriptions
from core.kalshi.wire import ChannelBody, SubscribedFrame


def commands(subscriptions: Subscriptions) -> list[tuple[str, object]]:
    found = [json.loads(data) for data in subscriptions.take_output()]
    return [
        (command["cmd"], command["params"].get("channels") or command["params"].get("action"))
        for command in found
    ]


def made(*tickers: str) -> tuple[Channels, Subscriptions]:
    subscriptions = Subscriptions()
    channels = Channels(subscriptions, use_yes_price=True, has_account=False, has_clock=False)
    channels.tickers = set(tickers)
    return channels, subscriptions


def test_account_and_clock_channels_are_optional() -> None:
    channels, subscriptions = made("A")
    channels.open_all(0)
    assert commands(subscriptions) == [
        ("subscribe", ["orderbook_delta"]),
        ("subscribe", ["trade"]),
        ("subscribe", ["market_lifecycle_v2"]),
    ]


def test_renewal_waits_a_second_and_happens_once() -> None:
    channels, subscriptions = made("A")
    channels.renew_later("trade", 0)
    assert channels.take_due(999) == []
    assert commands(subscriptions) == []
    assert channels.take_due(1_000) == ["trade"]
    assert channels.take_due(2_000) == []
    channels.renew("trade", 2_000)
    assert commands(subscriptions) == [("subscribe", ["trade"])]


def test_a_channel_opened_meanwhile_needs_no_renewal() -> None:
    channels, _ = made("A")
    channels.renew_later("trade", 0)
    channels.follow("trade", 500)
    assert channels.take_due(1_000) == []


def test_snapshots_are_asked_for_only_on_a_confirmed_subscription() -> None:
    channels, subscriptions = made("A")
    channels.follow(BOOK, 0)
    channels.ask_snapshots({"A"}, Purpose.PROBE, 0)
    assert commands(subscriptions) == [("subscribe", ["orderbook_delta"])]
    subscriptions.confirm(SubscribedFrame(id=1, msg=ChannelBody(channel=BOOK, sid=1)), 0)
    channels.ask_snapshots({"A"}, Purpose.PROBE, 0)
    assert commands(subscriptions) == [("update_subscription", "get_snapshot")]
