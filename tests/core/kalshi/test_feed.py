"""Session cases of the feed: scripted bytes in, events and commands out. Ids are cited in docs."""

import json
from typing import Any

import pytest

from core.events import Event
from core.kalshi.events import FeedState, FillReport, OrderReport, PositionReport
from core.kalshi.feed import FeedSession
from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    MarketChanged,
    Trade,
    VenueTime,
)

BOOK_SID = 1
TRADE_SID = 2


def delta(seq: int, ticker: str = "A", **changes: object) -> dict[str, Any]:
    body = {
        "market_ticker": ticker,
        "market_id": "7c6d5e4f-0000-4000-8000-000000000abc",
        "price_dollars": "0.4100",
        "delta_fp": "-20.00",
        "side": "yes",
        "ts": "2026-11-20T09:30:10.998112Z",
        "ts_ms": 1_795_166_410_998,
    }
    return {
        "type": "orderbook_delta",
        "sid": BOOK_SID,
        "seq": seq,
        "msg": body | changes,
    }


def snapshot(seq: int, ticker: str = "A", **sides: object) -> dict[str, Any]:
    body = {"market_ticker": ticker, "market_id": "x"} | (
        sides or {"yes_dollars_fp": [["0.4000", "250.00"]], "no_dollars_fp": [["0.4400", "35.50"]]}
    )
    return {"type": "orderbook_snapshot", "sid": BOOK_SID, "seq": seq, "msg": body}


class Script:
    """A session and its peer: sends bytes at a given time, keeps events and commands."""

    def __init__(self, *tickers: str, **options: bool) -> None:
        self.session = FeedSession(**options)
        self.now_ms = 1_000_000
        self.events: list[Event] = []
        self.commands: list[dict[str, Any]] = []
        self.session.start(tickers)

    def connect(self) -> "Script":
        self._take(self.session.connection_made(self.now_ms))
        return self

    def confirm(self) -> "Script":
        """Answer every subscribe; book gets sid 1, trade sid 2, others 3 and up."""
        sids = {"orderbook_delta": BOOK_SID, "trade": TRADE_SID}
        commands, self.commands = self.commands, []
        for command in commands:
            if command["cmd"] == "subscribe":
                channel = command["params"]["channels"][0]
                sid = sids.setdefault(channel, len(sids) + 1)
                self.send(
                    {
                        "id": command["id"],
                        "type": "subscribed",
                        "msg": {"channel": channel, "sid": sid},
                    }
                )
        return self

    def live(self) -> "Script":
        """Connected, confirmed, every market with its snapshot (seq 1, 2, ... by ticker)."""
        self.connect().confirm()
        for seq, ticker in enumerate(sorted(self.session.tickers), start=1):
            self.send(snapshot(seq, ticker))
        assert self.session.state == "live"
        self.events.clear()
        self.commands.clear()
        return self

    def send(self, message: dict[str, Any] | bytes) -> list[Event]:
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        return self._take(self.session.receive(data, self.now_ms))

    def wait(self, ms: int) -> list[Event]:
        self.now_ms += ms
        return self._take(self.session.tick(self.now_ms))

    def sent(self, cmd: str) -> list[dict[str, Any]]:
        return [command["params"] for command in self.commands if command["cmd"] == cmd]

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _take(self, events: list[Event]) -> list[Event]:
        self.events += events
        self.commands += [json.loads(data) for data in self.session.data_to_send()]
        return events


def asked(script: Script) -> list[list[str]]:
    """Markets of each snapshot request sent."""
    return [
        params["market_tickers"]
        for params in script.sent("update_subscription")
        if params["action"] == "get_snapshot"
    ]


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


def test_f02_snapshot_and_delta_become_integers() -> None:
    script = Script("A").connect().confirm()
    sides = {
        "yes_dollars_fp": [["0.4000", "250.00"], ["0.4150", "0.01"]],
        "no_dollars_fp": [["0.4600", "2.00"], ["0.4400", "35.50"]],
    }
    assert script.send(snapshot(1, **sides)) == [
        BookSnapshot("A", ((4000, 25000), (4150, 1)), ((4400, 3550), (4600, 200)), 1, 1),
        FeedState("live"),
    ]
    message = delta(2, side="no", client_order_id="c-1") | {"sent_ns": 77}
    assert script.send(message) == [
        BookDelta("A", 1, 4100, -2000, 1_795_166_410_998, 1, 2, "c-1", 77)
    ]


def test_f03_without_yes_price_the_no_side_is_turned() -> None:
    script = Script("A", use_yes_price=False).connect().confirm()
    sides = {"no_dollars_fp": [["0.5500", "80.00"], ["0.5600", "35.50"]]}
    book = script.send(snapshot(1, **sides))[0]
    assert isinstance(book, BookSnapshot)
    assert book.asks == ((4400, 3550), (4500, 8000))
    assert script.send(delta(2, side="no", price_dollars="0.5600"))[0].price_pips == 4400


