"""REST objects of orders and their fills, as plain values for the JSON encoder."""

from core.sandbox.accounts import Account, FillRecord
from core.sandbox.orders import Order
from core.sandbox.owners import subaccount_of
from core.sandbox.rest_json import Json
from core.sandbox.wire_text import (
    ACTIONS,
    BOOK_SIDES,
    NO_PRICES,
    PRICES,
    SIDES,
    average_price,
    time_text,
)
from core.units import format_count, format_money


def order_view(account: Account, order: Order) -> Json:
    """The order object of protocol 4.7."""
    view: Json = {
        "order_id": order.order_id,
        "user_id": account.user_id,
        "client_order_id": order.client_order_id,
        "ticker": order.ticker,
        "side": "yes",
        "action": ACTIONS[order.side],
        "outcome_side": SIDES[order.side],
        "book_side": BOOK_SIDES[order.side],
        "type": "limit",
        "status": order.status,
        "yes_price_dollars": PRICES[order.price_pips],
        "no_price_dollars": NO_PRICES[order.price_pips],
        "initial_count_fp": format_count(order.initial_lots),
        "fill_count_fp": format_count(order.filled_lots),
        "remaining_count_fp": format_count(order.remaining_lots),
        "taker_fill_cost_dollars": format_money(order.taker_cost_micros),
        "maker_fill_cost_dollars": format_money(order.maker_cost_micros),
        "taker_fees_dollars": format_money(order.taker_fees_micros),
        "maker_fees_dollars": format_money(order.maker_fees_micros),
        "created_time": time_text(order.created_ms),
        "last_update_time": time_text(order.updated_ms),
        "self_trade_prevention_type": order.self_trade,
        "cancel_order_on_pause": order.cancel_on_pause,
        "subaccount_number": subaccount_of(order.owner),
        "exchange_index": 0,
    }
    if order.expires_ms:
        view["expiration_time"] = time_text(order.expires_ms)
    if order.group_id:
        view["order_group_id"] = order.group_id
    return view


def created_view(order: Order) -> Json:
    """Answer to a create."""
    view = _acknowledged(order, order.created_ms)
    view["fill_count"] = format_count(order.filled_lots)
    view["remaining_count"] = format_count(order.remaining_lots)
    if order.filled_lots:
        cost = order.taker_cost_micros + order.maker_cost_micros
        fees = order.taker_fees_micros + order.maker_fees_micros
        view["average_fill_price"] = average_price(cost, order.filled_lots)
        view["average_fee_paid"] = average_price(fees, order.filled_lots)
    return view


def canceled_view(order: Order, lots: int) -> Json:
    """Answer to a cancel."""
    return _acknowledged(order, order.updated_ms) | {"reduced_by": format_count(lots)}


def amended_view(order: Order, filled_lots: int, is_changed: bool) -> Json:
    """Answer to an amend; counts only where size changed or something filled."""
    view = _acknowledged(order, order.updated_ms)
    if is_changed:
        view["remaining_count"] = format_count(order.remaining_lots)
        view["fill_count"] = format_count(filled_lots)
    return view


def decreased_view(order: Order) -> Json:
    """Answer to a decrease."""
    remaining = format_count(order.remaining_lots)
    return _acknowledged(order, order.updated_ms) | {"remaining_count": remaining}


def fill_view(fill: FillRecord) -> Json:
    """The fill object of protocol 4.8."""
    order = fill.order
    return {
        "fill_id": fill.trade_id,
        "trade_id": fill.trade_id,
        "order_id": order.order_id,
        "ticker": order.ticker,
        "market_ticker": order.ticker,
        "exchange_index": 0,
        "outcome_side": SIDES[order.side],
        "book_side": BOOK_SIDES[order.side],
        "side": "yes",
        "action": ACTIONS[order.side],
        "count_fp": format_count(fill.quantity_lots),
        "yes_price_dollars": PRICES[fill.price_pips],
        "no_price_dollars": NO_PRICES[fill.price_pips],
        "is_taker": fill.is_taker,
        "fee_cost": format_money(fill.fee_micros),
        "created_time": time_text(fill.ts_ms),
        "ts": fill.ts_ms // 1000,
        "subaccount_number": subaccount_of(order.owner),
    }


def _acknowledged(order: Order, ts_ms: int) -> Json:
    view: Json = {"order_id": order.order_id, "ts_ms": ts_ms}
    if order.client_order_id:
        view["client_order_id"] = order.client_order_id
    return view
