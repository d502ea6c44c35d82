from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.recorded_source import RecordedSource

Maker = Any  # the classes stand in conftest.py, which no test can import
Serve = Any
T0 = 1_778_477_863_000
TICKERS = ("KXT-26MAY11-A", "KXT-26MAY11-B", "KXT-26MAY12-A", "KXU-26MAY11-A")
EVENTS = ["KXU-26MAY11", "KXT-26MAY12", "KXT-26MAY11"]
"""Newest first."""

EVENT = {
    "event_ticker",
    "series_ticker",
    "sub_title",
    "title",
    "collateral_return_type",
    "mutually_exclusive",
    "settlement_sources",
}
SERIES = {
    "ticker",
    "frequency",
    "title",
    "category",
    "categories",
    "tags",
    "settlement_sources",
    "contract_url",
    "contract_terms_url",
    "fee_type",
    "fee_multiplier",
    "additional_prohibitions",
}


@pytest.fixture
def source(session_of: Maker, market: Maker) -> RecordedSource:
    """Three events of two series, the first with two markets."""
    books = [BookSnapshot(ticker, (), ((6_000, 2_000),), ts_ms=T0) for ticker in TICKERS]
    closes = [T0 + 86_400_000, T0 + 2 * 86_400_000, 0, 0]
    markets = [market(t, close_ms=close) for t, close in zip(TICKERS, closes, strict=True)]
    return RecordedSource([session_of(books, markets=markets)])


def tickers_of(body: dict[str, Any]) -> list[str]:
    return [event["event_ticker"] for event in body["events"]]


async def test_events_page_newest_first(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        _, everything = await client.send("GET", "/events", {})
        assert (tickers_of(everything), everything["cursor"]) == (EVENTS, "")
        assert set(everything) == {"events", "cursor"}
        assert all(set(event) >= EVENT and "markets" not in event for event in everything["events"])
        _, first = await client.call("GET", "/events?limit=2")
        assert tickers_of(first) == EVENTS[:2]
        _, last = await client.call("GET", f"/events?limit=2&cursor={first['cursor']}")
        assert (tickers_of(last), last["cursor"]) == (EVENTS[2:], "")


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ("status=open", EVENTS),
        ("status=settled", []),
        ("series_ticker=KXT", EVENTS[1:]),
        (f"tickers={EVENTS[2]},{EVENTS[0]}", [EVENTS[0], EVENTS[2]]),
        (f"min_close_ts={T0 // 1000 + 100_000}", EVENTS),
        (f"min_close_ts={T0 // 1000 + 200_000}", EVENTS[:2]),
        ("min_updated_ts=99999999999", []),
        ("cursor=garbage", EVENTS),
    ],
)
async def test_events_are_filtered(
    serve: Serve, source: RecordedSource, query: str, events: list[str]
) -> None:
    async with serve(source) as client:
        status, body = await client.call("GET", f"/events?{query}")
        assert (status, tickers_of(body)) == (200, events)


async def test_one_settled_market_makes_its_event_match(
    serve: Serve, source: RecordedSource
) -> None:
    async with serve(source) as client:
        exchange = client.sandbox.exchange
        MarketLife(exchange).determine(exchange.listings[TICKERS[0]], "yes")
        exchange.advance(exchange.now_ms + SETTLEMENT_TIMER_MS)
        for status, events in {"settled": EVENTS[2:], "open": EVENTS}.items():
            _, body = await client.call("GET", f"/events?status={status}")
            assert tickers_of(body) == events


@pytest.mark.parametrize(
    "query", ["limit=201", "limit=0", "status=paused", "with_nested_markets=maybe"]
)
async def test_bad_event_queries_are_refused(serve: Serve, query: str) -> None:
    async with serve() as client:
        status, body = await client.call("GET", f"/events?{query}")
        assert (status, set(body)) == (400, {"msg"})


async def test_markets_nest_where_asked(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        _, body = await client.call("GET", "/events?with_nested_markets=true&with_milestones=true")
        nested = [[market["ticker"] for market in event["markets"]] for event in body["events"]]
        assert nested == [[TICKERS[3]], [TICKERS[2]], list(TICKERS[:2])]
        assert body["milestones"] == []
        _, one = await client.call("GET", f"/events/{EVENTS[2]}?with_nested_markets=true")
        assert one["markets"] == one["event"]["markets"]
        assert [market["ticker"] for market in one["markets"]] == list(TICKERS[:2])
        _, bare = await client.call("GET", f"/events/{EVENTS[2]}")
        assert "markets" not in bare["event"]
        assert bare["markets"] == one["markets"]
        status, body = await client.call("GET", "/events/NONE")
        assert (status, body["error"]["code"]) == (404, "not_found")


async def test_series(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        _, body = await client.send("GET", "/series", {})
        assert [series["ticker"] for series in body["series"]] == ["KXT", "KXU"]
        assert all(set(series) >= SERIES for series in body["series"])
        _, one = await client.call("GET", "/series/KXT")
        assert one["series"] == body["series"][0]
        assert (one["series"]["fee_type"], one["series"]["fee_multiplier"]) == ("quadratic", 1)
        assert (await client.call("GET", "/series/NONE"))[0] == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("category=Local%20exchange", 2),
        ("category=Sports", 0),
        ("tags=Rain", 0),
        (f"min_updated_ts={T0 // 1000}", 2),
        (f"min_updated_ts={T0 // 1000 + 1}", 0),
        ("include_product_metadata=true", 2),
    ],
)
async def test_series_are_filtered(
    serve: Serve, source: RecordedSource, query: str, count: int
) -> None:
    async with serve(source) as client:
        status, body = await client.call("GET", f"/series?{query}")
        assert (status, len(body["series"])) == (200, count)


async def test_series_tell_their_volume_where_asked(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        exchange = client.sandbox.exchange
        for ticker in TICKERS[:3]:
            listing = exchange.listings[ticker]
            exchange.publisher.trade(listing, "id", 0, 4_000, 150, exchange.now_ms)
        _, body = await client.call("GET", "/series?include_volume=true")
        assert [series["volume_fp"] for series in body["series"]] == ["4.50", "0.00"]
        _, body = await client.call("GET", "/series/KXT")
        assert "volume_fp" not in body["series"]


async def test_event_metadata(serve: Serve, source: RecordedSource) -> None:
    async with serve(source) as client:
        status, body = await client.send("GET", "/events/KXT-26MAY11/metadata", {})
        assert status == 200
        assert {"image_url", "market_details", "settlement_sources"} <= set(body)
        details = body["market_details"]
        assert [each["market_ticker"] for each in details] == list(TICKERS[:2])
        assert all(set(each) == {"market_ticker", "image_url", "color_code"} for each in details)
        assert (await client.send("GET", "/events/KXNO/metadata", {}))[0] == 404


async def test_fees_never_change(serve: Serve) -> None:
    async with serve() as client:
        path = "/series/fee_changes?series_ticker=KXT&show_historical=true"
        assert await client.call("GET", path) == (200, {"series_fee_change_arr": []})
        _, body = await client.call("GET", "/events/fee_changes")
        assert body == {"event_fee_changes": [], "cursor": ""}
