from typing import Any

import pytest

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"

# Required members of a market, from the protocol's table.
REQUIRED = [
    "ticker",
    "event_ticker",
    "market_type",
    "yes_sub_title",
    "no_sub_title",
    "created_time",
    "updated_time",
    "open_time",
    "close_time",
    "latest_expiration_time",
    "settlement_timer_seconds",
    "status",
    "yes_bid_dollars",
    "yes_bid_size_fp",
    "yes_ask_dollars",
    "yes_ask_size_fp",
    "no_bid_dollars",
    "no_ask_dollars",
    "last_price_dollars",
    "volume_fp",
    "volume_24h_fp",
    "result",
    "can_close_early",
    "open_interest_fp",
    "notional_value_dollars",
    "previous_yes_bid_dollars",
    "previous_yes_ask_dollars",
    "previous_price_dollars",
    "settlement_bounds_type",
    "expiration_value",
    "rules_primary",
    "rules_secondary",
    "price_level_structure",
    "price_ranges",
]


async def test_exchange_status(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.call("GET", "/exchange/status")
        assert body["exchange_active"]
        assert body["trading_active"]
        assert body["exchange_index_statuses"][0]["exchange_index"] == 0


async def test_one_market_is_complete(serve: Serve) -> None:
    async with serve() as client:
        status, body = await client.call("GET", f"/markets/{TICKER}")
        assert status == 200
        view = body["market"]
        assert set(REQUIRED) <= set(view)
        assert (view["status"], view["yes_bid_dollars"], view["yes_ask_dollars"]) == (
            "active",
            "0.4000",
            "0.6000",
        )
        assert (view["no_bid_dollars"], view["no_ask_dollars"]) == ("0.4000", "0.6000")
        assert view["price_ranges"] == [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}]
        assert (await client.call("GET", "/markets/NONE"))[0] == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?status=open", 1),
        ("?status=settled", 0),
        (f"?tickers={TICKER},OTHER", 1),
        ("?tickers=OTHER", 0),
        ("?event_ticker=KXT-26MAY11", 1),
        ("?series_ticker=KXT", 1),
        ("?series_ticker=KXU", 0),
        ("?cursor=garbage", 1),
        ("?min_close_ts=99999999999", 0),
    ],
)
async def test_filters(serve: Serve, query: str, count: int) -> None:
    async with serve() as client:
        status, body = await client.call("GET", "/markets" + query)
        assert (status, len(body["markets"]), body["cursor"]) == (200, count, "")


async def test_status_values_are_no_filter_words(serve: Serve) -> None:
    async with serve() as client:
        status, body = await client.call("GET", "/markets?status=active")
        assert (status, set(body)) == (400, {"msg"})


async def test_orderbook_lists_bids_only_best_last(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.call("GET", f"/markets/{TICKER}/orderbook")
        assert body["orderbook_fp"] == {
            "yes_dollars": [["0.3000", "50.00"], ["0.4000", "10.00"]],
            "no_dollars": [["0.4000", "20.00"]],
        }
        _, best = await client.call("GET", f"/markets/{TICKER}/orderbook?depth=1")
        assert best["orderbook_fp"]["yes_dollars"] == [["0.4000", "10.00"]]
        assert (await client.call("GET", f"/markets/{TICKER}/orderbook?depth=101"))[0] == 400


async def test_event_and_series(serve: Serve) -> None:
    async with serve() as client:
        _, body = await client.call("GET", "/events/KXT-26MAY11?with_nested_markets=true")
        assert body["event"]["series_ticker"] == "KXT"
        assert body["markets"] == body["event"]["markets"]
        _, body = await client.call("GET", "/series/KXT")
        assert (body["series"]["fee_type"], body["series"]["fee_multiplier"]) == ("quadratic", 1)
        assert (await client.call("GET", "/events/NONE"))[0] == 404
        assert (await client.call("GET", "/series/NONE"))[0] == 404
