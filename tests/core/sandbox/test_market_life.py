from collections.abc import Callable
from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.market.ticks import PriceRange
from core.sandbox.commands import Session
from core.sandbox.engine import MatchingBook
from core.sandbox.errors import ApiError
from core.sandbox.listings import SETTLEMENT_TIMER_MS
from core.sandbox.market_life import DETERMINATION_DELAY_MS
from core.sandbox.recorded import RecordedBook
from core.units import MICROS_PER_DOLLAR, Side

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


T0 = 1_778_477_863_000


def hear(floor: Floor, sink: Sink) -> Session:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    channels = '["market_lifecycle_v2","market_positions","user_orders"]'
    session.receive(f'{{"id":1,"cmd":"subscribe","params":{{"channels":{channels}}}}}')
    sink.take()
    return session


def hear_book(floor: Floor, sink: Sink) -> None:
    params = f'{{"channels":["orderbook_delta"],"market_ticker":"{floor.listing.ticker}"}}'
    hear(floor, sink).receive(f'{{"id":2,"cmd":"subscribe","params":{params}}}')
    sink.take()


def is_refused(floor: Floor) -> bool:
    try:
        floor.place(floor.ann, "bid", "0.1000", "1.00")
    except ApiError as error:
        return error.body["error"] == {
            "code": "market_closed",
            "message": "market closed",
            "details": "MARKET_INACTIVE",
        }
    return False


def kinds(sink: Sink) -> list[str]:
    return [message["msg"]["event_type"] for message in sink.take("market_lifecycle_v2")]


def test_a_new_market_is_created_and_activated(
    floor: Floor, sink: Sink, market: Callable[..., Any]
) -> None:
    hear(floor, sink)
    floor.life.list_market(market("KXT-26MAY11-B", close_ms=T0 + 9_000), MatchingBook())
    created, activated = sink.take()
    assert created["msg"]["event_type"] == "created"
    assert created["msg"]["close_ts"] == (T0 + 9_000) // 1000
    assert "open_ts" not in created["msg"]
    assert created["msg"]["additional_metadata"]["event_ticker"] == "KXT-26MAY11"
    assert (created["seq"], activated["seq"]) == (1, 2)
    assert activated["msg"]["event_type"] == "activated"


def test_a_market_opens_at_its_time_without_a_word(
    floor: Floor, sink: Sink, market: Callable[..., Any]
) -> None:
    hear(floor, sink)
    book = MatchingBook()
    listing = floor.life.list_market(market("KXT-26MAY11-B", open_ms=T0 + 1_000), book)
    assert listing.status == "initialized"
    assert kinds(sink) == ["created"]
    floor.exchange.advance(T0 + 1_000)
    assert listing.status == "active"
    assert sink.take() == []


def test_a_market_listed_after_its_close_is_closed(
    floor: Floor, market: Callable[..., Any]
) -> None:
    listing = floor.life.list_market(market("KXT-26MAY11-B", close_ms=T0), MatchingBook())
    assert listing.status == "closed"


def test_close_cancels_what_rests_and_the_payout_follows(
    floor_of: Callable[..., Any], sink: Sink
) -> None:
    floor = floor_of(close_ms=T0 + 5_000, result="yes")
    floor.crowd(Side.ASK, 4_000, 300)
    floor.place(floor.ann, "bid", "0.4000", "3.00")
    floor.crowd(Side.BID, 3_000, 300)
    resting = floor.place(floor.ann, "bid", "0.2000", "3.00")
    hear(floor, sink)
    floor.exchange.advance(T0 + 5_000)
    assert floor.listing.status == "closed"
    assert (resting.status, resting.reason) == ("canceled", "CloseCancel")
    assert floor.listing.book.levels() == ([], [])
    assert floor.ann.held_micros == 0
    assert kinds(sink) == []
    cash = floor.ann.cash_micros
    floor.exchange.advance(T0 + 5_000 + DETERMINATION_DELAY_MS)
    assert (floor.listing.status, floor.listing.result) == ("determined", "yes")
    assert floor.ann.cash_micros == cash
    floor.exchange.advance(floor.exchange.now_ms + SETTLEMENT_TIMER_MS)
    assert floor.listing.status == "finalized"
    assert floor.ann.cash_micros == cash + 3 * MICROS_PER_DOLLAR
    (settlement,) = floor.ann.settlements
    assert (settlement.revenue_micros, settlement.position_lots) == (3 * MICROS_PER_DOLLAR, 300)
    messages = sink.take()
    told = [m["msg"]["event_type"] for m in messages if m["type"] == "market_lifecycle_v2"]
    assert told == ["determined", "settled"]
    assert messages[0]["msg"]["settlement_value"] == "1.0000"
    (position,) = (m for m in messages if m["type"] == "market_position")
    assert position["msg"]["position_fp"] == "0.00"
    assert position["msg"]["realized_pnl_dollars"] == "1.800000"


