"""Ids and serial numbers of one exchange, reproducible for one seed and one order of actions."""

import random
from uuid import UUID


class Numbering:
    """Gives out what must not be given twice."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # ids, not secrets
        self._serial = 0

    def new_id(self) -> str:
        """A fresh UUID."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def new_serial(self) -> int:
        """Next number of the global order of actions."""
        self._serial += 1
        return self._serial

    def fork(self, purpose: str) -> random.Random:
        """Randomness of its own for a purpose, so that ids do not depend on it."""
        return random.Random(f"{self._seed} {purpose}")
