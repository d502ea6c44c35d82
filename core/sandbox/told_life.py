"""A market's life here as another exchange, or its recording, tells it.

Must not decide anything by itself: what nobody told does not happen here.
"""

from core.events import Event
from core.market.events import MarketChanged
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_life import PAYOUT_PIPS, MarketLife

_ENDED = ("closed", "determined", "disputed", "amended", "finalized")


class MarketRead(Event, frozen=True, gc=False):
    """How a market stands at the other exchange, read where messages may be missing or short."""

    market: Market
    ts_ms: int = 0


class ToldLife:
    """Carries out what is told of the markets of one exchange.

    Args:
        exchange: whose listings they are.
        life: moves them on.
    """

    def __init__(self, exchange: Exchange, life: MarketLife) -> None:
        self._exchange = exchange
        self._life = life

    def change(self, event: MarketChanged) -> None:
        """Carry one message out; what has happened already happens only once."""
        listing = self._exchange.listings.get(event.ticker)
        if listing is None:
            return
        match event.kind:
            case "closed":
                self._life.close(listing)
            case "determined":
                self._determine(listing, event.result, event.settlement_pips)
            case "settled":
                self._life.settle(listing)
            case "deactivated":
                self._life.deactivate(event.ticker)
            case "activated" if listing.status == "initialized":
                self._life.open(listing)
            case "activated":
                self._life.activate(event.ticker)
            case "close_date_updated" if event.close_ms:
                self._life.move_close(event.ticker, event.close_ms)

    def agree(self, market: Market) -> None:
        """Bring a listed market to where it stands there, telling every step that it lacked."""
        listing = self._exchange.listings.get(market.ticker)
        if listing is None:
            return
        self._take_grid(listing, market)
        self._take_close(listing, market)
        match market.status:
            case "active":
                self._life.activate(market.ticker)
            case "inactive":
                self._life.deactivate(market.ticker)
            case "closed":
                self._life.close(listing)
            case "determined" | "amended" | "disputed" | "finalized":
                self._take_result(listing, market)

    def _take_grid(self, listing: Listing, market: Market) -> None:
        if market.price_ranges and market.price_ranges != listing.market.price_ranges:
            self._life.change_ticks(market.ticker, market.price_ranges)

    def _take_close(self, listing: Listing, market: Market) -> None:
        """Messages name whole seconds, reads do not: the same second is the same time."""
        is_known = market.close_ms > 0 and market.close_ms // 1000 != listing.close_ms // 1000
        # A market that ended without its closing time being moved must not open again by it.
        may_come = market.status not in _ENDED or market.close_ms <= self._exchange.now_ms
        if is_known and may_come:
            self._life.move_close(market.ticker, market.close_ms)

    def _take_result(self, listing: Listing, market: Market) -> None:
        if (listing.status, market.status) == ("disputed", "disputed"):
            return
        self._determine(listing, market.result, market.settlement_pips)
        if market.status == "disputed":
            self._life.dispute(market.ticker)
        elif market.status == "finalized":
            self._life.settle(listing)

    def _determine(self, listing: Listing, result: str, value_pips: int) -> None:
        """Take a result; another one than before is an amended one.

        One whose value is not told yet cannot be paid: until it is, the market is only closed.
        """
        value_pips = PAYOUT_PIPS.get(result, value_pips)
        if value_pips < 0:
            self._life.close(listing)
            return
        is_same = (listing.result, listing.settlement_pips) == (result, value_pips)
        if listing.status == "disputed" or not is_same:
            self._life.correct(listing, result, value_pips)
        self._life.determine(listing, result, value_pips)
