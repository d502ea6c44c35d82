"""Distributions of a profile as tables, so that a draw costs one uniform number. Pure."""

import math
from bisect import bisect_right
from functools import lru_cache

from core.sandbox.flow_profile import FlowProfile, Points
from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT

TABLE_SIZE = 4_096
_GOLDEN = 0.618034
"""Multiples of it fill the unit interval evenly in any order of use."""


def log_linear(points: Points, where: float) -> float:
    """Value of a curve between its points, linear in its logarithm; flat beyond the ends."""
    index = bisect_right(points, where, key=lambda point: point[0])
    if index == 0:
        return points[0][1]
    if index == len(points):
        return points[-1][1]
    (low, before), (high, after) = points[index - 1], points[index]
    return before * math.pow(after / before, (where - low) / (high - low))


def quantiles(points: Points, size: int = TABLE_SIZE) -> tuple[float, ...]:
    """Equally likely values of a distribution given by its quantiles."""
    return tuple(log_linear(points, (index + 0.5) / size) for index in range(size))


@lru_cache
def sizes(favourites: Points, others: Points, fraction_share: float) -> tuple[int, ...]:
    """Equally likely order sizes in lots.

    Args:
        favourites: (contracts, percent of all sizes).
        others: quantiles of the remaining sizes, in contracts.
        fraction_share: those of the others that are no whole contracts.
    """
    lots: list[int] = []
    for contracts, percent in favourites:
        lots += [int(contracts) * LOTS_PER_CONTRACT] * round(percent * TABLE_SIZE / 100)
    for index, contracts in enumerate(quantiles(others, TABLE_SIZE - len(lots))):
        is_fraction = index * _GOLDEN % 1.0 < fraction_share
        whole = max(1, round(contracts)) * LOTS_PER_CONTRACT
        lots.append(max(1, round(contracts * LOTS_PER_CONTRACT)) if is_fraction else whole)
    return tuple(lots)


@lru_cache
def distances(profile: FlowProfile) -> tuple[int, ...]:
    """Equally likely distances behind the best in pips; -1 stands for improving it."""
    total = sum(weight for weight, _, _ in profile.distances)
    pips: list[int] = []
    for weight, low, high in profile.distances:
        count = round(weight / total * TABLE_SIZE)
        for index in range(count):
            cents = low + (high - low) * (index + 0.5) / count
            pips.append(math.ceil(cents * PIPS_PER_CENT) if low >= 0 else -1)
    return tuple(pips)


@lru_cache
def level_lives_ms(profile: FlowProfile) -> tuple[float, ...]:
    """Equally likely lives of brief levels."""
    return quantiles(profile.level_lives_ms)
