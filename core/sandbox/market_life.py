"""A market's way from listing to payout, by the venue's clock and by its operator.

`initialized`, `active` and `inactive`, `closed`, `determined`, perhaps `disputed` and `amended`,
`finalized`. Keeps nothing itself: any number of these may work on one exchange.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from core.market.market import Market
from core.market.ticks import PriceRange
from core.sandbox.book import Book
from core.sandbox.exchange import Exchange
from core.sandbox.frames import event_msg
from core.sandbox.listings import SETTLEMENT_TIMER_MS, Listing, MarketType
from core.sandbox.tick_views import ranges_view, structure_name
from core.units import PIPS_PER_DOLLAR, format_price

DETERMINATION_DELAY_MS = 5_000
"""From the close to the result, where the source knows the result and gives no time."""

PAYOUT_PIPS = {"yes": PIPS_PER_DOLLAR, "no": 0}
_UNCLOSED = ("initialized", "active", "inactive")
_UNDECIDED = (*_UNCLOSED, "closed")
_UNPAID = ("determined", "disputed", "amended")


class MarketLife:
    """Lists markets and moves them on.

    What an operator does is told in `market_lifecycle_v2`. Opening and closing by the clock are
    not: whoever wants to know looks at `open_time` and `close_time`.

    Args:
        exchange: where the markets are listed.
        pays_on_time: a result known beforehand and the payout come some time after what precedes
            them; otherwise only when somebody calls for them.
    """

    def __init__(self, exchange: Exchange, *, pays_on_time: bool = True) -> None:
        self._exchange = exchange
        self._pays_on_time = pays_on_time

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
            exchange.at(market.open_ms, partial(self._open_on_time, listing))
        self._plan_close(listing)
        return listing

    def open(self, listing: Listing) -> None:
        """Let it trade, and say so."""
        if listing.status == "initialized":
            self._move(listing, "active")
            self._exchange.publisher.lifecycle(listing, "activated")

    def close(self, listing: Listing) -> None:
        """End trading; resting orders are canceled. A known result may follow by itself."""
        if listing.status not in _UNCLOSED:
            return
        self._move(listing, "closed")
        listing.close_ms = listing.close_ms or self._exchange.now_ms
        self._exchange.clear(listing, "CloseCancel")
        if self._pays_on_time and listing.market.result in PAYOUT_PIPS:
            determine = partial(self.determine, listing, listing.market.result)
            self._plan(listing, DETERMINATION_DELAY_MS, determine)

    def determine(self, listing: Listing, result: str, value_pips: int = -1) -> None:
        """Set the result and start the settlement timer."""
        if listing.status in _UNDECIDED:
            self.close(listing)
            self._decide(listing, "determined", result, value_pips)

    def correct(self, listing: Listing, result: str, value_pips: int = -1) -> None:
        """Put another result in the place of one that is not paid yet, disputed or not."""
        if listing.status in _UNPAID:
            self._decide(listing, "amended", result, value_pips)

    def settle(self, listing: Listing) -> None:
        """Pay every position out; positions count as settled from now on."""
        if listing.status not in ("determined", "amended"):
            return
        now_ms = self._exchange.now_ms
        self._move(listing, "finalized")
        listing.settled_ms = now_ms
        self._exchange.settle(listing)
        self._exchange.publisher.lifecycle(listing, "settled", f',"settled_ts":{now_ms // 1000}')

    # What an operator does. Each says whether the market was there and in a state for it.

    def move_close(self, ticker: str, close_ms: int) -> bool:
        """Let a market close at another time; a closed one opens again if that is to come."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status not in _UNDECIDED:
            return False
        listing.close_ms = close_ms
        listing.updated_ms = self._exchange.now_ms
        fields = f',"close_ts":{close_ms // 1000}'
        self._exchange.publisher.lifecycle(listing, "close_date_updated", fields)
        if listing.status == "closed" and close_ms > self._exchange.now_ms:
            listing.due_ms = 0
            self._activate(listing)
        self._plan_close(listing)
        return True

    def close_early(self, ticker: str) -> bool:
        """Close a market now, whatever time was told."""
        listing = self._exchange.listings.get(ticker)
        is_open = listing is not None and listing.status in _UNCLOSED
        return is_open and self.move_close(ticker, self._exchange.now_ms)

    def deactivate(self, ticker: str) -> bool:
        """Pause one market; its orders rest on and may be canceled."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status != "active":
            return False
        self._move(listing, "inactive")
        self._exchange.publisher.lifecycle(listing, "deactivated", ',"is_deactivated":true')
        return True

    def activate(self, ticker: str) -> bool:
        """End the pause of a market; all its resting orders are canceled."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status != "inactive":
            return False
        self._exchange.clear(listing, "HaltCancel")
        self._activate(listing)
        return True

    def decide(self, ticker: str, result: str, value_pips: int) -> bool:
        """Set the result of a market that has none, closing it where it is not."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status not in _UNDECIDED:
            return False
        self.determine(listing, result, value_pips)
        return True

    def dispute(self, ticker: str) -> bool:
        """Hold the payout of a determined market back until its result is amended."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status != "determined":
            return False
        listing.due_ms = 0
        self._move(listing, "disputed")
        return True

    def amend(self, ticker: str, result: str, value_pips: int = -1) -> bool:
        """Decide a dispute; the settlement timer starts again."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status != "disputed":
            return False
        self.correct(listing, result, value_pips)
        return True

    def change_ticks(self, ticker: str, price_ranges: tuple[PriceRange, ...]) -> bool:
        """Give a market another price grid; orders that are off it stay as they are."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status not in _UNCLOSED:
            return False
        listing.market = replace(listing.market, price_ranges=price_ranges)
        listing.ticks = listing.market.ticks()
        listing.updated_ms = self._exchange.now_ms
        ranges = msgspec.json.encode(ranges_view(listing.market)).decode()
        fields = (
            f',"price_level_structure":"{structure_name(listing.market)}","price_ranges":{ranges}'
        )
        self._exchange.publisher.lifecycle(listing, "price_level_structure_updated", fields)
        return True

    def change_metadata(
        self, ticker: str, yes_sub_title: str | None, floor_strike: float | None
    ) -> bool:
        """Change what a market that is not paid yet asks about; None leaves as it is."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status == "finalized":
            return False
        changed: dict[str, str | float] = {}
        if floor_strike is not None:
            changed["floor_strike"] = listing.floor_strike = floor_strike
        if yes_sub_title is not None:
            changed["yes_sub_title"] = yes_sub_title
            listing.market = replace(listing.market, subtitle=yes_sub_title)
        listing.updated_ms = self._exchange.now_ms
        fields = "," + msgspec.json.encode(changed).decode()[1:-1]
        self._exchange.publisher.lifecycle(listing, "metadata_updated", fields)
        return True

    def change_terms(self, ticker: str, market_type: MarketType, floor_pips: int) -> bool:
        """Change what a market without a result may pay; no message tells that."""
        listing = self._exchange.listings.get(ticker)
        if listing is None or listing.status not in _UNDECIDED:
            return False
        listing.market_type = market_type
        listing.settlement_floor_pips = floor_pips
        listing.updated_ms = self._exchange.now_ms
        return True

    def _open_on_time(self, listing: Listing) -> None:
        if listing.status == "initialized":
            self._move(listing, "active")

    def _close_on_time(self, listing: Listing) -> None:
        if listing.close_ms <= self._exchange.now_ms:
            self.close(listing)

    def _plan_close(self, listing: Listing) -> None:
        """Close it when its time comes; an older plan finds that it is not the time."""
        if 0 < listing.close_ms <= self._exchange.now_ms:
            self.close(listing)
        elif listing.close_ms:
            self._exchange.at(listing.close_ms, partial(self._close_on_time, listing))

    def _activate(self, listing: Listing) -> None:
        self._move(listing, "active")
        self._exchange.publisher.lifecycle(listing, "activated", ',"is_deactivated":false')

    def _decide(self, listing: Listing, status: str, result: str, value_pips: int) -> None:
        self._move(listing, status)
        listing.result = result
        bounded_pips = max(value_pips, listing.settlement_floor_pips)
        listing.settlement_pips = PAYOUT_PIPS.get(result, bounded_pips)
        fields = (
            f',"result":"{result}","settlement_value":"{format_price(listing.settlement_pips)}",'
            f'"determination_ts":{self._exchange.now_ms // 1000}'
        )
        self._exchange.publisher.lifecycle(listing, "determined", fields)
        if self._pays_on_time:
            self._plan(listing, SETTLEMENT_TIMER_MS, partial(self.settle, listing))

    def _plan(self, listing: Listing, delay_ms: int, step: Callable[[], None]) -> None:
        """Take a step after a while, unless another one is planned or this one called off."""
        listing.due_ms = self._exchange.now_ms + delay_ms
        self._exchange.at(listing.due_ms, partial(_take, listing, listing.due_ms, step))

    def _move(self, listing: Listing, status: str) -> None:
        listing.status = status
        listing.updated_ms = self._exchange.now_ms


def _take(listing: Listing, due_ms: int, step: Callable[[], None]) -> None:
    if listing.due_ms == due_ms:
        step()


def _description(market: Market) -> str:
    """Members of a `created` message; times only where they are known."""
    text = f',"open_ts":{market.open_ms // 1000}' if market.open_ms else ""
    if market.close_ms:
        text += f',"close_ts":{market.close_ms // 1000}'
    text += f',"price_level_structure":"{structure_name(market)}"'
    metadata = {
        "title": market.title,
        "yes_sub_title": market.subtitle,
        "event_ticker": market.event_ticker,
    }
    return f'{text},"additional_metadata":{msgspec.json.encode(metadata).decode()}'
