from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox import candle_api
from core.sandbox.listings import Listing
from core.sandbox.orders import CROWD, Order
from core.sandbox.recorded_source import RecordedSource
from core.units import Side

Client = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Serve = Any
T0 = 1_778_477_863_000
MINUTE = T0 // 60_000 * 60
TICKER, SIBLING = "KXT-26MAY11-A", "KXT-26MAY11-B"
ONE = f"/series/KXT/markets/{TICKER}/candlesticks"
FOREVER = f"start_ts=0&end_ts={MINUTE * 2}"


def trade(client: Client, price_pips: int, lots: int, ticker: str = TICKER) -> Listing:
    exchange = client.sandbox.exchange
    listing = exchange.listings[ticker]
    exchange.publisher.trade(listing, "id", Side.BID, price_pips, lots, exchange.now_ms)
    return listing


async def test_a_candle_has_the_form_of_the_venue(serve: Serve) -> None:
    async with serve() as client:
        trade(client, 6_000, 300)
        trade(client, 5_800, 100)
        status, body = await client.send("GET", f"{ONE}?{FOREVER}&period_interval=1", {})
        assert status == 200
        assert body["ticker"] == TICKER
        assert body["candlesticks"] == [
            {
                "end_period_ts": MINUTE + 60,
                "yes_bid": dict.fromkeys(
                    ("open_dollars", "low_dollars", "high_dollars", "close_dollars"), "0.4000"
                ),
                "yes_ask": dict.fromkeys(
                    ("open_dollars", "low_dollars", "high_dollars", "close_dollars"), "0.6000"
                ),
                "price": {
                    "open_dollars": "0.6000",
                    "low_dollars": "0.5800",
                    "high_dollars": "0.6000",
                    "close_dollars": "0.5800",
                    "mean_dollars": "0.5950",
                },
                "volume_fp": "4.00",
                "open_interest_fp": "0.00",
            }
        ]


