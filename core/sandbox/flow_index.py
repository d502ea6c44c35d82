"""The latent index behind a generated event: a jump diffusion, and the probabilities it implies."""

import math
from random import Random

from core.sandbox.flow_parameters import FlowParameters


class LatentIndex:
    """One index on which every strike of an event depends, so that their prices agree.

    Attributes:
        value: the index, in points.
        burst: how excited the market is just now; 1 on average.
    """

    def __init__(self, random: Random, parameters: FlowParameters) -> None:
        self._random = random
        self._parameters = parameters
        self.value = parameters.index_start
        self.burst = 1.0
        variance = parameters.volatility**2 + parameters.jumps_per_s * parameters.jump_points**2
        self._deviation = math.sqrt(variance)

    def step(self) -> None:
        """Move on by one step."""
        parameters, random = self._parameters, self._random
        seconds = parameters.step_ms / 1_000
        self.value += random.gauss(0.0, parameters.volatility * math.sqrt(seconds))
        fading = math.exp(-seconds / parameters.burst_decay_s)
        self.burst = parameters.calm_share + (self.burst - parameters.calm_share) * fading
        if random.random() < parameters.jumps_per_s * seconds:
            self.value += random.gauss(0.0, parameters.jump_points)
            self.burst += random.expovariate(1 / parameters.burst_size)
        if random.random() < parameters.bursts_per_s * seconds:
            self.burst += random.expovariate(1 / parameters.burst_size)

    def probability(self, strike: float, seconds_left: float) -> float:
        """Chance that the index ends at or above the strike."""
        deviation = self._deviation * math.sqrt(max(seconds_left, 1.0))
        return 0.5 * math.erfc((strike - self.value) / deviation / math.sqrt(2.0))
