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
