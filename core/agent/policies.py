"""Policies that need no training. A policy says what; masks say what is open."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from core.agent.actions import Action

HOLD_SHARE = 0.75


class Choice(NamedTuple):
    """An action, the policy's probability of it (None where it has none), and why."""

    action: Action
    probability: float | None
    reason: str = ""


class Policy(Protocol):
    """Decides for one market at a time.

    Attributes:
        name: what the console and the records call it.
        warm_up_ms: how long a book must have been LIVE before a decision; a policy that reads
            rolling features needs their time constants to have passed, one that reads none
            needs nothing.
    """

    name: str
    warm_up_ms: int

    def choose(self, ticker: str, masks: Sequence[bool]) -> Choice:
        """Choose among the open actions; `masks` is in action order."""

    def forget(self, ticker: str) -> None:
        """The market is over."""


class HoldPolicy:
    """Never trades: for collecting only, and the baseline of every comparison."""

    name = "hold"
    warm_up_ms = 0

    def choose(self, ticker: str, masks: Sequence[bool]) -> Choice:
        """Hold."""
        return Choice(Action.HOLD, 1.0, "policy only watches")

    def forget(self, ticker: str) -> None:
        """Nothing is kept of a market."""


class HardcodedPolicy:
    """Holds three times in four, else one of the open trades evenly. Seeded per market.

    It exercises the whole trading line without a trained model; it is not meant to earn.
    """

    name = "hardcoded"
    warm_up_ms = 0

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random: dict[str, random.Random] = {}

    def choose(self, ticker: str, masks: Sequence[bool]) -> Choice:
        """Draw from this market's own sequence."""
        rng = self._random.get(ticker)
        if rng is None:
            rng = self._random[ticker] = random.Random(f"{self._seed}:{ticker}")
        trades = [action for action in Action if action and masks[action]]
        draw = rng.random()
        if draw < HOLD_SHARE or not trades:
            reason = "policy drew hold" if trades else "no trade is open"
            return Choice(Action.HOLD, HOLD_SHARE if trades else 1.0, reason)
        share = (1.0 - HOLD_SHARE) / len(trades)
        index = min(int((draw - HOLD_SHARE) / share), len(trades) - 1)
        return Choice(trades[index], share)

    def forget(self, ticker: str) -> None:
        """Drop this market's sequence."""
        self._random.pop(ticker, None)


POLICIES: dict[str, Callable[[int], Policy]] = {
    "hardcoded": HardcodedPolicy,
    "hold": lambda seed: HoldPolicy(),
}
"""Policy name to maker; the argument is the seed."""
