"""How trades of people without an account move open interest. Pure.

Nobody knows what they hold, so it is drawn: each side of such a trade either closes what somebody
of the crowd holds or opens. Two openers make contracts, two closers end them, one of each hands
them on. The more a market has traded, the more of its traders have something to close.

Fitted to the tickers of 53 recorded markets of the fast series (both figures count both sides
there, so that their ratio is that of here): 0.9 of the volume is open interest after 3 000
contracts, 0.7 after 20 000 and 0.4 after 350 000; of what is traded late a third is added.
"""

from random import Random
from typing import Final

from core.sandbox.listings import Listing

MOST_CLOSING: Final = 0.35
"""Share of the sides that close in a market that has traded for long."""
HALF_CLOSING_LOTS: Final = 1_000_000
"""Traded lots after which half of that share close."""


class CrowdInterest:
    """Draws what the crowd's trades with itself do to open interest.

    Args:
        random: used for nothing else.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def take_trade(self, listing: Listing, lots: int) -> None:
        """Count one trade; more than the crowd holds is never closed."""
        chance = MOST_CLOSING * listing.volume_lots / (listing.volume_lots + HALF_CLOSING_LOTS)
        closing_sides = sum(self._random.random() < chance for _ in range(2))
        held_lots = min(lots, listing.crowd_pairs_lots)
        listing.crowd_pairs_lots += lots - closing_sides * held_lots
