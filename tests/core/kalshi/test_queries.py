"""Query members of every list: all that the protocol names, and nothing that was not given."""

import pytest

from core.kalshi.queries import (
    ALL_EVENTS,
    ALL_FILLS,
    ALL_MARKETS,
    ALL_ORDERS,
    ALL_POSITIONS,
    ALL_SERIES,
    ALL_SETTLEMENTS,
    ALL_TRADES,
    EventQuery,
    FillQuery,
    MarketQuery,
    OrderQuery,
    PositionQuery,
    SeriesQuery,
    SettlementQuery,
    TimeRange,
    TradeQuery,
    period,
)

TIMES = TimeRange(1_795_166_400_000, 1_795_166_459_999)
LOW, HIGH = "1795166400", "1795166459"


@pytest.mark.parametrize(
    "query",
    [
        ALL_MARKETS,
        ALL_EVENTS,
        ALL_SERIES,
        ALL_TRADES,
        ALL_ORDERS,
        ALL_FILLS,
        ALL_POSITIONS,
        ALL_SETTLEMENTS,
    ],
    ids=lambda query: type(query).__name__,
)
def test_what_was_not_given_is_not_asked(query: MarketQuery) -> None:
    assert query.params() == {}


def test_markets() -> None:
    query = MarketQuery(
        status="open",
        series_ticker="S",
        event_ticker="E",
        tickers=("A", "B"),
        combos="exclude",
        created=TIMES,
        updated=TimeRange(from_ms=0),
        close=TimeRange(to_ms=1_999),
        settled=TIMES,
    )
    assert query.params() == {
        "status": "open",
        "series_ticker": "S",
        "event_ticker": "E",
        "tickers": "A,B",
        "mve_filter": "exclude",
        "min_created_ts": LOW,
        "max_created_ts": HIGH,
        "min_updated_ts": "0",
        "max_close_ts": "1",
        "min_settled_ts": LOW,
        "max_settled_ts": HIGH,
    }


def test_events_and_series() -> None:
    assert EventQuery(
        status="closed",
        series_ticker="S",
        tickers=("E", "F"),
        closes_from_ms=1_000,
        updated_from_ms=2_999,
        with_markets=True,
    ).params() == {
        "status": "closed",
        "series_ticker": "S",
        "tickers": "E,F",
        "min_close_ts": "1",
        "min_updated_ts": "2",
        "with_nested_markets": "true",
    }
    assert SeriesQuery(
        category="C", tags=("x", "y"), updated_from_ms=5_000, with_volume=True
    ).params() == {
        "category": "C",
        "tags": "x,y",
        "min_updated_ts": "5",
        "include_volume": "true",
    }


def test_trades_and_fills() -> None:
    assert TradeQuery(ticker="A", time=TIMES, is_block=False).params() == {
        "ticker": "A",
        "is_block_trade": "false",
        "min_ts": LOW,
        "max_ts": HIGH,
    }
    assert FillQuery(
        ticker="A", order_id="o", time=TIMES, subaccount=0, exchange_index=0
    ).params() == {
        "ticker": "A",
        "order_id": "o",
        "subaccount": "0",
        "exchange_index": "0",
        "min_ts": LOW,
        "max_ts": HIGH,
    }


def test_orders_positions_and_settlements() -> None:
    assert OrderQuery(
        status="canceled",
        ticker="A",
        event_tickers=("E", "F"),
        time=TIMES,
        subaccount=3,
        exchange_index=-1,
    ).params() == {
        "status": "canceled",
        "ticker": "A",
        "event_ticker": "E,F",
        "subaccount": "3",
        "exchange_index": "-1",
        "min_ts": LOW,
        "max_ts": HIGH,
    }
    assert PositionQuery(
        ticker="A",
        event_ticker="E",
        status="all",
        with_position=True,
        with_trades=True,
        subaccount=1,
        exchange_index=0,
    ).params() == {
        "ticker": "A",
        "event_ticker": "E",
        "settlement_status": "all",
        "count_filter": "position,total_traded",
        "subaccount": "1",
        "exchange_index": "0",
    }
    assert SettlementQuery(ticker="A", event_ticker="E", time=TIMES, subaccount=2).params() == {
        "ticker": "A",
        "event_ticker": "E",
        "subaccount": "2",
        "min_ts": LOW,
        "max_ts": HIGH,
    }


def test_candlestick_periods() -> None:
    assert period(60_000, 120_999, 1) == {
        "start_ts": "60",
        "end_ts": "120",
        "period_interval": "1",
    }
    assert period(0, 1_000, 60, with_before=True)["include_latest_before_start"] == "true"
