import json
from collections.abc import Callable
from typing import Any

import pytest

from core.clock import ManualClock
from core.sandbox import commands
from core.sandbox.command_params import CommandRate
from core.sandbox.commands import Session
from core.sandbox.engine import MatchingBook
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


BOOK = "orderbook_delta"


@pytest.fixture
def session(floor: Floor, sink: Sink) -> Session:
    return Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)


def send(session: Session, cmd: str, number: int = 1, **params: object) -> None:
    session.receive(json.dumps({"id": number, "cmd": cmd, "params": params}))


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages if "seq" in message]


def test_each_channel_has_its_sid_and_the_book_its_snapshot(
    session: Session, sink: Sink, floor: Floor
) -> None:
    floor.crowd(Side.BID, 4_000, 1_000)
    send(session, "subscribe", channels=[BOOK, "trade"], market_tickers=[floor.listing.ticker])
    assert sink.take() == [
        {"id": 1, "type": "subscribed", "msg": {"channel": BOOK, "sid": 1}},
        {
            "type": "orderbook_snapshot",
            "sid": 1,
            "seq": 1,
            "sending_ts_ms": floor.exchange.now_ms,
            "msg": {
                "market_ticker": floor.listing.ticker,
                "market_id": floor.listing.market_id,
                "yes_dollars_fp": [["0.4000", "10.00"]],
            },
        },
        {"id": 1, "type": "subscribed", "msg": {"channel": "trade", "sid": 2}},
    ]


def test_seq_is_shared_by_markets_and_consumed_by_answers(
    session: Session, sink: Sink, floor: Floor, market: Callable[..., Any]
) -> None:
    other = floor.life.list_market(market("KXT-26MAY11-B"), MatchingBook())
    first = floor.listing.ticker
    send(session, "subscribe", channels=[BOOK], market_tickers=[first])
    floor.crowd(Side.BID, 4_000, 100)
    update = "update_subscription"
    send(session, update, 2, sid=1, action="add_markets", market_ticker=other.ticker)
    floor.crowd(Side.BID, 4_000, 100)
    send(
        session, "update_subscription", 3, sids=[1], action="delete_markets", market_tickers=[first]
    )
    floor.crowd(Side.BID, 4_000, 100)
    send(session, "unsubscribe", 4, sids=[1])
    messages = sink.take()
    assert [(m["type"], m.get("id")) for m in messages] == [
        ("subscribed", 1),
        ("orderbook_snapshot", None),
        ("orderbook_delta", None),
        ("ok", 2),
        ("orderbook_snapshot", None),
        ("orderbook_delta", None),
        ("ok", 3),
        ("unsubscribed", 4),
    ]
    assert seqs(messages) == [1, 2, 3, 4, 5, 6, 7]
    assert messages[3]["msg"] == {"market_tickers": [first, other.ticker]}
    assert messages[6]["msg"] == {"market_tickers": [other.ticker]}


def test_get_snapshot_carries_the_command_id(session: Session, sink: Sink, floor: Floor) -> None:
    ticker = floor.listing.ticker
    send(session, "subscribe", channels=[BOOK], market_tickers=[ticker])
    sink.take()
    send(session, "update_subscription", 7, sid=1, action="get_snapshot", market_tickers=[ticker])
    (answer,) = sink.take()
    assert (answer["type"], answer["id"], answer["seq"]) == ("orderbook_snapshot", 7, 2)


def test_use_yes_price_mirrors_asks_only(session: Session, sink: Sink, floor: Floor) -> None:
    ticker = floor.listing.ticker
    send(session, "subscribe", channels=[BOOK], market_tickers=[ticker])
    send(session, "subscribe", 2, channels=[BOOK], market_tickers=[ticker], use_yes_price=True)
    sink.take()
    floor.crowd(Side.ASK, 5_200, 100)
    plain, flipped = (message["msg"] for message in sink.take())
    assert (plain["price_dollars"], plain["side"]) == ("0.4800", "no")
    assert (flipped["price_dollars"], flipped["side"]) == ("0.5200", "no")
    floor.crowd(Side.BID, 4_100, 100)
    assert {m["msg"]["price_dollars"] for m in sink.take()} == {"0.4100"}


