"""Feed session cases (ARCHITECTURE.md): how doubted books and dead subscriptions come back."""

import pytest
from feed_script import Script, asked, delta, snapshot

from core.kalshi.events import FeedState
from core.market.events import BookDoubted

BOOKS = {"channel": "orderbook_delta"}


def refusal(command_id: int, code: int) -> dict[str, object]:
    return {"id": command_id, "type": "error", "msg": {"code": code, "msg": "no"}}


def replaced(script: Script) -> int:
    """Subscribe to the books of other markets before the first answer; the command's id."""
    script.session.delete_markets(["A"], script.now_ms)
    script.session.add_markets(["B"], script.now_ms)
    script.commands.clear()
    script.take([])
    (command,) = [c for c in script.commands if c["params"]["channels"] == [BOOKS["channel"]]]
    return int(command["id"])


def test_f23_wrong_scale_or_negative_level_is_repaired_when_the_book_says_so() -> None:
    script = Script("A", "B").live()
    events = script.take(script.session.doubt("A", "crossed at group end", script.now_ms))
    reason = "crossed at group end"
    assert events == [BookDoubted("A", reason), FeedState("recovering", reason)]
    assert asked(script) == [["A"]]
    assert len(script.send(delta(3, "B"))) == 1
    assert script.send(snapshot(4, "A"))[-1] == FeedState("live")


def test_f24_unrepaired_for_5_seconds_subscribes_again() -> None:
    script = Script("A").live()
    script.send(delta(9))
    script.wait(4_900)
    assert script.sent("unsubscribe") == []
    script.wait(200)
    assert [command["cmd"] for command in script.commands] == [
        "update_subscription",
        "unsubscribe",
        "subscribe",
    ]
    assert script.send(delta(10)) == [], "the old sid is over"
    script.confirm_book(9)
    assert script.send(snapshot(1) | {"sid": 9})[-1] == FeedState("live")
    assert not script.session.wants_reconnect


def test_f25_unrepaired_after_subscribing_again_wants_a_new_connection() -> None:
    script = Script("A").live()
    script.send(delta(9))
    script.wait(5_100)
    script.confirm_book(9)
    assert not script.session.wants_reconnect
    script.wait(5_100)
    assert script.session.wants_reconnect
    assert script.session.reconnect_reason


@pytest.mark.parametrize("code", [10, 25])
def test_f26_error_that_ends_the_subscription_subscribes_again(code: int) -> None:
    script = Script("A").live()
    script.send({"type": "error", "sid": 1, "seq": 2, "msg": {"code": code, "msg": "over"}})
    assert [event.ticker for event in script.of(BookDoubted)] == ["A"]
    assert [command["cmd"] for command in script.commands] == ["unsubscribe", "subscribe"]
    assert (
        script.send(
            {
                "id": script.commands[0]["id"],
                "type": "error",
                "msg": {"code": 7, "msg": "unknown sid"},
            }
        )
        == []
    )


def test_f27_error_that_names_no_subscription_wants_a_new_connection() -> None:
    script = Script("A").live()
    script.send({"type": "error", "msg": {"code": 25, "msg": "buffer overflow"}})
    assert "overflow" in script.session.reconnect_reason


def test_f28_refused_snapshot_request_subscribes_again() -> None:
    script = Script("A").live()
    script.send(delta(9))
    refused = {"id": script.commands[-1]["id"], "type": "error", "msg": {"code": 13, "msg": "no"}}
    script.send(refused)
    script.wait(300)
    assert script.session.counters.resubscribes == 1


def test_f29_resubscribe_storm_is_bounded() -> None:
    script = Script("A").live()
    sid = 100
    script.send({"type": "error", "sid": 1, "msg": {"code": 25, "msg": "overflow"}})
    for _ in range(600):  # a minute in which every subscription ends at once
        script.send({"type": "error", "sid": sid, "msg": {"code": 25, "msg": "overflow"}})
        script.wait(100)
        for command in [c for c in script.commands if c["cmd"] == "subscribe"]:
            sid += 1
            script.send(
                {
                    "id": command["id"],
                    "type": "subscribed",
                    "msg": {"channel": "orderbook_delta", "sid": sid},
                }
            )
        script.commands.clear()
    assert 5 <= script.session.counters.resubscribes <= 12


def test_f30_permanent_gaps_ask_at_a_bounded_rate() -> None:
    script = Script("A").live()
    seq = 10
    for _ in range(3_000):  # 30 s of a peer that loses every second message and answers requests
        script.send(delta(seq))
        seq += 2
        if asked(script):
            script.send(snapshot(seq))
            script.commands.clear()
        script.wait(10)
    assert script.session.counters.repairs <= 12


def test_f31_connection_lost_during_a_repair_starts_clean() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    script.send(snapshot(10, "A"))
    events = script.take(script.session.connection_lost("peer closed"))
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A"]
    assert events[-1] == FeedState("disconnected", "peer closed")
    assert script.wait(60_000) == []
    script.commands.clear()
    script.connect().confirm()
    script.send(snapshot(1, "A"))
    assert script.send(snapshot(2, "B"))[-1] == FeedState("live")
    assert script.session.counters.gaps == 1


def test_f32_unanswered_subscribe_wants_a_new_connection() -> None:
    script = Script("A").connect()
    script.wait(9_900)
    assert not script.session.wants_reconnect
    script.wait(200)
    assert "did not answer" in script.session.reconnect_reason


def test_f41_ended_account_channel_is_subscribed_again_later() -> None:
    script = Script("A").live()
    script.send({"type": "error", "sid": 3, "msg": {"code": 10, "msg": "channel error"}})
    assert script.commands == []
    script.wait(1_100)
    assert script.sent("subscribe") == [{"channels": ["fill"]}]
    assert script.of(BookDoubted) == []


