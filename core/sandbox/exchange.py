"""The exchange's state and how an action of a book becomes money and messages.

Synchronous: whoever calls it has the whole exchange to himself, so every accepted action has its
place in one global order. Time is set by the pump (`advance`); all messages of one action carry
the same venue time.
"""

import random
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from uuid import UUID

from core.market.market import FeeSchedule, Market
from core.sandbox.accounts import Account, FillRecord
from core.sandbox.book import Book
from core.sandbox.groups import OrderGroup
from core.sandbox.listings import Listing
from core.sandbox.orders import CROWD, Effects, Match, Order
from core.sandbox.publisher import Publisher
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules


class Exchange:
    """Markets, accounts, orders and venue time.

    Attributes:
        now_ms: venue time of the last step.
        listings: markets by ticker, in order of appearance.
        events: tickers of the markets of each event, in order of appearance.
        fees: what is in force for an event or a series instead of its markets' own fees.
        accounts: by number; 0 is the anonymous crowd that takes the other side.
        rules: how it decides what Kalshi's own rules leave open.
    """

    def __init__(
        self,
        publisher: Publisher,
        seed: int,
        now_ms: int,
        rules: ExchangeRules = DEFAULT_RULES,
    ) -> None:
        self.publisher = publisher
        self.now_ms = now_ms
        self.rules = rules
        self.listings: dict[str, Listing] = {}
        self.events: dict[str, list[str]] = {}
        self.fees: dict[str, FeeSchedule] = {}
        self.accounts: dict[int, Account] = {}
        self._ids = random.Random(seed)  # ids, not secrets
        self._serial = 0
        self._counted: dict[OrderGroup, Account] = {}
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self.crowd = self.open_account(0)

    def new_id(self) -> str:
        """A fresh UUID, reproducible for one seed and one order of actions."""
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    def new_serial(self) -> int:
        """Next number of the global order of actions."""
        self._serial += 1
        return self._serial

    def open_account(self, cash_micros: int) -> Account:
        """Add an account with this much cash."""
        number = len(self.accounts)
        account = Account(number, self.new_id(), cash_micros, self.rules.precision_micros)
        self.accounts[number] = account
        return account

    def add_listing(self, market: Market, book: Book) -> Listing:
        """List a market; its life is `market_life`'s business."""
        listing = Listing(market, self.new_id(), book, self.now_ms)
        listing.charge(self.fees)
        self.listings[market.ticker] = listing
        self.events.setdefault(market.event_ticker, []).append(market.ticker)
        return listing

    # Time.

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        """Do something when venue time reaches `due_ms`."""
        heappush(self._timers, (due_ms, self.new_serial(), action))

    def advance(self, now_ms: int) -> None:
        """Move venue time, doing on the way what falls due, each at its own time."""
        if now_ms // 1000 > self.now_ms // 1000:
            self.publisher.sample_quotes(self.now_ms)
        while self._timers and self._timers[0][0] <= now_ms:
            due_ms, _, action = heappop(self._timers)
            self.now_ms = max(self.now_ms, due_ms)
            action()
        self.now_ms = max(self.now_ms, now_ms)

    # Orders.

    def track(self, order: Order) -> None:
        """Remember a new order of an account."""
        account = self.accounts[order.owner]
        account.orders.append(order)
        account.by_id[order.order_id] = order
        if order.client_order_id:
            account.by_client_id[order.client_order_id] = order

    def end_order(self, order: Order, reason: str) -> None:
        """Mark an order canceled; its lots must have left the book already."""
        order.remaining_lots = 0
        order.status = "canceled"
        order.reason = reason

    def withdraw(self, listing: Listing, order: Order, reason: str) -> None:
        """Take a resting order out of its book and tell about it."""
        effects = listing.book.cancel(order)
        self.end_order(order, reason)
        self.carry_out(listing, effects, [order])

    def withdraw_all(self, orders: Iterable[Order]) -> None:
        """Withdraw several resting orders, as their owner's cancel."""
        for order in orders:
            self.withdraw(self.listings[order.ticker], order, "")

    def trigger(self, account: Account, group: OrderGroup) -> None:
        """Cut an order group off: first the word, then its cancels."""
        if group.is_triggered:
            return
        group.is_triggered = True
        self.tell_group(account, group, "triggered")
        self.withdraw_all(account.resting_orders(group.group_id))

    def tell_group(self, account: Account, group: OrderGroup, kind: str) -> None:
        """Publish a step of an order group."""
        self.publisher.group(account, group, kind, self.now_ms)

    def carry_out(self, listing: Listing, effects: Effects, orders: Iterable[Order] = ()) -> None:
        """Book what an action did and publish it.

        Args:
            listing: the market.
            effects: what its book did.
            orders: orders whose state changed for another reason than a match.
        """
        touched = dict.fromkeys(orders)
        filled: dict[Account, None] = {}
        for match in effects.matches:
            self._book_match(listing, match, touched, filled)
        for change in effects.changes:
            self.publisher.book_delta(listing, *change[:3], self.now_ms, change.cause)
        for order in effects.cancelled:
            self.end_order(order, "SelfTradeCancel")
            touched[order] = None
        for order in touched:
            if order.owner != CROWD:
                self._conclude(order)
        for account in dict.fromkeys(self.accounts[order.owner] for order in touched):
            account.rereserve(listing.ticker, listing.market.fees.taker_rate)
        for account in filled:
            self.publisher.position(account, account.position(listing.ticker))
        self.publisher.flush_tickers(self.now_ms)
        if self._counted:
            self._trigger_groups()

    def _trigger_groups(self) -> None:
        """Cut off the groups that this action took over their limit."""
        counted, self._counted = self._counted, {}
        for group, account in counted.items():
            if group.is_over(self.now_ms):
                self.trigger(account, group)

    def _conclude(self, order: Order) -> None:
        """Settle status and resting place of an order after an action, and tell its owner."""
        if order.status == "resting" and not order.remaining_lots:
            order.status = "executed"
        order.updated_ms = self.now_ms
        account = self.accounts[order.owner]
        resting = account.resting.setdefault(order.ticker, {})
        if order.status == "resting":
            resting[order.order_id] = order
        else:
            resting.pop(order.order_id, None)
        self.publisher.order(account, order)

    def _book_match(
        self,
        listing: Listing,
        match: Match,
        touched: dict[Order, None],
        filled: dict[Account, None],
    ) -> None:
        trade_id = match.trade_id or self.new_id()
        price, lots = match.price_pips, match.quantity_lots
        if match.is_public:
            self.publisher.trade(listing, trade_id, match.taker_side, price, lots, self.now_ms)
        maker_owner = match.maker.owner if match.maker else CROWD
        taker_owner = match.taker.owner if match.taker else CROWD
        if maker_owner == taker_owner == CROWD:
            return
        accounts = (self.accounts[maker_owner], self.accounts[taker_owner])
        before = _long_lots(accounts, listing.ticker)
        for order, account in zip((match.maker, match.taker), accounts, strict=True):
            if order is None or account is self.crowd:
                side = match.taker_side if order is match.taker else 1 - match.taker_side
                position = self.crowd.position(listing.ticker)
                self.crowd.cash_micros += position.trade(side, price, lots)
            else:
                self._book_fill(listing, match, order, trade_id)
                touched[order] = None
                filled[account] = None
        listing.open_interest_lots += _long_lots(accounts, listing.ticker) - before

    def _book_fill(self, listing: Listing, match: Match, order: Order, trade_id: str) -> None:
        account = self.accounts[order.owner]
        price, lots = match.price_pips, match.quantity_lots
        is_taker = order is match.taker
        fees = listing.market.fees
        rate = fees.taker_rate if is_taker else fees.maker_rate
        fee = account.fill(order, price, lots, rate, self.now_ms)
        if is_taker:
            order.taker_cost_micros += price * lots
            order.taker_fees_micros += fee
        else:
            order.maker_cost_micros += price * lots
            order.maker_fees_micros += fee
        if order.status == "resting":
            order.reason = "Trade"
        fill = FillRecord(
            self.new_serial(), trade_id, order, price, lots, is_taker, fee, self.now_ms
        )
        account.fills.append(fill)
        group = account.groups.get(order.group_id)
        if group is not None:
            group.count(lots, self.now_ms)
            self._counted[group] = account
        self.publisher.fill(account, fill)


def _long_lots(accounts: Iterable[Account], ticker: str) -> int:
    return sum(max(0, account.lots(ticker)) for account in set(accounts))
