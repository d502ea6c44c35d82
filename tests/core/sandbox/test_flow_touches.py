"""Wanted touches lie on the grid around the fair price and follow it with some slack."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.ticks import LINEAR_CENT, TAPERED_DECI_CENT_RANGES, TickTable
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX
from core.sandbox.flow_touches import Touches, tick_floors
from core.units import PIPS_PER_DOLLAR

CALM = replace(FAST_CRYPTO, spreads=(1.0,), fine_spreads=(1.0,), spread_life_s=1e9)


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
@given(fair=st.floats(0.0, 1.0), seed=st.integers(0, 50))
def test_touches_never_cross_and_are_tradable(profile: FlowProfile, fair: float, seed: int) -> None:
    touches = Touches(Random(seed), profile)
    touches.follow(fair, 0.0)
    bid, ask = touches.wanted
    ticks = TickTable.from_ranges(profile.price_ranges)
    assert bid + ask < PIPS_PER_DOLLAR
    assert all(price == 0 or ticks.is_tradable(price) for price in (bid, ask))
    assert bid or ask


def test_touches_stay_while_the_fair_price_is_near() -> None:
    touches = Touches(Random(1), CALM)
    assert touches.follow(0.505, 0.1)
    assert touches.wanted == (5_000, 4_900)
    assert not touches.follow(0.511, 0.1)
    assert touches.follow(0.516, 0.1)
    assert touches.wanted == (5_100, 4_800)


def test_ticks_are_finer_in_the_tails() -> None:
    touches = Touches(Random(1), CALM)
    touches.follow(0.0503, 0.0)
    assert touches.wanted == (500, PIPS_PER_DOLLAR - 510)


@pytest.mark.parametrize(("fair", "side"), [(0.001, 0), (0.999, 1)])
def test_nobody_quotes_the_hopeless_side(fair: float, side: int) -> None:
    touches = Touches(Random(1), FAST_CRYPTO)
    touches.follow(fair, 0.0)
    assert touches.wanted[side] == 0
    assert touches.wanted[1 - side] > 9_900


def test_floors_of_both_grids() -> None:
    cents, tapered = tick_floors(()), tick_floors(TAPERED_DECI_CENT_RANGES)
    assert (cents[99], cents[4_250], cents[PIPS_PER_DOLLAR]) == (0, 4_200, 9_900)
    assert (tapered[9], tapered[57], tapered[4_250]) == (0, 50, 4_200)
    assert set(cents) == {0} | {p for p in LINEAR_CENT.prices if 0 < p < PIPS_PER_DOLLAR}
