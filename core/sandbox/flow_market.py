"""When the crowd of one generated market acts: background, moves of the price, brief levels."""

from collections.abc import Iterator
from random import Random

from core.market.market import Market
from core.sandbox.flow_actions import FlowAction
from core.sandbox.flow_crowd import Crowd
from core.sandbox.flow_profile import FlowProfile

Instant = tuple[int, list[FlowAction]]
"""(venue time in ms, actions of one group)."""
_NEVER_MS = float("inf")


class GeneratedMarket:
    """Draws the groups of one market, step by step.

    Attributes:
        strike: lower end of what it asks about, in index points.
        own_rate: how much busier it is than others like it.
        pace: its activity against that of a market at the money; whatever its makers do takes
            the longer the less there is to do.
        fair: probability of YES that makers quote around; its last value is the outcome.
    """

    def __init__(
        self,
        market: Market,
        strike: float,
        random: Random,
        profile: FlowProfile,
        keys: Iterator[int],
    ) -> None:
        self.market = market
        self.strike = strike
        self.own_rate = random.lognormvariate(0.0, profile.rate_spread)
        self.pace = 1.0
        self.fair = 0.5
        self._random = random
        self._profile = profile
        self._crowd = Crowd(market.ticker, random, profile, keys)
        self._hazard = random.expovariate(1.0)
        self._urgent_ms = _NEVER_MS
        self._last_ms = market.open_ms

    @property
    def result(self) -> str:
        """Outcome by the fair price at the close."""
        return "yes" if self.fair >= 0.5 else "no"

    def open(self, fair: float) -> list[FlowAction]:
        """The first orders, all in one instant."""
        self.fair = fair
        self._crowd.touches.follow(fair, 0.0)
        return self._crowd.open()

    def step(self, from_ms: int, until_ms: int, fair: float, groups_per_ms: float) -> list[Instant]:
        """Draw the groups of a step, each at its own ms.

        Args:
            from_ms: begin of the step; its groups come after it.
            until_ms: end of the step, before which its groups come.
            fair: the fair price during this step.
            groups_per_ms: rate of the background.
        """
        self._follow(from_ms, fair)
        self._last_ms = max(self._last_ms, from_ms)
        crowd = self._crowd
        now_ms, instants = float(from_ms), list[Instant]()
        while True:
            background_ms = now_ms + self._hazard / groups_per_ms
            due_ms = min(background_ms, self._urgent_ms, crowd.next_end_ms)
            ts_ms = max(int(due_ms), self._last_ms + 1) if due_ms < until_ms else until_ms
            if ts_ms >= until_ms:
                self._hazard = max(0.0, self._hazard - (until_ms - now_ms) * groups_per_ms)
                return instants
            self._hazard = max(0.0, self._hazard - (due_ms - now_ms) * groups_per_ms)
            now_ms = max(now_ms, due_ms)
            if due_ms == background_ms:
                self._hazard = self._next_hazard(groups_per_ms)
                actions = crowd.act(ts_ms, self.pace)
            elif due_ms == self._urgent_ms:
                actions = crowd.clear() or crowd.chase(ts_ms, self.pace)
                self._urgent_ms = _NEVER_MS
            else:
                actions = crowd.expire(ts_ms)
            if actions:
                self._last_ms = ts_ms
                instants.append((ts_ms, actions))
            self._look_ahead(ts_ms)

    def _follow(self, now_ms: int, fair: float) -> None:
        self.fair = fair
        if self._crowd.touches.follow(fair, self._profile.step_ms * self.pace / 1_000):
            delay_ms = self._random.random() * self._profile.step_ms / self.pace
            self._urgent_ms = min(self._urgent_ms, now_ms + delay_ms)

    def _look_ahead(self, now_ms: int) -> None:
        """Plan the next correction of the quotes, if they need one and none is planned."""
        if self._urgent_ms < _NEVER_MS:
            return
        if self._crowd.is_mispriced:
            self._urgent_ms = now_ms + self._random.expovariate(self.pace / self._profile.clear_ms)
        elif self._crowd.is_left_behind:
            self._urgent_ms = now_ms + self._random.expovariate(self.pace / self._profile.chase_ms)

    def _next_hazard(self, groups_per_ms: float) -> float:
        """Expected groups until the next one; an echo comes whatever the rate."""
        if self._random.random() < self._profile.echo_share:
            return self._random.expovariate(1 / self._profile.echo_ms) * groups_per_ms
        return self._random.expovariate(1.0)
