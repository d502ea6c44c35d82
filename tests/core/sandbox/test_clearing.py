"""One action of a book: what it costs, what it changes and what is told, all at once."""

from collections import Counter
from typing import Any

from core.sandbox.group_desk import GroupDesk
from core.sandbox.order_bodies import GroupBody
from core.sandbox.publisher import FILL, ORDERS, POSITIONS, TRADE, Subscription

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any


def listen(floor: Floor, sink: Sink) -> Sink:
    """Let a sink hear the public trades and what both accounts are told."""
    private = (FILL, ORDERS, POSITIONS)
    heard = [
        (TRADE, 0),
        *((name, one.number) for name in private for one in (floor.ann, floor.bob)),
    ]
    for sid, (channel, owner) in enumerate(heard, start=1):
        floor.exchange.publisher.add(Subscription(sid, channel, sink, owner, None, False))
    return sink


def test_a_match_is_booked_on_both_sides_and_told_to_both(free_floor: Floor, sink: Sink) -> None:
    ann, bob = free_floor.ann, free_floor.bob
    free_floor.place(bob, "ask", "0.60", "5")
    listen(free_floor, sink)
    order = free_floor.place(ann, "bid", "0.60", "3")
    assert order.status == "executed"
    assert (ann.lots(free_floor.listing.ticker), bob.lots(free_floor.listing.ticker)) == (300, -300)
    assert ann.cash_micros == 1_000_000_000 - 3 * 600_000
    assert bob.cash_micros == 1_000_000_000 - 3 * 400_000
    assert free_floor.listing.open_interest_lots == 300
    counts = Counter(message["type"] for message in sink.messages)
    assert counts == {"trade": 1, "fill": 2, "user_order": 2, "market_position": 2}


def test_contracts_that_meet_their_opposites_end(free_floor: Floor) -> None:
    ann, bob = free_floor.ann, free_floor.bob
    free_floor.place(bob, "ask", "0.60", "5")
    free_floor.place(ann, "bid", "0.60", "5")
    free_floor.place(ann, "ask", "0.70", "5")
    free_floor.place(bob, "bid", "0.70", "5")
    assert free_floor.listing.open_interest_lots == 0
    assert ann.cash_micros + bob.cash_micros == 2_000_000_000
    assert ann.cash_micros - bob.cash_micros == 2 * 5 * 100_000


def test_the_crowd_is_told_nothing_of_itself(free_floor: Floor, sink: Sink) -> None:
    listen(free_floor, sink)
    free_floor.crowd(1, 6_000, 500)
    free_floor.crowd(0, 6_000, 200)
    assert [message["type"] for message in sink.messages] == ["trade"]
    assert free_floor.listing.account_pairs_lots == 0
    assert free_floor.listing.open_interest_lots == free_floor.listing.crowd_pairs_lots == 200


def test_a_group_that_is_exceeded_is_cut_off_after_the_action(free_floor: Floor) -> None:
    ann, bob = free_floor.ann, free_floor.bob
    group = GroupDesk(free_floor.exchange).create(ann, GroupBody(contracts_limit=2))
    free_floor.place(bob, "ask", "0.60", "3")
    resting = free_floor.place(ann, "bid", "0.10", "1", order_group_id=group.group_id)
    free_floor.place(ann, "bid", "0.60", "3", order_group_id=group.group_id)
    assert ann.lots(free_floor.listing.ticker) == 300, "the fill that crosses is not trimmed"
    assert group.is_triggered
    assert resting.status == "canceled"
