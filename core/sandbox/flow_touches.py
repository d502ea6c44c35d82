"""Where the makers of one market want the touches, given the fair price. Pure."""

from functools import lru_cache
from itertools import accumulate
from random import Random

from core.market.ticks import PriceRange, TickTable
from core.sandbox.flow_profile import FlowProfile
from core.units import PIPS_PER_CENT, PIPS_PER_DOLLAR

_FINE_PIPS = 10


@lru_cache
def tick_floors(price_ranges: tuple[PriceRange, ...]) -> tuple[int, ...]:
    """Highest tradable price at or below every price in pips, 0 where there is none."""
    ticks = TickTable.from_ranges(price_ranges)
    tradable = (pips if ticks.is_tradable(pips) else 0 for pips in range(PIPS_PER_DOLLAR + 1))
    return tuple(accumulate(tradable, max))


class Touches:
    """The best bid and ask makers aim at; they follow the fair price with some slack.

    Attributes:
        wanted: best prices of bid and ask side in their own terms, 0 where nobody quotes.
    """

    def __init__(self, random: Random, profile: FlowProfile) -> None:
        self._random = random
        self._profile = profile
        self._floors = tick_floors(profile.price_ranges)
        self._weights = tuple(accumulate(profile.spreads))
        self._fine_weights = tuple(accumulate(profile.fine_spreads))
        self.wanted = (0, 0)
        self._choose_spread()

    def follow(self, fair: float, seconds: float) -> bool:
        """Move the touches if the fair price has left them; True if they moved."""
        pips = fair * PIPS_PER_DOLLAR
        is_fine = bool(self._profile.price_ranges) and not 1_000 <= pips <= 9_000
        tick = _FINE_PIPS if is_fine else PIPS_PER_CENT
        if self._random.random() * self._profile.spread_life_s < seconds:
            self._choose_spread()
        elif self._holds(pips, self._profile.slack_ticks * tick):
            return False
        before = self.wanted
        self.wanted = self._around(pips, tick, self._fine_ticks if is_fine else self._ticks)
        return self.wanted != before

    def _holds(self, pips: float, slack: float) -> bool:
        bid, ask = self.wanted
        top = PIPS_PER_DOLLAR - ask
        return (bid or ask) > 0 and bid - slack <= pips <= top + slack

    def _around(self, pips: float, tick: int, ticks: int) -> tuple[int, int]:
        edge = self._profile.one_sided_pips
        bid = self._floors[max(0, int(pips - (ticks - 1) * tick / 2))]
        ask = self._floors[
            max(0, min(PIPS_PER_DOLLAR - bid - ticks * tick, PIPS_PER_DOLLAR - tick))
        ]
        return 0 if pips < edge else bid, 0 if PIPS_PER_DOLLAR - pips < edge else ask

    def _choose_spread(self) -> None:
        choose = self._random.choices
        self._ticks = choose(range(1, len(self._weights) + 1), cum_weights=self._weights)[0]
        fine = range(1, len(self._fine_weights) + 1)
        self._fine_ticks = choose(fine, cum_weights=self._fine_weights)[0]
