"""Protocol 4.3, 4.4, 4.7, 4.8: what every filter of a list lets through, asked by our queries."""

from urllib.parse import urlencode

import pytest
from exchange_host import ANY, CLOSING, FREE, MARKETS, NOON_MS, SIBLING, Host, contract, hosting

from core.kalshi.queries import (
    EventQuery,
    FillQuery,
    MarketQuery,
    OrderQuery,
    PositionQuery,
    SeriesQuery,
    SettlementQuery,
    TimeRange,
    TradeQuery,
)

Query = (
    MarketQuery
    | EventQuery
    | SeriesQuery
    | TradeQuery
    | OrderQuery
    | FillQuery
    | PositionQuery
    | SettlementQuery
)
LISTS = {
    "/markets": ("markets", "ticker"),
    "/events": ("events", "event_ticker"),
    "/series": ("series", "ticker"),
    "/markets/trades": ("trades", "trade_id"),
    "/portfolio/orders": ("orders", "order_id"),
    "/portfolio/fills": ("fills", "fill_id"),
    "/portfolio/positions": ("market_positions", "ticker"),
    "/portfolio/settlements": ("settlements", "ticker"),
    "/historical/markets": ("markets", "ticker"),
    "/historical/trades": ("trades", "trade_id"),
    "/historical/orders": ("orders", "order_id"),
    "/historical/fills": ("fills", "fill_id"),
}
S = 1_000
# Bounds around the middle one of three rows, a second apart, and the rows that lie inside them.
BOUNDS = [
    (TimeRange(), [0, 1, 2]),
    (TimeRange(from_ms=NOON_MS + S), [1, 2]),
    (TimeRange(to_ms=NOON_MS + S), [0, 1]),
    (TimeRange(NOON_MS + S, NOON_MS + S), [1]),
    (TimeRange(from_ms=NOON_MS + 3 * S), []),
    (TimeRange(to_ms=NOON_MS - S), []),
    (TimeRange(NOON_MS + 2 * S, NOON_MS), []),
]


async def found(host: Host, path: str, query: Query) -> list[str]:
    """What a list holds, the oldest first."""
    rows, key = LISTS[path]
    body = await host.ann.get(f"{path}?{urlencode(query.params())}")
    return [str(row[key]) for row in body[rows]][::-1]


async def traded(host: Host) -> list[str]:
    """Three orders of ann that fill at once, a second apart; their ids."""
    placed = []
    for _ in range(3):
        await host.bob.placed("ask", "0.5000", "1.00")
        placed.append((await host.ann.placed("bid", "0.5000", "1.00"))["order_id"])
        await host.pass_time(S)
    return placed


@pytest.mark.parametrize(("time", "inside"), BOUNDS, ids=str)
async def test_orders_fills_and_trades_by_time(
    host: Host, time: TimeRange, inside: list[int]
) -> None:
    orders = await traded(host)
    fills = await found(host, "/portfolio/fills", FillQuery())
    assert len(fills) == 3
    for path, query, rows in (
        ("/portfolio/orders", OrderQuery(time=time), orders),
        ("/portfolio/fills", FillQuery(time=time), fills),
        ("/markets/trades", TradeQuery(time=time), fills),
    ):
        assert await found(host, path, query) == [rows[number] for number in inside], path


@pytest.mark.parametrize(("time", "inside"), BOUNDS, ids=str)
async def test_the_archive_by_time(time: TimeRange, inside: list[int]) -> None:
    async with hosting(live_data_ms=S) as host:
        orders = await traded(host)
        await host.pass_time(5 * S)
        fills = await found(host, "/historical/fills", FillQuery())
        assert len(fills) == 3
        for path, query, rows in (
            ("/historical/orders", OrderQuery(time=time), orders),
            ("/historical/fills", FillQuery(time=time), fills),
            ("/historical/trades", TradeQuery(time=time), fills),
        ):
            assert await found(host, path, query) == [rows[number] for number in inside], path


