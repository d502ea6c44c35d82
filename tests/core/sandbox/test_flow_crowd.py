"""What the crowd of one market does in one group, and what it never does."""

from dataclasses import replace
from itertools import count
from random import Random

import pytest

from core.sandbox.flow_actions import CancelOrder, FlowAction, PlaceOrder
from core.sandbox.flow_crowd import Crowd
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX
from core.units import PIPS_PER_DOLLAR, Side

MAKERS = replace(FAST_CRYPTO, taker_share=0.0, sniper_share=0.0)


class Books:
    """Resting orders as the actions leave them; takers are checked, not matched."""

    def __init__(self) -> None:
        self.resting: dict[int, PlaceOrder] = {}

    def apply(self, actions: list[FlowAction]) -> None:
        for action in actions:
            if isinstance(action, CancelOrder):
                del self.resting[action.key]
            elif isinstance(action, PlaceOrder) and not action.immediate:
                self.resting[action.key] = action

    def best(self, side: Side) -> int:
        prices = [order.price_pips for order in self.resting.values() if order.side == side]
        return max(prices, default=0) if side == Side.BID else min(prices, default=PIPS_PER_DOLLAR)


def crowd_at(fair: float, profile: FlowProfile = MAKERS, seed: int = 1) -> tuple[Crowd, Books]:
    crowd = Crowd("KXDEMO-E-T1", Random(seed), profile, count(1))
    crowd.touches.follow(fair, 0.0)
    books = Books()
    books.apply(crowd.open())
    return crowd, books


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
def test_makers_never_meet_makers(profile: FlowProfile) -> None:
    crowd, books = crowd_at(0.5, replace(profile, taker_share=0.0, sniper_share=0.0))
    random = Random(7)
    fair = 0.5
    for ms in range(3_000):
        if ms % 100 == 0:
            fair = min(0.98, max(0.02, fair + random.gauss(0.0, 0.05)))
            crowd.touches.follow(fair, 0.1)
        books.apply(crowd.clear() or crowd.chase(ms, 1.0) or crowd.act(ms, 1.0))
        while crowd.next_end_ms <= ms:
            books.apply(crowd.expire(ms))
        assert books.best(Side.BID) < books.best(Side.ASK)


def test_makers_clear_what_is_mispriced_and_quote_the_new_touch() -> None:
    crowd, books = crowd_at(0.5)
    assert not crowd.is_mispriced
    crowd.touches.follow(0.4, 0.0)
    assert crowd.is_mispriced
    for _ in range(500):
        books.apply(crowd.clear())
    assert not crowd.is_mispriced
    assert crowd.is_left_behind
    for ms in range(20):
        books.apply(crowd.chase(ms, 1.0))
    assert not crowd.is_left_behind
    bid, ask = crowd.touches.wanted
    assert (books.best(Side.BID), PIPS_PER_DOLLAR - books.best(Side.ASK)) == (bid, ask)
    assert crowd.clear() == crowd.chase(0, 1.0) == []


def test_snipers_take_the_mispriced_level() -> None:
    crowd, books = crowd_at(0.5, replace(FAST_CRYPTO, sniper_share=1.0))
    best = books.best(Side.BID)
    crowd.touches.follow(0.4, 0.0)
    (order,) = crowd.clear()
    assert isinstance(order, PlaceOrder)
    assert (order.side, order.price_pips, order.immediate) == (Side.ASK, best, True)


def test_takers_take_the_best() -> None:
    crowd, books = crowd_at(0.5, replace(FAST_CRYPTO, taker_share=1.0))
    best = {Side.BID: books.best(Side.ASK), Side.ASK: books.best(Side.BID)}
    (order,) = crowd.act(0, 1.0)
    assert isinstance(order, PlaceOrder)
    assert order.immediate
    assert order.price_pips == best[Side(order.side)]


def moves_of(profile: FlowProfile) -> list[tuple[PlaceOrder, PlaceOrder]]:
    """Orders before and after their moves, in 400 groups."""
    crowd, books = crowd_at(0.5, profile)
    moves = []
    for ms in range(400):
        actions = crowd.act(ms, 1.0)
        if len(actions) == 2:
            gone, new = actions
            assert isinstance(gone, CancelOrder)
            assert isinstance(new, PlaceOrder)
            moves.append((books.resting[gone.key], new))
        books.apply(actions)
    assert len(moves) > 200
    return moves


def test_a_moved_order_keeps_side_and_size() -> None:
    for old, new in moves_of(replace(MAKERS, move_share=1.0, resize_share=0.0)):
        assert (old.side, old.quantity_lots) == (new.side, new.quantity_lots)
        assert old.price_pips != new.price_pips


def test_some_moved_orders_change_their_size_too() -> None:
    moves = moves_of(replace(MAKERS, move_share=1.0, resize_share=0.5))
    assert all(old.side == new.side and old.price_pips != new.price_pips for old, new in moves)
    resized = sum(old.quantity_lots != new.quantity_lots for old, new in moves)
    assert 0.35 < resized / len(moves) < 0.55


def test_a_firm_touch_has_no_life_of_its_own() -> None:
    for firm_share, has_end in ((1.0, False), (0.0, True)):
        profile = replace(MAKERS, opening_orders=0, brief_share=1.0, firm_share=firm_share)
        crowd, _ = crowd_at(0.5, profile)
        assert len(crowd.chase(0.0, 1.0)) == 1
        assert (crowd.next_end_ms < float("inf")) == has_end


@pytest.mark.parametrize("pace", [1.0, 0.1])
def test_brief_levels_go_when_their_time_has_come(pace: float) -> None:
    lives = ((0.0, 50.0), (1.0, 50.0))
    profile = replace(
        MAKERS, hole_share=1.0, brief_share=1.0, level_lives_ms=lives, opening_orders=5
    )
    crowd, books = crowd_at(0.5, profile)
    while crowd.next_end_ms == float("inf"):
        books.apply(crowd.act(1_000, pace))
    assert crowd.next_end_ms == pytest.approx(1_000 + 50 / pace)
    before = len(books.resting)
    actions = crowd.expire(1_050)
    assert isinstance(actions[0], CancelOrder)
    books.apply(actions)
    assert before - 1 <= len(books.resting) <= before


def test_nobody_acts_in_an_empty_market() -> None:
    crowd = Crowd("KXDEMO-E-T1", Random(1), MAKERS, count(1))
    assert crowd.act(0, 1.0) == crowd.clear() == crowd.chase(0, 1.0) == crowd.open() == []
