"""Feed session cases (ARCHITECTURE.md): what one message means, readable or not."""

import json

import pytest
from feed_script import Script, asked, delta, snapshot

from core.kalshi.events import AccountFeed, FeedState, FillReport, OrderReport, PositionReport
from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    EventFeesChanged,
    MarketChanged,
    Trade,
    VenueTime,
)


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


def test_f16_snapshot_with_both_sides_absent_is_an_empty_book() -> None:
    script = Script("A").connect().confirm()
    book = {"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": {"market_ticker": "A"}}
    assert script.send(book)[0] == BookSnapshot("A", (), (), 1, 1)
    assert script.session.live_tickers == {"A"}


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
        b'{"type":"orderbook_snapshot","sid":1,"seq":3,"msg":{"no_dollars_fp":[["0.4"]]}}',
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
    assert events[:2] == [AccountFeed(is_whole=False), AccountFeed(is_whole=True)]
    (state,) = events[2:]
    assert isinstance(state, FeedState)
    assert "malformed" in state.detail
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
    fees = {"event_ticker": "E", "fee_type_override": None, "fee_multiplier_override": None}
    assert script.send({"type": "event_fee_update", "sid": 6, "seq": 2, "msg": fees}) == [
        EventFeesChanged("E")
    ]
    clock = {"venue_ms": 5, "monotonic_ns": 6, "speed": 2.5, "end_ms": 0}
    assert script.send({"type": "sandbox_clock", "sid": 7, "msg": clock}) == [VenueTime(5, 6, 2.5)]


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


@pytest.mark.parametrize(
    "sides",
    [
        {"yes_dollars_fp": [["41", "120"]]},
        {"yes_dollars_fp": [[41, 120]]},
        {"yes_dollars_fp": [["0.4100", "-1.00"]]},
        {"no_dollars_fp": [["0.4100", "1.00"], ["0.4100", "2.00"]]},
    ],
    ids=["cents", "integer cents", "negative", "twice"],
)
def test_f59_snapshot_that_cannot_be_doubts_its_own_book_only(sides: dict[str, object]) -> None:
    script = Script("A", "B").live()
    events = script.send(snapshot(3, "A", **sides))
    assert [event.ticker for event in events if isinstance(event, BookDoubted)] == ["A"]
    assert asked(script) == [["A"]]
    assert len(script.send(delta(4, "B"))) == 1
    assert script.send(snapshot(5, "A"))[-1] == FeedState("live")


@pytest.mark.parametrize("count", ["1" + "0" * 30, "9" * 5_000, "-" + "9" * 20])
def test_f60_absurd_count_is_malformed(count: str) -> None:
    script = Script("A").live()
    script.send(delta(2, delta_fp=count))
    assert script.of(BookDelta) == []
    assert len(script.of(BookDoubted)) == 1
    assert script.session.counters.malformed == 1


def test_f61_unknown_words_of_the_exchange_are_passed_on() -> None:
    script = Script("A").live()
    body = {"market_ticker": "A", "event_type": "teleported", "result": "maybe"}
    message = {"type": "market_lifecycle_v2", "sid": 6, "seq": 1, "msg": body}
    assert script.send(message) == [MarketChanged("A", "teleported", "maybe")]
    assert script.session.counters.malformed == 0


def test_f62_trade_from_before_may_2026_says_its_taker_by_outcome() -> None:
    script = Script("A").live()
    body = {
        "trade_id": "t",
        "market_ticker": "A",
        "yes_price_dollars": "0.4400",
        "count_fp": "5.00",
        "taker_side": "yes",
        "ts": 7,
    }
    message = {"type": "trade", "sid": 2, "seq": 1, "msg": body}
    assert script.send(message) == [Trade("t", "A", 4400, 500, 0, 7_000, 2, 1)]
    del body["taker_side"]
    events = script.send(message | {"seq": 2})
    assert script.session.counters.malformed == 1
    assert script.of(BookDoubted) == []
    assert [type(event) for event in events] == [FeedState]
