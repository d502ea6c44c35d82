"""Generated liquidity: carries the flow's actions out on matching books."""

from functools import partial

from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_actions import (
    AnnounceMarket,
    CancelOrder,
    CloseMarket,
    FlowAction,
    OpenMarket,
    PlaceOrder,
    SettleMarket,
)
from core.sandbox.listings import Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.orders import CROWD, Order


class GeneratedSource:
    """A seeded flow of anonymous orders through matching books.

    While trading is paused the books stand still: what the crowd would place is not placed, and
    what it would take back stays until trading goes on. Markets open and close by the clock; the
    crowd leaves one at the time that was told first, its result comes after the time told last.
    """

    def __init__(self, flow: GeneratedFlow, start_ms: int) -> None:
        self._flow = flow
        self._orders: dict[int, Order] = {}
        self._held: set[int] = set()
        self._is_trading = True
        self.start_ms = start_ms
        self.end_ms = 0
        self.trades = "generated"
        self.waits = False

    def open(self, exchange: Exchange) -> None:
        """List what is known at the start."""
        self._exchange = exchange
        self._life = MarketLife(exchange)
        if exchange.rules.weekly_pause:
            exchange.keep_hours()
        for market in self._flow.markets():
            self._life.list_market(market, MatchingBook())

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""
        return self._flow.next_ms()

    def take(self) -> None:
        """Apply the next instant, all of it."""
        self._is_trading = self._exchange.pauses.is_trading(self._exchange.now_ms)
        if self._is_trading and self._held:
            held, self._held = sorted(self._held), set()
            for key in held:
                self._cancel(key)
        for action in self._flow.take():
            self._apply(action)

    def _apply(self, action: FlowAction) -> None:
        match action:
            case PlaceOrder():
                if self._is_trading:
                    self._place(action)
            case CancelOrder(key=key) if self._is_trading:
                self._cancel(key)
            case CancelOrder(key=key):
                self._held.update({key} & self._orders.keys())
            case AnnounceMarket(market=market) | OpenMarket(market=market):
                if market.ticker not in self._exchange.listings:
                    listing = self._life.list_market(market, MatchingBook())
                    self._exchange.publisher.book_snapshot(listing, self._exchange.now_ms)
            case CloseMarket(ticker=ticker):
                self._close(self._exchange.listings[ticker])
                kept = self._orders.items()
                self._orders = {key: order for key, order in kept if order.ticker != ticker}
            case SettleMarket(ticker=ticker, result=result):
                self._determine(self._exchange.listings[ticker], result)

    def _close(self, listing: Listing) -> None:
        """Close a market, unless it was told to close later."""
        if listing.close_ms <= self._exchange.now_ms:
            self._life.close(listing)

    def _determine(self, listing: Listing, result: str) -> None:
        """Let the result be known, after the close."""
        if listing.close_ms > self._exchange.now_ms:
            self._exchange.at(listing.close_ms, partial(self._determine, listing, result))
        else:
            self._life.determine(listing, result)

    def _place(self, action: PlaceOrder) -> None:
        listing = self._exchange.listings[action.ticker]
        if listing.status != "active":
            return
        order = Order(
            str(action.key),
            CROWD,
            action.ticker,
            action.side,
            action.price_pips,
            action.quantity_lots,
            action.quantity_lots,
            time_in_force="immediate_or_cancel" if action.immediate else "good_till_canceled",
        )
        effects = listing.book.place(order)
        if order.remaining_lots and not action.immediate:
            self._orders[action.key] = order
        for match in effects.matches:
            if match.maker and match.maker.owner == CROWD and not match.maker.remaining_lots:
                self._orders.pop(int(match.maker.order_id), None)
        self._exchange.carry_out(listing, effects)

    def _cancel(self, key: int) -> None:
        order = self._orders.pop(key, None)
        if order is not None and order.remaining_lots:
            listing = self._exchange.listings[order.ticker]
            self._exchange.carry_out(listing, listing.book.cancel(order))
