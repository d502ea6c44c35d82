"""Order groups: how much of a group matched within any fifteen seconds. Pure."""

from collections import deque
from dataclasses import dataclass, field

WINDOW_MS = 15_000
"""How long a fill counts."""


@dataclass(slots=True, eq=False)
class OrderGroup:
    """A bundle of orders that is cut off when too much of it matches at once.

    Attributes:
        limit_lots: what may match within the window; more than this triggers the group.
        is_triggered: its orders were canceled and new ones are refused until a reset.
    """

    group_id: str
    limit_lots: int
    is_triggered: bool = False
    _fills: deque[tuple[int, int]] = field(default_factory=deque)
    _recent_lots: int = 0

    def count(self, lots: int, now_ms: int) -> None:
        """Count one fill of an order of the group."""
        self._fills.append((now_ms, lots))
        self._recent_lots += lots

    def is_over(self, now_ms: int) -> bool:
        """True if what matched within the window exceeds the limit."""
        while self._fills and self._fills[0][0] < now_ms - WINDOW_MS:
            self._recent_lots -= self._fills.popleft()[1]
        return self._recent_lots > self.limit_lots

    def reset(self) -> None:
        """Forget the trigger and what was counted."""
        self.is_triggered = False
        self._fills.clear()
        self._recent_lots = 0