def test_f04_gap_doubts_all_books_of_the_sid_and_asks_once() -> None:
    script = Script("A", "B").live()
    events = script.send(delta(9, "A"))
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A", "B"]
    assert events[-1] == FeedState("recovering")
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


def test_f13_unknown_type_consumes_a_number_and_is_reported_once() -> None:
    script = Script("A").live()
    assert script.send({"type": "novelty", "sid": 1, "seq": 2, "msg": [1]}) == [
        FeedState("live", "message type 'novelty' is unknown, ignored")
    ]
    assert script.send({"type": "novelty", "sid": 1, "seq": 3}) == []
    assert len(script.send(delta(4))) == 1
    assert script.session.counters.unknown == 2


def test_f14_unknown_fields_are_ignored() -> None:
    script = Script("A").live()
    message = delta(2, novelty={"deep": [1, 2.5]}) | {"sending_ts_ms": 5, "extra": None}
    assert len(script.send(message)) == 1


def test_f15_delta_before_its_snapshot_is_held_back() -> None:
    script = Script("A").connect().confirm()
    assert script.send(delta(1)) == []
    script.send(snapshot(2))
    assert len(script.send(delta(3))) == 1
    assert script.session.counters.held_back == 1


def test_f16_snapshot_with_both_sides_absent_is_an_empty_book() -> None:
    script = Script("A").connect().confirm()
    book = {"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": {"market_ticker": "A"}}
    assert script.send(book)[0] == BookSnapshot("A", (), (), 1, 1)
    assert script.session.live_tickers == {"A"}


def test_f17_mid_stream_snapshot_replaces_the_book() -> None:
    script = Script("A").live()
    script.send(delta(2))
    event = script.send(snapshot(3))[0]
    assert isinstance(event, BookSnapshot)
    assert event.ts_ms == 1_795_166_410_998, "snapshots take the time the stream has reached"
    assert script.of(BookDoubted) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b"null",
        b'{"type":7}',
        b"[" * 100_000,
        b'{"type":"orderbook_delta","sid":1,"seq":2',
    ],
)
def test_f18_unreadable_frame_doubts_every_book(data: bytes) -> None:
    script = Script("A", "B").live()
    events = script.send(data)
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A", "B"]
    assert asked(script) == [["A", "B"]]
    assert script.session.counters.malformed == 1


def test_f19_malformed_private_frame_leaves_books_alone() -> None:
    script = Script("A").live()
    events = script.send(b'{"type":"fill","sid":3,"msg":{"trade_id":5}}')
    assert [type(event) for event in events] == [FeedState]
    assert "malformed" in events[0].detail
    assert len(script.send(delta(2))) == 1


def test_f20_malformed_delta_consumes_its_number_and_doubts() -> None:
    script = Script("A", "B").live()
    script.send(delta(3, "A", price_dollars="cheap"))
    assert [event.ticker for event in script.of(BookDoubted)] == ["A"]
    assert len(script.send(delta(4, "B"))) == 1
    assert script.session.counters.gaps == 0


@pytest.mark.parametrize("price", ["1.0001", "-0.01", "0.00005", "1e-2", "", "0_1", "NaN"])
def test_f21_price_outside_the_scale_is_malformed(price: str) -> None:
    script = Script("A").live()
    script.send(delta(2, price_dollars=price))
    assert script.of(BookDelta) == []
    assert len(script.of(BookDoubted)) == 1


def test_f22_numbers_instead_of_text_are_read_exactly() -> None:
    script = Script("A").live()
    assert script.send(delta(2, price_dollars=0.41, delta_fp=-20))[0].delta_lots == -2000
    text = json.dumps(delta(3)).replace('"-20.00"', "0.01").replace('"0.4100"', "0.4150")
    event = script.send(text.encode())[0]
    assert (event.price_pips, event.delta_lots) == (4150, 1)
    book = script.send(snapshot(4, yes_dollars_fp=[[0.4, 250]]))[0]
    assert book.bids == ((4000, 25000),)


def test_f23_wrong_scale_or_negative_level_is_repaired_when_the_book_says_so() -> None:
    script = Script("A", "B").live()
    events = script._take(script.session.doubt("A", "crossed at group end", script.now_ms))
    assert events == [BookDoubted("A", "crossed at group end"), FeedState("recovering")]
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
    script.send(
        {
            "id": script.commands[-1]["id"],
            "type": "subscribed",
            "msg": {"channel": "orderbook_delta", "sid": 9},
        }
    )
    assert script.send(snapshot(1) | {"sid": 9})[-1] == FeedState("live")
    assert not script.session.wants_reconnect


