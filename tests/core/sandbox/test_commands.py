import json
from collections.abc import Callable
from typing import Any

import pytest

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
        ('{"id":5,"cmd":"unsubscribe","params":{}}', 4),
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
    assert "seq" not in answer


def test_a_closed_session_hears_nothing(session: Session, sink: Sink, floor: Floor) -> None:
    send(session, "subscribe", channels=[BOOK], market_tickers=[floor.listing.ticker])
    session.close()
    sink.take()
    floor.crowd(Side.BID, 4_000, 100)
    assert sink.take() == []
