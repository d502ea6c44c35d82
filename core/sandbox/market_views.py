"""REST objects of markets, order books and public trades, as plain values for the JSON encoder."""

from core.sandbox.candles import DAY_S
from core.sandbox.listings import SETTLEMENT_TIMER_MS, Listing, PublicTrade
from core.sandbox.rest_json import Json
from core.sandbox.tick_views import ranges_view, structure_name
from core.sandbox.wire_text import BOOK_SIDES, NO_PRICES, PRICES, SIDES, time_text
from core.units import PIPS_PER_DOLLAR, Side, format_count, format_price

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
        "market_type": listing.market_type,
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
    if listing.settlement_floor_pips >= 0:
        view["settlement_bounds_type"] = "floor"
        view["settlement_floor_dollars"] = format_price(listing.settlement_floor_pips)
    if listing.floor_strike is not None:
        view |= {"strike_type": "greater_or_equal", "floor_strike": listing.floor_strike}
    view |= _quotes(listing) | _last_day(listing, now_ms)
    if listing.settlement_pips >= 0:  # shown from the result on, seen so
        view["settlement_value_dollars"] = format_price(listing.settlement_pips)
    if listing.settled_ms:
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
