"""Feed session cases (ARCHITECTURE.md): lost, doubled, reordered and early messages."""

from feed_script import BOOK_SID, Script, asked, delta, snapshot

from core.kalshi.events import AccountFeed, FeedState
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade


def test_f04_gap_doubts_all_books_of_the_sid_and_asks_once() -> None:
    script = Script("A", "B").live()
    events = script.send(delta(9, "A"))
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A", "B"]
    lost = "messages of channel orderbook_delta lost before number 9"
    assert events[-1] == FeedState("recovering", lost)
    assert asked(script) == [["A", "B"]]
    assert script.send(delta(10, "B")) == []
    assert len(script.commands) == 1
    assert script.session.counters.gaps == 1


def test_f05_each_snapshot_repairs_its_own_market() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    assert isinstance(script.send(snapshot(10, "B"))[0], BookSnapshot)
    assert script.session.live_tickers == {"B"}
    assert script.send(delta(11, "A")) == []
    assert len(script.send(delta(12, "B"))) == 1
    assert script.send(snapshot(13, "A"))[-1] == FeedState("live")
    assert len(script.send(delta(14, "A"))) == 1


def test_f06_gap_inside_a_burst_costs_one_request() -> None:
    script = Script("A").live()
    for seq in (2, 3, 7, 8, 12, 13, 20):
        script.send(delta(seq))
    assert asked(script) == [["A"]]
    assert script.session.counters.gaps == 3
    assert len(script.of(BookDelta)) == 2


def test_f07_gap_before_the_repair_is_complete_keeps_it_going() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    script.send(snapshot(10, "A"))
    script.send(delta(15))
    assert script.session.live_tickers == set()
    script.send(snapshot(16, "B"))
    assert asked(script) == [["A", "B"]]
    script.wait(300)
    assert asked(script) == [["A", "B"], ["A"]]


def test_f08_duplicate_is_dropped_and_counted() -> None:
    script = Script("A").live()
    assert len(script.send(delta(2))) == 1
    assert script.send(delta(2)) == []
    assert len(script.send(delta(3))) == 1
    assert script.session.counters.duplicates == 1


def test_f09_reorder_is_a_gap_then_a_duplicate() -> None:
    script = Script("A").live()
    script.send(delta(3))
    assert script.send(delta(2)) == []
    assert asked(script) == [["A"]]
    assert (script.session.counters.gaps, script.session.counters.duplicates) == (1, 1)


def test_f10_counter_that_starts_over_is_no_duplicate() -> None:
    script = Script("A").live()
    for seq in (2, 3, 4):
        script.send(delta(seq))
    assert [type(event) for event in script.send(snapshot(1))] == [BookDoubted, FeedState]
    assert asked(script) == [["A"]]
    assert isinstance(script.send(snapshot(2))[0], BookSnapshot)


def test_f11_long_run_of_old_numbers_doubts_the_books() -> None:
    script = Script("A").live()
    for seq in range(2, 40):
        script.send(delta(seq))
    for seq in range(3, 19):
        script.send(delta(seq))
    assert len(script.of(BookDoubted)) == 1


def test_f12_ok_consumes_a_number() -> None:
    script = Script("A").live()
    script.send({"id": 9, "sid": 1, "seq": 2, "type": "ok", "msg": {"market_tickers": ["A"]}})
    assert len(script.send(delta(3))) == 1
    assert script.session.counters.gaps == 0


def test_f15_delta_before_its_snapshot_is_held_back() -> None:
    script = Script("A").connect().confirm()
    assert script.send(delta(1)) == []
    script.send(snapshot(2))
    assert len(script.send(delta(3))) == 1
    assert script.session.counters.held_back == 1


def test_f17_mid_stream_snapshot_replaces_the_book() -> None:
    script = Script("A").live()
    script.send(delta(2))
    event = script.send(snapshot(3))[0]
    assert isinstance(event, BookSnapshot)
    assert event.ts_ms == 1_795_166_410_998, "snapshots take the time the stream has reached"
    assert script.of(BookDoubted) == []


def test_f34_lost_first_snapshot_is_asked_for_at_once() -> None:
    script = Script("A", "B").connect().confirm()
    script.send(snapshot(2, "B"))
    assert asked(script) == [["A"]]
    script.send(snapshot(3, "A"))
    assert script.session.live_tickers == {"A", "B"}


