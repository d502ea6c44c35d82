"""Which cells have just changed: each flashes for a moment, and never faster than is safe."""

from collections.abc import Callable, Hashable
from typing import Final

FLASH_MS: Final = 200
_LEAST_DISTANCE_MS: Final = 334
"""At most three times a second (WCAG 2.3.1)."""
_KEPT: Final = 4_096


class Flashes:
    """Begin of the last flash by cell; holds some thousand cells, the oldest leave first.

    Args:
        now_ms: any clock that goes forward, in milliseconds.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._begun_ms: dict[Hashable, int] = {}

    def note(self, cell: Hashable) -> None:
        """Flash this cell, unless it flashed too short a time ago."""
        now_ms = self._now_ms()
        begun_ms = self._begun_ms.get(cell)
        if begun_ms is not None and now_ms - begun_ms < _LEAST_DISTANCE_MS:
            return
        self._begun_ms.pop(cell, None)
        self._begun_ms[cell] = now_ms
        if len(self._begun_ms) > _KEPT:
            del self._begun_ms[next(iter(self._begun_ms))]

    def is_on(self, cell: Hashable) -> bool:
        """Tell whether this cell is flashing now."""
        begun_ms = self._begun_ms.get(cell)
        return begun_ms is not None and self._now_ms() - begun_ms < FLASH_MS
