"""Order entry: validates in the order of protocol 11.2 and acts on the exchange."""

from functools import partial

from core.sandbox import order_checks as checks
from core.sandbox.accounts import Account
from core.sandbox.errors import market_inactive, not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import Effects, Order


class Desk:
    """What an account may do with orders."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def create(self, account: Account, body: CreateBody) -> Order:
        """Place an order; what matched and rests stands in the returned order.

        Raises:
            ApiError: refused; nothing happened except that a killed FOK spends its client id.
        """
        checks.require_fields(body, ("ticker", "side", "count", "price", "time_in_force"))
        checks.require_fields(body, ("self_trade_prevention_type",))
        listing = self._open_listing(body.ticker or "")
        price = self._price(listing, body.price or "")
        lots = checks.count_lots(body.count or "")
        order = Order(
            order_id=self._exchange.new_id(),
            owner=account.number,
            ticker=listing.ticker,
            side=checks.book_side(body.side or ""),
            price_pips=price,
            initial_lots=lots,
            remaining_lots=lots,
            client_order_id=checks.client_id(body.client_order_id),
            time_in_force=checks.time_in_force(body.time_in_force or ""),
            self_trade=checks.self_trade(body.self_trade_prevention_type or ""),
            post_only=body.post_only,
            cancel_on_pause=body.cancel_order_on_pause,
            group_id=body.order_group_id,
            created_ms=self._exchange.now_ms,
            serial=self._exchange.new_serial(),
        )
        self._check_combination(order, body)
        checks.check_unspent(account, order.client_order_id)
        checks.check_group(account, order.group_id)
        checks.check_open_orders(self._exchange.accounts_of(account.user), order)
        if body.reduce_only:
            checks.cap_to_position(account, order)
        _check_funds(account, listing, order)
        self._check_book(account, listing, order)
        self._place(account, listing, order)
        return order

    def cancel(self, account: Account, order_id: str) -> tuple[Order, int]:
        """Cancel a resting order; returns it and the lots that were still resting."""
        order, listing = self._cancelable(account, order_id)
        lots = order.remaining_lots
        self._exchange.withdraw(listing, order, "")
        return order, lots

    def cancel_all(self, account: Account) -> None:
        """Cancel every resting order."""
        self._exchange.pauses.require_active(self._exchange.now_ms)
        self._exchange.withdraw_all(account.resting_orders())

    def amend(self, account: Account, order_id: str, body: AmendBody) -> tuple[Order, int, bool]:
        """Move or resize a resting order.

        Returns:
            The order, lots the amend itself filled, and whether size changed or anything filled.
        """
        checks.require_fields(body, ("ticker", "side", "price", "count"))
        order, listing = self._changeable(account, order_id)
        checks.check_same(order, body)
        price = self._price(listing, body.price or "")
        remaining = checks.count_lots(body.count or "") - order.filled_lots
        if remaining <= 0:
            raise refusal(400, "invalid_order_size", "count must exceed what is already filled")
        new_id = checks.client_id(body.updated_client_order_id)
        if new_id:
            checks.check_unspent(account, new_id)
        is_resized = remaining != order.remaining_lots
        moved = Order(
            order.order_id, order.owner, order.ticker, order.side, price, remaining, remaining
        )
        _check_funds(account, listing, moved)
        if order.post_only and price != order.price_pips and listing.book.crosses(moved):
            self._refuse_cross()
            self._exchange.withdraw(listing, order, "PostOnlyCrossCancel")
            return order, 0, True
        self._set_expiry(order, body.expiration_time)
        if new_id:
            order.client_order_id = new_id
            account.client_ids.add(new_id)
        filled = self._apply_amend(listing, order, price, remaining)
        return order, filled, is_resized or filled > 0

    def decrease(self, account: Account, order_id: str, body: DecreaseBody) -> Order:
        """Shrink a resting order; to zero cancels it."""
        if (body.reduce_by is None) == (body.reduce_to is None):
            raise refusal(400, "invalid_order", "exactly one of reduce_by and reduce_to")
        order, listing = self._changeable(account, order_id)
        if body.reduce_to is not None:
            remaining = checks.count_lots(body.reduce_to, minimum=0)
        else:
            remaining = max(0, order.remaining_lots - checks.count_lots(body.reduce_by or ""))
        if remaining > order.remaining_lots:
            raise refusal(400, "invalid_order_size", "a decrease cannot enlarge")
        if remaining == 0:
            self._exchange.withdraw(listing, order, "Decrease")
            return order
        order.initial_lots += remaining - order.remaining_lots
        effects = listing.book.reduce(order, remaining)
        order.reason = "Decrease"
        self._exchange.carry_out(listing, effects, [order])
        return order

    def _apply_amend(self, listing: Listing, order: Order, price: int, remaining: int) -> int:
        before = order.filled_lots
        order.reason = "Amend"
        order.initial_lots = order.filled_lots + remaining
        if price == order.price_pips and remaining <= order.remaining_lots:
            effects = listing.book.reduce(order, remaining)
            effects.changes = [change for change in effects.changes if change.delta_lots]
        else:
            effects = listing.book.replace(order, price, remaining)
        if effects.is_cut:
            order.end("SelfTradeCancel")
        self._exchange.carry_out(listing, effects, [order])
        return order.filled_lots - before

    def _place(self, account: Account, listing: Listing, order: Order) -> None:
        self._exchange.track(order)
        if order.post_only and listing.book.crosses(order):
            order.end("PostOnlyCrossCancel")
            self._exchange.carry_out(listing, Effects(), [order])
            return
        effects = listing.book.place(order)
        rests = order.time_in_force == "good_till_canceled" and not effects.is_cut
        if order.remaining_lots and not rests:
            order.end("SelfTradeCancel" if effects.is_cut else "")
        self._exchange.carry_out(listing, effects, [order])
        if order.expires_ms and order.status == "resting":
            self._exchange.at(order.expires_ms, partial(self._expire, listing, order))

    def _expire(self, listing: Listing, order: Order) -> None:
        due = order.expires_ms and order.expires_ms <= self._exchange.now_ms
        if order.status == "resting" and due:
            self._exchange.withdraw(listing, order, "ExpiryCancel")

    def _set_expiry(self, order: Order, seconds: int | None) -> None:
        """Keep on None, remove on 0, else move."""
        if seconds is None:
            return
        order.expires_ms = checks.expiry_ms(seconds, self._exchange.now_ms) if seconds else 0
        if seconds:
            listing = self._exchange.listings[order.ticker]
            self._exchange.at(order.expires_ms, partial(self._expire, listing, order))

    def _refuse_cross(self) -> None:
        """Refuse a crossing post-only order, unless the rules have it accepted and canceled."""
        if self._exchange.rules.post_only_cross == "refuse":
            raise refusal(400, "invalid_order", "post only cross")

    def _open_listing(self, ticker: str) -> Listing:
        listing = self._exchange.listings.get(ticker)
        if listing is None:
            raise not_found()
        self._require_trading(listing)
        return listing

    def _require_trading(self, listing: Listing) -> None:
        self._exchange.pauses.require_trading(self._exchange.now_ms)
        if listing.status != "active":
            raise market_inactive()

    def _cancelable(self, account: Account, order_id: str) -> tuple[Order, Listing]:
        """An order that may be taken back: also while trading, or only its market, is paused.

        The market's state is looked at before the order's, so that one which the close has
        canceled is refused like every other there.
        """
        order = _known(account, order_id)
        listing = self._exchange.listings[order.ticker]
        self._exchange.pauses.require_active(self._exchange.now_ms)
        if listing.status not in ("active", "inactive"):
            raise market_inactive()
        return _resting(order), listing

    def _changeable(self, account: Account, order_id: str) -> tuple[Order, Listing]:
        order = _known(account, order_id)
        listing = self._exchange.listings[order.ticker]
        self._require_trading(listing)
        return _resting(order), listing

    def _price(self, listing: Listing, text: str) -> int:
        price = checks.price_pips(text)
        if not listing.ticks.is_tradable(price):
            raise refusal(400, "invalid_price")
        return price

    def _check_combination(self, order: Order, body: CreateBody) -> None:
        is_gtc = order.time_in_force == "good_till_canceled"
        if body.reduce_only and is_gtc:
            raise refusal(400, "invalid_order", "reduce_only needs IOC or FOK")
        if body.post_only and not is_gtc:
            raise refusal(400, "invalid_order", "post_only needs good_till_canceled")
        if body.expiration_time is not None:
            if not is_gtc:
                raise refusal(400, "invalid_order", "expiration_time needs good_till_canceled")
            order.expires_ms = checks.expiry_ms(body.expiration_time, self._exchange.now_ms)

    def _check_book(self, account: Account, listing: Listing, order: Order) -> None:
        if order.post_only and listing.book.crosses(order):
            self._refuse_cross()
        is_fok = order.time_in_force == "fill_or_kill"
        if is_fok and listing.book.fillable_lots(order) < order.remaining_lots:
            account.client_ids.add(order.client_order_id)
            raise refusal(409, "fill_or_kill_insufficient_resting_volume")


def _check_funds(account: Account, listing: Listing, order: Order) -> None:
    if not account.can_afford(order, listing.market.fees.taker_rate):
        raise refusal(400, "insufficient_balance")


def _known(account: Account, order_id: str) -> Order:
    """An order of the account, resting or not."""
    order = account.by_id.get(order_id)
    if order is None:
        raise not_found()
    return order


def _resting(order: Order) -> Order:
    """A resting order; whatever is not resting is as little there as what never was: 404."""
    if order.status != "resting":
        raise not_found()
    return order
