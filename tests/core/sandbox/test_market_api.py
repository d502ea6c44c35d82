from typing import Any

import pytest

from core.market.events import BookSnapshot
from core.sandbox.engine import MatchingBook
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.orders import CROWD, Order
from core.sandbox.recorded_source import RecordedSource
from core.units import Side

Client = Any  # the classes stand in conftest.py, which no test can import
Maker = Any
Serve = Any
T0 = 1_778_477_863_000
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
        (f"?min_created_ts={T0 // 1000}&max_created_ts={T0 // 1000}", 1),
        (f"?max_created_ts={T0 // 1000 - 1}", 0),
        (f"?min_updated_ts={T0 // 1000}", 1),
        (f"?min_updated_ts={T0 // 1000 + 1}", 0),
        (f"?max_updated_ts={T0 // 1000 - 1}", 0),
        ("?min_settled_ts=0", 0),
        ("?max_settled_ts=99999999999", 0),
        ("?mve_filter=exclude", 1),
        ("?mve_filter=only", 0),
    ],
)
async def test_filters(serve: Serve, query: str, count: int) -> None:
    async with serve() as client:
        status, body = await client.call("GET", "/markets" + query)
        assert (status, len(body["markets"]), body["cursor"]) == (200, count, "")


@pytest.mark.parametrize("query", ["status=active", "mve_filter=both", "min_created_ts=today"])
async def test_other_filter_words_are_refused(serve: Serve, query: str) -> None:
    async with serve() as client:
        status, body = await client.call("GET", f"/markets?{query}")
        assert (status, set(body)) == (400, {"msg"})


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("initialized", "unopened"),
        ("active", "open"),
        ("inactive", "paused"),
        ("closed", "closed"),
        ("determined", "closed"),
        ("finalized", "settled"),
    ],
)
async def test_every_filter_word_means_its_states(serve: Serve, state: str, word: str) -> None:
    async with serve() as client:
        client.sandbox.exchange.listings[TICKER].status = state
        for asked in ("unopened", "open", "paused", "closed", "settled"):
            _, body = await client.call("GET", f"/markets?status={asked}")
            assert [m["status"] for m in body["markets"]] == ([state] if asked == word else [])


