"""Messages of one action of the exchange, and the order in which they leave. Pure.

The venue sends what one match causes in no fixed order across its channels; within a channel the
order stands, so that books, positions and sequence numbers stay right.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import ParamSpec

_P = ParamSpec("_P")


class Outbox:
    """Collects the sends of one action and then makes them."""

    def __init__(self, shuffler: random.Random) -> None:
        self._shuffler = shuffler
        self._sends: list[tuple[str, Callable[[], None]]] = []

    def add(
        self, channel: str, send: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Keep a send for `release`."""
        self._sends.append((channel, partial(send, *args, **kwargs)))

    def release(self, is_shuffled: bool) -> None:
        """Make all sends, the channels mixed at random or everything as it was added."""
        sends = self._sends
        if not sends:
            return
        self._sends = []
        if is_shuffled:
            sends = _interleaved(sends, self._shuffler)
        for _, send in sends:
            send()


def _interleaved(
    sends: list[tuple[str, Callable[[], None]]], shuffler: random.Random
) -> list[tuple[str, Callable[[], None]]]:
    """Mix the channels at random; each keeps its own order."""
    lanes = defaultdict(list)
    for entry in reversed(sends):
        lanes[entry[0]].append(entry)
    places = [channel for channel, _ in sends]
    shuffler.shuffle(places)
    return [lanes[channel].pop() for channel in places]