def test_settling_twice_pays_once(floor: Floor) -> None:
    floor.crowd(Side.ASK, 4_000, 100)
    floor.place(floor.ann, "bid", "0.4000", "1.00")
    floor.life.determine(floor.listing, "no")
    floor.life.determine(floor.listing, "yes")
    floor.life.settle(floor.listing)
    cash = floor.ann.cash_micros
    floor.life.settle(floor.listing)
    floor.exchange.advance(T0 + 60_000)
    assert floor.listing.result == "no"
    assert floor.ann.cash_micros == cash
    assert len(floor.ann.settlements) == 1


def test_scalar_result_pays_its_value(floor: Floor) -> None:
    floor.crowd(Side.ASK, 4_000, 100)
    floor.place(floor.ann, "bid", "0.4000", "1.00")
    before = floor.ann.cash_micros
    floor.life.determine(floor.listing, "scalar", 3_300)
    floor.life.settle(floor.listing)
    assert floor.ann.cash_micros == before + 3_300 * 100


def test_a_close_is_one_empty_snapshot_in_the_stream_of_the_book(floor: Floor, sink: Sink) -> None:
    for price in (4_000, 4_100, 4_200):
        floor.crowd(Side.ASK, price, 100)
    floor.place(floor.ann, "bid", "0.3000", "1.00")
    hear_book(floor, sink)
    floor.life.close(floor.listing)
    messages = sink.take()
    (snapshot,) = (m for m in messages if m["type"].startswith("orderbook"))
    assert snapshot["type"] == "orderbook_snapshot"
    assert snapshot["seq"] == 2
    assert set(snapshot["msg"]) == {"market_ticker", "market_id"}
    (order,) = (m for m in messages if m["type"] == "user_order")
    assert order["msg"]["last_update_reason"] == "CloseCancel"


def test_a_recorded_book_loses_our_orders_and_empties_when_the_recording_says(
    floor_of: Callable[..., Any], sink: Sink
) -> None:
    book = RecordedBook()
    book.take_snapshot(BookSnapshot("T", ((3_000, 500),), ((6_000, 500),)))
    floor = floor_of(book)
    floor.place(floor.ann, "bid", "0.4000", "1.00")
    hear_book(floor, sink)
    floor.life.close(floor.listing)
    told = [m for m in sink.take() if m["type"].startswith("orderbook")]
    assert [(m["type"], m["msg"]["delta_fp"]) for m in told] == [("orderbook_delta", "-1.00")]
    assert book.levels() == ([(3_000, 500)], [(6_000, 500)])


def test_an_inactive_market_takes_no_orders_but_cancels(floor: Floor, sink: Sink) -> None:
    ticker = floor.listing.ticker
    order = floor.place(floor.ann, "bid", "0.3000", "1.00")
    hear(floor, sink)
    assert floor.life.deactivate(ticker)
    (told,) = sink.take()
    assert (told["msg"]["event_type"], told["msg"]["is_deactivated"]) == ("deactivated", True)
    assert floor.listing.status == "inactive"
    assert is_refused(floor)
    assert order.status == "resting"
    floor.desk.cancel(floor.ann, order.order_id)
    assert order.status == "canceled"


def test_reactivation_cancels_all_that_rests(floor: Floor, sink: Sink) -> None:
    ticker = floor.listing.ticker
    floor.crowd(Side.ASK, 6_000, 100)
    orders = [floor.place(account, "bid", "0.3000", "1.00") for account in (floor.ann, floor.bob)]
    floor.life.deactivate(ticker)
    hear(floor, sink)
    assert floor.life.activate(ticker)
    assert [(order.status, order.reason) for order in orders] == [("canceled", "HaltCancel")] * 2
    assert floor.listing.book.levels() == ([], [])
    messages = sink.take()
    assert messages[-1]["msg"]["event_type"] == "activated"
    assert messages[-1]["msg"]["is_deactivated"] is False
    assert floor.place(floor.ann, "bid", "0.3000", "1.00").status == "resting"