async def test_settled_markets_are_found_by_their_time(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        MarketLife(exchange).determine(exchange.listings[TICKER], "yes")
        exchange.advance(exchange.now_ms + SETTLEMENT_TIMER_MS)
        second = exchange.listings[TICKER].settled_ms // 1000
        for query, count in {
            f"min_settled_ts={second}&max_settled_ts={second}": 1,
            f"min_settled_ts={second + 1}": 0,
            f"min_updated_ts={second}": 1,
        }.items():
            _, body = await client.call("GET", f"/markets?{query}")
            assert len(body["markets"]) == count, query


async def test_trades_are_no_updates(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        exchange.advance(exchange.now_ms + 10_000)
        listing = exchange.listings[TICKER]
        exchange.publisher.trade(listing, "id", Side.BID, 6_000, 100, exchange.now_ms)
        _, body = await client.call("GET", f"/markets?min_updated_ts={exchange.now_ms // 1000}")
        assert body["markets"] == []


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


TRADE = {
    "trade_id",
    "ticker",
    "count_fp",
    "yes_price_dollars",
    "no_price_dollars",
    "taker_outcome_side",
    "taker_book_side",
    "created_time",
    "is_block_trade",
}
OTHER = "KXT-26MAY11-B"


@pytest.fixture
def two_markets(session_of: Maker, market: Maker) -> RecordedSource:
    books = [BookSnapshot(ticker, (), ((6_000, 2_000),), ts_ms=T0) for ticker in (TICKER, OTHER)]
    return RecordedSource([session_of(books, markets=[market(TICKER), market(OTHER)])])


def tell_trades(client: Client, *trades: tuple[str, int]) -> None:
    """Publish trades of these markets, this many seconds after the start."""
    exchange = client.sandbox.exchange
    for ticker, seconds in trades:
        ts_ms = T0 + 1000 * seconds
        listing = exchange.listings[ticker]
        exchange.publisher.trade(listing, exchange.new_id(), Side.BID, 4_400, 500, ts_ms)


async def test_a_public_trade_is_complete(serve: Serve, market: Maker) -> None:
    async with serve() as client:
        _, none = await client.call("GET", "/markets/trades")
        assert none == {"cursor": "", "trades": []}
        exchange = client.sandbox.exchange
        listing = MarketLife(exchange).list_market(market(OTHER), MatchingBook())
        offer = Order("crowd", CROWD, OTHER, Side.ASK, 6_000, 1_000, 1_000)
        exchange.carry_out(listing, listing.book.place(offer))
        body = client.order(ticker=OTHER, count="10.00", price="0.6000")
        await client.call("POST", "/portfolio/events/orders", body)
        _, body = await client.send("GET", "/markets/trades", {})
        (trade,) = body["trades"]
        assert set(trade) >= TRADE
        assert (trade["ticker"], trade["count_fp"]) == (OTHER, "10.00")
        assert (trade["yes_price_dollars"], trade["no_price_dollars"]) == ("0.6000", "0.4000")
        assert (trade["taker_outcome_side"], trade["taker_book_side"]) == ("yes", "bid")
        assert trade["is_block_trade"] is False
        _, fills = await client.call("GET", "/portfolio/fills")
        assert fills["fills"][0]["trade_id"] == trade["trade_id"]


async def test_trades_page_newest_first_over_all_markets(
    serve: Serve, two_markets: RecordedSource
) -> None:
    async with serve(two_markets) as client:
        tell_trades(client, (TICKER, 1), (OTHER, 2), (TICKER, 3))
        _, first = await client.call("GET", "/markets/trades?limit=2")
        assert [trade["ticker"] for trade in first["trades"]] == [TICKER, OTHER]
        tell_trades(client, (OTHER, 4))
        _, last = await client.call("GET", f"/markets/trades?limit=2&cursor={first['cursor']}")
        assert [trade["ticker"] for trade in last["trades"]] == [TICKER]
        assert last["cursor"] == ""
        assert last["trades"][0]["created_time"] < first["trades"][-1]["created_time"]


async def test_trades_are_filtered(serve: Serve, two_markets: RecordedSource) -> None:
    async with serve(two_markets) as client:
        tell_trades(client, (TICKER, 1), (OTHER, 2), (TICKER, 3))
        start_s = T0 // 1000
        for query, count in {
            f"ticker={TICKER}": 2,
            "ticker=NONE": 0,
            f"min_ts={start_s + 2}": 2,
            f"max_ts={start_s + 2}&ticker={TICKER}": 1,
            "is_block_trade=true": 0,
            "is_block_trade=false": 3,
            "cursor=garbage": 3,
        }.items():
            status, body = await client.call("GET", f"/markets/trades?{query}")
            assert (status, len(body["trades"])) == (200, count), query


@pytest.mark.parametrize(
    "query", ["/trades?limit=1001", "/trades?is_block_trade=maybe", "/orderbooks"]
)
async def test_bad_queries_have_their_own_shape(serve: Serve, query: str) -> None:
    async with serve() as client:
        status, body = await client.call("GET", f"/markets{query}")
        assert (status, set(body)) == (400, {"msg"})


async def test_several_orderbooks(serve: Serve, two_markets: RecordedSource) -> None:
    async with serve(two_markets) as client:
        path = f"/markets/orderbooks?tickers={OTHER}&tickers=NONE&tickers={TICKER}&tickers={OTHER}"
        _, body = await client.call("GET", path)
        assert [book["ticker"] for book in body["orderbooks"]] == [OTHER, TICKER]
        sides = {"yes_dollars": [], "no_dollars": [["0.4000", "20.00"]]}
        assert body["orderbooks"][0]["orderbook_fp"] == sides
        many = "&".join(f"tickers=T{number}" for number in range(101))
        status, body = await client.call("GET", f"/markets/orderbooks?{many}")
        assert (status, set(body)) == (400, {"msg"})


async def test_a_young_market_has_no_yesterday(serve: Serve) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        listing = exchange.listings[TICKER]
        exchange.publisher.trade(listing, "id", Side.BID, 6_000, 100, exchange.now_ms)
        view = (await client.call("GET", f"/markets/{TICKER}"))[1]["market"]
        names = ("previous_price_dollars", "previous_yes_bid_dollars", "previous_yes_ask_dollars")
        assert {view[name] for name in names} == {"0.0000"}
        assert view["volume_24h_fp"] == "1.00"
        exchange.advance(exchange.now_ms + 86_400_000 + 60_000)
        view = (await client.call("GET", f"/markets/{TICKER}"))[1]["market"]
        assert [view[name] for name in names] == ["0.6000", "0.4000", "0.6000"]
        assert (view["volume_fp"], view["volume_24h_fp"]) == ("1.00", "0.00")


async def test_nothing_is_quoted_before_a_market_opens(
    serve: Serve, session_of: Maker, market: Maker
) -> None:
    book = BookSnapshot(TICKER, (), (), ts_ms=T0)
    session = session_of([book], markets=[market(TICKER, open_ms=T0 + 60_000)])
    async with serve(RecordedSource([session])) as client:
        exchange = client.sandbox.exchange
        view = (await client.call("GET", f"/markets/{TICKER}"))[1]["market"]
        assert (view["status"], view["yes_ask_dollars"]) == ("initialized", "0.0000")
        assert (view["no_bid_dollars"], view["no_ask_dollars"]) == ("1.0000", "1.0000")
        exchange.advance(T0 + 60_000)
        view = (await client.call("GET", f"/markets/{TICKER}"))[1]["market"]
        assert (view["status"], view["yes_ask_dollars"]) == ("active", "1.0000")
        assert (view["no_bid_dollars"], view["no_ask_dollars"]) == ("0.0000", "1.0000")
