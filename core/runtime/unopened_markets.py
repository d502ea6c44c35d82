"""Markets that are listed and open later: by their opening time, without a message. Pure."""

from typing import Final

from core.market.market import Market

MOST_AWAITED: Final = 1_000
"""What is listed while so many are awaited is found in the next list instead."""


class UnopenedMarkets:
    """Remembers when listed markets open."""

    def __init__(self) -> None:
        self._opens_ms: dict[str, int] = {}

    def add(self, market: Market) -> None:
        """Await a market; one whose opening time has moved is awaited then."""
        is_known = market.ticker in self._opens_ms
        if market.open_ms and (is_known or len(self._opens_ms) < MOST_AWAITED):
            self._opens_ms[market.ticker] = market.open_ms

    def take_due(self, now_ms: int) -> list[str]:
        """Tickers of those whose time has come, and await them no longer."""
        due = [ticker for ticker, opens_ms in self._opens_ms.items() if opens_ms <= now_ms]
        for ticker in due:
            del self._opens_ms[ticker]
        return due
