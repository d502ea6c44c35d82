"""The latent index behind a generated event, its probabilities, and how active the crowd is."""

import math
from random import Random

from core.sandbox.flow_profile import FlowProfile

_WIDEST = 2.0
"""Log deviations beyond which no jump is scaled up."""


class LatentIndex:
    """One index on which every strike of an event depends, so that their prices agree.

    It jumps more often while the crowd is active, so that bursts and moves come together. Makers
    take in a part of every move late, and believe the index to be calmer or wilder than it is; so
    prices run on, and swing more or less than those of makers who know it all.

    Attributes:
        value: the index as makers see it, in points.
        activity: how busy the crowd is just now; 1 on average.
    """

    def __init__(self, random: Random, profile: FlowProfile) -> None:
        self._random = random
        self._profile = profile
        self._seconds = profile.step_ms / 1_000
        self._waves = [random.gauss(0.0, math.sqrt(power)) for power, _ in profile.waves]
        self._fading = [math.exp(-self._seconds / decay_s) for _, decay_s in profile.waves]
        self._half_power = sum(power for power, _ in profile.waves) / 2
        jumpy = profile.volatility**2 * (1 - profile.diffusive_share) / profile.jumps_per_s
        self._jump_points = math.sqrt(jumpy / _scaled_power(profile.jump_spread))
        self._diffusion = profile.volatility * math.sqrt(profile.diffusive_share * self._seconds)
        self._late_points = 0.0
        self._late_chance = 1 - math.exp(-self._seconds / profile.late_s)
        self.value = profile.index_start
        self.activity = math.exp(sum(self._waves) - self._half_power)

    def step(self) -> None:
        """Move on by one step."""
        profile, random = self._profile, self._random
        for number, (power, _) in enumerate(profile.waves):
            kept = self._fading[number]
            noise = random.gauss(0.0, math.sqrt(power * (1 - kept * kept)))
            self._waves[number] = self._waves[number] * kept + noise
        self.activity = math.exp(sum(self._waves) - self._half_power)
        move = random.gauss(0.0, self._diffusion)
        chance = 1 - math.exp(-profile.jumps_per_s * self.activity * self._seconds)
        if random.random() < chance:
            spread = math.exp(profile.jump_spread * min(_WIDEST, random.gauss(0.0, 1.0)))
            move += random.gauss(0.0, self._jump_points) * spread
        self._see(move)

    def _see(self, move: float) -> None:
        """Take in the early part of this move; the late parts come all at once."""
        late = move * self._profile.late_share
        self.value += move - late
        self._late_points += late
        if self._random.random() < self._late_chance:
            self.value += self._late_points
            self._late_points = 0.0

    def probability(self, strike: float, seconds_left: float) -> float:
        """Chance that the index ends at or above the strike."""
        deviation = self._profile.believed_volatility * math.sqrt(max(seconds_left, 1.0))
        return 0.5 * math.erfc((strike - self.value) / deviation / math.sqrt(2.0))


def _scaled_power(spread: float) -> float:
    """Mean square of the factor that scales a jump, see `step`."""
    below = math.exp(2 * spread**2) * _normal(_WIDEST - 2 * spread)
    return below + math.exp(2 * spread * _WIDEST) * (1 - _normal(_WIDEST))


def _normal(deviations: float) -> float:
    """Share of a normal distribution below this many deviations."""
    return 0.5 * math.erfc(-deviations / math.sqrt(2.0))
