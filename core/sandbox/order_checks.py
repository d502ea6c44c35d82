"""What order requests must hold to, apart from the state of their market.

Every function raises `ApiError` for what the exchange refuses.
"""

import re
from collections.abc import Collection
from typing import Final, get_args

import msgspec

from core.sandbox.accounts import Account
from core.sandbox.errors import ApiError, refusal
from core.sandbox.order_bodies import AmendBody
from core.sandbox.orders import Order, SelfTradePrevention, TimeInForce
from core.sandbox.wire_text import LAST_SECOND
from core.units import parse_count, parse_price

_CLIENT_ID = re.compile(r"[A-Za-z0-9+=_:/-]{1,64}")
_PRICE = re.compile(r"[01]\.[0-9]{2,4}")
_COUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_BOOK_SIDES = {"bid": 0, "ask": 1}
# Words are looked up so that every order holds the same one, not the copy that its request brought.
_TIMES_IN_FORCE: Final[dict[str, TimeInForce]] = {word: word for word in get_args(TimeInForce)}
_SELF_TRADES: Final[dict[str, SelfTradePrevention]] = {
    word: word for word in get_args(SelfTradePrevention)
}
MOST_LOTS = 100_000_000_000
"""A billion contracts in one order, for which money is still counted in 64 bits."""
MOST_OPEN_ORDERS = 200_000
"""Orders that one user may have resting."""


def require_fields(body: msgspec.Struct, names: tuple[str, ...]) -> None:
    """Check that a body has these members."""
    missing = [name for name in names if getattr(body, name) is None]
    if missing:
        raise refusal(400, "missing_parameters", ", ".join(missing))


def book_side(text: str) -> int:
    """Side of the YES book that a word names."""
    if text not in _BOOK_SIDES:
        raise refusal(400, "invalid_order", "side must be bid or ask")
    return _BOOK_SIDES[text]


def time_in_force(text: str) -> TimeInForce:
    """How long an order may rest."""
    word = _TIMES_IN_FORCE.get(text)
    if word is None:
        raise refusal(400, "invalid_order", "unknown time_in_force")
    return word


def self_trade(text: str) -> SelfTradePrevention:
    """What happens where an order meets one of its own account."""
    word = _SELF_TRADES.get(text)
    if word is None:
        raise refusal(400, "invalid_order", "unknown self_trade_prevention_type")
    return word


def price_pips(text: str) -> int:
    """A price in pips; whether the market knows it is the desk's business."""
    if not _PRICE.fullmatch(text):
        raise refusal(400, "invalid_price", "2 to 4 decimals")
    return parse_price(text)


def count_lots(text: str, minimum: int = 1) -> int:
    """A count in lots."""
    if not _COUNT.fullmatch(text):
        raise refusal(400, "invalid_order_size", "at most 2 decimals")
    lots = parse_count(text)
    if not minimum <= lots <= MOST_LOTS:
        raise refusal(400, "invalid_order_size")
    return lots


def expiry_ms(seconds: int, now_ms: int) -> int:
    """When an order expires, from Unix seconds."""
    if seconds * 1000 <= now_ms:
        raise refusal(400, "invalid_order", "expiration_time must be in the future")
    if seconds > LAST_SECOND:
        raise refusal(400, "invalid_order", "expiration_time must be in seconds")
    return seconds * 1000


def client_id(text: str) -> str:
    """A client's order id, "" for none."""
    if text and not _CLIENT_ID.fullmatch(text):
        raise refusal(400, "invalid_order", "client_order_id: 64 of letters, digits and +=_-:/")
    return text


def check_unspent(account: Account, client_id: str) -> None:
    """Check that a client's order id is new; none is ever free again."""
    if client_id and client_id in account.client_ids:
        raise refusal(409, "order_already_exists")


def check_group(account: Account, group_id: str) -> None:
    """Check that the order group named takes orders."""
    if not group_id:
        return
    group = account.groups.get(group_id)
    if group is None:
        raise refusal(404, "not_found", "order group")
    if group.is_triggered:
        raise refusal(409, "order_group_triggered", "reset the group first")


def check_open_orders(accounts: Collection[Account], order: Order) -> None:
    """Check that the user of these accounts may have one more resting order."""
    known = sum(len(account.by_id) for account in accounts)
    if order.time_in_force != "good_till_canceled" or known < MOST_OPEN_ORDERS:
        return
    resting = sum(len(orders) for account in accounts for orders in account.resting.values())
    if resting >= MOST_OPEN_ORDERS:
        raise refusal(400, "invalid_order", f"more than {MOST_OPEN_ORDERS} open orders")


def cap_to_position(account: Account, order: Order) -> None:
    """Shrink a reduce-only order to the position that it closes."""
    lots = account.lots(order.ticker)
    opposing = max(0, -lots) if order.side == 0 else max(0, lots)
    if not opposing:
        raise refusal(400, "invalid_order", "reduce_only without a position")
    order.initial_lots = order.remaining_lots = min(order.remaining_lots, opposing)


def check_same(order: Order, body: AmendBody) -> None:
    """Check that an amend names the order it means."""
    mismatch: ApiError | None = None
    if body.ticker != order.ticker:
        mismatch = refusal(400, "order_ticker_mismatch")
    elif book_side(body.side or "") != order.side:
        mismatch = refusal(400, "order_side_mismatch")
    elif body.client_order_id and body.client_order_id != order.client_order_id:
        mismatch = refusal(400, "order_id_and_client_order_id_mismatch")
    if mismatch:
        raise mismatch
