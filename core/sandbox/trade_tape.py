"""The public trades that an exchange remembers, bounded over all its markets together. Pure.

Each market keeps its own in its listing; here is counted how many that makes, and which of all
is the oldest.
"""

from heapq import heappop, heappush, heapreplace
from typing import Final

from core.sandbox.listings import Listing, PublicTrade

KEPT_OF_ALL: Final = 20_000
"""Public trades an exchange remembers, whatever the market; the oldest goes first.

About 300 bytes each, 6 MiB in all. A client that lists trades, live or historical, of one market
or of all, finds fewer rows or none before that time: its last page comes earlier, with an empty
cursor and no error. Volumes, last prices and candles keep counting what was forgotten. No market
comes to feel it while ten or fewer trade, since each keeps `listings.KEPT_TRADES` at most.
"""


class TradeTape:
    """Numbers public trades and lets the oldest of all markets go."""

    def __init__(self) -> None:
        self._serial = 0
        self._count = 0
        # A heap of the markets that remember trades, by a serial that their oldest has or had.
        self._oldest: list[tuple[int, Listing]] = []

    @property
    def count(self) -> int:
        """Trades remembered over all markets."""
        return self._count

    def take(
        self,
        listing: Listing,
        trade_id: str,
        taker_side: int,
        price_pips: int,
        lots: int,
        ts_ms: int,
    ) -> None:
        """Have a market count and remember a trade."""
        self._serial += 1
        known = len(listing.trades)
        listing.take_trade(
            PublicTrade(self._serial, trade_id, listing.ticker, taker_side, price_pips, lots, ts_ms)
        )
        if not known:
            heappush(self._oldest, (self._serial, listing))
        self._count += len(listing.trades) - known
        if self._count > KEPT_OF_ALL:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """Drop the oldest of all; markets that let one go themselves are put in their place."""
        heap = self._oldest
        serial, listing = heap[0]
        while listing.trades[0].serial != serial:
            heapreplace(heap, (listing.trades[0].serial, listing))
            serial, listing = heap[0]
        listing.trades.popleft()
        self._count -= 1
        if listing.trades:
            heapreplace(heap, (listing.trades[0].serial, listing))
        else:
            heappop(heap)
