"""REST objects of the exchange, as plain values for the JSON encoder."""

from collections.abc import Callable
from itertools import groupby

from core.sandbox.accounts import Account, FillRecord, Position, Settlement
from core.sandbox.candles import DAY_S
from core.sandbox.listings import SETTLEMENT_TIMER_MS, Listing, PublicTrade
from core.sandbox.orders import Order
from core.sandbox.owners import subaccount_of
from core.sandbox.tick_views import ranges_view, structure_name
from core.sandbox.wire_text import (
    ACTIONS,
    BOOK_SIDES,
    NO_PRICES,
    PRICES,
    SIDES,
    average_price,
    dollars,
    time_text,
)
from core.units import (
    MICROS_PER_CENT,
    PIPS_PER_CENT,
    PIPS_PER_DOLLAR,
    Side,
    format_count,
    format_money,
    format_price,
)

Json = dict[str, object]

_FAR_MS = 7 * 86_400_000


def shown_close_ms(listing: Listing, now_ms: int) -> int:
    """When a market closes: a week from now where its source does not know."""
    return listing.close_ms or now_ms + _FAR_MS


def shown_created_ms(listing: Listing) -> int:
    """When a market was created: before it opened, whenever its source came to know it."""
    return min(listing.created_ms, listing.market.open_ms or listing.created_ms)


def market_view(listing: Listing, now_ms: int) -> Json:
    """The market object of protocol 4.3."""
    market = listing.market
    close_ms = shown_close_ms(listing, now_ms)
    view: Json = {
        "ticker": market.ticker,
        "event_ticker": market.event_ticker,
        "market_type": "binary",
        "title": market.title,
        "subtitle": market.subtitle,
        "yes_sub_title": market.subtitle or market.title,
        "no_sub_title": market.subtitle or market.title,
        "created_time": time_text(shown_created_ms(listing)),
        "updated_time": time_text(listing.updated_ms),
        "open_time": time_text(market.open_ms or listing.created_ms),
        "close_time": time_text(close_ms),
        "expected_expiration_time": time_text(close_ms),
        "latest_expiration_time": time_text(close_ms + _FAR_MS),
        "settlement_timer_seconds": SETTLEMENT_TIMER_MS // 1000,
        "status": listing.status,
        "result": listing.result,
        "expiration_value": "",
        "can_close_early": True,
        "notional_value_dollars": "1.0000",
        "settlement_bounds_type": "default",
        "price_level_structure": structure_name(market),
        "price_ranges": ranges_view(market),
        "rules_primary": "",
        "rules_secondary": "",
        "exchange_index": 0,
    }
    view |= _quotes(listing) | _last_day(listing, now_ms)
    if listing.settled_ms:
        view["settlement_value_dollars"] = format_price(listing.settlement_pips)
        view["settlement_ts"] = time_text(listing.settled_ms)
    return view


def orderbook_view(listing: Listing, depth: int) -> Json:
    """The book as two lists of bids, ascending, so that the best is last; depth 0 means all."""
    bids, asks = listing.book.levels()
    yes = [[PRICES[price], format_count(lots)] for price, lots in bids]
    no = [[NO_PRICES[price], format_count(lots)] for price, lots in reversed(asks)]
    return {"yes_dollars": yes[-depth:], "no_dollars": no[-depth:]}


def trade_view(trade: PublicTrade) -> Json:
    """The public trade of protocol 4.3."""
    return {
        "trade_id": trade.trade_id,
        "ticker": trade.ticker,
        "count_fp": format_count(trade.quantity_lots),
        "yes_price_dollars": PRICES[trade.price_pips],
        "no_price_dollars": NO_PRICES[trade.price_pips],
        "taker_outcome_side": SIDES[trade.taker_side],
        "taker_book_side": BOOK_SIDES[trade.taker_side],
        "taker_side": SIDES[trade.taker_side],
        "is_block_trade": False,
        "created_time": time_text(trade.ts_ms),
    }


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


def position_view(position: Position) -> Json:
    """One market position."""
    return {
        "ticker": position.ticker,
        "exchange_index": 0,
        "position_fp": format_count(position.lots),
        "market_exposure_dollars": format_money(position.cost_micros),
        "total_traded_dollars": format_money(position.traded_micros),
        "realized_pnl_dollars": format_money(position.realized_micros),
        "fees_paid_dollars": format_money(position.fees_micros),
        "last_updated_ts": time_text(position.updated_ms),
    }