def test_list_subscriptions(session: Session, sink: Sink) -> None:
    send(session, "subscribe", channels=["fill", "user_orders"])
    sink.take()
    session.receive('{"id":4,"cmd":"list_subscriptions"}')
    assert sink.take() == [
        {
            "id": 4,
            "type": "ok",
            "msg": [{"channel": "fill", "sid": 1}, {"channel": "user_orders", "sid": 2}],
        }
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", 1),
        ('{"id":5,"cmd":7}', 11),
        ('{"id":5,"cmd":"dance"}', 5),
        ('{"id":5,"cmd":"subscribe"}', 2),
        ('{"id":5,"cmd":"subscribe","params":{}}', 3),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["gossip"]}}', 8),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}}', 14),
        (
            '{"id":5,"cmd":"subscribe","params":'
            '{"channels":["trade"],"market_ticker":"A","market_tickers":["B"]}}',
            11,
        ),
        (
            '{"id":5,"cmd":"subscribe","params":'
            '{"channels":["ticker"],"market_ids":["A"],"market_tickers":["B"]}}',
            11,
        ),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["ticker"],"market_id":"A"}}', 11),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"market_id":"A"}}', 11),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"shard_factor":0}}', 19),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"shard_key":0}}', 20),
        (
            '{"id":5,"cmd":"subscribe","params":'
            '{"channels":["trade"],"shard_factor":2,"shard_key":2}}',
            21,
        ),
        ('{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"shard_factor":101}}', 22),
        ('{"id":5,"cmd":"unsubscribe"}', 2),
        ('{"id":5,"cmd":"unsubscribe","params":{}}', 4),
        ('{"id":5,"cmd":"update_subscription","params":{}}', 12),
        ('{"id":5,"cmd":"update_subscription","params":{"sid":1,"sids":[1]}}', 12),
        (
            '{"id":5,"cmd":"update_subscription","params":'
            '{"sid":1,"action":"get_snapshot","market_tickers":["A"]}}',
            13,
        ),
        (
            '{"id":5,"cmd":"update_subscription","params":'
            '{"sid":1,"action":"delete_markets","market_tickers":["A"]}}',
            11,
        ),
        (
            '{"id":5,"cmd":"update_subscription","params":'
            '{"sid":1,"action":"add_markets","market_id":"A"}}',
            11,
        ),
        ('{"id":5,"cmd":"unsubscribe","params":{"sids":[9]}}', 7),
        ('{"id":5,"cmd":"update_subscription","params":{"sids":[1,2]}}', 12),
        ('{"id":5,"cmd":"update_subscription","params":{"sid":9}}', 7),
        ('{"id":5,"cmd":"update_subscription","params":{"sid":1}}', 15),
        ('{"id":5,"cmd":"update_subscription","params":{"sid":1,"action":"add_markets"}}', 14),
        (
            '{"id":5,"cmd":"update_subscription","params":'
            '{"sid":1,"action":"paint","market_tickers":["A"]}}',
            13,
        ),
    ],
)
def test_errors_are_answered(session: Session, sink: Sink, text: str, code: int) -> None:
    send(session, "subscribe", channels=["trade"])
    sink.take()
    session.receive(text)
    (answer,) = sink.take("error")
    assert answer["msg"]["code"] == code
    assert answer["msg"]["msg"]
    assert "seq" not in answer


def test_a_closed_session_hears_nothing(session: Session, sink: Sink, floor: Floor) -> None:
    send(session, "subscribe", channels=[BOOK], market_tickers=[floor.listing.ticker])
    session.close()
    sink.take()
    floor.crowd(Side.BID, 4_000, 100)
    assert sink.take() == []


def test_a_second_subscribe_opens_a_second_sid(session: Session, sink: Sink, floor: Floor) -> None:
    for command_id in (1, 2):
        send(session, "subscribe", command_id, channels=["trade"])
    assert [m["msg"]["sid"] for m in sink.take("subscribed")] == [1, 2]
    floor.crowd(Side.BID, 4_000, 100)
    floor.crowd(Side.ASK, 4_000, 100)
    told = sink.take("trade")
    assert [(message["sid"], message["seq"]) for message in told] == [(1, 1), (2, 1)]
    send(session, "unsubscribe", 3, sids=[1])
    assert [message["seq"] for message in sink.take("unsubscribed")] == [2]


