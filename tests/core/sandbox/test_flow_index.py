"""The latent index and the probabilities it implies."""

from random import Random

import pytest

from core.sandbox.flow_index import LatentIndex
from core.sandbox.flow_parameters import FlowParameters


@pytest.fixture
def index() -> LatentIndex:
    return LatentIndex(Random(1), FlowParameters())


def test_probability_is_a_half_at_the_strike_and_falls_with_it(index: LatentIndex) -> None:
    strikes = [index.value + points for points in (-10.0, -5.0, 0.0, 5.0, 10.0)]
    chances = [index.probability(strike, 600.0) for strike in strikes]
    assert chances[2] == pytest.approx(0.5)
    assert chances == sorted(chances, reverse=True)
    assert chances[0] + chances[4] == pytest.approx(1.0)


def test_probability_ends_at_certainty(index: LatentIndex) -> None:
    below = [index.probability(index.value - 5.0, left) for left in (900.0, 60.0, 0.0)]
    assert below == sorted(below)
    assert below[-1] == pytest.approx(1.0)


def test_probabilities_are_fair() -> None:
    """Over many lives the index ends above the strike about as often as was said."""
    parameters = FlowParameters(step_ms=5_000)
    random = Random(5)
    said, happened = 0.0, 0
    for _ in range(400):
        index = LatentIndex(random, parameters)
        strike = index.value + random.uniform(-8.0, 8.0)
        said += index.probability(strike, 300.0)
        for _ in range(60):
            index.step()
        happened += index.value >= strike
    assert abs(said - happened) < 40


def test_bursts_fade() -> None:
    index = LatentIndex(Random(1), FlowParameters(jumps_per_s=0.0, bursts_per_s=0.0))
    index.burst = 9.0
    for _ in range(400):
        index.step()
    assert index.burst == pytest.approx(FlowParameters().calm_share, abs=0.001)