async def test_a_second_that_was_begun_counts_whole(host: Host) -> None:
    await host.pass_time(700)
    order = (await host.ann.placed("bid", "0.1000", "1.00"))["order_id"]
    for time, is_inside in (
        (TimeRange(to_ms=NOON_MS), True),
        (TimeRange(to_ms=NOON_MS + 999), True),
        (TimeRange(from_ms=NOON_MS + 999), True),
        (TimeRange(from_ms=NOON_MS + S), False),
        (TimeRange(to_ms=NOON_MS - 1), False),
    ):
        shown = await found(host, "/portfolio/orders", OrderQuery(time=time))
        assert shown == [order] * is_inside, time


async def test_orders_by_time_of_creation_whatever_happened_later(host: Host) -> None:
    order = (await host.ann.placed("bid", "0.1000", "1.00"))["order_id"]
    await host.pass_time(5 * S)
    await host.ann.cancel(order)
    early = TimeRange(to_ms=NOON_MS + S)
    late = TimeRange(from_ms=NOON_MS + 4 * S)
    path = "/portfolio/orders"
    assert await found(host, path, OrderQuery(time=early, status="canceled")) == [order]
    assert await found(host, path, OrderQuery(time=late)) == []


async def test_orders_by_market_events_and_status(host: Host) -> None:
    path, ids = "/portfolio/orders", {}
    for market in (ANY, SIBLING, FREE):
        placed = await host.ann.placed("bid", "0.1000", "1.00", ticker=market.ticker)
        ids[market] = placed["order_id"]
    await host.ann.cancel(ids[FREE])
    assert await found(host, path, OrderQuery(ticker=SIBLING.ticker)) == [ids[SIBLING]]
    event = OrderQuery(event_tickers=(ANY.event_ticker,))
    assert await found(host, path, event) == [ids[ANY], ids[SIBLING]]
    both = OrderQuery(event_tickers=(ANY.event_ticker, FREE.event_ticker))
    assert await found(host, path, both) == list(ids.values())
    gone = OrderQuery(event_tickers=both.event_tickers, status="canceled")
    assert await found(host, path, gone) == [ids[FREE]]
    assert await found(host, path, OrderQuery(status="executed")) == []
    assert len(await found(host, path, OrderQuery(status="resting"))) == 2


async def test_at_most_ten_events_are_named(host: Host) -> None:
    for count, status in ((10, 200), (11, 400)):
        query = OrderQuery(event_tickers=tuple(f"E-{number}" for number in range(count)))
        reply = await host.ann.call("GET", f"/portfolio/orders?{urlencode(query.params())}")
        assert reply.status == status


async def test_fills_by_order_and_market(host: Host) -> None:
    orders = await traded(host)
    fills = await found(host, "/portfolio/fills", FillQuery())
    for order, fill in zip(orders, fills, strict=True):
        assert await found(host, "/portfolio/fills", FillQuery(order_id=order)) == [fill]
    assert await found(host, "/portfolio/fills", FillQuery(ticker=SIBLING.ticker)) == []
    both = FillQuery(order_id=orders[0], ticker=ANY.ticker)
    assert await found(host, "/portfolio/fills", both) == fills[:1]


async def test_trades_by_market_and_kind(host: Host) -> None:
    await traded(host)
    fills = await found(host, "/portfolio/fills", FillQuery())
    path = "/markets/trades"
    assert await found(host, path, TradeQuery(ticker=ANY.ticker, is_block=False)) == fills
    assert await found(host, path, TradeQuery(is_block=True)) == []
    assert await found(host, path, TradeQuery(ticker=FREE.ticker)) == []


async def test_an_account_and_a_shard_are_those_that_exist(host: Host) -> None:
    order = (await host.ann.placed("bid", "0.1000", "1.00"))["order_id"]
    path = "/portfolio/orders"
    assert await found(host, path, OrderQuery(subaccount=0, exchange_index=0)) == [order]
    for query in (
        OrderQuery(subaccount=1),
        OrderQuery(subaccount=64),
        OrderQuery(exchange_index=4),
    ):
        reply = await host.ann.call("GET", f"{path}?{urlencode(query.params())}")
        assert reply.status == 400, query


