"""Feed session cases (ARCHITECTURE.md): which channels and markets are followed."""

from feed_script import Script, asked, delta, snapshot

from core.kalshi.events import FeedState
from core.market.events import BookDoubted, BookSnapshot


def test_f01_connect_subscribes_every_channel_with_yes_prices() -> None:
    script = Script("B", "A", has_clock=True).connect()
    subscribes = script.sent("subscribe")
    assert [params["channels"][0] for params in subscribes] == [
        "orderbook_delta",
        "trade",
        "fill",
        "user_orders",
        "market_positions",
        "market_lifecycle_v2",
        "sandbox_clock",
    ]
    assert subscribes[0] == {
        "channels": ["orderbook_delta"],
        "market_tickers": ["A", "B"],
        "use_yes_price": True,
    }
    assert "use_yes_price" not in subscribes[1]
    assert len({command["id"] for command in script.commands}) == len(script.commands)
    assert script.events == [FeedState("recovering")]


def test_f33_market_that_never_comes_is_asked_for_and_ends_nothing() -> None:
    script = Script("A", "DEAD").connect().confirm()
    script.send(snapshot(1, "A"))
    assert script.session.state == "recovering"
    assert script.wait(5_100) == [FeedState("live")]
    assert asked(script) == [["DEAD"]]
    for _ in range(100):
        script.wait(1_000)
    assert asked(script) == [["DEAD"], ["DEAD"]]
    assert not script.session.wants_reconnect


def test_f35_rotation_adds_and_deletes_on_the_same_sid() -> None:
    script = Script("A").live()
    script.session.add_markets(["B"], script.now_ms)
    script.session.delete_markets(["A"], script.now_ms)
    script.wait(0)
    changes = [
        (p["sid"], p["action"], p["market_tickers"]) for p in script.sent("update_subscription")
    ]
    assert changes == [
        (1, "add_markets", ["B"]),
        (2, "add_markets", ["B"]),
        (1, "delete_markets", ["A"]),
        (2, "delete_markets", ["A"]),
    ]
    assert script.send(delta(2, "A")) == []
    assert isinstance(script.send(snapshot(3, "B"))[0], BookSnapshot)
    assert script.send(snapshot(4, "A")) == [], "no longer followed"
    assert script.of(BookDoubted) == []


def test_f36_markets_changed_before_the_answer_follow_it() -> None:
    script = Script("A").connect()
    script.session.add_markets(["B"], script.now_ms)
    script.session.delete_markets(["A"], script.now_ms)
    script.wait(0)
    assert script.sent("update_subscription") == []
    script.confirm()
    changes = [(p["action"], p["market_tickers"]) for p in script.sent("update_subscription")]
    assert changes == [("add_markets", ["B"]), ("delete_markets", ["A"])] * 2


def test_f37_no_markets_never_subscribes_to_all_markets() -> None:
    script = Script().connect()
    assert [p["channels"] for p in script.sent("subscribe")] == [
        ["fill"],
        ["user_orders"],
        ["market_positions"],
        ["market_lifecycle_v2"],
    ]
    assert script.session.state == "live"
    script.commands.clear()
    script.session.add_markets(["A"], script.now_ms)
    script.wait(0)
    assert [p["market_tickers"] for p in script.sent("subscribe")] == [["A"], ["A"]]
    script.confirm()
    script.session.delete_markets(["A"], script.now_ms)
    script.wait(0)
    assert [p["sids"] for p in script.sent("unsubscribe")] == [[1], [2]]


def test_f38_a_thousand_markets_on_one_sid_repair_in_chunks() -> None:
    tickers = [f"M{number:04}" for number in range(1_000)]
    script = Script(*tickers).live()
    script.send(delta(5_000, "M0500"))
    assert [len(chunk) for chunk in asked(script)] == [500, 500]
    assert [ticker for chunk in asked(script) for ticker in chunk] == tickers
    for seq, ticker in enumerate(tickers, start=5_001):
        script.send(snapshot(seq, ticker))
    assert script.session.state == "live"


def test_f63_rotation_of_a_thousand_markets_touches_no_other_book() -> None:
    tickers = [f"M{number:04}" for number in range(1_000)]
    script = Script(*tickers).live()
    added = [f"N{number:04}" for number in range(100)]
    script.session.add_markets(added, script.now_ms)
    script.session.delete_markets(tickers[:100], script.now_ms)
    script.wait(0)
    assert [p["action"] for p in script.sent("update_subscription") if p["sid"] == 1] == [
        "add_markets",
        "delete_markets",
    ]
    script.send({"id": 90, "sid": 1, "seq": 1_001, "type": "ok", "msg": {"market_tickers": []}})
    for seq, ticker in enumerate(added, start=1_002):
        script.send(snapshot(seq, ticker))
    assert script.of(BookDoubted) == []
    assert script.session.live_tickers == set(tickers[100:]) | set(added)
    assert len(script.send(delta(1_102, "M0500"))) == 1


def test_f64_market_dropped_during_its_repair_is_not_waited_for() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    script.send(snapshot(10, "A"))
    script.session.delete_markets(["B"], script.now_ms)
    assert script.wait(100)[-1] == FeedState("live")
    script.wait(6_000)
    assert script.session.counters.resubscribes == 0


def test_f65_market_added_again_waits_for_its_new_snapshot() -> None:
    script = Script("A", "B").live()
    script.session.delete_markets(["B"], script.now_ms)
    script.session.add_markets(["B"], script.now_ms)
    script.wait(0)
    assert script.send(delta(3, "B")) == [], "the book before it was dropped is gone"
    script.send(snapshot(4, "B"))
    assert len(script.send(delta(5, "B"))) == 1


def test_f66_markets_followed_while_away_are_subscribed_on_the_next_connection() -> None:
    script = Script("A").live()
    script.take(script.session.connection_lost("away"))
    script.session.add_markets(["B"], script.now_ms)
    script.session.delete_markets(["A"], script.now_ms)
    script.commands.clear()
    script.connect()
    assert script.sent("subscribe")[0]["market_tickers"] == ["B"]
