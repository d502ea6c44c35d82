"""Positions and cash as lists give them, in integers."""

import msgspec

from core.kalshi.holding_wire import (
    CashReply,
    EventHolding,
    HoldingsPage,
    MarketHolding,
    cash,
    holdings,
)

FIRST = b"""{"market_positions": [{"ticker": "A", "position_fp": "-3.50",
  "market_exposure_dollars": "2.1000", "realized_pnl_dollars": "-0.0150",
  "fees_paid_dollars": "0.020301", "total_traded_dollars": "9.9900",
  "last_updated_ts": "2026-05-11T05:37:43Z", "exchange_index": 1}],
 "event_positions": [{"event_ticker": "E", "event_exposure_dollars": "2.1000",
  "total_cost_dollars": "9.9900", "total_cost_shares_fp": "17.25",
  "realized_pnl_dollars": "-0.0150", "fees_paid_dollars": "0.020301"}], "cursor": "next"}"""
SECOND = b"""{"market_positions": [{"ticker": "B", "position_fp": "0.00",
  "market_exposure_dollars": "0", "realized_pnl_dollars": "1.5", "fees_paid_dollars": "0"}]}"""


def test_pages_become_one_list_in_their_order() -> None:
    pages = [msgspec.json.decode(page, type=HoldingsPage) for page in (FIRST, SECOND)]
    assert holdings(pages).markets == (
        MarketHolding("A", -350, 2_100_000, 9_990_000, -15_000, 20_301, 1_778_477_863_000, 1),
        MarketHolding("B", 0, 0, 0, 1_500_000, 0, 0, 0),
    )
    assert holdings(pages).events == (
        EventHolding("E", 2_100_000, 9_990_000, 1_725, -15_000, 20_301),
    )


def test_cash_is_exact_where_the_exchange_says_it_exactly() -> None:
    reply = msgspec.json.decode(
        b"""{"balance": 97310, "portfolio_value": 1250, "updated_ts": 1778477863,
        "balance_dollars": "973.105001",
        "balance_breakdown": [{"exchange_index": 0, "balance": "900"},
                              {"exchange_index": -1, "balance": "73.105001"}]}""",
        type=CashReply,
    )
    told = cash(reply)
    assert (told.available_micros, told.portfolio_micros) == (973_105_001, 12_500_000)
    assert told.updated_ms == 1_778_477_863_000
    assert told.shards == {0: 900_000_000, -1: 73_105_001}


def test_cash_in_cents_alone_is_taken_as_that() -> None:
    told = cash(CashReply(balance=97_310, portfolio_value=0, updated_ts=0))
    assert (told.available_micros, told.shards) == (973_100_000, {})