async def test_positions_by_what_is_left_of_them(host: Host) -> None:
    for market in (ANY, FREE, CLOSING):
        await host.bob.placed("ask", "0.5000", "2.00", ticker=market.ticker)
        await host.ann.placed("bid", "0.5000", "2.00", ticker=market.ticker)
    await host.bob.placed("bid", "0.4000", "2.00", ticker=FREE.ticker)
    await host.ann.placed("ask", "0.4000", "2.00", ticker=FREE.ticker)
    host.determine(CLOSING, "yes")
    await host.pass_time(6_000)
    path, any_, flat, paid = "/portfolio/positions", ANY.ticker, FREE.ticker, CLOSING.ticker
    assert await found(host, path, PositionQuery()) == [any_, flat]
    assert await found(host, path, PositionQuery(status="unsettled")) == [any_, flat]
    assert await found(host, path, PositionQuery(status="settled")) == [paid]
    assert await found(host, path, PositionQuery(status="all")) == [any_, flat, paid]
    assert await found(host, path, PositionQuery(with_position=True)) == [any_]
    assert await found(host, path, PositionQuery(with_trades=True)) == [any_, flat]
    assert await found(host, path, PositionQuery(ticker=flat)) == [flat]
    assert await found(host, path, PositionQuery(event_ticker=ANY.event_ticker)) == [any_]


async def test_settlements_by_market_event_and_time(host: Host) -> None:
    settled_ms = {}
    for market in (CLOSING, FREE):
        await host.bob.placed("ask", "0.5000", "2.00", ticker=market.ticker)
        await host.ann.placed("bid", "0.5000", "2.00", ticker=market.ticker)
        host.determine(market, "yes")
        await host.pass_time(6_000)
        settled_ms[market.ticker] = host.sandbox.exchange.listings[market.ticker].settled_ms
    path, (first, second) = "/portfolio/settlements", settled_ms
    assert await found(host, path, SettlementQuery()) == [first, second]
    assert await found(host, path, SettlementQuery(ticker=second)) == [second]
    assert await found(host, path, SettlementQuery(event_ticker=CLOSING.event_ticker)) == [first]
    until = SettlementQuery(time=TimeRange(to_ms=settled_ms[first]))
    assert await found(host, path, until) == [first]
    since = SettlementQuery(time=TimeRange(from_ms=settled_ms[first] + S))
    assert await found(host, path, since) == [second]
    reply = await host.ann.call("GET", f"{path}?min_ts=soon")
    assert (reply.status, set(reply.body)) == (400, {"msg"})


async def test_markets_by_each_of_their_times(host: Host) -> None:
    await host.pass_time(10 * S)
    new = contract("NEW", "KXNEW", close_ms=NOON_MS + 3_600 * S)
    host.list_market(new)
    await host.pass_time(10 * S)
    host.life.deactivate(ANY.ticker)
    every, path = [market.ticker for market in (*MARKETS, new)], "/markets"
    since = TimeRange(from_ms=NOON_MS + 5 * S)
    assert await found(host, path, MarketQuery(created=since)) == [new.ticker]
    until = TimeRange(to_ms=NOON_MS + 5 * S)
    assert await found(host, path, MarketQuery(created=until)) == every[:-1]
    assert await found(host, path, MarketQuery(updated=since)) == [ANY.ticker, new.ticker]
    late = TimeRange(from_ms=NOON_MS + 15 * S)
    assert await found(host, path, MarketQuery(updated=late)) == [ANY.ticker]
    assert await found(host, path, MarketQuery(updated=until)) == every[1:-1]
    soon = MarketQuery(close=TimeRange(NOON_MS, NOON_MS + 60 * S))
    assert await found(host, path, soon) == [CLOSING.ticker]
    hour = MarketQuery(close=TimeRange(to_ms=NOON_MS + 3_600 * S))
    assert await found(host, path, hour) == [CLOSING.ticker, new.ticker]
    host.determine(FREE, "no")
    assert await found(host, path, MarketQuery(settled=TimeRange(from_ms=0))) == []
    await host.pass_time(6 * S)
    assert await found(host, path, MarketQuery(settled=since)) == [FREE.ticker]
    assert await found(host, path, MarketQuery(settled=until)) == []


