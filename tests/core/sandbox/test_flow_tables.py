"""Tables of a profile hold the distributions they were made of."""

import pytest

from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX
from core.sandbox.flow_tables import distances, level_lives_ms, log_linear, quantiles, sizes

POINTS = ((0.0, 1.0), (0.5, 10.0), (1.0, 1_000.0))


def test_curve_is_log_linear_between_its_points_and_flat_beyond() -> None:
    found = [log_linear(POINTS, where) for where in (-1.0, 0.0, 0.25, 0.75, 1.0, 2.0)]
    assert found == pytest.approx([1.0, 1.0, 10**0.5, 100.0, 1_000.0, 1_000.0])


def test_quantiles_come_back() -> None:
    table = quantiles(POINTS, 1_000)
    assert list(table) == sorted(table)
    assert table[500] == pytest.approx(10.0, rel=0.02)


def test_sizes_hold_favourites_and_fractions_by_their_shares() -> None:
    lots = sizes(((400.0, 25.0),), POINTS, 0.4)
    assert sum(size == 40_000 for size in lots) / len(lots) == pytest.approx(0.25, abs=0.01)
    assert sum(size % 100 > 0 for size in lots) / len(lots) == pytest.approx(0.3, abs=0.02)
    assert min(lots) > 0


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
def test_distances_and_lives_follow_the_profile(profile: FlowProfile) -> None:
    pips = distances(profile)
    total = sum(weight for weight, _, _ in profile.distances)
    at_best = next(weight for weight, low, high in profile.distances if low == high)
    assert sum(distance == 0 for distance in pips) / len(pips) == pytest.approx(
        at_best / total, abs=0.01
    )
    assert min(pips) == -1
    lives = level_lives_ms(profile)
    median = dict(profile.level_lives_ms)[0.5]
    assert lives[len(lives) // 2] == pytest.approx(median, rel=0.02)
