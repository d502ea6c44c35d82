from collections.abc import Callable
from typing import Any

from core.market.events import BookSnapshot
from core.sandbox.accounts import Account
from core.sandbox.commands import Session
from core.sandbox.group_desk import GroupDesk
from core.sandbox.order_bodies import GroupBody
from core.sandbox.publisher import Subscription
from core.sandbox.recorded import RecordedBook
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


BOOK = "orderbook_delta"
PRIVATE = ("fill", "user_orders", "market_positions")


def listen(floor: Floor, sink: Sink, account: Account, *channels: str) -> Session:
    session = Session(floor.exchange, floor.exchange.publisher, sink, account.number)
    names = ",".join(f'"{channel}"' for channel in channels)
    session.receive(
        f'{{"id":1,"cmd":"subscribe","params":{{"channels":[{names}],'
        f'"market_tickers":["{floor.listing.ticker}"]}}}}'
    )
    sink.take()
    return session


def test_own_order_id_goes_to_its_owner_only(floor: Floor, new_sink: Callable[[], Any]) -> None:
    mine, theirs = new_sink(), new_sink()
    listen(floor, mine, floor.ann, BOOK)
    listen(floor, theirs, floor.bob, BOOK)
    floor.place(floor.ann, "bid", "0.4000", "2.00", client_order_id="secret")
    (own,), (public,) = mine.take(BOOK), theirs.take(BOOK)
    assert own["msg"]["client_order_id"] == "secret"
    assert "subaccount" not in own["msg"]
    assert "client_order_id" not in public["msg"]
    assert own["msg"]["delta_fp"] == public["msg"]["delta_fp"] == "2.00"


def test_a_user_hears_all_his_subaccounts(floor: Floor, new_sink: Callable[[], Any]) -> None:
    second = floor.exchange.open_subaccount(floor.ann.user)
    second.cash_micros = 100_000_000
    mine, theirs = new_sink(), new_sink()
    channels = (BOOK, *PRIVATE, "order_group_updates")
    listen(floor, mine, floor.ann, *channels)
    listen(floor, theirs, floor.bob, *channels)
    floor.place(second, "bid", "0.4000", "2.00", client_order_id="named")
    floor.place(second, "bid", "0.3000", "2.00", client_order_id="")
    floor.crowd(Side.ASK, 4_000, 100)
    GroupDesk(floor.exchange).create(second, GroupBody(contracts_limit=1))
    told: dict[str, list[dict[str, Any]]] = {}
    for message in mine.take():
        told.setdefault(message["type"], []).append(message["msg"])
    named, unnamed, public = told[BOOK]
    assert (named["client_order_id"], named["subaccount"]) == ("named", 1)
    assert ("client_order_id" in unnamed, unnamed["subaccount"]) == (False, 1)
    assert "subaccount" not in public
    assert {msg["subaccount_number"] for msg in told["user_order"]} == {1}
    assert [msg["subaccount"] for msg in told["fill"]] == [1]
    assert [msg["subaccount"] for msg in told["market_position"]] == [1]
    assert [msg["event_type"] for msg in told["order_group_updates"]] == ["created"]
    assert {message["type"] for message in theirs.take()} == {BOOK}


def test_taking_carries_the_takers_id_and_being_hit_carries_none(
    floor: Floor, new_sink: Callable[[], Any]
) -> None:
    maker, taker = new_sink(), new_sink()
    listen(floor, maker, floor.ann, BOOK)
    listen(floor, taker, floor.bob, BOOK)
    floor.place(floor.ann, "bid", "0.4000", "2.00", client_order_id="rests")
    maker.take(), taker.take()
    floor.place(floor.bob, "ask", "0.4000", "1.00", client_order_id="takes")
    (hit,), (took,) = maker.take(BOOK), taker.take(BOOK)
    assert "client_order_id" not in hit["msg"]
    assert took["msg"]["client_order_id"] == "takes"
    assert took["msg"]["delta_fp"] == "-1.00"