def test_a_channel_named_twice_is_opened_once(session: Session, sink: Sink) -> None:
    send(session, "subscribe", channels=["trade", "trade"])
    assert len(sink.take("subscribed")) == 1


def test_tickers_by_id_with_a_first_message(
    session: Session, sink: Sink, floor: Floor, market: Callable[..., Any]
) -> None:
    other = floor.life.list_market(market("KXT-26MAY11-B"), MatchingBook())
    first = floor.listing
    floor.crowd(Side.BID, 4_000, 100)
    wanted = {"channels": ["ticker"], "send_initial_snapshot": True}
    send(session, "subscribe", market_ids=[first.market_id], **wanted)
    acknowledged, told = sink.take()
    assert acknowledged["type"] == "subscribed"
    assert (told["type"], told["sid"], "seq" in told) == ("ticker", 1, False)
    assert (told["msg"]["market_id"], told["msg"]["yes_bid_dollars"]) == (
        first.market_id,
        "0.4000",
    )
    update = {"sid": 1, "action": "add_markets", "market_id": other.market_id}
    send(session, "update_subscription", 2, send_initial_snapshot=True, **update)
    ok, told = sink.take()
    assert ok["msg"] == {
        "market_tickers": [first.ticker, other.ticker],
        "market_ids": [first.market_id, other.market_id],
    }
    assert told["msg"]["market_ticker"] == other.ticker


def test_without_the_flag_a_ticker_begins_with_the_first_change(
    session: Session, sink: Sink, floor: Floor
) -> None:
    send(session, "subscribe", channels=["ticker"], market_ticker=floor.listing.ticker)
    assert sink.take("ticker") == []
    floor.crowd(Side.BID, 4_000, 100)
    assert len(sink.take("ticker")) == 1


def test_a_terse_subscription_lists_no_markets(session: Session, sink: Sink) -> None:
    send(session, "subscribe", channels=["ticker"], market_ticker="A", skip_ticker_ack=True)
    sink.take()
    send(session, "update_subscription", 2, sid=1, action="add_markets", market_ticker="B")
    assert sink.take() == [{"id": 2, "sid": 1, "seq": 1, "type": "ok", "msg": {}}]


def test_all_markets_stay_all_when_one_is_added(session: Session, sink: Sink, floor: Floor) -> None:
    send(session, "subscribe", channels=["trade"])
    send(session, "update_subscription", 2, sid=1, action="add_markets", market_ticker="OTHER")
    assert sink.take("ok")[0]["msg"] == {"market_tickers": []}
    floor.crowd(Side.BID, 4_000, 100)
    floor.crowd(Side.ASK, 4_000, 100)
    assert len(sink.take("trade")) == 1


@pytest.mark.parametrize("channel", ["market_lifecycle_v2", "order_group_updates"])
def test_some_channels_know_no_filter(
    session: Session, sink: Sink, floor: Floor, market: Callable[..., Any], channel: str
) -> None:
    send(session, "subscribe", channels=[channel], market_ticker="OTHER")
    floor.life.list_market(market("KXT-26MAY12-A"), MatchingBook())
    told = [message["type"] for message in sink.take()]
    heard = ["event_lifecycle", "market_lifecycle_v2", "market_lifecycle_v2"]
    assert told == ["subscribed", *(heard if channel == "market_lifecycle_v2" else [])]
    send(session, "update_subscription", 2, sid=1, action="add_markets", market_ticker="A")
    (answer,) = sink.take()
    assert answer["msg"]["code"] == 13


def test_a_new_event_is_announced_once(
    session: Session, sink: Sink, floor: Floor, market: Callable[..., Any]
) -> None:
    send(session, "subscribe", channels=["market_lifecycle_v2"])
    for letter in "AB":
        floor.life.list_market(market(f"KXT-26MAY12-{letter}"), MatchingBook())
    messages = sink.take()[1:]
    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
    (event,) = (message for message in messages if message["type"] == "event_lifecycle")
    assert event["msg"] == {
        "event_ticker": "KXT-26MAY12",
        "title": "Market KXT-26MAY12-A",
        "subtitle": "",
        "collateral_return_type": "",
        "series_ticker": "KXT",
    }


