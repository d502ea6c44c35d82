"""Plays market events into recorded books: of a recording, or of another exchange as they come."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.events import Event
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.market.market import Market
from core.sandbox.exchange import Exchange
from core.sandbox.market_life import MarketLife
from core.sandbox.recorded import RecordedBook
from core.sandbox.told_life import MarketRead, ToldLife
from core.trading.queue_model import BEHIND, PRO_RATA

if TYPE_CHECKING:
    from core.sandbox.listings import Listing

_CANCEL_RULES = {"pro_rata": PRO_RATA, "behind": BEHIND}


class Playback:
    """Applies events to books of one exchange and publishes them.

    Args:
        exchange: whose listings they become.
        markets: what is known of the markets that may appear, by ticker; read as they appear.
        is_live: they are markets of now: each appears as it is known to stand, and gets its result
            and its payout only when that is told. A recording knows results beforehand and may
            have ended before the payout.
    """

    def __init__(
        self, exchange: Exchange, markets: Mapping[str, Market], *, is_live: bool = False
    ) -> None:
        self._exchange = exchange
        self._markets = markets
        self._is_live = is_live
        self._life = MarketLife(exchange, pays_on_time=not is_live)
        self._told = ToldLife(exchange, self._life)
        self._books: dict[str, RecordedBook] = {}
        self._touched: dict[Listing, RecordedBook] = {}
        self._actions: dict[type[Event], Callable[..., None]] = {
            BookDelta: self._delta,
            Trade: self._trade,
            BookSnapshot: self._snapshot,
            MarketChanged: self._told.change,
            MarketRead: lambda event: self._told.agree(event.market),
            BookDoubted: self._doubt,
        }

    def apply(self, event: Event) -> None:
        """Carry one event out; kinds that are none of a market's are ignored."""
        action = self._actions.get(type(event))
        if action is not None:
            action(event)

    def end_group(self, now_ms: int) -> None:
        """Every event of this instant has been applied: settle what own orders met."""
        for listing, book in self._touched.items():
            effects = book.end_group()
            if effects.matches or effects.changes:
                self._exchange.carry_out(listing, effects)
        self._touched.clear()
        self._exchange.publisher.flush_tickers(now_ms)

    def _delta(self, event: BookDelta) -> None:
        book = self._books.get(event.ticker)
        if book is None or book.is_doubted:
            return
        listing = self._exchange.listings[event.ticker]
        book.take_delta(event)
        self._touched[listing] = book
        self._exchange.publisher.book_delta(
            listing, event.side, event.price_pips, event.delta_lots, event.ts_ms, None
        )

    def _trade(self, event: Trade) -> None:
        book = self._books.get(event.ticker)
        if book is None:
            return
        listing = self._exchange.listings[event.ticker]
        self._exchange.take_crowd_trade(listing, event.quantity_lots)
        self._exchange.publisher.trade(
            listing,
            event.trade_id,
            event.taker_side,
            event.price_pips,
            event.quantity_lots,
            event.ts_ms,
        )
        self._touched[listing] = book
        effects = book.take_trade(event)
        if effects.matches:
            self._exchange.carry_out(listing, effects)

    def _snapshot(self, event: BookSnapshot) -> None:
        book = self._books.get(event.ticker)
        if book is None:
            book = RecordedBook(_CANCEL_RULES[self._exchange.rules.cancels_ahead])
            self._books[event.ticker] = book
            book.take_snapshot(event)
            market = self._markets.get(event.ticker) or _unnamed(event.ticker)
            listing = self._life.list_market(market, book)
            if self._is_live:
                self._told.agree(market)
        else:
            book.take_snapshot(event)
            listing = self._exchange.listings[event.ticker]
        self._touched[listing] = book
        self._exchange.publisher.book_snapshot(listing, event.ts_ms)

    def _doubt(self, event: BookDoubted) -> None:
        book = self._books.get(event.ticker)
        if book is not None and not book.is_doubted:
            book.doubt()
            self._exchange.publisher.skip_seq(self._exchange.listings[event.ticker])


def _unnamed(ticker: str) -> Market:
    return Market(ticker, ticker.rsplit("-", 1)[0], title=ticker)
