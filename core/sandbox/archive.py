"""What is live and what is history: the cutoff, and on which side of it something lies.

Old data leave the live endpoints and are served under `/historical` (protocol 4.3). Resting
orders and open positions are live whatever their age.
"""

from collections.abc import Iterable

from core.sandbox.accounts import FillRecord, Position
from core.sandbox.errors import not_found
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing, PublicTrade
from core.sandbox.orders import Order


class Archive:
    """Judges by the rules of one exchange, at its venue time."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def cutoff_ms(self) -> int:
        """Venue time before which data are history."""
        return self._exchange.now_ms - self._exchange.rules.live_data_ms

    def is_old_market(self, listing: Listing) -> bool:
        """True if a market settled before the cutoff."""
        return 0 < listing.settled_ms < self.cutoff_ms

    def is_old_trade(self, trade: PublicTrade | FillRecord) -> bool:
        """True if a trade or a fill happened before the cutoff."""
        return trade.ts_ms < self.cutoff_ms

    def is_old_order(self, order: Order) -> bool:
        """True if an order was canceled or executed before the cutoff."""
        return order.status != "resting" and order.updated_ms < self.cutoff_ms

    def is_old_position(self, position: Position) -> bool:
        """True if a position is closed and last changed before the cutoff."""
        return not position.lots and position.updated_ms < self.cutoff_ms

    def live(self, ticker: str) -> Listing:
        """A live market.

        Raises:
            ApiError: 404, unknown or history.
        """
        listing = self._exchange.listings.get(ticker)
        if listing is None or self.is_old_market(listing):
            raise not_found()
        return listing

    def old(self, ticker: str) -> Listing:
        """A market that is history.

        Raises:
            ApiError: 404, unknown or live.
        """
        listing = self._exchange.listings.get(ticker)
        if listing is None or not self.is_old_market(listing):
            raise not_found()
        return listing

    def live_among(self, tickers: Iterable[str]) -> list[Listing]:
        """The live ones of these markets, in their order."""
        listings = self._exchange.listings
        known = (listings[ticker] for ticker in tickers if ticker in listings)
        return [listing for listing in known if not self.is_old_market(listing)]
