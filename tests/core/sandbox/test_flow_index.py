"""The latent index, the probabilities it implies, and how active it says the crowd is."""

from dataclasses import replace
from random import Random
from statistics import fmean, pvariance

import pytest

from core.sandbox.flow_index import LatentIndex
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX


@pytest.fixture
def index() -> LatentIndex:
    return LatentIndex(Random(1), FAST_CRYPTO)


def test_probability_is_a_half_at_the_strike_and_falls_with_it(index: LatentIndex) -> None:
    strikes = [index.value + points for points in (-20.0, -10.0, 0.0, 10.0, 20.0)]
    chances = [index.probability(strike, 600.0) for strike in strikes]
    assert chances[2] == pytest.approx(0.5)
    assert chances == sorted(chances, reverse=True)
    assert chances[0] + chances[4] == pytest.approx(1.0)


def test_probability_ends_at_certainty(index: LatentIndex) -> None:
    below = [index.probability(index.value - 10.0, left) for left in (900.0, 60.0, 0.0)]
    assert below == sorted(below)
    assert below[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
def test_probabilities_are_fair(profile: FlowProfile) -> None:
    """Over many lives the index ends above the strike about as often as was said."""
    profile = replace(profile, step_ms=5_000)
    random = Random(5)
    said, happened = 0.0, 0
    for _ in range(400):
        index = LatentIndex(random, profile)
        deviation = profile.volatility * 300.0**0.5
        strike = index.value + random.uniform(-1.5, 1.5) * deviation
        said += index.probability(strike, 300.0)
        for _ in range(60):
            index.step()
        happened += index.value >= strike
    assert abs(said - happened) < 40


def test_activity_is_one_on_average_and_wanders(index: LatentIndex) -> None:
    seen = []
    for _ in range(60_000):
        index.step()
        seen.append(index.activity)
    assert 0.7 < fmean(seen) < 1.4
    assert pvariance(seen) > 0.5


def test_late_parts_of_moves_arrive_all_the_same() -> None:
    """Over minutes the index moves as far as without delay, over a second less far."""
    deviations = {}
    for late_share in (0.0, 0.4):
        calm = replace(FAST_CRYPTO, late_share=late_share, diffusive_share=0.9, jump_spread=0.1)
        index = LatentIndex(Random(3), calm)
        values = []
        for _ in range(120_000):
            index.step()
            values.append(index.value)
        steps = [values[n + 1] - values[n] for n in range(0, 119_000, 10)]
        minutes = [values[n + 600] - values[n] for n in range(0, 119_000, 600)]
        deviations[late_share] = (pvariance(steps), pvariance(minutes))
    (at_once, far), (later, as_far) = deviations.values()
    assert later < at_once
    assert 0.6 < as_far / far < 1.6


def test_makers_who_believe_it_calmer_are_surer() -> None:
    for believed, chance in ((1.0, 0.691), (0.5, 0.841)):
        index = LatentIndex(Random(1), replace(FAST_CRYPTO, believed_volatility=believed))
        assert index.probability(index.value - 5.0, 100.0) == pytest.approx(chance, abs=0.001)
