"""Every command of the operator and its one sentence."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.agent.actor import Actor
from core.agent.policies import POLICIES
from core.clock import ManualClock, VenueClock
from core.kalshi.events import OrderReport, PositionReport
from core.kalshi.limits import WriteBudget
from core.kalshi.requests import CancelOrder
from core.market.discovery import MarketFilter, check_limit
from core.market.market import Market
from core.runtime import checklist
from core.runtime.checklist import Checklist, StepState
from core.runtime.commands import (
    Answer,
    CancelAllOrders,
    CancelOneOrder,
    FollowMarkets,
    StartTrading,
    StopTrading,
)
from core.runtime.operator import Operator
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits

# The fixtures' types stand in conftest.py, which no test can import.
Relay = Any
Station = Any
Until = Any


@dataclass
class Floor:
    """What the operator commands."""

    ledger: Ledger = field(default_factory=Ledger)
    steps: Checklist = field(default_factory=Checklist)
    is_over: bool = False
    is_linked: bool = True
    wanted: list[tuple[MarketFilter, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.actor = Actor(POLICIES["hardcoded"](1))
        self.clock = VenueClock(ManualClock(now_ms=1_000))
        budget = WriteBudget(100, 100, 0)
        self.orders = KalshiOrderManager(self.ledger, budget, TradingLimits(), "tag")
        self.operator = Operator(
            actor=self.actor,
            orders=self.orders,
            clock=self.clock,
            steps=self.steps,
            markets={"T": Market("T", "E", "Title", subtitle="5,000 or above")},
            seed=1,
            is_over=lambda: self.is_over,
            follow=self.follow,
        )

    def follow(self, wanted: MarketFilter, limit: int) -> bool:
        """Take which markets to follow, as a link does."""
        if self.is_linked:
            self.wanted.append((wanted, check_limit(limit)))
        return self.is_linked

    def rest(self, client_order_id: str) -> None:
        """An order the exchange says is resting."""
        report = OrderReport(
            f"v-{client_order_id}", client_order_id, "T", 0, 4_000, 500, 0, 500, "resting", 1
        )
        self.orders.on_report(report)

    def end(self, client_order_id: str) -> None:
        """The exchange says that it is cancelled."""
        report = OrderReport(
            f"v-{client_order_id}", client_order_id, "T", 0, 4_000, 500, 0, 0, "canceled", 2
        )
        self.orders.on_report(report)

    def asked(self) -> list[str]:
        """Ids of the cancels that were asked for."""
        requests = self.orders.take_requests()
        return [request.order_id for request in requests if isinstance(request, CancelOrder)]


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def ready(floor: Floor) -> Floor:
    for name in (checklist.EXCHANGE, checklist.MARKETS):
        floor.steps.note(name, StepState.DONE)
    floor.clock.publish(1_000, 0, 1.0)
    return floor


def test_trading_waits_for_exchange_and_markets(floor: Floor) -> None:
    answer = floor.operator.execute(StartTrading("hardcoded"))
    assert (answer.accepted, answer.text) == (False, "Cannot trade: start-up is not done.")
    floor.steps.note(checklist.EXCHANGE, StepState.FAILED, "it is gone")
    answer = floor.operator.execute(StartTrading("hardcoded"))
    assert answer.text == "Cannot trade: Local exchange: it is gone."
    assert not floor.actor.is_armed


def test_trading_needs_no_database(ready: Floor) -> None:
    ready.steps.note(checklist.DATABASE, StepState.FAILED, "nothing is recorded")
    assert ready.operator.can_trade
    assert ready.operator.execute(StartTrading("hardcoded")).accepted
    assert ready.actor.is_armed


def test_a_failed_database_is_not_why_trading_waits(floor: Floor) -> None:
    floor.steps.note(checklist.DATABASE, StepState.FAILED, "nothing is recorded")
    answer = floor.operator.execute(StartTrading("hardcoded"))
    assert answer.text == "Cannot trade: start-up is not done."


def test_trading_waits_until_the_exchange_tells_its_time(floor: Floor) -> None:
    for name in (checklist.EXCHANGE, checklist.MARKETS):
        floor.steps.note(name, StepState.DONE)
    assert not floor.operator.execute(StartTrading("hardcoded")).accepted
    floor.clock.publish(1_000, 0, 1.0)
    assert floor.operator.execute(StartTrading("hardcoded")).accepted


def test_nothing_trades_after_the_end_of_a_recording(ready: Floor) -> None:
    ready.is_over = True
    answer = ready.operator.execute(StartTrading("hardcoded"))
    assert (answer.accepted, ready.actor.is_armed) == (False, False)
    assert "the recording has ended" in answer.text


def test_the_policy_named_is_the_one_that_trades(ready: Floor) -> None:
    before = ready.actor.policy
    assert ready.operator.execute(StartTrading("hardcoded")).accepted
    assert ready.actor.policy is before
    assert ready.operator.execute(StartTrading("hold")).accepted
    assert ready.actor.policy.name == "hold"


def test_an_unknown_policy_is_refused(ready: Floor) -> None:
    answer = ready.operator.execute(StartTrading("magic"))
    assert (answer.accepted, ready.actor.is_armed) == (False, False)
    assert "use one of hardcoded, hold" in answer.text


def test_stopping_disarms_cancels_the_actors_orders_and_says_what_stays(floor: Floor) -> None:
    floor.actor.arm(1)
    floor.ledger.open(
        1_000,
        [
            PositionReport("T", 250, 1, 0, 0),
            PositionReport("U", -100, 1, 0, 0),
            PositionReport("V", 0, 0, 0, 0),
        ],
    )
    floor.rest("actor-1")
    floor.rest("manual-1")
    answer = floor.operator.execute(StopTrading())
    assert answer.text == (
        "Stopped: 1 order is being cancelled, positions stay: 2.5 YES ≥ 5,000, 1 NO U."
    )
    assert not floor.actor.is_armed
    assert floor.asked() == ["v-actor-1"]


def test_cancel_all_takes_every_order(floor: Floor) -> None:
    floor.rest("actor-1")
    floor.rest("manual-1")
    assert floor.operator.execute(CancelAllOrders()).text == "2 orders are being cancelled."
    assert sorted(floor.asked()) == ["v-actor-1", "v-manual-1"]
    assert floor.operator.execute(CancelAllOrders()).text == "2 orders are being cancelled."
    assert floor.asked() == []
    for client_order_id in ("actor-1", "manual-1"):
        floor.end(client_order_id)
    assert floor.operator.execute(CancelAllOrders()).text == "No order to cancel."


def test_one_order_is_cancelled_once(floor: Floor) -> None:
    floor.rest("manual-1")
    assert not floor.operator.execute(CancelOneOrder("nobody's")).accepted
    for _ in range(2):
        answer = floor.operator.execute(CancelOneOrder("manual-1"))
        assert answer.text == "The order is being cancelled."
    assert floor.asked() == ["v-manual-1"]
    floor.end("manual-1")
    answer = floor.operator.execute(CancelOneOrder("manual-1"))
    assert (answer.accepted, answer.text) == (False, "That order has ended already.")


@pytest.mark.parametrize("loses", ["", "answers", "requests"])
async def test_stop_while_orders_are_in_flight_leaves_none_at_the_exchange(
    relayed: Station, relay: Relay, until: Until, loses: str
) -> None:
    await relayed.follow()
    operator = Operator(
        actor=relayed.actor,
        orders=relayed.orders,
        clock=relayed.clock,
        steps=Checklist(),
        markets=relayed.markets,
        seed=1,
        is_over=lambda: False,
        follow=lambda _wanted, _limit: True,
    )
    moving = await relayed.resting(3_500)
    relay.loses = loses
    relayed.amend(moving, 3_600)
    orders = [moving, relayed.ask(1, 7_000, 300), relayed.ask(0, 3_000, 300)]
    relayed.pipeline.flush()
    answer = operator.execute(StopTrading())
    assert answer.text.startswith("Stopped: 3 orders are being cancelled")
    assert [order.state.value for order in orders] == ["amending", "requested", "requested"]
    await relayed.send()
    relay.loses = ""
    await until(lambda: not relayed.orders.orders.open())
    assert relayed.account.resting == {}
    assert (await relayed.link.portfolio.sync()).is_zero


def test_other_markets_are_followed_as_asked(floor: Floor) -> None:
    asked = FollowMarkets(200, ("KXA",), ("KXB-1",), ("Crypto", "Climate"), 500, "changes")
    answer = floor.operator.execute(asked)
    assert answer == Answer(True, "Following up to 200 markets of KXA, KXB-1, Crypto and 1 more.")
    single = floor.operator.execute(FollowMarkets(1, ("KXA",)))
    assert single.text == "Following up to 1 market of KXA."
    floor.wanted.pop()
    wanted = MarketFilter(("KXA",), ("KXB-1",), ("Crypto", "Climate"), 500, "changes")
    assert floor.wanted == [(wanted, 200)]


def test_too_many_markets_are_refused_with_what_is_possible(floor: Floor) -> None:
    answer = floor.operator.execute(FollowMarkets(1_001))
    assert answer == Answer(False, "1001 markets cannot be followed: ask for 1 to 1000.")
    floor.is_linked = False
    assert not floor.operator.execute(FollowMarkets(5)).accepted
