"""REST objects of candlesticks: today's form, and the one of historical markets."""

from collections.abc import Callable

from core.sandbox.candles import Candle, Span
from core.sandbox.rest_json import Json
from core.sandbox.wire_text import PRICES, average_price
from core.units import format_count


def candle_view(second: int, candle: Candle) -> Json:
    """A candle that ends at this second; `price` has no member that has no value."""
    price: Json = {}
    if candle.volume_lots:
        price = _span(candle.price, "{}_dollars".format) | {"mean_dollars": _mean(candle)}
    if candle.previous_pips:
        price["previous_dollars"] = PRICES[candle.previous_pips]
    return {
        "end_period_ts": second,
        "yes_bid": _span(candle.bid, "{}_dollars".format),
        "yes_ask": _span(candle.ask, "{}_dollars".format),
        "price": price,
        "volume_fp": format_count(candle.volume_lots),
        "open_interest_fp": format_count(candle.open_interest_lots),
    }


def historical_candle_view(second: int, candle: Candle) -> Json:
    """The same under the names of historical markets; a price without a value is null."""
    price: Json = dict.fromkeys(("open", "low", "high", "close", "mean", "previous"))
    if candle.volume_lots:
        price |= _span(candle.price, str) | {"mean": _mean(candle)}
    if candle.previous_pips:
        price["previous"] = PRICES[candle.previous_pips]
    return {
        "end_period_ts": second,
        "yes_bid": _span(candle.bid, str),
        "yes_ask": _span(candle.ask, str),
        "price": price,
        "volume": format_count(candle.volume_lots),
        "open_interest": format_count(candle.open_interest_lots),
    }


def _mean(candle: Candle) -> str:
    return average_price(candle.traded_micros, candle.volume_lots)


def _span(span: Span, name: Callable[[str], str]) -> Json:
    return {name(field): PRICES[pips] for field, pips in span._asdict().items()}
