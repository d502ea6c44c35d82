"""WebSocket messages of the exchange as text, without the last brace.

The connection adds it, and a send stamp where one is asked for. Everything put into the text is
a number, an enumeration word, a UUID or an identifier whose alphabet needs no escaping.
"""

from collections.abc import Sequence

import msgspec

from core.market.events import Level
from core.market.market import Market
from core.sandbox.accounts import Account, FillRecord, Position
from core.sandbox.groups import OrderGroup
from core.sandbox.listings import Listing
from core.sandbox.orders import Order
from core.sandbox.owners import subaccount_of
from core.sandbox.wire_text import ACTIONS, BOOK_SIDES, NO_PRICES, PRICES, SIDES, time_text
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, Side, format_count, format_money


def delta_head(listing: Listing) -> str:
    """Start of the `msg` of this market's book messages."""
    return f'"market_ticker":"{listing.ticker}","market_id":"{listing.market_id}"'


def snapshot_msg(listing: Listing, use_yes_price: bool) -> str:
    """`msg` of a snapshot; an empty side has no key, levels ascend in the quoted price."""
    bids, asks = listing.book.levels()
    parts = [delta_head(listing)]
    if bids:
        parts.append(f'"yes_dollars_fp":{level_list(bids, PRICES)}')
    if asks:
        quoted = level_list(asks, PRICES) if use_yes_price else level_list(asks[::-1], NO_PRICES)
        parts.append(f'"no_dollars_fp":{quoted}')
    return "{" + ",".join(parts) + "}"


def level_list(levels: Sequence[Level], prices: tuple[str, ...]) -> str:
    """Levels as a JSON array of string pairs."""
    pairs = (f'["{prices[price]}","{format_count(lots)}"]' for price, lots in levels)
    return f"[{','.join(pairs)}]"


def event_msg(market: Market) -> str:
    """`msg` of the appearance of an event, by its first market."""
    event = {
        "event_ticker": market.event_ticker,
        "title": market.title,
        "subtitle": "",
        "collateral_return_type": "",
        "series_ticker": market.series_ticker,
    }
    return msgspec.json.encode(event).decode()


def event_fees_msg(event_ticker: str, fee_type: str | None, multiplier: float | None) -> str:
    """`msg` of fees set for one event, null where it falls back to its series."""
    fees = {
        "event_ticker": event_ticker,
        "fee_type_override": fee_type,
        "fee_multiplier_override": multiplier,
    }
    return msgspec.json.encode(fees).decode()


def trade_msg(
    listing: Listing, trade_id: str, taker_side: int, lots: int, price: int, ts: int
) -> str:
    """`msg` of a public trade."""
    word = SIDES[taker_side]
    return (
        f'{{"trade_id":"{trade_id}","market_ticker":"{listing.ticker}",'
        f'"yes_price_dollars":"{PRICES[price]}","no_price_dollars":"{NO_PRICES[price]}",'
        f'"count_fp":"{format_count(lots)}","taker_side":"{word}","taker_outcome_side":"{word}",'
        f'"taker_book_side":"{BOOK_SIDES[taker_side]}","is_block_trade":false,'
        f'"ts":{ts // 1000},"ts_ms":{ts}}}'
    )


def ticker_fields(listing: Listing) -> str:
    """The quote and volume part of a ticker message; equal text means nothing changed."""
    bid, ask = listing.book.best(Side.BID), listing.book.best(Side.ASK)
    bid_price, bid_lots = bid or (0, 0)
    ask_price, ask_lots = ask or (PIPS_PER_DOLLAR, 0)
    return (
        f'"price_dollars":"{PRICES[listing.last_pips]}","yes_bid_dollars":"{PRICES[bid_price]}",'
        f'"yes_ask_dollars":"{PRICES[ask_price]}","yes_bid_size_fp":"{format_count(bid_lots)}",'
        f'"yes_ask_size_fp":"{format_count(ask_lots)}",'
        f'"last_trade_size_fp":"{format_count(listing.last_lots)}",'
        f'"volume_fp":"{format_count(listing.volume_lots)}",'
        f'"open_interest_fp":"{format_count(listing.open_interest_lots)}",'
        f'"dollar_volume":{listing.traded_micros // MICROS_PER_DOLLAR},'
        f'"dollar_open_interest":{listing.open_interest_lots // 100}'
    )