async def test_quotes_alone_make_a_candle_without_prices(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        trade(client, 6_000, 300)
        exchange.advance(T0 + 120_000)
        order = Order("own", CROWD, TICKER, Side.BID, 4_100, 100, 100)
        listing = exchange.listings[TICKER]
        exchange.carry_out(listing, listing.book.place(order))
        _, body = await client.send("GET", f"{ONE}?{FOREVER}&period_interval=1", {})
        _, quoted = body["candlesticks"]
        assert quoted["end_period_ts"] == MINUTE + 180
        assert quoted["price"] == {"previous_dollars": "0.6000"}
        bid = quoted["yes_bid"]
        assert (bid["open_dollars"], bid["close_dollars"]) == ("0.4000", "0.4100")


@pytest.mark.parametrize(("interval", "count"), [(1, 3), (60, 2), (1440, 1)])
async def test_periods_sum_up(serve: Serve, interval: int, count: int) -> None:
    async with serve() as client:
        for _ in range(3):
            trade(client, 6_000, 100)
            client.sandbox.exchange.advance(client.sandbox.exchange.now_ms + 30 * 60_000)
        query = f"{FOREVER}&period_interval={interval}"
        _, body = await client.send("GET", f"{ONE}?{query}", {})
        assert len(body["candlesticks"]) == count
        assert sum(float(c["volume_fp"]) for c in body["candlesticks"]) == 3
        last = body["candlesticks"][-1]["end_period_ts"]
        query = f"start_ts={last}&end_ts={last}&period_interval={interval}"
        _, only = await client.send("GET", f"{ONE}?{query}", {})
        assert only["candlesticks"] == body["candlesticks"][-1:]


async def test_the_latest_before_the_start_is_moved_up(serve: Serve) -> None:
    async with serve() as client:
        trade(client, 6_000, 100)
        query = f"start_ts={MINUTE + 90}&end_ts={MINUTE + 600}&period_interval=1"
        _, body = await client.send("GET", f"{ONE}?{query}", {})
        assert body["candlesticks"] == []
        query += "&include_latest_before_start=true"
        _, body = await client.send("GET", f"{ONE}?{query}", {})
        (candle,) = body["candlesticks"]
        assert candle["end_period_ts"] == MINUTE + 120
        assert candle["price"] == {"previous_dollars": "0.6000"}
        assert candle["volume_fp"] == "0.00"
        query = f"start_ts={MINUTE + 60}&end_ts={MINUTE + 600}&period_interval=1"
        query += "&include_latest_before_start=true"
        _, body = await client.send("GET", f"{ONE}?{query}", {})
        assert [c["volume_fp"] for c in body["candlesticks"]] == ["1.00"]


async def test_batches_and_events(serve: Serve, session_of: Maker, market: Maker) -> None:
    books = [BookSnapshot(t, ((4_000, 100),), ((6_000, 100),), ts_ms=T0) for t in (TICKER, SIBLING)]
    session = session_of(books, markets=[market(TICKER), market(SIBLING)])
    async with serve(RecordedSource([session])) as client:
        trade(client, 6_000, 100, SIBLING)
        tickers = f"market_tickers={SIBLING},KXNO,{TICKER}"
        query = f"{tickers}&{FOREVER}&period_interval=60"
        _, body = await client.send("GET", f"/markets/candlesticks?{query}", {})
        assert [entry["market_ticker"] for entry in body["markets"]] == [SIBLING, TICKER]
        assert [len(entry["candlesticks"]) for entry in body["markets"]] == [1, 1]
        path = f"/series/KXT/events/KXT-26MAY11/candlesticks?{FOREVER}&period_interval=1440"
        _, event = await client.send("GET", path, {})
        assert event["market_tickers"] == [TICKER, SIBLING]
        volumes = [candles[0]["volume_fp"] for candles in event["market_candlesticks"]]
        assert volumes == ["0.00", "1.00"]
        assert event["adjusted_end_ts"] == MINUTE * 2


async def test_an_event_with_too_many_candles_ends_earlier(
    serve: Serve, session_of: Maker, market: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candle_api, "MAX_CANDLES", 3)
    books = [BookSnapshot(t, ((4_000, 100),), ((6_000, 100),), ts_ms=T0) for t in (TICKER, SIBLING)]
    session = session_of(books, markets=[market(TICKER), market(SIBLING)])
    async with serve(RecordedSource([session])) as client:
        for _ in range(2):
            trade(client, 6_000, 100)
            trade(client, 6_000, 100, SIBLING)
            client.sandbox.exchange.advance(client.sandbox.exchange.now_ms + 60_000)
        path = f"/series/KXT/events/KXT-26MAY11/candlesticks?{FOREVER}&period_interval=1"
        _, event = await client.send("GET", path, {})
        assert [len(candles) for candles in event["market_candlesticks"]] == [1, 1]
        assert event["adjusted_end_ts"] == MINUTE + 119


@pytest.mark.parametrize("interval", [1, 60, 1440])
async def test_the_end_may_lie_beyond_all_calendars(serve: Serve, interval: int) -> None:
    async with serve() as client:
        trade(client, 6_000, 100)
        query = f"start_ts=0&end_ts={2**53}&period_interval={interval}"
        status, body = await client.send("GET", f"{ONE}?{query}", {})
        assert (status, len(body["candlesticks"])) == (200, 1)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ONE}?end_ts=2&period_interval=1", 400),
        (f"{ONE}?start_ts=1&end_ts=2", 400),
        (f"{ONE}?start_ts=1&end_ts=2&period_interval=5", 400),
        (f"{ONE}?start_ts=3&end_ts=2&period_interval=1", 400),
        ("/markets/candlesticks?start_ts=1&end_ts=2&period_interval=1", 400),
        (f"/series/KXU/markets/{TICKER}/candlesticks?start_ts=1&end_ts=2&period_interval=1", 404),
        ("/series/KXT/markets/KXT-NO/candlesticks?start_ts=1&end_ts=2&period_interval=1", 404),
        ("/series/KXT/events/KXT-NO/candlesticks?start_ts=1&end_ts=2&period_interval=1", 404),
    ],
)
async def test_wrong_requests(serve: Serve, path: str, status: int) -> None:
    async with serve() as client:
        answered, body = await client.send("GET", path, {})
        assert answered == status
        assert set(body) == ({"msg"} if status == 400 else {"error"})


async def test_a_batch_has_at_most_a_hundred_tickers(serve: Serve) -> None:
    async with serve() as client:
        tickers = ",".join(f"T{number}" for number in range(101))
        query = f"market_tickers={tickers}&{FOREVER}&period_interval=1"
        status, body = await client.send("GET", f"/markets/candlesticks?{query}", {})
        assert (status, set(body)) == (400, {"msg"})
