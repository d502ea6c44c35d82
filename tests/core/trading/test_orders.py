import pytest

from core.kalshi.events import OrderReport
from core.trading.orders import IN_FLIGHT, OPEN, OrderEvent, OrderState, OwnOrder


def order(state: OrderState = OrderState.REQUESTED) -> OwnOrder:
    return OwnOrder("actor-x-1", "T", 0, "actor", 4_000, 1_000, created_ms=1, state=state)


def report(status: str, filled: int, remaining: int, ts_ms: int = 5) -> OrderReport:
    return OrderReport("v1", "actor-x-1", "T", 0, 4_000, 1_000, filled, remaining, status, ts_ms)


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (OrderState.REQUESTED, OrderEvent.ACCEPTED, OrderState.RESTING),
        (OrderState.REQUESTED, OrderEvent.REFUSED, OrderState.REJECTED),
        (OrderState.REQUESTED, OrderEvent.LOST, OrderState.UNKNOWN),
        (OrderState.AMENDING, OrderEvent.REFUSED, OrderState.RESTING),
        (OrderState.CANCELLING, OrderEvent.GONE, OrderState.UNKNOWN),
        (OrderState.CANCELLING, OrderEvent.REPORTED_EXECUTED, OrderState.FILLED),
        (OrderState.UNKNOWN, OrderEvent.NEVER_ARRIVED, OrderState.REJECTED),
        (OrderState.FILLED, OrderEvent.LOST, OrderState.FILLED),
        (OrderState.CANCELLED, OrderEvent.ACCEPTED, OrderState.CANCELLED),
    ],
)
def test_table(before: OrderState, event: OrderEvent, after: OrderState) -> None:
    made = order(before)
    assert made.move(event) == (before is not after)
    assert made.state is after


def test_no_final_state_is_ever_left() -> None:
    for state in (OrderState.FILLED, OrderState.CANCELLED):
        for event in OrderEvent:
            made = order(state)
            made.move(event)
            assert made.state is state


def test_an_order_given_up_is_taken_back_where_the_exchange_reports_it() -> None:
    revived = order(OrderState.REJECTED)
    assert revived.take_report(report("resting", 0, 1_000))
    assert revived.is_open
    assert not order(OrderState.REJECTED).move(OrderEvent.ACCEPTED)


def test_every_open_state_can_end_both_ways() -> None:
    for state in OPEN:
        assert order(state).move(OrderEvent.REPORTED_CANCELED)
        assert order(state).move(OrderEvent.REPORTED_EXECUTED)
    assert IN_FLIGHT < OPEN


def test_reports_set_price_and_size_and_old_ones_are_ignored() -> None:
    made = order()
    assert made.take_report(report("resting", 300, 700, ts_ms=10))
    assert (made.state, made.filled_lots, made.remaining_lots) == (OrderState.RESTING, 300, 700)
    assert not made.take_report(report("resting", 0, 1_000, ts_ms=9))
    assert made.filled_lots == 300
    assert made.take_report(report("executed", 1_000, 0, ts_ms=11))
    assert (made.state, made.remaining_lots) == (OrderState.FILLED, 0)