def ticker_msg(listing: Listing, fields: str, ts: int) -> str:
    """`msg` of a ticker."""
    return (
        f'{{{delta_head(listing)},{fields},"ts":{ts // 1000},"ts_ms":{ts},'
        f'"time":"{time_text(ts)}"}}'
    )


def fill_msg(fill: FillRecord, post_lots: int) -> str:
    """`msg` of a private fill."""
    order, ts = fill.order, fill.ts_ms
    word = SIDES[order.side]
    client = f'"client_order_id":"{order.client_order_id}",' if order.client_order_id else ""
    return (
        f'{{"trade_id":"{fill.trade_id}","order_id":"{order.order_id}",{client}'
        f'"market_ticker":"{order.ticker}","exchange_index":0,'
        f'"is_taker":{"true" if fill.is_taker else "false"},"side":"yes",'
        f'"action":"{ACTIONS[order.side]}","outcome_side":"{word}",'
        f'"book_side":"{BOOK_SIDES[order.side]}","purchased_side":"{word}",'
        f'"yes_price_dollars":"{PRICES[fill.price_pips]}",'
        f'"count_fp":"{format_count(fill.quantity_lots)}",'
        f'"fee_cost":"{format_money(fill.fee_micros)}","post_position_fp":"{format_count(post_lots)}",'
        f'"subaccount":{subaccount_of(order.owner)},"ts":{ts // 1000},"ts_ms":{ts}}}'
    )


def position_msg(account: Account, position: Position) -> str:
    """`msg` of a private market position."""
    return (
        f'{{"user_id":"{account.user_id}","market_ticker":"{position.ticker}",'
        f'"position_fp":"{format_count(position.lots)}",'
        f'"position_cost_dollars":"{format_money(position.cost_micros)}",'
        f'"realized_pnl_dollars":"{format_money(position.realized_micros)}",'
        f'"fees_paid_dollars":"{format_money(position.fees_micros)}",'
        f'"position_fee_cost_dollars":"{format_money(position.open_fees_micros)}",'
        f'"volume_fp":"{format_count(position.traded_lots)}","subaccount":{account.subaccount}}}'
    )


def order_msg(account: Account, order: Order) -> str:
    """`msg` of a private order update."""
    initial = format_count(order.initial_lots)
    return (
        f'{{"order_id":"{order.order_id}","user_id":"{account.user_id}","ticker":"{order.ticker}",'
        f'"exchange_index":0,"status":"{order.status}","side":"yes","is_yes":true,'
        f'"outcome_side":"{SIDES[order.side]}","book_side":"{BOOK_SIDES[order.side]}",'
        f'"yes_price_dollars":"{PRICES[order.price_pips]}","initial_count_fp":"{initial}",'
        f'"fill_count_fp":"{format_count(order.filled_lots)}",'
        f'"remaining_count_fp":"{format_count(order.remaining_lots)}",'
        f'"taker_fill_cost_dollars":"{format_money(order.taker_cost_micros)}",'
        f'"maker_fill_cost_dollars":"{format_money(order.maker_cost_micros)}",'
        f'"taker_fees_dollars":"{format_money(order.taker_fees_micros)}",'
        f'"maker_fees_dollars":"{format_money(order.maker_fees_micros)}",'
        f'"client_order_id":"{order.client_order_id}",'
        f'"self_trade_prevention_type":"{order.self_trade}",'
        f'"subaccount_number":{subaccount_of(order.owner)},'
        f'"created_time":"{time_text(order.created_ms)}","created_ts_ms":{order.created_ms},'
        f'"last_update_time":"{time_text(order.updated_ms)}",'
        f'"last_updated_ts_ms":{order.updated_ms}{_order_extras(order)}}}'
    )


def group_msg(group: OrderGroup, kind: str, ts_ms: int) -> str:
    """`msg` of a private order group update; the limit only where it is new."""
    is_new = kind in ("created", "limit_updated")
    limit = f'"contracts_limit_fp":"{format_count(group.limit_lots)}",' if is_new else ""
    return f'{{"event_type":"{kind}","order_group_id":"{group.group_id}",{limit}"ts_ms":{ts_ms}}}'


def _order_extras(order: Order) -> str:
    text = f',"last_update_reason":"{order.reason}"' if order.reason else ""
    if order.group_id:
        text += f',"order_group_id":"{order.group_id}"'
    if order.expires_ms:
        text += (
            f',"expiration_time":"{time_text(order.expires_ms)}",'
            f'"expiration_ts_ms":{order.expires_ms}'
        )
    return text
