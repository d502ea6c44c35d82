"""Who hears what: subscriptions, their sequence numbers, and messages to their connections.

Holds no socket: a connection is anything that takes text.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, Protocol

from core.sandbox import frames
from core.sandbox.accounts import Account, FillRecord, Position
from core.sandbox.groups import OrderGroup
from core.sandbox.listings import Listing
from core.sandbox.orders import CROWD, Order
from core.sandbox.owners import subaccount_of, user_of
from core.sandbox.quote_sampler import QuoteSampler
from core.sandbox.trade_tape import TradeTape
from core.sandbox.wire_text import NO_PRICES, PRICES, SIDES, time_text
from core.units import Side, format_count

BOOK: Final = "orderbook_delta"
TRADE: Final = "trade"
TICKER: Final = "ticker"
LIFECYCLE: Final = "market_lifecycle_v2"
FILL: Final = "fill"
ORDERS: Final = "user_orders"
POSITIONS: Final = "market_positions"
GROUPS: Final = "order_group_updates"
CLOCK: Final = "sandbox_clock"
CHANNELS: Final = frozenset(
    {BOOK, TRADE, TICKER, LIFECYCLE, FILL, ORDERS, POSITIONS, GROUPS, CLOCK},
)


class Sink(Protocol):
    """A connection as the publisher sees it.

    Attributes:
        is_stamped: its messages carry a monotonic send stamp.
        sent_count: messages queued so far.
    """

    is_stamped: bool
    sent_count: int

    def send(self, text: str) -> None:
        """Queue one message, given without its last brace."""

    def is_full(self) -> bool:
        """True if the peer does not take what is queued."""


@dataclass(slots=True, eq=False)
class Subscription:
    """One channel on one connection; `seq` is the last number given out.

    Attributes:
        owner: the user.
        subaccount: the only one of his that it is about, None for all.
        tickers: markets wanted, None for all.
        held: snapshots owed for doubted books: ticker and the id of the asking command.
        is_over: the exchange ended it with an error.
    """

    sid: int
    channel: str
    sink: Sink
    owner: int
    tickers: set[str] | None = None
    use_yes_price: bool = False
    subaccount: int | None = None
    seq: int = 0
    held: list[tuple[str, int]] = field(default_factory=list)
    is_over: bool = False

    def next_seq(self) -> int:
        """Take the next sequence number."""
        self.seq += 1
        return self.seq

    def wants(self, ticker: str) -> bool:
        """True if messages of this market go here."""
        return self.tickers is None or ticker in self.tickers

    def hears(self, owner: int) -> bool:
        """True if what concerns this account goes here."""
        is_wanted = self.subaccount is None or subaccount_of(owner) == self.subaccount
        return is_wanted and user_of(owner) == self.owner


class Publisher:
    """Routes what happens to the subscriptions that want it."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, list[Subscription]] = defaultdict(list)
        self._routes: dict[str, dict[str, tuple[Subscription, ...]]] = defaultdict(dict)
        self._touched: dict[Listing, None] = {}
        self.quotes = QuoteSampler()
        self.trades = TradeTape()
        self._tickers: dict[Listing, str] = {}
        self._stamp: tuple[int, str] = (-1, "")

    def subscriptions(self, channel: str) -> list[Subscription]:
        """Subscriptions of a channel."""
        return self._subscriptions[channel]

    def add(self, subscription: Subscription) -> None:
        """Start routing to a subscription."""
        self._subscriptions[subscription.channel].append(subscription)
        self.reroute(subscription.channel)

    def remove(self, subscription: Subscription) -> None:
        """Stop routing to a subscription, if it still is."""
        if subscription in self._subscriptions[subscription.channel]:
            self._subscriptions[subscription.channel].remove(subscription)
            self.reroute(subscription.channel)

    def reroute(self, channel: str) -> None:
        """Forget cached routes after the markets of a subscription changed."""
        self._routes[channel].clear()

    def _route(self, channel: str, ticker: str) -> tuple[Subscription, ...]:
        routes = self._routes[channel]
        route = routes.get(ticker)
        if route is None:
            wanting = (s for s in self._subscriptions[channel] if s.wants(ticker))
            route = routes[ticker] = tuple(wanting)
        return route

    def book_delta(
        self,
        listing: Listing,
        side: int,
        price_pips: int,
        lots: int,
        ts_ms: int,
        cause: Order | None,
    ) -> None:
        """Tell a signed change of one level; its causer's own connections learn whose it is."""
        self.quotes.touched.add(listing)
        if self._subscriptions.get(TICKER):
            self._touched[listing] = None
        route = self._route(BOOK, listing.ticker)
        if not route:
            return
        if self._stamp[0] != ts_ms:
            self._stamp = (ts_ms, f'"ts":"{time_text(ts_ms)}","ts_ms":{ts_ms}}}')
        quoted = PRICES if side == Side.BID else NO_PRICES
        tail = f'","delta_fp":"{format_count(lots)}","side":"{SIDES[side]}",'
        mark = _mark(cause)
        for sub in route:
            if self._overflows(sub):
                continue
            own = mark if cause is not None and mark and sub.hears(cause.owner) else ""
            sub.seq += 1
            price = (PRICES if sub.use_yes_price else quoted)[price_pips]
            sub.sink.send(
                f'{{"type":"orderbook_delta","sid":{sub.sid},"seq":{sub.seq},"msg":'
                f'{{"market_ticker":"{listing.ticker}","market_id":"{listing.market_id}",'
                f'"price_dollars":"{price}{tail}{own}{self._stamp[1]}'
            )

    def snapshot_to(
        self, sub: Subscription, listing: Listing, now_ms: int, command_id: int = 0
    ) -> None:
        """Send one book to one subscription, or owe it while the book is doubted."""
        if listing.book.is_doubted:
            sub.held.append((listing.ticker, command_id))
            return
        head = f'"id":{command_id},' if command_id else ""
        sub.sink.send(
            f'{{{head}"type":"orderbook_snapshot","sid":{sub.sid},"seq":{sub.next_seq()},'
            f'"sending_ts_ms":{now_ms},'
            f'"msg":{frames.snapshot_msg(listing, sub.use_yes_price)}'
        )

    def book_snapshot(self, listing: Listing, now_ms: int) -> None:
        """Send a new whole book to all its subscriptions, answering owed requests."""
        self.touch(listing)
        for sub in self._route(BOOK, listing.ticker):
            owed = [command for ticker, command in sub.held if ticker == listing.ticker]
            sub.held = [entry for entry in sub.held if entry[0] != listing.ticker]
            for command_id in owed or [0]:
                self.snapshot_to(sub, listing, now_ms, command_id)

    def touch(self, listing: Listing) -> None:
        """Have figures that changed without a trade or a delta told and noted."""
        self.quotes.touched.add(listing)
        self._touched[listing] = None

    def skip_seq(self, listing: Listing) -> None:
        """Lose one message on every book subscription of a market, as the recording did."""
        for sub in self._route(BOOK, listing.ticker):
            sub.next_seq()

    def trade(
        self,
        listing: Listing,
        trade_id: str,
        taker_side: int,
        price_pips: int,
        lots: int,
        ts_ms: int,
    ) -> None:
        """Tell a public trade and count it."""
        self.trades.take(listing, trade_id, taker_side, price_pips, lots, ts_ms)
        self._touched[listing] = None
        route = self._route(TRADE, listing.ticker)
        if route:
            msg = frames.trade_msg(listing, trade_id, taker_side, lots, price_pips, ts_ms)
            self._send_sequenced(route, "trade", msg)

    def lifecycle(self, listing: Listing, kind: str, fields: str = "") -> None:
        """Tell a step of a market's life; `fields` is JSON members with a leading comma."""
        msg = (
            f'{{"market_ticker":"{listing.ticker}","event_type":"{kind}"{fields},'
            '"exchange_index":0}'
        )
        self._send_sequenced(self._route(LIFECYCLE, listing.ticker), LIFECYCLE, msg)

    def announce(self, kind: str, msg: str) -> None:
        """Tell what concerns a whole event, on the channel of market life."""
        self._send_sequenced(tuple(self._subscriptions[LIFECYCLE]), kind, msg)

    def fill(self, account: Account, fill: FillRecord, position_lots: int) -> None:
        """Tell an account of its fill and of its position right after it."""
        msg = frames.fill_msg(fill, position_lots)
        self._send_private(account, FILL, "fill", fill.order.ticker, msg)

    def order(self, account: Account, order: Order) -> None:
        """Tell an account of its order's state."""
        msg = frames.order_msg(account, order)
        self._send_private(account, ORDERS, "user_order", order.ticker, msg)

    def position(self, account: Account, position: Position) -> None:
        """Tell an account of its position."""
        msg = frames.position_msg(account, position)
        self._send_private(account, POSITIONS, "market_position", position.ticker, msg)

    def group(self, account: Account, group: OrderGroup, kind: str, ts_ms: int) -> None:
        """Tell an account what became of its order group."""
        route = tuple(s for s in self._subscriptions[GROUPS] if s.hears(account.number))
        if route:
            self._send_sequenced(route, GROUPS, frames.group_msg(group, kind, ts_ms))

    def flush_tickers(self, ts_ms: int) -> None:
        """Send the ticker of every market whose figures changed since the last call."""
        touched, self._touched = self._touched, {}
        for listing in touched:
            route = self._route(TICKER, listing.ticker)
            if not route:
                continue
            fields = frames.ticker_fields(listing)
            if self._tickers.get(listing) != fields:
                self._tickers[listing] = fields
                msg = frames.ticker_msg(listing, fields, ts_ms)
                for sub in route:
                    sub.sink.send(f'{{"type":"ticker","sid":{sub.sid},"msg":{msg}')

    def _send_sequenced(self, route: tuple[Subscription, ...], kind: str, msg: str) -> None:
        for sub in route:
            if not self._overflows(sub):
                seq = sub.next_seq()
                sub.sink.send(f'{{"type":"{kind}","sid":{sub.sid},"seq":{seq},"msg":{msg}')

    def _send_private(
        self, account: Account, channel: str, kind: str, ticker: str, msg: str
    ) -> None:
        if account.number == CROWD:
            return
        for sub in self._route(channel, ticker):
            if sub.hears(account.number):
                sub.sink.send(f'{{"type":"{kind}","sid":{sub.sid},"msg":{msg}')

    def _overflows(self, sub: Subscription) -> bool:
        """End a subscription whose peer does not read, with error 25."""
        if not sub.sink.is_full():
            return False
        self.end(sub, 25, "outbound buffer overflow")
        return True

    def end(self, sub: Subscription, code: int, text: str) -> None:
        """End a subscription with an error; its sid is unknown from then on."""
        self.remove(sub)
        sub.is_over = True
        sub.sink.send(
            f'{{"type":"error","sid":{sub.sid},"seq":{sub.next_seq()},'
            f'"msg":{{"code":{code},"msg":"{text}"}}'
        )


def _mark(order: Order | None) -> str:
    """Members by which its owner knows the order that caused a change."""
    if order is None or order.owner == CROWD:
        return ""
    mark = f'"client_order_id":"{order.client_order_id}",' if order.client_order_id else ""
    number = subaccount_of(order.owner)
    if number:
        mark += f'"subaccount":{number},'
    return mark
