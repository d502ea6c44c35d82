"""Markets with all that lists say of them: every member, and over the real local exchange."""

import json
from typing import Any

import pytest

from core.kalshi import market_records
from core.kalshi.market_records import MarketRowReply, MarketRowsPage, Strike
from core.kalshi.queries import MarketQuery
from core.kalshi.rest_wire import parse

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any
MARKET: dict[str, object] = {
    "ticker": "KXDEMORAIN-26DEC31-T2",
    "event_ticker": "KXDEMORAIN-26DEC31",
    "market_type": "binary",
    "title": "Will it rain at least 2 inches?",
    "yes_sub_title": "2 in or more",
    "no_sub_title": "Less than 2 in",
    "created_time": "2026-11-01T14:00:00Z",
    "updated_time": "2026-11-20T09:30:11.120443Z",
    "open_time": "2026-11-01T15:00:00Z",
    "close_time": "2027-01-01T04:59:00Z",
    "latest_expiration_time": "2027-01-08T15:00:00Z",
    "status": "active",
    "expiration_value": "2.4",
    "yes_bid_dollars": "0.4100",
    "yes_bid_size_fp": "120.00",
    "yes_ask_dollars": "0.4400",
    "yes_ask_size_fp": "35.50",
    "last_price_dollars": "0.4200",
    "previous_price_dollars": "0.4000",
    "previous_yes_bid_dollars": "0.3900",
    "previous_yes_ask_dollars": "1.0000",
    "volume_fp": "18250.25",
    "open_interest_fp": "7300.00",
    "can_close_early": True,
    "early_close_condition": "Closes once the threshold is met.",
    "settlement_bounds_type": "default",
    "price_level_structure": "linear_cent",
    "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
    "strike_type": "between",
    "floor_strike": 2,
    "cap_strike": 97.25,
    "rules_primary": "Resolves to Yes if ...",
    "rules_secondary": "More.",
    "exchange_index": 1,
}


def record(**members: object) -> market_records.MarketRecord:
    body = json.dumps({"market": MARKET | members}).encode()
    return market_records.market_record(parse(body, MarketRowReply).market)


def test_every_member_has_its_meaning() -> None:
    found = record()
    assert (found.market.ticker, found.market.volume_lots) == (MARKET["ticker"], 1_825_025)
    assert found.no_subtitle == "Less than 2 in"
    assert (found.bid, found.ask) == ((4_100, 12_000), (4_400, 3_550))
    assert found.last_pips == 4_200
    assert found.day_before == (4_000, 3_900, None)
    assert found.open_interest_lots == 730_000
    assert found.created_ms == 1_793_541_600_000
    assert found.updated_ms == 1_795_167_011_120
    assert found.latest_expiration_ms == 1_799_420_400_000
    assert found.settled_ms == 0
    assert (found.can_close_early, found.expiration_value) == (True, "2.4")
    assert found.early_close_condition == "Closes once the threshold is met."
    assert (found.settlement_bounds, found.price_structure) == ("default", "linear_cent")
    assert found.strike == Strike("between", "2", "97.25", "")
    assert found.rules == ("Resolves to Yes if ...", "More.")
    assert found.exchange_index == 1


@pytest.mark.parametrize("price", ["0.0000", "1.0000"])
def test_a_price_of_0_or_1_is_no_quote(price: str) -> None:
    found = record(yes_bid_dollars=price, yes_ask_dollars=price, last_price_dollars=price)
    assert (found.bid, found.ask, found.last_pips) == (None, None, None)


def test_what_pays_no_dollar_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    rows = [MARKET, MARKET | {"ticker": "ODD", "notional_value_dollars": "10.0000"}]
    page = parse(json.dumps({"markets": rows}).encode(), MarketRowsPage)
    (kept,) = market_records.market_records(page)
    assert kept.market.ticker == MARKET["ticker"]
    assert "market ODD is left out" in caplog.text


async def test_a_live_market_is_told_with_its_quotes(user: ScriptUser) -> None:
    found = await user.rest.market_record(user.ticker)
    assert found.market == await user.rest.market(user.ticker)
    assert (found.bid, found.ask) == ((4_000, 1_000), (6_000, 2_000))
    assert (found.last_pips, found.settled_ms, found.exchange_index) == (None, 0, 0)
    (listed,) = await user.rest.market_records(MarketQuery(tickers=(user.ticker,)))
    assert listed.market.ticker == user.ticker
    user.settle("yes")
    settled = await user.rest.market_record(user.ticker)
    assert (settled.market.result, settled.settled_ms) == ("yes", user.now_ms)
