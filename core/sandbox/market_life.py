"""A market's way from listing to payout, by the venue's clock."""

from functools import partial

import msgspec

from core.market.market import Market
from core.sandbox.book import Book
from core.sandbox.exchange import Exchange
from core.sandbox.frames import event_msg
from core.sandbox.listings import FINAL_STATUSES, Listing
from core.units import PIPS_PER_DOLLAR, format_price

DETERMINATION_DELAY_MS = 5_000
"""From the close to the result, where the source knows the result and gives no time."""
SETTLEMENT_TIMER_MS = 5_000
"""From the result to the payout."""

PAYOUT_PIPS = {"yes": PIPS_PER_DOLLAR, "no": 0}


class MarketLife:
    """Lists markets and moves them on."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def list_market(self, market: Market, book: Book) -> Listing:
        """Announce a market, open it when its time has come, and plan its close."""
        exchange = self._exchange
        if market.event_ticker not in exchange.events:
            exchange.publisher.announce("event_lifecycle", event_msg(market))
        listing = exchange.add_listing(market, book)
        exchange.publisher.lifecycle(listing, "created", _description(market))
        if market.open_ms <= exchange.now_ms:
            self.open(listing)
        else:
            exchange.at(market.open_ms, partial(self.open, listing))
        if 0 < market.close_ms <= exchange.now_ms:
            self.close(listing)
        elif market.close_ms:
            exchange.at(market.close_ms, partial(self.close, listing))
        return listing

    def open(self, listing: Listing) -> None:
        """Let it trade."""
        if listing.status == "initialized":
            self._move(listing, "active")
            self._exchange.publisher.lifecycle(listing, "activated")

    def close(self, listing: Listing) -> None:
        """End trading; resting orders are canceled. A known result follows by itself."""
        if listing.status not in ("initialized", "active", "inactive"):
            return
        self._move(listing, "closed")
        listing.close_ms = listing.close_ms or self._exchange.now_ms
        for order in listing.book.resting():
            self._exchange.withdraw(listing, order, "CloseCancel")
        if listing.market.result in PAYOUT_PIPS:
            due_ms = self._exchange.now_ms + DETERMINATION_DELAY_MS
            self._exchange.at(due_ms, partial(self.determine, listing, listing.market.result))

    def determine(self, listing: Listing, result: str, value_pips: int = -1) -> None:
        """Set the result and start the settlement timer."""
        if listing.status in FINAL_STATUSES:
            return
        self.close(listing)
        self._move(listing, "determined")
        listing.result = result
        listing.settlement_pips = PAYOUT_PIPS.get(result, value_pips)
        now_ms = self._exchange.now_ms
        fields = (
            f',"result":"{result}","settlement_value":"{format_price(listing.settlement_pips)}",'
            f'"determination_ts":{now_ms // 1000}'
        )
        self._exchange.publisher.lifecycle(listing, "determined", fields)
        self._exchange.at(now_ms + SETTLEMENT_TIMER_MS, partial(self.settle, listing))

    def settle(self, listing: Listing) -> None:
        """Pay every position out; positions count as settled from now on."""
        if listing.status != "determined":
            return
        now_ms = self._exchange.now_ms
        self._move(listing, "finalized")
        listing.settled_ms = now_ms
        self._exchange.settle(listing)
        self._exchange.publisher.lifecycle(listing, "settled", f',"settled_ts":{now_ms // 1000}')

    def _move(self, listing: Listing, status: str) -> None:
        listing.status = status
        listing.updated_ms = self._exchange.now_ms


def _description(market: Market) -> str:
    """Members of a `created` message; times only where they are known."""
    text = f',"open_ts":{market.open_ms // 1000}' if market.open_ms else ""
    if market.close_ms:
        text += f',"close_ts":{market.close_ms // 1000}'
    metadata = {
        "title": market.title,
        "yes_sub_title": market.subtitle,
        "event_ticker": market.event_ticker,
    }
    return f'{text},"additional_metadata":{msgspec.json.encode(metadata).decode()}'
