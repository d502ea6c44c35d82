"""How generated markets are listed."""

from core.sandbox.flow_listing import listed
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX

OPEN_MS = 1_795_176_000_000
CLOSE_MS = OPEN_MS + 900_000  # 2026-11-20T12:15:00Z


def test_strike_at_or_above() -> None:
    market = listed(FAST_CRYPTO, 5_010.0, OPEN_MS, CLOSE_MS)
    assert market.ticker == "KXDEMOIDX15M-26NOV201215-T5010.00"
    assert market.series_ticker == "KXDEMOIDX15M"
    assert market.title == "Demo index at or above 5,010.00 at 12:15 UTC?"
    assert market.short_title == "≥ 5,010.00"
    assert (market.open_ms, market.close_ms) == (OPEN_MS, CLOSE_MS)
    assert market.ticks().is_tradable(15 * 10)


def test_range_of_whole_cents() -> None:
    market = listed(SLOW_INDEX, 4_500.0, OPEN_MS, CLOSE_MS)
    assert market.ticker == "KXDEMORANGE-26NOV201215-B4500.00"
    assert market.subtitle == "4,500.00 to 4,524.99"
    assert not market.ticks().is_tradable(150)