def event_position_view(event_ticker: str, positions: list[Position]) -> Json:
    """The positions of one event, summed."""
    return {
        "event_ticker": event_ticker,
        "event_exposure_dollars": format_money(sum(p.cost_micros for p in positions)),
        "total_cost_dollars": format_money(sum(p.traded_micros for p in positions)),
        "total_cost_shares_fp": format_count(sum(p.traded_lots for p in positions)),
        "realized_pnl_dollars": format_money(sum(p.realized_micros for p in positions)),
        "fees_paid_dollars": format_money(sum(p.fees_micros for p in positions)),
    }


def positions_view(positions: list[Position], event_of: Callable[[Position], str]) -> Json:
    """Market positions, and the event positions they sum up to."""
    by_event = groupby(sorted(positions, key=event_of), key=event_of)
    return {
        "market_positions": [position_view(position) for position in positions],
        "event_positions": [event_position_view(event, list(own)) for event, own in by_event],
    }


def settlement_view(settlement: Settlement, event_ticker: str) -> Json:
    """The settlement object of protocol 4.8; `revenue` and `value` are whole cents."""
    yes_lots, no_lots = max(0, settlement.position_lots), max(0, -settlement.position_lots)
    return {
        "ticker": settlement.ticker,
        "event_ticker": event_ticker,
        "exchange_index": 0,
        "market_result": settlement.result,
        "yes_count_fp": format_count(yes_lots),
        "yes_total_cost_dollars": format_money(settlement.cost_micros if yes_lots else 0),
        "no_count_fp": format_count(no_lots),
        "no_total_cost_dollars": format_money(settlement.cost_micros if no_lots else 0),
        "revenue": settlement.revenue_micros // MICROS_PER_CENT,
        "value": settlement.value_pips // PIPS_PER_CENT,
        "fee_cost": format_money(settlement.fees_micros),
        "settled_time": time_text(settlement.settled_ms),
    }


def balance_view(account: Account, positions_micros: int, now_ms: int) -> Json:
    """Free cash and the market value of positions."""
    free = account.available_micros
    return {
        "balance": free // MICROS_PER_CENT,
        "balance_dollars": dollars(free),
        "portfolio_value": positions_micros // MICROS_PER_CENT,
        "updated_ts": now_ms // 1000,
        "balance_breakdown": [{"exchange_index": 0, "balance": dollars(free)}],
    }


def resting_value_view(held: int) -> Json:
    """What resting orders hold back in micros, exactly in the breakdown."""
    return {
        "total_resting_order_value": held // MICROS_PER_CENT,
        "resting_order_value_breakdown": [{"exchange_index": 0, "balance": dollars(held)}],
    }


def _acknowledged(order: Order, ts_ms: int) -> Json:
    view: Json = {"order_id": order.order_id, "ts_ms": ts_ms}
    if order.client_order_id:
        view["client_order_id"] = order.client_order_id
    return view


def _quotes(listing: Listing) -> Json:
    """Quotes and counts of now; before a market opens an empty side of asks is 0 (seen so)."""
    bid, ask = listing.book.best(Side.BID), listing.book.best(Side.ASK)
    no_ask = 0 if listing.status == "initialized" else PIPS_PER_DOLLAR
    bid_pips, bid_lots = bid or (0, 0)
    ask_pips, ask_lots = ask or (no_ask, 0)
    return {
        "yes_bid_dollars": PRICES[bid_pips],
        "yes_bid_size_fp": format_count(bid_lots),
        "yes_ask_dollars": PRICES[ask_pips],
        "yes_ask_size_fp": format_count(ask_lots),
        "no_bid_dollars": NO_PRICES[ask_pips],
        "no_ask_dollars": NO_PRICES[bid_pips],
        "last_price_dollars": PRICES[listing.last_pips],
        "volume_fp": format_count(listing.volume_lots),
        "open_interest_fp": format_count(listing.open_interest_lots),
    }


def _last_day(listing: Listing, now_ms: int) -> Json:
    """The market a day ago, all zero where it is younger; all it traded is then of this day."""
    day = listing.history.last_day(now_ms)
    is_young = listing.market.open_ms > now_ms - DAY_S * 1000
    volume_lots = listing.volume_lots if is_young else day.traded_lots
    return {
        "previous_price_dollars": PRICES[day.last_pips],
        "previous_yes_bid_dollars": PRICES[day.bid_pips],
        "previous_yes_ask_dollars": PRICES[day.ask_pips],
        "volume_24h_fp": format_count(volume_lots),
    }
