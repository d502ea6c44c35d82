"""When the quotes of touched books are noted in their histories, a few at a time. Pure.

A book is looked at about once a second of venue time while it is touched, and without fail before
a minute ends. Between two seconds only some are looked at in each step, so that no step waits for
all of them.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.sandbox.listings import Listing

SAMPLED_PER_STEP: Final = 20


class QuoteSampler:
    """Remembers which books were touched.

    Attributes:
        touched: markets whose book changed since it was last sampled or set aside for that.
    """

    def __init__(self) -> None:
        self.touched: set[Listing] = set()
        self._due: list[Listing] = []

    def advance(self, now_ms: int, next_ms: int) -> None:
        """Sample what the step from one venue time to the next leaves no later chance for."""
        if next_ms // 1000 != now_ms // 1000:
            if next_ms // 60_000 != now_ms // 60_000:
                self.sample_all(now_ms)
                return
            self._due.extend(self.touched)
            self.touched.clear()
        if self._due:
            for listing in self._due[-SAMPLED_PER_STEP:]:
                listing.sample(now_ms)
            del self._due[-SAMPLED_PER_STEP:]

    def sample_all(self, now_ms: int) -> None:
        """Sample every touched book now."""
        for listing in self.touched.union(self._due):
            listing.sample(now_ms)
        self.touched.clear()
        self._due.clear()
