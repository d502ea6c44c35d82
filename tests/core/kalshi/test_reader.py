"""Paging, repetition and reading of answers, apart from any call."""

import random

import pytest
from scripted_http import SIGNER, Exchange, serving

from core.clock import SystemClock
from core.errors import DecodeError, RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.market_reader import MarketReader
from core.kalshi.queries import given
from core.kalshi.reader import readable
from core.kalshi.rest import KalshiRest


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
