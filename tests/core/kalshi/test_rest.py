"""The reading client against a small HTTP server that speaks the exchange's bytes."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from scripted_http import SIGNER, Exchange, serving

from core.clock import SystemClock
from core.errors import RateLimitedError, RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.queries import MarketQuery, OrderQuery
from core.kalshi.rest import KalshiRest


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with serving() as peer:
        yield peer


@pytest.fixture
async def reader(exchange: Exchange) -> AsyncIterator[KalshiRest]:
    endpoint = DataEndpoint(exchange.rest_url, "ws://127.0.0.1:1/trade-api/ws/v2")
    client = KalshiRest(endpoint, SIGNER, SystemClock(), random.Random(1))
    yield client
    await client.close()


async def test_status_is_read_and_round_trip_measured(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer({"exchange_active": True, "trading_active": False, "novelty": 1})
    status = await reader.exchange_status()
    assert (status.exchange_active, status.trading_active) == (True, False)
    assert reader.rtt_ns > 0
    assert reader.clock_offset_ms is not None
    assert abs(reader.clock_offset_ms) < 1_500


@pytest.mark.parametrize("status", [503, 504])
async def test_an_exchange_that_is_down_may_say_so(
    exchange: Exchange, reader: KalshiRest, status: int
) -> None:
    until = "2026-11-26T10:00:00Z"
    shard = {
        "exchange_index": 0,
        "description": "Default",
        "exchange_active": False,
        "trading_active": False,
        "intra_exchange_transfers_active": False,
    }
    told = {"exchange_active": False, "trading_active": False, "exchange_index_statuses": [shard]}
    exchange.answer(told | {"exchange_estimated_resume_time": until}, status=status)
    found = await reader.exchange_status()
    assert (found.exchange_active, found.exchange_estimated_resume_time) == (False, until)
    assert [each.description for each in found.exchange_index_statuses] == ["Default"]
    assert len(exchange.requests) == 1


async def test_the_body_of_another_failure_is_no_status(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer(*[{"exchange_active": True, "trading_active": True}] * 4, status=500)
    with pytest.raises(UnreachableError, match="HTTP 500"):
        await reader.exchange_status()
    exchange.answer(*[{"exchange_active": True, "trading_active": True}] * 4, status=503)
    with pytest.raises(UnreachableError, match="HTTP 503"):
        await reader.historical_cutoff()


async def test_markets_follow_the_cursor_with_the_same_filters(
    exchange: Exchange, reader: KalshiRest
) -> None:
    row = {"event_ticker": "E-1", "title": "t"}
    exchange.answer(
        {"markets": [{"ticker": "A"} | row], "cursor": "next"},
        {"markets": [{"ticker": "B"} | row], "cursor": ""},
    )
    found = await reader.markets(MarketQuery(status="open"))
    assert [market.ticker for market in found] == ["A", "B"]
    queries = [query for _, _, query, _ in exchange.requests]
    assert queries[0] == {"status": "open", "limit": "1000"}
    assert queries[1] == queries[0] | {"cursor": "next"}


async def test_repeated_cursor_ends_the_paging(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(*[{"orders": [], "cursor": "again"}] * 3)
    assert await reader.orders(OrderQuery(status="resting")) == []
    assert len(exchange.requests) == 2


async def test_fills_stop_at_the_limit(exchange: Exchange, reader: KalshiRest) -> None:
    body = {
        "trade_id": "t", "order_id": "o", "market_ticker": "A", "book_side": "bid",
        "yes_price_dollars": "0.4400", "count_fp": "4.00", "fee_cost": "0.069000",
        "is_taker": True, "created_time": "2026-11-20T09:30:10.998112Z",
    }  # fmt: skip
    exchange.answer({"fills": [body] * 2, "cursor": "more"})
    fills = await reader.fills(limit=2)
    assert [fill.ts_ms for fill in fills] == [1_795_167_010_998] * 2
    assert exchange.requests[0][2] == {"limit": "2"}


async def test_balance_asks_both_calls(exchange: Exchange, reader: KalshiRest) -> None:
    cash = {"balance": 9801, "balance_dollars": "98.0186", "portfolio_value": 198}
    exchange.answer(cash, {"total_resting_order_value": 440})
    assert (await reader.balance()).reserved_micros == 4_400_000
    exchange.answer(cash)
    exchange.answer({"error": {"code": "permission_denied", "message": "no"}}, status=403)
    assert (await reader.balance()).reserved_micros == 0


async def test_book_market_order_positions_and_limits(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer(
        {"orderbook_fp": {"yes_dollars": [["0.4000", "1.00"]], "no_dollars": [["0.5600", "2.00"]]}},
        {"market": {"ticker": "A B", "event_ticker": "E-1"}},
        {"cursor": "", "market_positions": [
            {"ticker": "A", "position_fp": "-4.00", "market_exposure_dollars": "1.760000",
             "realized_pnl_dollars": "0.000000", "fees_paid_dollars": "0.069000"}]},
        {"usage_tier": "basic", "read": {"refill_rate": 200, "bucket_capacity": 200},
         "write": {"refill_rate": 100, "bucket_capacity": 100}, "grants": []},
    )  # fmt: skip
    book = await reader.orderbook("A")
    assert (book.bids, book.asks) == (((4000, 100),), ((4400, 200),))
    assert (await reader.market("A B")).ticker == "A B"
    assert [row.position_lots for row in await reader.positions()] == [-400]
    assert (await reader.account_limits()).write.refill_rate == 100


async def test_reading_is_tried_again_after_a_lost_connection_or_5xx(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer(b"", {"code": "service_unavailable"}, status=503)
    exchange.answer({"exchange_active": True, "trading_active": True})
    assert (await reader.exchange_status()).trading_active
    assert len(exchange.requests) == 3


async def test_reading_gives_up_after_four_tries(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(*[b"{}"] * 5, status=500)
    with pytest.raises(UnreachableError, match="HTTP 500"):
        await reader.exchange_status()
    assert len(exchange.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 409])
async def test_refusals_are_typed_and_not_repeated(
    exchange: Exchange, reader: KalshiRest, status: int
) -> None:
    exchange.answer({"error": {"code": "c", "message": "m", "details": "d"}}, status=status)
    with pytest.raises(RejectedError) as caught:
        await reader.market("A")
    assert (caught.value.status, caught.value.code, caught.value.message) == (status, "c", "m: d")
    assert len(exchange.requests) == 1


async def test_rate_limit_is_its_own_error(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(*[{"error": "too many requests"}] * 4, status=429)
    with pytest.raises(RateLimitedError, match="too many requests"):
        await reader.exchange_status()
    assert len(exchange.requests) == 4


async def test_reading_waits_and_tries_again_after_too_many_requests(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer({"error": "too many requests"}, {"error": "too many requests"}, status=429)
    exchange.answer({"exchange_active": True, "trading_active": True})
    assert (await reader.exchange_status()).trading_active


async def test_unreadable_answer_is_no_answer(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(b"<html>")
    with pytest.raises(UnreachableError, match="cannot be read"):
        await reader.exchange_status()


async def test_cancelled_call_leaves_the_client_usable(
    exchange: Exchange, reader: KalshiRest
) -> None:
    exchange.answer({"exchange_active": True, "trading_active": True})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await reader.exchange_status()
    exchange.answers.clear()
    exchange.answer({"exchange_active": True, "trading_active": True})
    assert (await reader.exchange_status()).exchange_active
