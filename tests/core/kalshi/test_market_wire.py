"""Trades, candlesticks and cutoff as the exchange writes them."""

import pytest

from core.errors import DecodeError
from core.kalshi import market_wire
from core.kalshi.market_wire import Candle, HistoricalCutoff, Ohlc
from core.kalshi.rest_wire import parse
from core.market.events import BookSnapshot, Trade

TRADE = b"""{"trade_id":"t","ticker":"A","count_fp":"5.00","yes_price_dollars":"0.4400",
 "no_price_dollars":"0.5600","taker_outcome_side":"yes","taker_book_side":"bid","taker_side":"yes",
 "is_block_trade":false,"created_time":"2026-11-20T09:30:10.998112Z"}"""


def test_trade_says_its_taker_in_any_of_three_ways() -> None:
    expected = Trade("t", "A", 4_400, 500, 0, 1_795_167_010_998)
    for unsaid in (b"", b'"taker_book_side":"bid",', b'"taker_outcome_side":"yes",'):
        data = b'{"trades":[' + TRADE.replace(unsaid, b"") + b'],"cursor":""}'
        (row,) = parse(data, market_wire.TradesPage).trades
        assert market_wire.trade(row) == expected
    row.taker_side = row.taker_book_side = row.taker_outcome_side = None
    with pytest.raises(DecodeError, match="taker"):
        market_wire.trade(row)


def test_candle_without_trades_has_no_price() -> None:
    data = b"""{"ticker":"A","candlesticks":[{"end_period_ts":1795166400,
     "yes_bid":{"open_dollars":"0.4000","low_dollars":"0.3900","high_dollars":"0.4100",
                "close_dollars":"0.4100"},
     "yes_ask":{"open_dollars":"0.4300","low_dollars":"0.4300","high_dollars":"0.4500",
                "close_dollars":"0.4400"},
     "price":{"previous_dollars":"0.4200"},"volume_fp":"37.00","open_interest_fp":"7300.00"}]}"""
    bodies = parse(data, market_wire.CandlesReply).candlesticks
    assert market_wire.candles(bodies) == [
        Candle(
            1_795_166_400_000,
            Ohlc(4_000, 3_900, 4_100, 4_100),
            Ohlc(4_300, 4_300, 4_500, 4_400),
            None,
            3_700,
            730_000,
            previous_pips=4_200,
        )
    ]
    bodies[0].yes_bid.open_dollars = None
    with pytest.raises(DecodeError, match="no quotes"):
        market_wire.candle(bodies[0])


def test_books_turn_no_prices() -> None:
    data = b"""{"orderbooks":[{"ticker":"A","orderbook_fp":
     {"yes_dollars":[["0.4100","120.00"]],"no_dollars":[["0.5600","1.00"]]}}]}"""
    reply = parse(data, market_wire.OrderbooksReply)
    assert market_wire.books(reply) == [BookSnapshot("A", ((4_100, 12_000),), ((4_400, 100),))]


def test_cutoff_is_in_milliseconds() -> None:
    data = b"""{"market_settled_ts":"2026-08-20T00:00:00Z",
     "orders_updated_ts":"2026-08-21T00:00:00Z","trades_created_ts":"2026-08-22T00:00:00.5Z"}"""
    assert market_wire.cutoff(parse(data, market_wire.CutoffReply)) == HistoricalCutoff(
        1_787_184_000_000, 1_787_356_800_500, 1_787_270_400_000
    )
