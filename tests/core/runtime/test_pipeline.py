"""The line from event to order, with real parts and no socket."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from core.agent.actions import Action
from core.agent.actor import Actor
from core.agent.events import DecisionMade
from core.agent.policies import Choice
from core.clock import ManualClock, VenueClock
from core.events import Bus, Event
from core.kalshi.events import AccountFeed, FillReport, OrderReport
from core.kalshi.limits import WriteBudget
from core.kalshi.requests import CreateOrder, OrderRequest
from core.market.book import BookStatus
from core.market.books import Books
from core.market.events import (
    BookDelta,
    BookDoubted,
    BookSnapshot,
    GroupClosed,
    MarketChanged,
    Trade,
    VenueTime,
)
from core.market.market import Market
from core.runtime.metrics import Metrics
from core.runtime.pipeline import Pipeline
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits

T0 = 1_000_000


@dataclass
class Scripted:
    """A policy that wants the same thing every time."""

    action: Action = Action.BUY_YES
    name: str = "scripted"
    warm_up_ms: int = 0

    def choose(self, ticker: str, masks: Sequence[bool]) -> Choice:
        return Choice(self.action if masks[self.action] else Action.HOLD, 1.0, "scripted")

    def forget(self, ticker: str) -> None:
        self.forgotten = ticker


@dataclass
class Line:
    """A pipeline with everything it drives."""

    policy: Scripted = field(default_factory=Scripted)
    has_clock: bool = True
    events: list[Event] = field(default_factory=list)
    sent: list[OrderRequest] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    account_fed: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wall = ManualClock(now_ms=T0)
        self.clock = VenueClock(self.wall)
        self.books = Books()
        self.actor = Actor(self.policy)
        self.ledger = Ledger()
        self.ledger.open(1_000_000_000, [])
        self.orders = KalshiOrderManager(
            self.ledger, WriteBudget(100, 100, T0), TradingLimits(), "tag"
        )
        self.metrics = Metrics()
        bus = Bus()
        bus.subscribe(self.events.append)
        market = Market("T", "E", "title")
        self.books.follow(market)
        self.pipeline = Pipeline(
            markets={"T": market},
            books=self.books,
            actor=self.actor,
            orders=self.orders,
            clock=self.clock,
            bus=bus,
            metrics=self.metrics,
            doubt=lambda ticker, reason: self.doubted.append(ticker),
            send=self.sent.extend,
            account_fed=self.account_fed.append,
            has_clock=self.has_clock,
        )
        self.feed(BookSnapshot("T", ((4_000, 500),), ((4_100, 500),), ts_ms=T0))
        self.feed(delta(0, 3_900, 5, 1))

    def feed(self, *events: Event) -> None:
        self.pipeline.on_events(events)

    def decisions(self) -> list[DecisionMade]:
        return [event for event in self.events if isinstance(event, DecisionMade)]


def delta(side: int, price: int, lots: int, after_ms: int, sent_ns: int = 0) -> BookDelta:
    return BookDelta("T", side, price, lots, T0 + after_ms, sent_ns=sent_ns)


@pytest.fixture
def line() -> Line:
    made = Line()
    made.actor.arm(T0 + 100)
    return made


def test_a_decision_sees_every_event_up_to_its_instant_and_none_after(line: Line) -> None:
    line.feed(delta(0, 4_000, -500, 100))
    assert line.decisions() == []
    line.feed(delta(0, 4_000, 7, 101))
    (decision,) = line.decisions()
    assert decision.ts_ms == T0 + 100
    (request,) = line.sent
    assert isinstance(request, CreateOrder)
    assert request.price_pips == 3_900


def test_the_exchanges_clock_alone_makes_quiet_markets_decide(line: Line) -> None:
    line.feed(VenueTime(T0 + 99, 5, 1.0))
    assert line.decisions() == []
    line.feed(VenueTime(T0 + 100, 6, 1.0))
    assert [decision.ts_ms for decision in line.decisions()] == [T0 + 100]
    line.feed(VenueTime(T0 + 3_100, 7, 1.0))
    assert [d.ts_ms - T0 for d in line.decisions()] == [100, 1_100, 2_100, 3_100]


def test_with_a_clock_in_the_stream_wall_time_decides_nothing(line: Line) -> None:
    line.wall.advance_ms(86_400_000)
    line.pipeline.tick()
    assert line.decisions() == []


def test_live_decisions_wait_a_quarter_of_a_second_for_a_later_event() -> None:
    line = Line(has_clock=False)
    line.actor.arm(T0 + 100)
    line.wall.advance_ms(350)
    line.pipeline.tick()
    assert line.decisions() == []
    line.wall.advance_ms(1)
    line.pipeline.tick()
    assert [decision.ts_ms for decision in line.decisions()] == [T0 + 100]


def test_an_event_behind_its_decision_is_counted_late() -> None:
    line = Line(has_clock=False)
    line.actor.arm(T0 + 100)
    line.wall.advance_ms(400)
    line.pipeline.tick()
    line.feed(delta(0, 4_000, 1, 100))
    assert line.metrics.late == 1
    line.feed(delta(0, 4_000, 1, 101))
    assert line.metrics.late == 1


def test_a_book_crossed_at_the_end_of_a_group_is_doubted_and_takes_no_decision(
    line: Line,
) -> None:
    line.feed(delta(0, 4_100, 7, 50), delta(1, 4_200, 7, 101))
    book = line.books.get("T")
    assert book is not None
    assert book.status is BookStatus.STALE
    assert line.doubted == ["T"]
    (decision,) = line.decisions()
    assert decision.outcome == "skipped"
    assert "stale" in decision.reason
    assert line.sent == []


def test_a_book_crossed_only_inside_a_group_is_fine(line: Line) -> None:
    line.feed(delta(0, 4_100, 7, 50), delta(1, 4_100, -500, 50), delta(1, 4_200, 7, 51))
    assert line.doubted == []


def test_lost_messages_make_the_book_stale_until_its_snapshot(line: Line) -> None:
    line.feed(BookDoubted("T", "gap"), delta(0, 4_000, 7, 101))
    assert [decision.outcome for decision in line.decisions()] == ["skipped"]
    line.feed(
        BookSnapshot("T", ((4_000, 9),), ((4_100, 9),), ts_ms=T0 + 500), delta(0, 4_000, 1, 1_101)
    )
    assert line.decisions()[-1].outcome == "ordered"


def test_the_second_decision_waits_for_the_first_ones_answer(line: Line) -> None:
    line.feed(VenueTime(T0 + 1_100, 7, 1.0))
    first, second = line.decisions()
    assert (first.outcome, second.outcome) == ("ordered", "skipped")
    assert "waiting for the exchange" in second.reason


def test_holding_sends_nothing_and_says_why(line: Line) -> None:
    line.policy.action = Action.HOLD
    line.feed(VenueTime(T0 + 100, 7, 1.0))
    (decision,) = line.decisions()
    assert (decision.outcome, decision.reason, line.sent) == ("hold", "scripted", [])


def test_own_quantity_is_not_the_markets_when_the_next_decision_is_planned(line: Line) -> None:
    line.feed(VenueTime(T0 + 100, 7, 1.0))
    (request,) = line.sent
    order_id = request.client_order_id
    report = OrderReport("v1", order_id, "T", 0, 4_000, 1_000, 0, 1_000, "resting", T0 + 200)
    own = BookDelta("T", 0, 4_000, 1_000, T0 + 200, client_order_id=order_id)
    line.feed(own, report, delta(0, 4_000, -500, 300), VenueTime(T0 + 1_100, 8, 1.0))
    last = line.sent[-1]
    assert last.client_order_id == order_id
    assert getattr(last, "price_pips", None) == 3_900


def test_fills_reach_the_ledger_and_observers_once(line: Line) -> None:
    fill = FillReport("t1", "v1", "T", 0, 4_000, 1_000, 2_000, False, T0 + 5)
    line.feed(fill, fill)
    assert line.ledger.account("T").position_lots == 1_000
    assert line.ledger.cash_micros == 1_000_000_000 - 4_000_000 - 2_000


def test_settlement_pays_out_and_ends_decisions(line: Line) -> None:
    line.feed(FillReport("t1", "v1", "T", 0, 4_000, 1_000, 0, False, T0 + 5))
    line.feed(MarketChanged("T", "determined", "yes"))
    assert line.ledger.cash_micros == 1_000_000_000 - 4_000_000
    line.feed(MarketChanged("T", "settled"))
    assert line.ledger.cash_micros == 1_000_000_000 - 4_000_000 + 10_000_000
    line.feed(VenueTime(T0 + 5_000, 7, 1.0))
    assert line.decisions() == []


def test_latency_runs_from_the_send_stamp_of_the_message_that_triggered(line: Line) -> None:
    line.feed(delta(0, 4_000, 1, 101, sent_ns=1_000_000))
    (request,) = line.sent
    line.metrics.written(request.client_order_id, 3_500_000)
    assert list(line.metrics.decision_ms) == [2.5]


def test_observers_see_market_events_in_order(line: Line) -> None:
    before = len(line.events)
    trade = Trade("x", "T", 4_000, 100, 1, T0 + 3)
    first = delta(0, 4_000, -100, 3)
    line.feed(trade, first)
    assert line.events[before:] == [GroupClosed(T0 + 1), trade, first]
    assert line.pipeline.group_ms == T0 + 3


@pytest.mark.parametrize("is_whole", [False, True])
def test_what_the_feed_says_of_the_account_goes_to_the_portfolio_alone(
    line: Line, is_whole: bool
) -> None:
    line.feed(AccountFeed(is_whole=is_whole))
    assert line.account_fed == [is_whole]
    assert not any(isinstance(event, AccountFeed) for event in line.events)