async def test_markets_by_name_status_and_kind(host: Host) -> None:
    path = "/markets"
    host.life.deactivate(FREE.ticker)
    assert await found(host, path, MarketQuery(status="paused")) == [FREE.ticker]
    named = MarketQuery(tickers=(SIBLING.ticker, "KXNOBODY-1", ANY.ticker))
    assert await found(host, path, named) == [ANY.ticker, SIBLING.ticker]
    assert await found(host, path, MarketQuery(series_ticker="KXFREE")) == [FREE.ticker]
    event = MarketQuery(event_ticker=CLOSING.event_ticker, status="open")
    assert await found(host, path, event) == [CLOSING.ticker]
    assert await found(host, path, MarketQuery(combos="only")) == []
    assert len(await found(host, path, MarketQuery(combos="exclude"))) == len(MARKETS)


async def test_events_and_series_by_their_markets(host: Host) -> None:
    later = "KXLATER-26NOV18"
    assert await found(host, "/events", EventQuery(status="unopened")) == [later]
    named = EventQuery(tickers=(later, FREE.event_ticker))
    assert sorted(await found(host, "/events", named)) == sorted([FREE.event_ticker, later])
    assert await found(host, "/events", EventQuery(series_ticker="KXFREE")) == [FREE.event_ticker]
    far = EventQuery(closes_from_ms=NOON_MS + 61 * S)
    assert CLOSING.event_ticker not in await found(host, "/events", far)
    await host.pass_time(10 * S)
    host.life.deactivate(FREE.ticker)
    moved = EventQuery(updated_from_ms=NOON_MS + 5 * S)
    assert await found(host, "/events", moved) == [FREE.event_ticker]
    nested = await host.ann.get(
        f"/events?{urlencode(EventQuery(series_ticker='KXFREE', with_markets=True).params())}"
    )
    assert [market["ticker"] for market in nested["events"][0]["markets"]] == [FREE.ticker]
    every = await found(host, "/series", SeriesQuery())
    assert len(every) == len({market.series_ticker for market in MARKETS})
    assert await found(host, "/series", SeriesQuery(category="Local exchange")) == every
    assert await found(host, "/series", SeriesQuery(category="Sports")) == []
    assert await found(host, "/series", SeriesQuery(tags=("Rain",))) == []
    assert await found(host, "/series", SeriesQuery(updated_from_ms=NOON_MS + S)) == []


async def test_queue_positions_by_market_and_event(host: Host) -> None:
    ids = {}
    for market in (ANY, SIBLING, FREE):
        placed = await host.ann.placed("bid", "0.1000", "1.00", ticker=market.ticker)
        ids[market] = placed["order_id"]
    for query, markets in (
        (f"market_tickers={ANY.ticker},{FREE.ticker}", (ANY, FREE)),
        (f"event_ticker={ANY.event_ticker}", (ANY, SIBLING)),
        (f"event_ticker={ANY.event_ticker}&market_tickers={SIBLING.ticker}", (SIBLING,)),
        (f"market_tickers={CLOSING.ticker}", ()),
    ):
        body = await host.ann.get(f"/portfolio/orders/queue_positions?{query}")
        rows = {row["order_id"] for row in body["queue_positions"] or ()}
        assert rows == {ids[market] for market in markets}, query


@pytest.mark.parametrize(
    ("window_ms", "far_ms", "near_ms"), [(5_000, 15_000, 0), (60_000, 90_000, 40_000)]
)
async def test_the_window_of_a_signature_is_what_the_rules_say(
    window_ms: int, far_ms: int, near_ms: int
) -> None:
    async with hosting(timestamp_window_ms=window_ms) as host:
        path = "/portfolio/balance"
        for skew_ms, status in ((near_ms, 200), (-near_ms, 200), (far_ms, 401), (-far_ms, 401)):
            headers = host.ann.signed("GET", f"/trade-api/v2{path}", skew_ms=skew_ms)
            reply = await host.ann.send("GET", path, headers=headers)
            assert reply.status == status, skew_ms
