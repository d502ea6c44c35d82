from core.agent.actor import Actor, Instant
from core.agent.policies import HardcodedPolicy
from core.market.book import OrderBook
from core.market.calendar import STANDING
from core.market.market import Market


class WarmPolicy(HardcodedPolicy):
    """A policy whose features need a minute."""

    warm_up_ms = 60_000


def armed(*tickers: str, at_ms: int = 1_000) -> Actor:
    actor = Actor(HardcodedPolicy(1))
    for ticker in tickers:
        actor.book_live(ticker, at_ms)
    actor.arm(at_ms)
    return actor


def live_book(changed_ms: int = 1_000) -> OrderBook:
    book = OrderBook("T", Market("T", "E", "t").ticks())
    book.replace(((4_000, 1),), ((4_100, 1),), changed_ms)
    return book


def test_instants_are_a_second_apart_and_each_comes_once() -> None:
    actor = armed("T")
    assert list(actor.due(1_000)) == []
    assert list(actor.due(1_001)) == [Instant("T", 1, 1_000)]
    assert list(actor.due(1_001)) == []
    assert [instant.ts_ms for instant in actor.due(4_001)] == [2_000, 3_000, 4_000]


def test_markets_interleave_in_time_order() -> None:
    actor = armed("A")
    actor.book_live("B", 1_400)
    assert [(i.ts_ms, i.ticker) for i in actor.due(2_500)] == [
        (1_000, "A"),
        (1_400, "B"),
        (2_000, "A"),
        (2_400, "B"),
    ]


def test_a_disarmed_actor_has_no_instants_and_arming_starts_at_now() -> None:
    actor = armed("T")
    list(actor.due(1_001))
    actor.disarm()
    assert list(actor.due(99_000)) == []
    actor.arm(50_500)
    assert [instant.ts_ms for instant in actor.due(51_000)] == [50_500]


def test_a_forgotten_market_is_not_asked_again() -> None:
    actor = armed("A", "B")
    actor.forget("A")
    assert {instant.ticker for instant in actor.due(9_000)} == {"B"}


def test_a_finished_market_stays_finished_whatever_its_book_does() -> None:
    actor = armed("A", "B")
    list(actor.due(2_500))
    actor.finish("A")
    actor.book_live("A", 2_600)
    assert {instant.ticker for instant in actor.due(9_000)} == {"B"}
    actor.forget("A")
    actor.book_live("A", 9_500)
    assert [i.ts_ms for i in actor.due(10_600) if i.ticker == "A"] == [9_500, 10_500]


def test_events_at_or_before_the_last_decision_are_late() -> None:
    actor = armed("T")
    list(actor.due(1_001))
    assert actor.is_late("T", 1_000)
    assert not actor.is_late("T", 1_001)
    assert not actor.is_late("OTHER", 1)


def test_obstacles_say_why() -> None:
    actor, market = armed("T"), Market("T", "E", "t", close_ms=10_000)
    book = live_book()
    instant = Instant("T", 1, 2_000)
    assert actor.obstacle(market, book, instant) == ""
    assert actor.obstacle(market, None, instant) == "book is empty"
    assert "closed" in actor.obstacle(market, book, Instant("T", 9, 10_000))
    actor.calendar.take(STANDING)
    pause = Instant("T", 2, 1_795_075_200_000)  # Thursday, 19 November 2026, 3 a.m. Eastern
    open_book, open_market = live_book(pause.ts_ms), Market("T", "E", "t")
    paused = "paused: exchange schedule until 05:00 ET"
    assert actor.obstacle(open_market, open_book, pause) == paused
    assert "inactive" in actor.obstacle(Market("T", "E", "t", status="inactive"), book, instant)
    book.doubt()
    assert actor.obstacle(market, book, instant) == "book is stale, 1.0 s old"


def test_throttle_counts_from_the_last_order() -> None:
    actor, market, book = armed("T"), Market("T", "E", "t"), live_book()
    actor.ordered("T", 2_000)
    assert "throttled" in actor.obstacle(market, book, Instant("T", 1, 2_249))
    assert actor.obstacle(market, book, Instant("T", 2, 2_250)) == ""


def test_warm_up_restarts_when_a_book_comes_back() -> None:
    actor = Actor(WarmPolicy(1))
    actor.book_live("T", 0)
    actor.arm(0)
    market, book = Market("T", "E", "t"), live_book()
    assert "warming up" in actor.obstacle(market, book, Instant("T", 1, 59_999))
    assert actor.obstacle(market, book, Instant("T", 1, 60_000)) == ""
    actor.book_live("T", 70_000)
    assert "warming up, 5 of 60 s" in actor.obstacle(market, book, Instant("T", 1, 75_000))