def test_f43_unsubscribed_by_the_exchange_subscribes_again() -> None:
    script = Script("A").live()
    script.send({"sid": 1, "seq": 2, "type": "unsubscribed"})
    assert script.session.counters.resubscribes == 1
    assert len(script.of(BookDoubted)) == 1


def test_f47_silent_exchange_is_asked_after_10_s_and_given_up_after_30() -> None:
    script = Script("A").live()
    script.is_dead = True
    for _ in range(290):
        script.wait(100)
    assert not script.session.wants_reconnect
    script.wait(1_000)
    assert "nothing for 30 s" in script.session.reconnect_reason
    assert script.of(BookDoubted) == [], "the books are doubted when the connection ends"
    events = script.take(script.session.connection_lost(script.session.reconnect_reason))
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A"]


def test_f48_quiet_exchange_that_answers_is_alive() -> None:
    script = Script("A").live()
    for _ in range(1_200):
        script.wait(100)
    assert not script.session.wants_reconnect
    assert script.session.state == "live"


def test_f49_any_frame_is_life() -> None:
    script = Script("A").live()
    script.is_dead = True
    for seq in range(2, 12):
        script.wait(9_000)
        script.send(delta(seq))
    assert not script.session.wants_reconnect


def test_f50_too_slow_reading_is_counted_and_told_until_the_books_are_back() -> None:
    script = Script("A").live()
    over = {"type": "error", "sid": 1, "msg": {"code": 25, "msg": "buffer overflow"}}
    events = script.send(over)
    detail = "exchange error 25 on orderbook_delta: buffer overflow"
    assert events == [BookDoubted("A", detail), FeedState("recovering", detail)]
    script.confirm_book(9)
    assert script.send(snapshot(1) | {"sid": 9})[-1] == FeedState("live")
    assert script.session.counters.overflows == 1


def test_f51_refused_subscribe_is_tried_again_where_that_helps() -> None:
    script = Script("A").connect()
    command = script.commands[0]
    script.commands.clear()
    script.send({"id": command["id"], "type": "error", "msg": {"code": 27, "msg": "too many"}})
    script.wait(900)
    assert script.sent("subscribe") == []
    script.wait(200)
    assert [params["channels"] for params in script.sent("subscribe")] == [["orderbook_delta"]]


def test_f52_refusal_that_trying_again_does_not_mend_is_told() -> None:
    script = Script("A").connect()
    command = script.commands[0]
    script.commands.clear()
    refusal = {"id": command["id"], "type": "error", "msg": {"code": 26, "msg": "market limit"}}
    assert "market limit" in script.send(refusal)[-1].detail
    script.wait(5_000)
    assert script.sent("subscribe") == []


def test_f53_frames_of_an_ended_subscription_count_for_nothing() -> None:
    script = Script("A").live()
    script.send({"type": "error", "sid": 1, "seq": 2, "msg": {"code": 10, "msg": "over"}})
    script.confirm_book(9)
    script.send(snapshot(1) | {"sid": 9})
    assert script.send(delta(3)) == [], "on the old sid"
    assert script.send(delta(40)) == []
    assert script.session.counters.gaps == 0
    assert len(script.send(delta(2) | {"sid": 9})) == 1


def test_f77_late_refusal_of_a_repair_whose_subscription_was_replaced_is_ignored() -> None:
    script = Script("A").live()
    script.send(delta(9))
    repair = script.commands[-1]["id"]
    script.wait(5_100)
    assert script.send(refusal(repair, 18)) == []
    script.confirm_book(9)
    assert script.send(snapshot(1) | {"sid": 9})[-1] == FeedState("live")
    assert script.send(refusal(repair, 18))[0].state == "live", "an answer to nothing asked"
    script.commands.clear()
    script.wait(2_000)
    assert script.commands == []
    assert len(script.send(delta(2) | {"sid": 9})) == 1


def test_f78_renewing_the_books_says_of_each_live_one_that_it_is_in_doubt() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    script.send(snapshot(10, "A"))
    assert "A" in script.session.live_tickers
    events = script.wait(5_100)
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A"]
    script.confirm_book(9)
    script.send(snapshot(1, "A") | {"sid": 9})
    assert script.send(snapshot(2, "B") | {"sid": 9})[-1] == FeedState("live")


def test_f79_refusal_of_a_replaced_subscribe_is_ignored() -> None:
    script = Script("A", has_account=False).connect()
    first = script.commands[0]["id"]
    second = replaced(script)
    assert script.send(refusal(first, 18)) == []
    script.send({"id": second, "type": "subscribed", "msg": BOOKS | {"sid": 5}})
    assert script.send(snapshot(1, "B") | {"sid": 5})[-1] == FeedState("live")
    script.commands.clear()
    script.wait(2_000)
    assert script.commands == []


def test_f80_subscription_confirmed_after_it_was_replaced_is_given_back() -> None:
    script = Script("A", has_account=False).connect()
    first = script.commands[0]["id"]
    second = replaced(script)
    script.send({"id": first, "type": "subscribed", "msg": BOOKS | {"sid": 4}})
    assert script.sent("unsubscribe") == [{"sids": [4]}]
    assert script.send(snapshot(1, "A") | {"sid": 4}) == []
    script.send({"id": second, "type": "subscribed", "msg": BOOKS | {"sid": 5}})
    assert script.send(snapshot(1, "B") | {"sid": 5})[-1] == FeedState("live")
    assert len(script.sent("unsubscribe")) == 1
