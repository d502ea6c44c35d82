"""The exchange's state and how an action of a book becomes money and messages.

Synchronous: whoever calls it has the whole exchange to himself, so every accepted action has its
place in one global order. Time is set by the pump (`advance`); all messages of one action carry
the same venue time.
"""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from core.clock import SystemClock, WallClock
from core.market.market import FeeSchedule, Market
from core.sandbox.accounts import Account
from core.sandbox.book import Book
from core.sandbox.clearing import Clearing
from core.sandbox.groups import OrderGroup
from core.sandbox.listings import Listing
from core.sandbox.numbering import Numbering
from core.sandbox.orders import Effects, Order
from core.sandbox.owners import SUBACCOUNTS, owner_of
from core.sandbox.pauses import Pause, PauseCause, PauseKind, Pauses, thursday_pause
from core.sandbox.publisher import Publisher
from core.sandbox.read_side import ReadSide
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules


class Exchange:
    """Markets, accounts, orders and venue time.

    Attributes:
        now_ms: venue time of the last step.
        listings: markets by ticker, in order of appearance.
        events: tickers of the markets of each event, in order of appearance.
        fees: what is in force for an event or a series instead of its markets' own fees.
        accounts: by owner number; 0 is the anonymous crowd that takes the other side.
        keeps_week: it pauses when the venue's published hours say so.
        pauses: what stands still.
        reads: what reads of orders, positions and groups show.
    """

    def __init__(
        self,
        publisher: Publisher,
        seed: int,
        now_ms: int,
        rules: ExchangeRules = DEFAULT_RULES,
        clock: WallClock | None = None,
    ) -> None:
        self.publisher = publisher
        self.now_ms = now_ms
        self.keeps_week = False
        self.pauses = Pauses()
        self.reads = ReadSide(clock or SystemClock(), seed)
        self.listings: dict[str, Listing] = {}
        self.events: dict[str, list[str]] = {}
        self.fees: dict[str, FeeSchedule] = {}
        self.accounts: dict[int, Account] = {}
        self.rules = rules
        self._numbering = Numbering(seed)
        self._clearing = Clearing(publisher, self.accounts, self._numbering, self.reads)
        self._users = 0
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self.crowd = self.open_account(0)

    @property
    def rules(self) -> ExchangeRules:
        """How it decides what Kalshi's own rules leave open; may be changed while it runs."""
        return self._rules

    @rules.setter
    def rules(self, rules: ExchangeRules) -> None:
        self._rules = rules
        self.reads.set_lag(rules.read_lag_ms, self.accounts.values())

    def new_id(self) -> str:
        """A fresh UUID, reproducible for one seed and one order of actions."""
        return self._numbering.new_id()

    def new_serial(self) -> int:
        """Next number of the global order of actions."""
        return self._numbering.new_serial()

    def open_account(self, cash_micros: int) -> Account:
        """Add a user whose primary account has this much cash."""
        account = self._open(self._users, self.new_id(), cash_micros)
        self._users += 1
        return account

    def open_subaccount(self, user: int) -> Account | None:
        """Add the next account of a user, without cash; None where he has all of them."""
        opened = self.accounts_of(user)
        if len(opened) == len(SUBACCOUNTS):
            return None
        primary = opened[0]
        account = self._open(owner_of(user, len(opened)), primary.user_id, 0)
        account.client_ids = primary.client_ids
        return account

    def accounts_of(self, user: int) -> list[Account]:
        """All accounts of a user, the primary one first."""
        found = []
        for number in SUBACCOUNTS:
            account = self.accounts.get(owner_of(user, number))
            if account is None:
                break
            found.append(account)
        return found

    def _open(self, number: int, user_id: str, cash_micros: int) -> Account:
        account = Account(number, user_id, cash_micros, self.rules.precision_micros)
        account.reserves_resting = self.rules.reserves_resting
        self.accounts[number] = account
        self.reads.open_account(account)
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
        self.publisher.quotes.advance(self.now_ms, now_ms)
        while self._timers and self._timers[0][0] <= now_ms:
            due_ms, _, action = heappop(self._timers)
            self.now_ms = max(self.now_ms, due_ms)
            action()
        self.now_ms = max(self.now_ms, now_ms)

    def pause(self, kind: PauseKind = "trading", until_ms: int = 0) -> None:
        """Let trading or everything stand still, until a venue time or, at 0, until `resume`."""
        self._pause("operator", Pause(kind, until_ms))

    def resume(self) -> None:
        """End the operator's pause; one by the hours of the week goes on."""
        self.pauses.end("operator")

    def keep_hours(self) -> None:
        """Pause trading whenever the week's hours say so, from now on."""
        self.keeps_week = True
        begins_ms, ends_ms = thursday_pause(self.now_ms)
        if begins_ms > self.now_ms:
            self.at(begins_ms, self.keep_hours)
        else:
            self._pause("schedule", Pause("trading", ends_ms))
            self.at(ends_ms, self.keep_hours)

    def _pause(self, cause: PauseCause, pause: Pause) -> None:
        self.pauses.begin(cause, pause)
        for account in self.accounts.values():
            marked = [order for order in account.resting_orders() if order.cancel_on_pause]
            self.withdraw_all(marked, "HaltCancel")

    # Orders.

    def track(self, order: Order) -> None:
        """Remember a new order of an account."""
        account = self.accounts[order.owner]
        account.remember(order)
        if order.client_order_id:
            account.client_ids.add(order.client_order_id)

    def withdraw(self, listing: Listing, order: Order, reason: str) -> None:
        """Take a resting order out of its book and tell about it."""
        effects = listing.book.cancel(order)
        order.end(reason)
        self.carry_out(listing, effects, [order])

    def withdraw_all(self, orders: Iterable[Order], reason: str = "") -> None:
        """Withdraw several resting orders; without a reason it is their owner's cancel."""
        for order in orders:
            self.withdraw(self.listings[order.ticker], order, reason)

    def clear(self, listing: Listing, reason: str) -> None:
        """Cancel all that rests in a market.

        A book that this empties is told by one empty snapshot, as the venue does, else by deltas.
        """
        orders = listing.book.resting()
        changes = [change for order in orders for change in listing.book.cancel(order).changes]
        for order in orders:
            order.end(reason)
        is_empty = not any(listing.book.levels())
        self.carry_out(listing, Effects(changes=[] if is_empty else changes), orders)
        if orders and is_empty:
            self.publisher.book_snapshot(listing, self.now_ms)
            self.publisher.flush_tickers(self.now_ms)

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
        self.reads.take_group(account, group)

    def carry_out(self, listing: Listing, effects: Effects, orders: Iterable[Order] = ()) -> None:
        """Book what an action did, publish it, and cut off the groups that it took over a limit.

        Args:
            listing: the market.
            effects: what its book did.
            orders: orders whose state changed for another reason than a match.
        """
        is_shuffled = self.rules.event_order == "shuffled"
        self._clearing.carry_out(listing, effects, orders, self.now_ms, is_shuffled)
        for account, group in self._clearing.exceeded_groups(self.now_ms):
            self.trigger(account, group)

    def take_crowd_trade(self, listing: Listing, lots: int) -> None:
        """Let a trade that was made elsewhere move open interest, before it is published."""
        self._clearing.take_crowd_trade(listing, lots)

    def settle(self, listing: Listing) -> None:
        """Pay out every position in a determined market."""
        ticker, result, value = listing.ticker, listing.result, listing.settlement_pips
        for account in self.accounts.values():
            settlement = account.settle(ticker, result, value, self.now_ms)
            if settlement:
                settlement.serial = self.new_serial()
                self._clearing.tell_position(account, ticker)
        listing.account_pairs_lots = listing.crowd_pairs_lots = 0
        self._clearing.release()
        self.publisher.touch(listing)
        self.publisher.flush_tickers(self.now_ms)
