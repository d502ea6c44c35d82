"""The crowd in one market: where it quotes, what it clears, which sizes it takes."""

from itertools import count, pairwise
from random import Random

import pytest

from core.market.market import Market
from core.sandbox.flow_actions import CancelOrder, PlaceOrder
from core.sandbox.flow_market import GeneratedMarket
from core.sandbox.flow_parameters import FlowParameters
from core.units import PIPS_PER_DOLLAR, Side


def market_at(fair: float, seed: int = 1) -> GeneratedMarket:
    listed = Market("KXDEMO-E-T1", "KXDEMO-E", "Demo")
    market = GeneratedMarket(listed, 100.0, Random(seed), FlowParameters(), count(1))
    market.fair = fair
    return market


def prices(market: GeneratedMarket, side: Side) -> list[int]:
    return [
        action.price_pips
        for action in market.open()
        if isinstance(action, PlaceOrder) and action.side == side
    ]


@pytest.mark.parametrize("fair", [0.02, 0.08, 0.3, 0.5, 0.91, 0.985])
def test_quotes_surround_the_fair_price(fair: float) -> None:
    market = market_at(fair)
    pips = fair * PIPS_PER_DOLLAR
    assert max(prices(market, Side.BID)) < pips < min(prices(market, Side.ASK))


@pytest.mark.parametrize(("fair", "empty"), [(0.004, Side.BID), (0.996, Side.ASK)])
def test_nearly_decided_markets_are_one_sided(fair: float, empty: Side) -> None:
    market = market_at(fair)
    assert prices(market, empty) == []
    assert len(prices(market, empty.opposite)) > 10


def test_mispriced_quotes_are_cleared_before_new_ones_come() -> None:
    market = market_at(0.5)
    market.open()
    market.fair = 0.3
    cleared = 0
    for _ in range(200):
        actions = market.follow()
        cleared += sum(isinstance(a, CancelOrder) or a.immediate for a in actions)  # type: ignore[union-attr]
    assert cleared > 20
    assert market.follow() == []
    assert all(
        a.price_pips > 3_000
        for a in market.act() + market.open()
        if isinstance(a, PlaceOrder) and a.side == Side.ASK and not a.immediate
    )


def test_sizes_are_round_favourites_with_a_heavy_tail() -> None:
    market = market_at(0.5)
    lots = [a.quantity_lots for _ in range(40) for a in market.open() if isinstance(a, PlaceOrder)]
    favourites = {100 * size for size, _ in FlowParameters().favourite_sizes}
    assert 0.4 < sum(size in favourites for size in lots) / len(lots) < 0.75
    assert any(size % 100 for size in lots)
    assert max(lots) > 200_000


def test_takers_come_in_runs() -> None:
    market = market_at(0.5)
    market.open()
    sides = []
    for _ in range(30_000):
        sides += [a.side for a in market.act() if isinstance(a, PlaceOrder) and a.immediate]
    same = sum(one == two for one, two in pairwise(sides))
    assert 0.6 < same / len(sides) < 0.75


def test_activity_is_highest_at_the_money() -> None:
    weights = [market_at(fair).weight for fair in (0.01, 0.1, 0.5, 0.9, 0.99)]
    assert max(weights) == weights[2]
    assert weights[2] > 40 * weights[0]
    assert weights[0] == pytest.approx(weights[4])


@pytest.mark.parametrize(("fair", "result"), [(0.999, "yes"), (0.001, "no")])
def test_outcome(fair: float, result: str) -> None:
    assert market_at(fair).result == result
