"""Which market is shown when nobody has chosen one, or when the chosen one is over."""

from collections.abc import Sequence

from app import states
from app.selection import Selection
from app.views import MarketRow

_MIDDLE_PIPS = 5_000


class MarketChoice:
    """Chooses where the trader has not: the most open market, the one quoted nearest to 50 cents.

    What the trader chose stays until it ends before his eyes.
    """

    def __init__(self, selection: Selection) -> None:
        """Choose for this selection."""
        self._selection = selection
        self._is_over = False
        self._unquoted = ""  # chosen here before anything was quoted

    def forget(self) -> None:
        """Another source has other markets."""
        self._is_over = False
        self._unquoted = ""

    def follow(self, ticker: str, markets: Sequence[MarketRow]) -> None:
        """Note that the trader chose this one, which may be over already."""
        self._is_over = any(_has_ended(row) for row in markets if row.ticker == ticker)
        self._unquoted = ""

    def market(self, markets: Sequence[MarketRow]) -> MarketRow | None:
        """Return the market to show, chosen anew where it has to be."""
        chosen = next((row for row in markets if row.ticker == self._selection.ticker), None)
        if chosen is not None and not self._has_to_change(chosen, markets):
            self._is_over = _has_ended(chosen)
            return chosen
        going_on = [row for row in markets if not _has_ended(row)]
        quoted = min((row for row in going_on if _is_quoted(row)), key=_distance, default=None)
        picked = quoted or next(iter(going_on), chosen or next(iter(markets), None))
        if picked is not None:
            self._selection.choose(picked.ticker)
            self._unquoted = "" if quoted else picked.ticker
            self._is_over = _has_ended(picked)
        return picked

    def _has_to_change(self, chosen: MarketRow, markets: Sequence[MarketRow]) -> bool:
        if _has_ended(chosen) and not self._is_over:
            return True
        if chosen.ticker != self._unquoted:
            return False
        return any(_is_quoted(row) and not _has_ended(row) for row in markets)


def _has_ended(market: MarketRow) -> bool:
    return market.status in states.MARKET


def _is_quoted(market: MarketRow) -> bool:
    return market.bid_pips is not None and market.ask_pips is not None


def _distance(market: MarketRow) -> int:
    """Twice the pips between the mid price and 50 cents."""
    return abs((market.bid_pips or 0) + (market.ask_pips or 0) - 2 * _MIDDLE_PIPS)
