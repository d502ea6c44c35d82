from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sandbox.engine import MatchingBook
from core.sandbox.orders import Effects, Order
from core.units import Side

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("place"),
            st.integers(0, 1),
            st.integers(1, 9),
            st.integers(1, 500),
            st.integers(0, 3),
            st.sampled_from(["good_till_canceled", "immediate_or_cancel"]),
            st.sampled_from(["taker_at_cross", "maker"]),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("reduce"), st.integers(0, 30), st.integers(1, 500)),
        st.tuples(st.just("replace"), st.integers(0, 30), st.integers(1, 9), st.integers(1, 500)),
    ),
    max_size=60,
)


@dataclass
class SlowBook:
    """The obvious reference: one list of orders in order of arrival, sorted when needed."""

    orders: list[list[Any]] = field(default_factory=list)  # number, owner, side, price, lots
    matches: list[tuple[int, int, int, int]] = field(default_factory=list)

    def place(
        self, number: int, owner: int, side: int, price: int, lots: int, tif: str, stp: str
    ) -> None:
        sign = 1 if side == Side.BID else -1
        rivals = sorted(
            (o for o in self.orders if o[2] != side and o[3] * sign <= price * sign),
            key=lambda o: o[3] * sign,
        )
        for rival in rivals:
            if not lots:
                break
            if owner and rival[1] == owner:
                if stp == "taker_at_cross":
                    return
                self.orders.remove(rival)
                continue
            traded = min(lots, rival[4])
            self.matches.append((rival[0], number, rival[3], traded))
            lots -= traded
            rival[4] -= traded
            if not rival[4]:
                self.orders.remove(rival)
        if lots and tif == "good_till_canceled":
            self.orders.append([number, owner, side, price, lots])

    def levels(self, side: int) -> list[tuple[int, int]]:
        sums: dict[int, int] = {}
        for order in self.orders:
            if order[2] == side:
                sums[order[3]] = sums.get(order[3], 0) + order[4]
        return sorted(sums.items())


class Pair:
    """The engine and the reference, worked alike."""

    def __init__(self) -> None:
        self.book, self.slow = MatchingBook(), SlowBook()
        self.placed: list[Order] = []
        self.matches: list[tuple[int, int, int, int]] = []
        self.displayed: dict[tuple[int, int], int] = {}

    def apply(self, operation: tuple[Any, ...]) -> None:
        name, *arguments = operation
        if name == "place":
            self.place(*arguments)
            return
        resting = [o for o in self.book.resting() if o in self.placed]
        if not resting:
            return
        resting.sort(key=self.placed.index)
        order = resting[arguments[0] % len(resting)]
        getattr(self, name)(order, *arguments[1:])

    def place(self, side: int, price: int, lots: int, owner: int, tif: str, stp: str) -> None:
        number = len(self.placed)
        order = Order(str(number), owner, "T", side, price, lots, lots)
        order.time_in_force, order.self_trade = tif, stp
        self.placed.append(order)
        self.note(self.book.place(order))
        self.slow.place(number, owner, side, price, lots, tif, stp)

    def cancel(self, order: Order) -> None:
        self.note(self.book.cancel(order))
        self.slow.orders = [o for o in self.slow.orders if o[0] != int(order.order_id)]

    def reduce(self, order: Order, lots: int) -> None:
        if lots < order.remaining_lots:
            self.note(self.book.reduce(order, lots))
            next(o for o in self.slow.orders if o[0] == int(order.order_id))[4] = lots

    def replace(self, order: Order, price: int, lots: int) -> None:
        self.note(self.book.replace(order, price, lots))
        number = int(order.order_id)
        self.slow.orders = [o for o in self.slow.orders if o[0] != number]
        tif, stp = "good_till_canceled", order.self_trade
        self.slow.place(number, order.owner, order.side, price, lots, tif, stp)

    def note(self, effects: Effects) -> None:
        for match in effects.matches:
            assert match.maker is not None
            assert match.taker is not None
            ids = int(match.maker.order_id), int(match.taker.order_id)
            self.matches.append((*ids, match.price_pips, match.quantity_lots))
        for change in effects.changes:
            key = (change.side, change.price_pips)
            self.displayed[key] = self.displayed.get(key, 0) + change.delta_lots


@given(OPERATIONS)
@settings(deadline=None, max_examples=200)
def test_agrees_with_the_obvious_book(operations: list[tuple[Any, ...]]) -> None:
    pair = Pair()
    for operation in operations:
        pair.apply(operation)
        bids, asks = pair.book.levels()
        assert bids == pair.slow.levels(Side.BID)
        assert asks == pair.slow.levels(Side.ASK)
        assert pair.matches == pair.slow.matches
        assert not bids or not asks or bids[-1][0] < asks[0][0]
        told = {key: lots for key, lots in pair.displayed.items() if lots}
        shown = {(0, p): n for p, n in bids} | {(1, p): n for p, n in asks}
        assert told == shown


@given(OPERATIONS, st.integers(0, 1), st.integers(1, 9), st.integers(1, 900), st.integers(0, 3))
@settings(deadline=None)
def test_fillable_is_what_then_fills(
    operations: list[tuple[Any, ...]], side: int, price: int, lots: int, owner: int
) -> None:
    pair = Pair()
    for operation in operations:
        pair.apply(operation)
    order = Order("x", owner, "T", side, price, lots, lots, time_in_force="immediate_or_cancel")
    fillable = pair.book.fillable_lots(order)
    pair.book.place(order)
    assert order.filled_lots == fillable


def order(side: int, price: int, lots: int, owner: int = 0) -> Order:
    return Order(f"{side}{price}{lots}", owner, "T", side, price, lots, lots)


def test_trades_at_the_resting_price() -> None:
    book = MatchingBook()
    book.place(order(Side.ASK, 4_000, 100))
    effects = book.place(order(Side.BID, 6_000, 50))
    assert [(m.price_pips, m.quantity_lots) for m in effects.matches] == [(4_000, 50)]


def test_queue_ahead_counts_earlier_orders_only() -> None:
    book = MatchingBook()
    first, second = order(Side.BID, 4_000, 100), order(Side.BID, 4_000, 50)
    book.place(first)
    book.place(second)
    assert book.queue_ahead_lots(first) == 0
    assert book.queue_ahead_lots(second) == 100


def test_reduce_of_a_dead_order_is_a_bug() -> None:
    with pytest.raises(ValueError, match="does not rest"):
        MatchingBook().reduce(order(Side.BID, 4_000, 100), 50)


def test_a_long_queue_keeps_its_order_while_it_empties() -> None:
    book = MatchingBook()
    queue = [order(Side.BID, 4_000, 100, owner=number) for number in range(1, 1_001)]
    for waiting in queue:
        book.place(waiting)
    for cancelled in queue[::3]:
        book.cancel(cancelled)
    left = [waiting for waiting in queue if waiting.remaining_lots]
    met = []
    for _ in range(len(left) // 2):
        met += [match.maker for match in book.place(order(Side.ASK, 4_000, 100)).matches]
    assert met == left[: len(met)]
    assert book.resting() == left[len(met) :]
    assert book.queue_ahead_lots(left[-1]) == 100 * (len(left) - len(met) - 1)
