"""The crowd's own idea of its resting orders, against a naive list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.flow_view import CrowdView, Resting
from core.units import Side


def test_levels_from_the_best_and_oldest_first() -> None:
    view = CrowdView()
    orders = [Resting(key, Side.ASK, price, 5) for key, price in enumerate((60, 50, 50, 70))]
    for order in orders:
        view.add(order)
    assert view.best(Side.ASK) == 50
    assert view.at(Side.ASK, 0) == [orders[1], orders[2]]
    assert view.at(Side.ASK, 9) == [orders[3]]
    assert (view.count(Side.ASK), view.count(Side.BID)) == (4, 0)
    assert view.best(Side.BID) is None
    with pytest.raises(IndexError):
        view.at(Side.BID, 0)


def test_taker_fills_up_to_its_limit() -> None:
    view = CrowdView()
    for key, price in enumerate((50, 50, 60)):
        view.add(Resting(key, Side.ASK, price, 5))
    view.take(Side.BID, 50, 7)
    assert [order.lots for order in view.at(Side.ASK, 0)] == [3]
    view.take(Side.BID, 50, 100)
    assert (view.best(Side.ASK), view.count(Side.ASK)) == (60, 1)


@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.integers(1, 9), st.booleans())))
def test_best_and_count_equal_a_plain_list(steps: list[tuple[Side, int, bool]]) -> None:
    view, plain = CrowdView(), list[Resting]()
    for key, (side, price, is_removal) in enumerate(steps):
        same = [order for order in plain if (order.side, order.price_pips) == (side, price)]
        if is_removal and same:
            view.remove(same[0])
            plain.remove(same[0])
        else:
            plain.append(Resting(key, side, price, 1))
            view.add(plain[-1])
        for of_side, choose in ((Side.BID, max), (Side.ASK, min)):
            prices = [order.price_pips for order in plain if order.side == of_side]
            assert view.best(of_side) == (choose(prices) if prices else None)
            assert view.count(of_side) == len(prices)