def test_get_snapshot_names_a_market_it_cannot_send(
    session: Session, sink: Sink, floor: Floor
) -> None:
    ticker = floor.listing.ticker
    send(session, "subscribe", channels=[BOOK], market_tickers=[ticker])
    sink.take()
    asked = {"sid": 1, "action": "get_snapshot"}
    send(session, "update_subscription", 7, market_tickers=[ticker, "OTHER"], **asked)
    snapshot, error = sink.take()
    assert (snapshot["type"], snapshot["id"]) == ("orderbook_snapshot", 7)
    assert (error["id"], error["msg"]["code"]) == (7, 11)
    assert error["msg"]["market_ticker"] == "OTHER"
    send(session, "update_subscription", 8, market_ticker=ticker, **asked)
    assert sink.take()[0]["msg"]["code"] == 14


def test_markets_are_limited(session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MARKETS_PER_SUBSCRIPTION", 3)
    monkeypatch.setattr(commands, "MARKETS_PER_SESSION", 5)
    send(session, "subscribe", channels=["trade"], market_tickers=list("ABCD"))
    assert sink.take()[0]["msg"]["code"] == 26
    send(session, "subscribe", channels=["trade"], market_tickers=list("ABC"))
    sink.take()
    send(session, "update_subscription", 2, sid=1, action="add_markets", market_ticker="D")
    assert sink.take()[0]["msg"]["code"] == 26
    send(session, "subscribe", 3, channels=["ticker"], market_tickers=list("ABC"))
    assert sink.take()[0]["msg"]["code"] == 26
    send(session, "subscribe", 4, channels=["ticker"], market_tickers=list("AB"))
    assert sink.take()[0]["type"] == "subscribed"


def test_commands_are_limited_by_the_second(sink: Sink, floor: Floor) -> None:
    clock = ManualClock()
    rate = CommandRate(clock, per_s=2)
    session = Session(floor.exchange, floor.exchange.publisher, sink, 1, rate)
    for command_id in (1, 2, 3):
        session.receive(f'{{"id":{command_id},"cmd":"list_subscriptions"}}')
    assert [m["type"] for m in sink.messages] == ["ok", "ok", "error"]
    assert (sink.messages[2]["id"], sink.messages[2]["msg"]["code"]) == (3, 27)
    clock.advance_ms(1_000)
    sink.take()
    session.receive('{"id":4,"cmd":"list_subscriptions"}')
    assert sink.take()[0]["type"] == "ok"


def test_a_subscription_that_is_over_leaves_its_room_to_others(
    session: Session, sink: Sink, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MARKETS_PER_SESSION", 2)
    publisher, markets = floor.exchange.publisher, ["KXT-1", "KXT-2"]
    for _ in range(3):
        send(session, "subscribe", channels=["trade"], market_tickers=markets)
        assert sink.take()[0]["type"] == "subscribed"
        publisher.end(publisher.subscriptions("trade")[0], 25, "outbound buffer overflow")
        sink.take()
    send(session, "subscribe", channels=["trade"], market_tickers=markets)
    send(session, "subscribe", channels=["trade"], market_tickers=["KXT-3"])
    assert sink.take()[1]["msg"]["code"] == 26


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, 11),
        ('{"id":4,"novelty":' + "[" * 100_000, 1),
        ('{"cmd":5,"novelty":' + "[" * 100_000, 11),
        ('{"cmd":5 and so on', 11),
        (b'{"cmd":"\xff"}', 1),
        (b"\xff", 1),
    ],
)
def test_no_text_is_too_strange_to_be_answered(
    session: Session, sink: Sink, text: str | bytes, code: int
) -> None:
    session.receive(text)
    assert [message["msg"]["code"] for message in sink.take()] == [code]


def test_a_subscription_that_is_over_is_unknown(session: Session, sink: Sink, floor: Floor) -> None:
    send(session, "subscribe", channels=["trade", "ticker"])
    (over,) = floor.exchange.publisher.subscriptions("trade")
    over.is_over = True
    sink.take()
    session.receive('{"id":2,"cmd":"list_subscriptions"}')
    assert sink.take()[0]["msg"] == [{"channel": "ticker", "sid": 2}]
    send(session, "unsubscribe", 3, sids=[1])
    assert sink.take()[0]["msg"]["code"] == 7