def test_f39_gap_on_the_trade_channel_is_told_but_doubts_no_book() -> None:
    script = Script("A").live()
    body = {
        "trade_id": "t",
        "market_ticker": "A",
        "yes_price_dollars": "0.4400",
        "no_price_dollars": "0.5600",
        "count_fp": "5.00",
        "taker_side": "no",
        "taker_outcome_side": "no",
        "taker_book_side": "ask",
        "ts": 1,
        "ts_ms": 1001,
    }
    assert script.send({"type": "trade", "sid": 2, "seq": 1, "msg": body}) == [
        Trade("t", "A", 4400, 500, 1, 1001, 2, 1)
    ]
    events = script.send({"type": "trade", "sid": 2, "seq": 5, "msg": body})
    assert [type(event) for event in events] == [FeedState, Trade]
    assert script.of(BookDoubted) == []


def test_f42_data_that_overtakes_its_subscribed_answer_counts() -> None:
    script = Script("A").connect()
    assert isinstance(script.send(snapshot(1))[0], BookSnapshot)
    script.confirm()
    assert len(script.send(delta(2))) == 1


def test_f46_a_mark_is_passed_when_its_answer_comes_behind_everything_else() -> None:
    script = Script("A")
    assert script.session.mark(script.now_ms) is None, "without a connection nothing is on its way"
    script.live()
    mark = script.session.mark(script.now_ms)
    assert mark is not None
    script.send(delta(2))
    assert not script.session.has_passed(mark)
    script.send({"id": mark, "type": "ok", "msg": [{"channel": "orderbook_delta", "sid": 1}]})
    assert script.session.has_passed(mark)
    assert len(script.of(BookDelta)) == 1


def test_f54_numbers_of_one_subscription_say_nothing_of_another() -> None:
    script = Script("A").live()
    for sid, seq in ((1, 2), (6, 1), (1, 3), (6, 2), (1, 4)):
        message = {"type": "novelty", "sid": sid, "seq": seq}
        script.send(delta(seq) if sid == BOOK_SID else message)
    assert script.session.counters.gaps == 0
    assert len(script.of(BookDelta)) == 3


def test_f55_answer_to_unsubscribe_consumes_a_number_of_its_own_sid_only() -> None:
    script = Script("A").live()
    script.send({"id": 3, "sid": 77, "seq": 57, "type": "unsubscribed"})
    assert len(script.send(delta(2))) == 1
    assert script.session.counters.resubscribes == 0


def test_f56_snapshot_that_answers_a_request_continues_the_numbers() -> None:
    script = Script("A", "B").live()
    script.send(delta(9))
    request = script.commands[-1]["id"]
    for seq, ticker in ((10, "A"), (11, "B")):
        script.send(snapshot(seq, ticker) | {"id": request})
    assert script.session.live_tickers == {"A", "B"}
    assert len(script.send(delta(12))) == 1
    assert script.session.counters.gaps == 1


def test_f57_gap_on_the_lifecycle_channel_is_told_but_doubts_no_book() -> None:
    script = Script("A").live()
    body = {"market_ticker": "A", "event_type": "deactivated"}
    script.send({"type": "market_lifecycle_v2", "sid": 6, "seq": 1, "msg": body})
    events = script.send({"type": "market_lifecycle_v2", "sid": 6, "seq": 4, "msg": body})
    assert events[:2] == [AccountFeed(is_whole=False), AccountFeed(is_whole=True)]
    assert [type(event) for event in events[2:]] == [FeedState, MarketChanged]
    assert "market_lifecycle_v2 lost" in events[2].detail
    assert script.session.state == "live"


def test_f58_snapshot_takes_the_time_the_exchange_sent_it_or_said_last() -> None:
    script = Script("A", has_clock=True).live()
    clock = {"venue_ms": 7_000, "monotonic_ns": 6, "speed": 1.0, "end_ms": 0}
    script.send({"type": "sandbox_clock", "sid": 7, "msg": clock})
    assert script.send(snapshot(2))[0].ts_ms == 7_000
    assert script.send(snapshot(3) | {"sending_ts_ms": 7_500})[0].ts_ms == 7_500
