"""A seeded mix of order operations around a price that walks; the same for every engine.

Half of it places orders near the touch, more than a third cancels, the rest takes, shrinks and
moves. That is what a busy book sees: most orders leave as they came.
"""

import random
from typing import NamedTuple

PLACE, CANCEL, TAKE, REDUCE, MOVE = range(5)
_SHARES = (0.50, 0.38, 0.04, 0.04, 0.04)
_WALK_EVERY = 50
_DEPTH_PIPS = 800
LOWEST_PIPS, HIGHEST_PIPS = 100, 9_900


class Operation(NamedTuple):
    """One operation.

    Attributes:
        key: of the order it makes or means.
        price_pips: limit; of a MOVE the signed step.
    """

    kind: int
    key: int
    side: int = 0
    price_pips: int = 0
    lots: int = 0


def draw(seed: int, count: int) -> list[Operation]:
    """Draw operations; those that mean an order mean one placed before, alive or not."""
    source = random.Random(seed)
    operations: list[Operation] = []
    keys: list[int] = []
    middle = 5_000
    for number in range(count):
        kind = source.choices((PLACE, CANCEL, TAKE, REDUCE, MOVE), _SHARES)[0] if keys else PLACE
        if number % _WALK_EVERY == 0:
            middle = min(9_000, max(1_000, middle + source.choice((-100, 100))))
        if kind in (PLACE, TAKE):
            operations.append(_new(source, kind, number, middle))
        else:
            operations.append(_change(source, kind, keys))
        if kind == PLACE:
            keys.append(number)
    return operations


def _new(source: random.Random, kind: int, key: int, middle: int) -> Operation:
    side = source.randrange(2)
    if kind == TAKE:
        price = LOWEST_PIPS if side else HIGHEST_PIPS
    else:
        away = 100 + int(source.expovariate(1 / _DEPTH_PIPS)) // 100 * 100
        price = min(HIGHEST_PIPS, max(LOWEST_PIPS, middle + (away if side else -away)))
    return Operation(kind, key, side, price, source.randrange(1, 50) * 100)


def _change(source: random.Random, kind: int, keys: list[int]) -> Operation:
    place = source.randrange(len(keys))
    if kind == CANCEL:
        keys[place], keys[-1] = keys[-1], keys[place]
        return Operation(kind, keys.pop())
    return Operation(kind, keys[place], price_pips=source.randrange(-15, 16) * 100)