def test_f25_unrepaired_after_subscribing_again_wants_a_new_connection() -> None:
    script = Script("A").live()
    script.send(delta(9))
    script.wait(5_100)
    script.send(
        {
            "id": script.commands[-1]["id"],
            "type": "subscribed",
            "msg": {"channel": "orderbook_delta", "sid": 9},
        }
    )
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
    events = script._take(script.session.connection_lost("peer closed"))
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


def test_f34_lost_first_snapshot_is_asked_for_at_once() -> None:
    script = Script("A", "B").connect().confirm()
    script.send(snapshot(2, "B"))
    assert asked(script) == [["A"]]
    script.send(snapshot(3, "A"))
    assert script.session.live_tickers == {"A", "B"}


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


def test_f40_account_and_clock_messages_become_reports() -> None:
    script = Script("A", has_clock=True).live()
    fill = {
        "trade_id": "t",
        "order_id": "o",
        "client_order_id": "c",
        "market_ticker": "A",
        "exchange_index": 0,
        "is_taker": True,
        "side": "yes",
        "action": "buy",
        "outcome_side": "yes",
        "book_side": "bid",
        "purchased_side": "yes",
        "yes_price_dollars": "0.4400",
        "count_fp": "4.00",
        "fee_cost": "0.069000",
        "post_position_fp": "-4.00",
        "subaccount": 0,
        "ts": 1,
        "ts_ms": 1998,
    }
    assert script.send({"type": "fill", "sid": 3, "msg": fill}) == [
        FillReport("t", "o", "A", 0, 4400, 400, 69_000, True, 1998, "c", -400)
    ]
    order = {
        "order_id": "o",
        "user_id": "u",
        "ticker": "A",
        "exchange_index": 0,
        "status": "canceled",
        "side": "yes",
        "is_yes": True,
        "outcome_side": "yes",
        "book_side": "ask",
        "yes_price_dollars": "0.4400",
        "initial_count_fp": "10.00",
        "fill_count_fp": "4.00",
        "remaining_count_fp": "0.00",
        "client_order_id": "c",
        "created_ts_ms": 5,
        "last_updated_ts_ms": 9,
        "last_update_reason": "CloseCancel",
    }
    assert script.send({"type": "user_order", "sid": 4, "msg": order}) == [
        OrderReport("o", "c", "A", 1, 4400, 1000, 400, 0, "canceled", 9, "CloseCancel")
    ]
    position = {
        "user_id": "u",
        "market_ticker": "A",
        "position_fp": "-3.00",
        "position_cost_dollars": "1.760000",
        "realized_pnl_dollars": "-0.050000",
        "fees_paid_dollars": "0.069000",
        "position_fee_cost_dollars": "0.0",
        "volume_fp": "4.00",
    }
    assert script.send({"type": "market_position", "sid": 5, "msg": position}) == [
        PositionReport("A", -300, 1_760_000, -50_000, 69_000)
    ]
    life = {
        "market_ticker": "Z",
        "event_type": "determined",
        "result": "yes",
        "settlement_value": "1.0000",
        "determination_ts": 7,
    }
    assert script.send({"type": "market_lifecycle_v2", "sid": 6, "seq": 1, "msg": life}) == [
        MarketChanged("Z", "determined", "yes", 0, 10_000)
    ]
    clock = {"venue_ms": 5, "monotonic_ns": 6, "speed": 2.5, "end_ms": 0}
    assert script.send({"type": "sandbox_clock", "sid": 7, "msg": clock}) == [VenueTime(5, 6, 2.5)]


def test_f41_ended_account_channel_is_subscribed_again_later() -> None:
    script = Script("A").live()
    script.send({"type": "error", "sid": 3, "msg": {"code": 10, "msg": "channel error"}})
    assert script.commands == []
    script.wait(1_100)
    assert script.sent("subscribe") == [{"channels": ["fill"]}]
    assert script.of(BookDoubted) == []


def test_f42_data_that_overtakes_its_subscribed_answer_counts() -> None:
    script = Script("A").connect()
    assert isinstance(script.send(snapshot(1))[0], BookSnapshot)
    script.confirm()
    assert len(script.send(delta(2))) == 1


def test_f43_unsubscribed_by_the_exchange_subscribes_again() -> None:
    script = Script("A").live()
    script.send({"sid": 1, "seq": 2, "type": "unsubscribed"})
    assert script.session.counters.resubscribes == 1
    assert len(script.of(BookDoubted)) == 1


def test_f44_book_message_without_a_number_is_malformed() -> None:
    script = Script("A").live()
    script.send(delta(0))
    assert script.of(BookDelta) == []
    assert script.session.counters.malformed == 1


def test_f45_garbage_flood_is_reported_once_a_second() -> None:
    script = Script("A").live()
    for _ in range(1_000):
        script.send(b"garbage")
    assert script.session.counters.malformed == 1_000
    assert len([event for event in script.of(FeedState) if event.detail]) == 1
    assert len(asked(script)) == 1


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
