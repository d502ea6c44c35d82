"""REST clients against a small HTTP server that speaks the exchange's bytes."""

import asyncio
import json
import random
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.clock import SystemClock
from core.errors import RateLimitedError, RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.requests import AmendOrder, AmendReply, CancelOrder, CancelReply, CreateOrder
from core.kalshi.rest import KalshiRest, OrderRest
from core.kalshi.signing import Signer

PREFIX = "/trade-api/v2"
KEY = Ed25519PrivateKey.generate()
SIGNER = Signer("key-1", KEY)


@dataclass
class Exchange:
    """Answers by a queue of scripted answers; keeps what was asked."""

    rest_url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    dropped: int = 0

    def answer(self, *bodies: object, status: int = 200) -> None:
        for body in bodies:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.answers.append((status, data))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path_as_sent = request.raw_path.split("?")[0]
        text = request.headers["KALSHI-ACCESS-TIMESTAMP"] + request.method + path_as_sent
        signature = b64decode(request.headers["KALSHI-ACCESS-SIGNATURE"])
        KEY.public_key().verify(signature, text.encode())
        path = request.path.removeprefix(PREFIX)
        self.requests.append((request.method, path, dict(request.query), await request.read()))
        if self.dropped:
            self.dropped -= 1
            assert request.transport is not None
            request.transport.abort()
        status, data = self.answers.pop(0)
        location = {"Location": "https://external-api.kalshi.com/"} if status == 307 else None
        return web.Response(
            status=status, body=data, content_type="application/json", headers=location
        )


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    peer = Exchange()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", peer.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    peer.rest_url = f"http://{host}:{port}{PREFIX}"
    yield peer
    await runner.cleanup()


@pytest.fixture
async def reader(exchange: Exchange) -> AsyncIterator[KalshiRest]:
    endpoint = DataEndpoint(exchange.rest_url, "ws://127.0.0.1:1/trade-api/ws/v2")
    client = KalshiRest(endpoint, SIGNER, SystemClock(), random.Random(1))
    yield client
    await client.close()


@pytest.fixture
async def writer(exchange: Exchange) -> AsyncIterator[OrderRest]:
    client = OrderRest(OrderEndpoint.sandbox(exchange.rest_url), SIGNER, SystemClock())
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


async def test_markets_follow_the_cursor_with_the_same_filters(
    exchange: Exchange, reader: KalshiRest
) -> None:
    row = {"event_ticker": "E-1", "title": "t"}
    exchange.answer(
        {"markets": [{"ticker": "A"} | row], "cursor": "next"},
        {"markets": [{"ticker": "B"} | row], "cursor": ""},
    )
    found = await reader.markets(status="open")
    assert [market.ticker for market in found] == ["A", "B"]
    queries = [query for _, _, query, _ in exchange.requests]
    assert queries[0] == {"status": "open", "limit": "1000"}
    assert queries[1] == queries[0] | {"cursor": "next"}


async def test_repeated_cursor_ends_the_paging(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(*[{"orders": [], "cursor": "again"}] * 3)
    assert await reader.orders(status="resting") == []
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


async def test_reading_gives_up_after_three_tries(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(b"{}", b"{}", b"{}", b"{}", status=500)
    with pytest.raises(UnreachableError, match="HTTP 500"):
        await reader.exchange_status()
    assert len(exchange.requests) == 3


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
    exchange.answer({"error": "too many requests"}, status=429)
    with pytest.raises(RateLimitedError, match="too many requests"):
        await reader.exchange_status()


async def test_redirect_is_never_followed(exchange: Exchange, writer: OrderRest) -> None:
    exchange.answer(b"", status=307)
    with pytest.raises(UnreachableError, match="307"):
        await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 1_000))


async def test_unreadable_answer_is_no_answer(exchange: Exchange, reader: KalshiRest) -> None:
    exchange.answer(b"<html>")
    with pytest.raises(UnreachableError, match="cannot be read"):
        await reader.exchange_status()


async def test_nobody_there_is_unreachable() -> None:
    endpoint = OrderEndpoint.sandbox(f"http://127.0.0.1:9{PREFIX}")
    client = OrderRest(endpoint, SIGNER, SystemClock())
    with pytest.raises(UnreachableError) as caught:
        await client.cancel_order(CancelOrder("c-1", "o", "A"))
    assert "key-1" not in str(caught.value)
    await client.close()


async def test_create_amend_cancel(exchange: Exchange, writer: OrderRest) -> None:
    exchange.answer(
        {"order_id": "o/1", "fill_count": "4.00", "remaining_count": "6.00", "ts_ms": 1}, status=201
    )
    exchange.answer(
        {"order_id": "o/1", "remaining_count": "6.00", "ts_ms": 2},
        {"order_id": "o/1", "reduced_by": "6.00", "ts_ms": 3},
    )
    created = await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 1_000))
    assert (created.client_order_id, created.filled_lots) == ("c-1", 400)
    amend = AmendOrder("c-1", created.order_id, "A", 0, 4_300, 1_000)
    assert await writer.amend_order(amend) == AmendReply("o/1", 600, 2)
    cancel = CancelOrder("c-1", created.order_id, "A")
    assert await writer.cancel_order(cancel) == CancelReply("o/1", 600, 3)
    assert [(method, path) for method, path, _, _ in exchange.requests] == [
        ("POST", "/portfolio/events/orders"),
        ("POST", "/portfolio/events/orders/o/1/amend"),
        ("DELETE", "/portfolio/events/orders/o/1"),
    ]
    assert exchange.requests[2][2] == {"market_ticker": "A"}
    assert json.loads(exchange.requests[0][3])["count"] == "10.00"


async def test_create_is_sent_once_whatever_happens(exchange: Exchange, writer: OrderRest) -> None:
    exchange.answer(b"{}", status=503)
    with pytest.raises(UnreachableError):
        await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 1_000))
    exchange.dropped = 1
    exchange.answer(b"{}")
    with pytest.raises(UnreachableError):
        await writer.create_order(CreateOrder("c-2", "A", 0, 4_400, 1_000))
    assert len(exchange.requests) == 2


async def test_written_hook_names_each_request_once(exchange: Exchange) -> None:
    written: list[tuple[str, int]] = []
    clock = SystemClock()
    client = OrderRest(
        OrderEndpoint.demo(exchange.rest_url), SIGNER, clock, lambda *seen: written.append(seen)
    )
    exchange.answer({"order_id": "o", "fill_count": "0", "remaining_count": "1", "ts_ms": 1})
    exchange.answer({"order_id": "o", "reduced_by": "1", "ts_ms": 1})
    before_ns = clock.monotonic_ns()
    await client.create_order(CreateOrder("c-1", "A", 0, 4_400, 1_000))
    await client.cancel_order(CancelOrder("c-2", "o", "A"))
    await client.close()
    assert [tag for tag, _ in written] == ["c-1", "c-2"]
    assert before_ns < written[0][1] < written[1][1] < clock.monotonic_ns()


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
