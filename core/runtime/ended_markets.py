"""Which markets have ended lately, so that a list that lags does not bring them back to life.

The exchange's lists follow the feed by about half a minute. What the feed said of an end counts
more for a while; after it the lists are right again, and nothing needs to be remembered.
"""

from typing import Final

KEPT_MS: Final = 600_000
MOST_KEPT: Final = 10_000
"""Beyond so many the oldest are forgotten early."""


class EndedMarkets:
    """Tickers that closed, were determined or settled; times are wall milliseconds."""

    def __init__(self) -> None:
        self._since_ms: dict[str, int] = {}

    def add(self, ticker: str, now_ms: int) -> None:
        """Note an end."""
        self._since_ms.pop(ticker, None)
        self._since_ms[ticker] = now_ms
        while True:
            oldest = next(iter(self._since_ms))
            if len(self._since_ms) <= MOST_KEPT and now_ms - self._since_ms[oldest] < KEPT_MS:
                return
            del self._since_ms[oldest]

    def discard(self, ticker: str) -> None:
        """Note that a market goes on after all."""
        self._since_ms.pop(ticker, None)

    def has(self, ticker: str, now_ms: int) -> bool:
        """True if the market ended lately."""
        since_ms = self._since_ms.get(ticker)
        return since_ms is not None and now_ms - since_ms < KEPT_MS
