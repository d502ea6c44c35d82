"""The crowd's own idea of its resting orders, against a naive list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.flow_view import CrowdView, Resting
from core.units import Side


def resting(key: int, price: int, side: Side = Side.BID, lots: int = 5) -> Resting:
    return Resting(key, side, price, lots)


def test_levels_keep_their_orders_oldest_first() -> None:
    view = CrowdView()
    orders = [resting(key, price) for key, price in enumerate((40, 50, 50, 30))]
    for order in orders:
        view.add(order)
    assert view.best(Side.BID) == 50
    level = view.level(Side.BID, 50)
    assert level is not None
    assert level.orders == [orders[1], orders[2]]
    assert view.best(Side.ASK) == 0


def test_nearest_level_lies_behind_the_price() -> None:
    view = CrowdView()
    for key, price in enumerate((30, 40, 50)):
        view.add(resting(key, price))
    found = [view.nearest(Side.BID, price).price_pips for price in (60, 49, 40, 5)]
    assert found == [50, 40, 40, 30]
    with pytest.raises(IndexError):
        view.nearest(Side.ASK, 50)


def test_a_level_made_again_is_another_level() -> None:
    view = CrowdView()
    first = resting(1, 50)
    level = view.add(first)
    assert view.lives(level)
    view.remove(first)
    view.add(resting(2, 50))
    assert not view.lives(level)


def test_taker_fills_the_best_level_only() -> None:
    view = CrowdView()
    for key, price in enumerate((60, 60, 50)):
        view.add(resting(key, price))
    view.take(Side.BID, 7)
    assert [order.lots for order in view.nearest(Side.BID, 60).orders] == [3]
    view.take(Side.BID, 100)
    assert view.best(Side.BID) == 50


def test_crossing_is_seen_in_each_sides_own_terms() -> None:
    view = CrowdView()
    view.add(resting(1, 4_000, Side.ASK))  # sells YES at 0.60
    assert view.would_cross(Side.BID, 6_000)
    assert not view.would_cross(Side.BID, 5_900)
    assert not view.would_cross(Side.ASK, 9_000)


@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.integers(1, 9), st.booleans())))
def test_best_equals_a_plain_list(steps: list[tuple[Side, int, bool]]) -> None:
    view, plain = CrowdView(), list[Resting]()
    for key, (side, price, is_removal) in enumerate(steps):
        same = [order for order in plain if (order.side, order.price_pips) == (side, price)]
        if is_removal and same:
            view.remove(same[0])
            plain.remove(same[0])
        else:
            plain.append(resting(key, price, side))
            view.add(plain[-1])
        for of_side in Side:
            prices = [order.price_pips for order in plain if order.side == of_side]
            assert view.best(of_side) == max(prices, default=0)
