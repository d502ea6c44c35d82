from core.sandbox.candle_views import candle_view, historical_candle_view
from core.sandbox.candles import Candle, Span

QUIET = Candle(0, Span(1, 1, 2, 2), Span(3, 3, 3, 3), Span(0, 0, 0, 0), 0, 0, 0, 250)
TRADED = QUIET._replace(
    price=Span(4_000, 3_900, 4_100, 4_100),
    previous_pips=4_200,
    volume_lots=300,
    traded_micros=300 * 4_033,
)


def test_a_price_without_a_value_is_absent_today_and_null_in_history() -> None:
    assert candle_view(60, QUIET)["price"] == {}
    nulls = dict.fromkeys(("open", "low", "high", "close", "mean", "previous"))
    assert historical_candle_view(60, QUIET)["price"] == nulls


def test_both_forms_tell_the_same() -> None:
    today, old = candle_view(60, TRADED), historical_candle_view(60, TRADED)
    prices = {
        "open": "0.4000",
        "low": "0.3900",
        "high": "0.4100",
        "close": "0.4100",
        "mean": "0.4033",
        "previous": "0.4200",
    }
    assert today["price"] == {f"{name}_dollars": text for name, text in prices.items()}
    assert old["price"] == prices
    assert (today["volume_fp"], old["volume"]) == ("3.00", "3.00")
    assert (today["open_interest_fp"], old["open_interest"]) == ("2.50", "2.50")
    assert today["end_period_ts"] == old["end_period_ts"] == 60
    bid = {"open": "0.0001", "low": "0.0001", "high": "0.0002", "close": "0.0002"}
    assert old["yes_bid"] == bid