def test_one_match_tells_everything_at_one_time(floor: Floor, new_sink: Callable[[], Any]) -> None:
    maker, taker = new_sink(), new_sink()
    listen(floor, maker, floor.ann, BOOK, "trade", "ticker", *PRIVATE)
    listen(floor, taker, floor.bob, *PRIVATE)
    floor.place(floor.ann, "bid", "0.4000", "2.00")
    maker.take()
    floor.place(floor.bob, "ask", "0.3900", "1.00")
    heard = {message["type"]: message["msg"] for message in maker.take()}
    assert heard.keys() == {
        "orderbook_delta",
        "trade",
        "ticker",
        "fill",
        "user_order",
        "market_position",
    }
    assert heard["trade"]["yes_price_dollars"] == "0.4000"
    assert heard["trade"]["taker_book_side"] == "ask"
    assert heard["trade"]["trade_id"] == heard["fill"]["trade_id"]
    assert heard["fill"]["post_position_fp"] == "1.00"
    assert not heard["fill"]["is_taker"]
    assert heard["user_order"]["remaining_count_fp"] == "1.00"
    assert heard["user_order"]["last_update_reason"] == "Trade"
    assert heard["market_position"]["position_fp"] == "1.00"
    stamped = [heard[kind]["ts_ms"] for kind in ("orderbook_delta", "trade", "ticker", "fill")]
    assert set(stamped) == {floor.exchange.now_ms}
    (fill,) = taker.take("fill")
    assert fill["msg"]["trade_id"] == heard["trade"]["trade_id"]
    assert fill["msg"]["outcome_side"] == "no"
    assert fill["msg"]["fee_cost"] == "0.016800"


def test_a_ticker_is_sent_only_when_something_changed(floor: Floor, sink: Sink) -> None:
    listen(floor, sink, floor.ann, "ticker")
    floor.crowd(Side.BID, 4_000, 100)
    assert [m["msg"]["yes_bid_dollars"] for m in sink.take("ticker")] == ["0.4000"]
    floor.crowd(Side.BID, 3_000, 100)
    assert sink.take() == []


def test_lost_message_is_a_gap_once_and_snapshots_wait(
    floor_of: Callable[..., Any], sink: Sink
) -> None:
    book = RecordedBook()
    book.take_snapshot(BookSnapshot("T", ((4_000, 10),), ()))
    floor = floor_of(book)
    session = listen(floor, sink, floor.ann, BOOK)
    publisher, ticker = floor.exchange.publisher, floor.listing.ticker
    book.doubt()
    publisher.skip_seq(floor.listing)
    session.receive(
        '{"id":9,"cmd":"update_subscription","params":'
        f'{{"sid":1,"action":"get_snapshot","market_tickers":["{ticker}"]}}}}'
    )
    assert sink.take() == []
    book.take_snapshot(BookSnapshot("T", ((4_100, 20),), ()))
    publisher.book_snapshot(floor.listing, 1)
    publisher.book_snapshot(floor.listing, 1)
    owed, unasked = sink.take()
    assert (owed["id"], owed["seq"]) == (9, 3)
    assert owed["msg"]["yes_dollars_fp"] == [["0.4100", "0.20"]]
    assert "id" not in unasked
    assert unasked["seq"] == 4


def test_a_peer_that_does_not_read_loses_the_subscription(floor: Floor, sink: Sink) -> None:
    session = listen(floor, sink, floor.ann, BOOK)
    sink.fills_up = True
    floor.crowd(Side.BID, 4_000, 100)
    floor.crowd(Side.BID, 4_000, 100)
    (error,) = sink.take()
    assert error["type"] == "error"
    assert (error["sid"], error["msg"]["code"]) == (1, 25)
    session.receive('{"id":3,"cmd":"unsubscribe","params":{"sids":[1]}}')
    assert [m["msg"]["code"] for m in sink.take("error")] == [7]


def test_subscription_without_markets_wants_all(sink: Sink) -> None:
    every = Subscription(1, "trade", sink, 1)
    one = Subscription(2, "trade", sink, 1, {"A"})
    assert every.wants("B")
    assert one.wants("A")
    assert not one.wants("B")
