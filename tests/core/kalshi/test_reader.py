"""Paging, repetition and reading of answers, apart from any call."""

import asyncio
import random

import pytest
from scripted_http import SIGNER, Exchange, serving

from core.clock import SystemClock
from core.errors import DecodeError, RateLimitedError, RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.market_reader import MarketReader
from core.kalshi.queries import given
from core.kalshi.reader import readable
from core.kalshi.rest import KalshiRest
from core.kalshi.rest_wire import AccountLimits, BucketLimit


def test_only_what_was_given_is_asked_for() -> None:
    assert given(a="x", b="", c=None, d=0, e=True, f=False) == {
        "a": "x",
        "d": "0",
        "e": "true",
        "f": "false",
    }


def test_an_answer_that_cannot_be_read_is_as_good_as_none() -> None:
    def broken() -> int:
        raise DecodeError("no number")

    assert readable(lambda: 7) == 7
    with pytest.raises(UnreachableError, match="no number"):
        readable(broken)


def made(exchange: Exchange) -> KalshiRest:
    endpoint = DataEndpoint(exchange.rest_url, "ws://127.0.0.1:1/trade-api/ws/v2")
    return KalshiRest(endpoint, SIGNER, SystemClock(), random.Random(1))


async def test_a_cursor_may_be_absent_on_the_last_page() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        exchange.answer({"settlements": [], "cursor": "more"}, {"settlements": []})
        assert await reader.settlements() == []
        assert exchange.requests[1][2] == {"limit": "1000", "cursor": "more"}
        await reader.close()


async def test_a_name_given_several_times_is_sent_several_times() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        assert isinstance(reader, MarketReader)
        exchange.answer({"orderbooks": []}, {"orderbooks": []})
        await reader.orderbooks([f"M{number}" for number in range(150)])
        assert len(exchange.requests) == 2, "at most 100 at once"
        assert exchange.requests[1][2]["tickers"] == "M100"
        await reader.close()


async def test_too_slow_an_answer_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kalshi.transport.TIMEOUT_S", 0.05)
    async with serving() as exchange:
        reader = made(exchange)
        exchange.delay_s = 1.0
        exchange.answer({"exchange_active": True, "trading_active": True})
        with pytest.raises(UnreachableError, match="no answer within"):
            await reader.exchange_status()
        assert len(exchange.requests) == 1
        await reader.close()


async def test_a_clock_far_off_is_told_and_left_out_of_signatures(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving() as exchange:
        reader = made(exchange)
        exchange.ahead_s = 60
        expired = {"error": {"code": "header_timestamp_expired", "message": "expired"}}
        exchange.answer(expired, status=401)
        exchange.answer(*[{"exchange_active": True, "trading_active": True}] * 2)
        assert (await reader.exchange_status()).trading_active
        assert (await reader.exchange_status()).trading_active
        assert reader.clock_offset_ms is not None
        assert 58_000 < reader.clock_offset_ms < 62_000
        first_ms, *later_ms = exchange.stamps_ms
        assert all(58_000 < stamp_ms - first_ms < 70_000 for stamp_ms in later_ms)
        assert len(later_ms) == 2
        (told,) = [record for record in caplog.records if "clock differs" in record.message]
        assert told.levelname == "WARNING"
        await reader.close()


async def test_a_request_that_stays_expired_is_refused() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        expired = {"error": {"code": "header_timestamp_expired", "message": "expired"}}
        exchange.answer(expired, expired, expired, status=401)
        with pytest.raises(RejectedError, match="HTTP 401"):
            await reader.exchange_status()
        assert len(exchange.requests) == 2
        await reader.close()


async def test_reads_asked_at_once_wait_for_their_tokens_and_are_all_sent() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        reader.budget.keep_to(limits(refill_per_s=1_000, capacity=10))
        exchange.answer(*[{"market": {"ticker": "A", "event_ticker": "E"}}] * 5)
        asked = [f"M{number}" for number in range(5)]
        await asyncio.gather(*(reader.market(ticker) for ticker in asked))
        sent = sorted(path for _, path, _, _ in exchange.requests)
        assert sent == [f"/markets/{ticker}" for ticker in asked]
        assert reader.budget.read_tokens < 10, "four of the five were asked ahead of their tokens"
        await reader.close()


async def test_a_read_whose_turn_is_too_far_off_is_not_sent() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        reader.budget.keep_to(limits(refill_per_s=1, capacity=10))
        exchange.answer({"exchange_active": True, "trading_active": True})
        assert (await reader.exchange_status()).trading_active
        with pytest.raises(RateLimitedError, match="ask less often"):
            await reader.exchange_status()
        assert len(exchange.requests) == 1
        await reader.close()


async def test_every_try_is_paid_for_and_one_order_costs_less() -> None:
    async with serving() as exchange:
        reader = made(exchange)
        reader.budget.keep_to(limits(refill_per_s=1, capacity=1_000))
        exchange.answer({"code": "service_unavailable"}, status=503)
        exchange.answer({"exchange_active": True, "trading_active": True})
        await reader.exchange_status()
        assert 980 <= reader.budget.read_tokens <= 982
        exchange.answer({"error": {"code": "not_found", "message": "no"}}, status=404)
        with pytest.raises(RejectedError):
            await reader.order("o")
        assert 978 <= reader.budget.read_tokens <= 980
        exchange.answer({"error": "too many requests"}, status=429)
        with pytest.raises(RateLimitedError):
            await reader.exchange_status()
        assert len(exchange.requests) == 4, "after a 429 it waits for tokens, here for too long"
        await reader.close()


def limits(refill_per_s: int, capacity: int) -> AccountLimits:
    """Limits whose read bucket is this one."""
    return AccountLimits("test", BucketLimit(refill_per_s, capacity), BucketLimit(100, 100))
