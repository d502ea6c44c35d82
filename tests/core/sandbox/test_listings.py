from typing import Any

from core.sandbox.listings import KEPT_TRADES, PublicTrade
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import


def trade(price_pips: int, lots: int, ts_ms: int) -> PublicTrade:
    return PublicTrade(ts_ms, "id", "KXT-26MAY11-A", Side.BID, price_pips, lots, ts_ms)


def test_trades_are_counted(floor: Floor) -> None:
    listing = floor.listing
    listing.take_trade(trade(4_000, 250, 7))
    listing.take_trade(trade(5_000, 50, 9))
    assert (listing.last_pips, listing.last_lots, listing.volume_lots) == (5_000, 50, 300)
    assert listing.traded_micros == 4_000 * 250 + 5_000 * 50
    assert listing.updated_ms == floor.exchange.now_ms


def test_only_the_last_trades_are_kept(floor: Floor) -> None:
    for ts_ms in range(KEPT_TRADES + 1):
        floor.listing.take_trade(trade(4_000, 100, ts_ms))
    assert [kept.ts_ms for kept in floor.listing.trades] == list(range(1, KEPT_TRADES + 1))


def test_mark_is_the_price_a_position_would_sell_at(floor: Floor) -> None:
    listing = floor.listing
    listing.take_trade(trade(4_400, 100, 1))
    assert listing.mark_pips(True) == 4_400
    floor.crowd(Side.BID, 4_000, 100)
    floor.crowd(Side.ASK, 4_600, 100)
    assert (listing.mark_pips(True), listing.mark_pips(False)) == (4_000, 4_600)
