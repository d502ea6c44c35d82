"""Order entry: validates in the order of protocol 11.2 and acts on the exchange."""

import re
from functools import partial

import msgspec

from core.errors import DecodeError
from core.sandbox.accounts import Account
from core.sandbox.errors import ApiError, not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import Order, SelfTradePrevention, TimeInForce
from core.units import parse_count, parse_price

_CLIENT_ID = re.compile(r"[A-Za-z0-9+=_:/-]{1,64}")
_BOOK_SIDES = {"bid": 0, "ask": 1}


class Desk:
    """What an account may do with orders."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def create(self, account: Account, body: CreateBody) -> Order:
        """Place an order; what matched and rests stands in the returned order.

        Raises:
            ApiError: refused; nothing happened except that a killed FOK spends its client id.
        """
        _require(body, ("ticker", "side", "count", "price", "time_in_force"))
        _require(body, ("self_trade_prevention_type",))
        listing = self._open_listing(body.ticker or "")
        price = self._price(listing, body.price or "")
        lots = _count(body.count or "")
        order = Order(
            order_id=self._exchange.new_id(),
            owner=account.number,
            ticker=listing.ticker,
            side=_side(body.side or ""),
            price_pips=price,
            initial_lots=lots,
            remaining_lots=lots,
            client_order_id=_client_id(body.client_order_id),
            time_in_force=_time_in_force(body.time_in_force or ""),
            self_trade=_self_trade(body.self_trade_prevention_type or ""),
            post_only=body.post_only,
            cancel_on_pause=body.cancel_order_on_pause,
            group_id=body.order_group_id,
            created_ms=self._exchange.now_ms,
            serial=self._exchange.new_serial(),
        )
        self._check_combination(order, body)
        _check_unspent(account, order.client_order_id)
        _check_group(account, order.group_id)
        if body.reduce_only:
            _cap_to_position(account, order)
        self._check_funds(account, listing, [order])
        self._check_book(account, listing, order)
        self._place(account, listing, order)
        return order

    def cancel(self, account: Account, order_id: str) -> tuple[Order, int]:
        """Cancel a resting order; returns it and the lots that were still resting."""
        order, listing = self._resting(account, order_id)
        lots = order.remaining_lots
        self._exchange.withdraw(listing, order, "")
        return order, lots

    def cancel_all(self, account: Account) -> None:
        """Cancel every resting order."""
        self._exchange.withdraw_all(account.resting_orders())

    def amend(self, account: Account, order_id: str, body: AmendBody) -> tuple[Order, int, bool]:
        """Move or resize a resting order.

        Returns:
            The order, lots the amend itself filled, and whether size changed or anything filled.
        """
        _require(body, ("ticker", "side", "price", "count"))
        order, listing = self._resting(account, order_id)
        _check_same(order, body)
        price = self._price(listing, body.price or "")
        remaining = _count(body.count or "") - order.filled_lots
        if remaining <= 0:
            raise refusal(400, "invalid_order_size", "count must exceed what is already filled")
        new_id = _client_id(body.updated_client_order_id)
        if new_id:
            _check_unspent(account, new_id)
        is_resized = remaining != order.remaining_lots
        moved = Order(
            order.order_id, order.owner, order.ticker, order.side, price, remaining, remaining
        )
        others = [o for o in account.resting[order.ticker].values() if o is not order]
        if not account.can_afford(listing.ticker, [*others, moved], _taker_rate(listing)):
            raise refusal(400, "insufficient_balance")
        if order.post_only and price != order.price_pips and listing.book.crosses(moved):
            raise refusal(400, "invalid_order", "post only cross")
        self._set_expiry(order, body.expiration_time)
        if new_id:
            order.client_order_id = new_id
            account.by_client_id[new_id] = order
        filled = self._apply_amend(listing, order, price, remaining)
        return order, filled, is_resized or filled > 0

    def decrease(self, account: Account, order_id: str, body: DecreaseBody) -> Order:
        """Shrink a resting order; to zero cancels it."""
        if (body.reduce_by is None) == (body.reduce_to is None):
            raise refusal(400, "invalid_order", "exactly one of reduce_by and reduce_to")
        order, listing = self._resting(account, order_id)
        if body.reduce_to is not None:
            remaining = _count(body.reduce_to, minimum=0)
        else:
            remaining = max(0, order.remaining_lots - _count(body.reduce_by or ""))
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
        if seconds and seconds * 1000 <= self._exchange.now_ms:
            raise refusal(400, "invalid_order", "expiration_time must be in the future")
        order.expires_ms = seconds * 1000
        if seconds:
            listing = self._exchange.listings[order.ticker]
            self._exchange.at(order.expires_ms, partial(self._expire, listing, order))

    def _open_listing(self, ticker: str) -> Listing:
        listing = self._exchange.listings.get(ticker)
        if listing is None:
            raise not_found()
        _check_active(listing)
        return listing

    def _resting(self, account: Account, order_id: str) -> tuple[Order, Listing]:
        """A resting order of the account; whatever is not resting is indistinguishably 404."""
        order = account.by_id.get(order_id)
        if order is None:
            raise not_found()
        listing = self._exchange.listings[order.ticker]
        if order.status != "resting":
            raise not_found()
        _check_active(listing)
        return order, listing

    def _price(self, listing: Listing, text: str) -> int:
        try:
            price = parse_price(text)
        except DecodeError as error:
            raise refusal(400, "invalid_price", str(error)) from error
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
            if body.expiration_time * 1000 <= self._exchange.now_ms:
                raise refusal(400, "invalid_order", "expiration_time must be in the future")
            order.expires_ms = body.expiration_time * 1000

    def _check_funds(self, account: Account, listing: Listing, orders: list[Order]) -> None:
        resting = account.resting.get(listing.ticker, {}).values()
        if not account.can_afford(listing.ticker, [*resting, *orders], _taker_rate(listing)):
            raise refusal(400, "insufficient_balance")

    def _check_book(self, account: Account, listing: Listing, order: Order) -> None:
        if order.post_only and listing.book.crosses(order):
            raise refusal(400, "invalid_order", "post only cross")
        is_fok = order.time_in_force == "fill_or_kill"
        if is_fok and listing.book.fillable_lots(order) < order.remaining_lots:
            account.spent_client_ids.add(order.client_order_id)
            raise refusal(409, "fill_or_kill_insufficient_resting_volume")


def _taker_rate(listing: Listing) -> int:
    return listing.market.fees.taker_rate


def _check_active(listing: Listing) -> None:
    if listing.status != "active":
        raise refusal(409, "market_closed", "MARKET_INACTIVE")


def _require(body: msgspec.Struct, names: tuple[str, ...]) -> None:
    missing = [name for name in names if getattr(body, name) is None]
    if missing:
        raise refusal(400, "missing_parameters", ", ".join(missing))


def _side(text: str) -> int:
    if text not in _BOOK_SIDES:
        raise refusal(400, "invalid_order", "side must be bid or ask")
    return _BOOK_SIDES[text]


def _time_in_force(text: str) -> TimeInForce:
    match text:
        case "good_till_canceled" | "immediate_or_cancel" | "fill_or_kill":
            return text
        case _:
            raise refusal(400, "invalid_order", "unknown time_in_force")


def _self_trade(text: str) -> SelfTradePrevention:
    match text:
        case "taker_at_cross" | "maker":
            return text
        case _:
            raise refusal(400, "invalid_order", "unknown self_trade_prevention_type")


def _count(text: str, minimum: int = 1) -> int:
    try:
        lots = parse_count(text)
    except DecodeError as error:
        raise refusal(400, "invalid_order_size", str(error)) from error
    if lots < minimum:
        raise refusal(400, "invalid_order_size")
    return lots


def _client_id(text: str) -> str:
    if text and not _CLIENT_ID.fullmatch(text):
        raise refusal(400, "invalid_order", "client_order_id: 64 of letters, digits and +=_-:/")
    return text


def _check_unspent(account: Account, client_id: str) -> None:
    if client_id and (client_id in account.by_client_id or client_id in account.spent_client_ids):
        raise refusal(409, "order_already_exists")


def _check_group(account: Account, group_id: str) -> None:
    if not group_id:
        return
    group = account.groups.get(group_id)
    if group is None:
        raise refusal(404, "not_found", "order group")
    if group.is_triggered:
        raise refusal(409, "order_group_triggered", "reset the group first")


def _cap_to_position(account: Account, order: Order) -> None:
    lots = account.lots(order.ticker)
    opposing = max(0, -lots) if order.side == 0 else max(0, lots)
    if not opposing:
        raise refusal(400, "invalid_order", "reduce_only without a position")
    order.initial_lots = order.remaining_lots = min(order.remaining_lots, opposing)


def _check_same(order: Order, body: AmendBody) -> None:
    """Check that an amend names the order it means."""
    mismatch: ApiError | None = None
    if body.ticker != order.ticker:
        mismatch = refusal(400, "order_ticker_mismatch")
    elif _side(body.side or "") != order.side:
        mismatch = refusal(400, "order_side_mismatch")
    elif body.client_order_id and body.client_order_id != order.client_order_id:
        mismatch = refusal(400, "order_id_and_client_order_id_mismatch")
    if mismatch:
        raise mismatch
