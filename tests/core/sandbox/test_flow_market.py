"""The crowd in one market: where it quotes, what it clears, which sizes it takes, when it acts."""

from dataclasses import replace
from itertools import count, pairwise
from random import Random

import pytest

from core.market.market import Market
from core.sandbox.flow_actions import CancelOrder, FlowAction, PlaceOrder
from core.sandbox.flow_market import GeneratedMarket, Instant
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX
from core.units import PIPS_PER_DOLLAR, Side

RATE = 0.05
"""Groups a millisecond."""


def market_of(profile: FlowProfile = FAST_CRYPTO, seed: int = 1) -> GeneratedMarket:
    listed = Market("KXDEMO-E-T1", "KXDEMO-E", "Demo", price_ranges=profile.price_ranges)
    return GeneratedMarket(listed, 100.0, Random(seed), profile, count(1))


def stepped(market: GeneratedMarket, fair: float, seconds: int, begin: int = 1) -> list[Instant]:
    """Groups at one fair price, in steps of a second."""
    steps = range(begin * 1_000, (begin + seconds) * 1_000, 1_000)
    return [instant for ms in steps for instant in market.step(ms, ms + 1_000, fair, RATE)]


def prices(actions: list[FlowAction], side: Side) -> list[int]:
    placed = [action for action in actions if isinstance(action, PlaceOrder)]
    return [a.price_pips for a in placed if a.side == side and not a.immediate]


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
@pytest.mark.parametrize("fair", [0.03, 0.08, 0.3, 0.5, 0.91, 0.975])
def test_quotes_surround_the_fair_price(profile: FlowProfile, fair: float) -> None:
    actions = market_of(profile).open(fair)
    bids, asks = prices(actions, Side.BID), prices(actions, Side.ASK)
    assert max(bids) < min(asks)
    assert max(bids) - 150 <= fair * PIPS_PER_DOLLAR <= min(asks) + 150


@pytest.mark.parametrize(("fair", "empty"), [(0.001, Side.BID), (0.999, Side.ASK)])
def test_nearly_decided_markets_are_one_sided(fair: float, empty: Side) -> None:
    actions = market_of().open(fair)
    assert prices(actions, empty) == []
    assert len(prices(actions, empty.opposite)) > 10


def test_quotes_follow_the_fair_price() -> None:
    market = market_of()
    market.open(0.5)
    moved = [action for _, group in stepped(market, 0.3, 5) for action in group]
    assert any(isinstance(action, CancelOrder) for action in moved)
    later = [action for _, group in stepped(market, 0.3, 20, begin=10) for action in group]
    asks = prices(later, Side.ASK)
    assert min(asks) < 3_300
    assert max(prices(later, Side.BID)) < 3_100


def test_groups_come_inside_the_step_each_at_its_own_ms() -> None:
    market = market_of()
    market.open(0.5)
    for ms in range(1_000, 20_000, 100):
        times = [ts_ms for ts_ms, _ in market.step(ms, ms + 100, 0.5, RATE)]
        assert times == sorted(set(times))
        assert all(ms < ts_ms < ms + 100 for ts_ms in times)


def test_rate_is_kept_at_any_length_of_the_steps() -> None:
    profile = replace(FAST_CRYPTO, echo_share=0.0, brief_share=0.0, spread_life_s=1e9)
    found = []
    for step_ms in (50, 1_000):
        market = market_of(profile)
        market.open(0.5)
        found.append(
            sum(len(market.step(ms, ms + step_ms, 0.5, 0.01)) for ms in range(0, 10**6, step_ms))
        )
    assert all(6_000 < groups < 14_000 for groups in found)
    assert found[0] == pytest.approx(found[1], rel=0.1)


def test_sizes_are_round_favourites_with_a_heavy_tail() -> None:
    market = market_of()
    placed = [a for _ in range(20) for a in market.open(0.5) if isinstance(a, PlaceOrder)]
    lots = [action.quantity_lots for action in placed]
    favourites = {100 * int(size) for size, _ in FAST_CRYPTO.favourite_sizes}
    assert 0.45 < sum(size in favourites for size in lots) / len(lots) < 0.65
    assert any(size % 100 for size in lots)
    assert max(lots) > 1_000_000


def test_takers_come_in_runs() -> None:
    market = market_of(replace(FAST_CRYPTO, run_share=0.67))
    market.open(0.5)
    groups = [group for _, group in stepped(market, 0.5, 400)]
    sides = [a.side for g in groups for a in g if isinstance(a, PlaceOrder) and a.immediate]
    assert len(sides) > 500
    same = sum(one == two for one, two in pairwise(sides))
    assert 0.6 < same / len(sides) < 0.75


def test_most_groups_of_two_move_an_order() -> None:
    market = market_of()
    market.open(0.5)
    pairs = [group for _, group in stepped(market, 0.5, 60) if len(group) == 2]
    assert len(pairs) > 500
    kinds = [(type(first), type(second)) for first, second in pairs]
    assert kinds.count((CancelOrder, PlaceOrder)) > 0.95 * len(kinds)


@pytest.mark.parametrize(("fair", "result"), [(0.999, "yes"), (0.001, "no")])
def test_outcome(fair: float, result: str) -> None:
    market = market_of()
    market.fair = fair
    assert market.result == result
