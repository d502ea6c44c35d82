from collections.abc import Callable
from typing import Any

from core.sandbox.commands import Session
from core.sandbox.engine import MatchingBook
from core.sandbox.market_life import DETERMINATION_DELAY_MS, SETTLEMENT_TIMER_MS
from core.units import MICROS_PER_DOLLAR, Side

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


T0 = 1_778_477_863_000


def hear(floor: Floor, sink: Sink) -> None:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    channels = '["market_lifecycle_v2","market_positions","user_orders"]'
    session.receive(f'{{"id":1,"cmd":"subscribe","params":{{"channels":{channels}}}}}')
    sink.take()


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


def test_a_market_opens_at_its_time(floor: Floor, market: Callable[..., Any]) -> None:
    book = MatchingBook()
    listing = floor.life.list_market(market("KXT-26MAY11-B", open_ms=T0 + 1_000), book)
    assert listing.status == "initialized"
    floor.exchange.advance(T0 + 1_000)
    assert listing.status == "active"


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
