"""How what an action did to a book becomes fills, money, open interest and messages."""

from collections.abc import Iterable, Mapping, Sequence

from core.sandbox.accounts import Account, FillRecord
from core.sandbox.groups import OrderGroup
from core.sandbox.listings import Listing
from core.sandbox.numbering import Numbering
from core.sandbox.open_interest import CrowdInterest
from core.sandbox.orders import CROWD, Effects, Match, Order
from core.sandbox.outbox import Outbox
from core.sandbox.publisher import BOOK, FILL, ORDERS, POSITIONS, TRADE, Publisher
from core.sandbox.read_side import ReadSide


class Clearing:
    """Books matches and concludes orders, and tells about them."""

    def __init__(
        self,
        publisher: Publisher,
        accounts: Mapping[int, Account],
        numbering: Numbering,
        reads: ReadSide,
    ) -> None:
        self._counted: dict[OrderGroup, Account] = {}
        self._publisher = publisher
        self._accounts = accounts
        self._numbering = numbering
        self._reads = reads
        self._outbox = Outbox(numbering.fork("event order"))
        self._interest = CrowdInterest(numbering.fork("open interest"))

    def carry_out(
        self,
        listing: Listing,
        effects: Effects,
        orders: Iterable[Order],
        now_ms: int,
        is_shuffled: bool,
    ) -> None:
        """Book what an action did and publish it.

        Args:
            listing: the market.
            effects: what its book did.
            orders: orders whose state changed for another reason than a match.
            now_ms: venue time of the action.
            is_shuffled: what a match causes leaves in random order.
        """
        touched = dict.fromkeys(orders)
        filled: dict[Account, None] = {}
        for match in effects.matches:
            self._book_match(listing, match, touched, filled, now_ms)
        for change in effects.changes:
            self._outbox.add(
                BOOK, self._publisher.book_delta, listing, *change[:3], now_ms, change.cause
            )
        for order in effects.cancelled:
            order.end("SelfTradeCancel")
            touched[order] = None
        taker_rate = listing.market.fees.taker_rate
        for order in touched:
            if order.owner != CROWD:
                self._conclude(order, taker_rate, now_ms)
        for account in dict.fromkeys(self._accounts[order.owner] for order in touched):
            account.rereserve(listing.ticker, taker_rate)
        for account in filled:
            self.tell_position(account, listing.ticker)
        self._outbox.release(is_shuffled and bool(effects.matches))
        self._publisher.flush_tickers(now_ms)

    def exceeded_groups(self, now_ms: int) -> Sequence[tuple[Account, OrderGroup]]:
        """Order groups that were filled beyond their limit since the last call."""
        if not self._counted:
            return ()
        counted, self._counted = self._counted, {}
        return [(account, group) for group, account in counted.items() if group.is_over(now_ms)]

    def tell_position(self, account: Account, ticker: str) -> None:
        """Tell an account of its position, when the action is over."""
        position = account.position(ticker)
        self._outbox.add(POSITIONS, self._publisher.position, account, position)
        self._reads.take_position(account, position)

    def take_crowd_trade(self, listing: Listing, lots: int) -> None:
        """Count a trade that was made elsewhere, without any account of this exchange."""
        self._interest.take_trade(listing, lots)

    def release(self) -> None:
        """Send what no action of a book has sent along."""
        self._outbox.release(is_shuffled=False)

    def _conclude(self, order: Order, taker_rate: int, now_ms: int) -> None:
        """Settle status and resting place of an order after an action, and tell its owner."""
        if order.status == "resting" and not order.remaining_lots:
            order.status = "executed"
        order.updated_ms = now_ms
        account = self._accounts[order.owner]
        account.keep(order, taker_rate)
        self._outbox.add(ORDERS, self._publisher.order, account, order)
        self._reads.take_order(account, order)

    def _book_match(
        self,
        listing: Listing,
        match: Match,
        touched: dict[Order, None],
        filled: dict[Account, None],
        now_ms: int,
    ) -> None:
        trade_id = match.trade_id or self._numbering.new_id()
        price, lots = match.price_pips, match.quantity_lots
        if match.is_public:
            self._outbox.add(
                TRADE,
                self._publisher.trade,
                listing,
                trade_id,
                match.taker_side,
                price,
                lots,
                now_ms,
            )
        makers = self._accounts[match.maker.owner if match.maker else CROWD]
        takers = self._accounts[match.taker.owner if match.taker else CROWD]
        if makers.number == takers.number == CROWD:
            self._interest.take_trade(listing, lots)
            return
        before = _long_lots({makers, takers}, listing.ticker)
        for order, account in ((match.maker, makers), (match.taker, takers)):
            if order is None or account.number == CROWD:
                side = match.taker_side if order is match.taker else 1 - match.taker_side
                account.cash_micros += account.position(listing.ticker).trade(side, price, lots)
            else:
                self._book_fill(listing, match, order, trade_id, now_ms)
                touched[order] = None
                filled[account] = None
        listing.account_pairs_lots += _long_lots({makers, takers}, listing.ticker) - before

    def _book_fill(
        self, listing: Listing, match: Match, order: Order, trade_id: str, now_ms: int
    ) -> None:
        account = self._accounts[order.owner]
        price, lots = match.price_pips, match.quantity_lots
        is_taker = order is match.taker
        fees = listing.market.fees
        rate = fees.taker_rate if is_taker else fees.maker_rate
        fee = account.fill(order, price, lots, rate, now_ms)
        order.charge(price * lots, fee, is_taker)
        if order.status == "resting":
            order.reason = "Trade"
        fill = FillRecord(
            self._numbering.new_serial(), trade_id, order, price, lots, is_taker, fee, now_ms
        )
        account.fills.append(fill)
        group = account.groups.get(order.group_id)
        if group is not None:
            group.count(lots, now_ms)
            self._counted[group] = account
        self._outbox.add(FILL, self._publisher.fill, account, fill, account.lots(order.ticker))


def _long_lots(accounts: Iterable[Account], ticker: str) -> int:
    return sum(max(0, account.lots(ticker)) for account in accounts)