def test_an_early_close_is_told_and_the_old_time_does_nothing(
    floor_of: Callable[..., Any], sink: Sink
) -> None:
    floor = floor_of(close_ms=T0 + 60_000, result="yes")
    ticker = floor.listing.ticker
    hear(floor, sink)
    floor.exchange.advance(T0 + 10_000)
    assert floor.life.close_early(ticker)
    (told,) = sink.take("market_lifecycle_v2")
    assert told["msg"]["event_type"] == "close_date_updated"
    assert told["msg"]["close_ts"] == (T0 + 10_000) // 1000
    assert floor.listing.status == "closed"
    assert is_refused(floor)
    assert not floor.life.close_early(ticker)
    floor.exchange.advance(T0 + 10_000 + DETERMINATION_DELAY_MS)
    assert floor.listing.status == "determined"
    assert not floor.life.move_close(ticker, T0 + 90_000)
    floor.exchange.advance(T0 + 61_000)
    assert floor.listing.status == "finalized"


def test_a_later_close_counts_instead_of_the_first(floor_of: Callable[..., Any]) -> None:
    floor = floor_of(close_ms=T0 + 10_000)
    assert floor.life.move_close(floor.listing.ticker, T0 + 20_000)
    floor.exchange.advance(T0 + 19_999)
    assert floor.listing.status == "active"
    floor.exchange.advance(T0 + 20_000)
    assert floor.listing.status == "closed"


def test_a_closed_market_reopens_and_its_result_waits(
    floor_of: Callable[..., Any], sink: Sink
) -> None:
    floor = floor_of(close_ms=T0 + 1_000, result="no")
    ticker = floor.listing.ticker
    floor.exchange.advance(T0 + 2_000)
    assert floor.listing.status == "closed"
    hear(floor, sink)
    assert floor.life.move_close(ticker, T0 + 60_000)
    assert kinds(sink) == ["close_date_updated", "activated"]
    floor.exchange.advance(T0 + 30_000)
    assert floor.listing.status == "active"
    assert floor.place(floor.ann, "bid", "0.3000", "1.00").status == "resting"
    floor.exchange.advance(T0 + 60_000 + DETERMINATION_DELAY_MS)
    assert (floor.listing.status, floor.listing.result) == ("determined", "no")


def test_a_dispute_holds_the_payout_back_and_pays_the_amended_result(
    floor: Floor, sink: Sink
) -> None:
    ticker = floor.listing.ticker
    floor.crowd(Side.ASK, 4_000, 100)
    floor.place(floor.ann, "bid", "0.4000", "1.00")
    cash = floor.ann.cash_micros
    assert not floor.life.dispute(ticker)
    floor.life.determine(floor.listing, "no")
    assert floor.life.dispute(ticker)
    floor.exchange.advance(T0 + 10 * SETTLEMENT_TIMER_MS)
    floor.life.settle(floor.listing)
    assert (floor.listing.status, floor.ann.settlements) == ("disputed", [])
    hear(floor, sink)
    assert floor.life.amend(ticker, "yes")
    (told,) = sink.take()
    assert (told["msg"]["event_type"], told["msg"]["result"]) == ("determined", "yes")
    assert floor.listing.status == "amended"
    floor.exchange.advance(floor.exchange.now_ms + SETTLEMENT_TIMER_MS - 1)
    assert floor.listing.status == "amended"
    floor.exchange.advance(floor.exchange.now_ms + 1)
    assert floor.listing.status == "finalized"
    assert floor.ann.cash_micros == cash + MICROS_PER_DOLLAR
    assert not floor.life.amend(ticker, "no")


def test_a_new_price_grid_is_told_and_leaves_resting_orders(floor: Floor, sink: Sink) -> None:
    order = floor.place(floor.ann, "bid", "0.0100", "1.00")
    hear(floor, sink)
    bands = (
        PriceRange(0, 1_000, 10),
        PriceRange(1_000, 9_000, 100),
        PriceRange(9_000, 10_000, 10),
    )
    assert floor.life.change_ticks(floor.listing.ticker, bands)
    (told,) = sink.take()
    assert told["msg"]["event_type"] == "price_level_structure_updated"
    assert told["msg"]["price_level_structure"] == "tapered_deci_cent"
    assert told["msg"]["price_ranges"][0] == {"start": "0.0000", "end": "0.1000", "step": "0.0010"}
    fine = floor.place(floor.ann, "bid", "0.0110", "1.00")
    assert floor.life.change_ticks(floor.listing.ticker, ())
    assert (order.status, fine.status) == ("resting", "resting")
    with pytest.raises(ApiError):
        floor.place(floor.ann, "bid", "0.0110", "1.00")


def test_nothing_can_be_done_to_a_market_that_is_not_there(floor: Floor) -> None:
    life = floor.life
    done = [do("KXNONE") for do in (life.close_early, life.deactivate, life.activate, life.dispute)]
    assert done == [False] * 4
    assert not life.move_close("KXNONE", T0)
    assert not life.amend("KXNONE", "yes")
    assert not life.change_ticks("KXNONE", ())
