"""The writing client: against scripted answers, and by a script over the local exchange."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from scripted_http import PREFIX, SIGNER, Exchange, serving

from core.clock import SystemClock
from core.errors import RejectedError, UnreachableError
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.order_rest import OrderRest
from core.kalshi.queries import OrderQuery
from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CancelReply,
    CreateOrder,
    CreateReply,
    DecreaseOrder,
    Refusal,
)
from core.kalshi.rest import KalshiRest

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any
EXPIRED = {"error": {"code": "header_timestamp_expired", "message": "header timestamp expired"}}


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with serving() as peer:
        yield peer


@pytest.fixture
async def writer(exchange: Exchange) -> AsyncIterator[OrderRest]:
    client = OrderRest(OrderEndpoint.sandbox(exchange.rest_url), SIGNER, SystemClock())
    yield client
    await client.close()


async def test_redirect_is_never_followed(exchange: Exchange, writer: OrderRest) -> None:
    exchange.answer(b"", status=307)
    with pytest.raises(UnreachableError, match="307"):
        await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 1_000))


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


async def test_an_order_refused_for_its_time_is_sent_once_more(
    exchange: Exchange, writer: OrderRest
) -> None:
    exchange.ahead_s = 60
    exchange.answer(EXPIRED, status=401)
    exchange.answer({"order_id": "o", "fill_count": "0", "remaining_count": "1", "ts_ms": 1})
    reply = await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 100))
    assert reply.order_id == "o"
    first_ms, second_ms = exchange.stamps_ms
    assert 58_000 < second_ms - first_ms < 70_000
    (_, _, _, first), (_, _, _, second) = exchange.requests
    assert first == second, "with the same client order id"


async def test_an_order_that_stays_expired_is_refused(
    exchange: Exchange, writer: OrderRest
) -> None:
    exchange.answer(EXPIRED, EXPIRED, EXPIRED, status=401)
    with pytest.raises(RejectedError, match="HTTP 401"):
        await writer.cancel_order(CancelOrder("c-1", "o", "A"))
    assert len(exchange.requests) == 2


async def test_what_a_read_learnt_of_the_clock_signs_the_first_order(exchange: Exchange) -> None:
    clock = ClockOffset()
    endpoint = OrderEndpoint.sandbox(exchange.rest_url)
    reader = KalshiRest(endpoint, SIGNER, SystemClock(), random.Random(1), clock=clock)
    writer = OrderRest(endpoint, SIGNER, SystemClock(), clock=clock)
    exchange.ahead_s = 60
    exchange.answer({"exchange_active": True, "trading_active": True})
    exchange.answer({"order_id": "o", "fill_count": "0", "remaining_count": "1", "ts_ms": 1})
    await reader.exchange_status()
    await writer.create_order(CreateOrder("c-1", "A", 0, 4_400, 100))
    read_ms, written_ms = exchange.stamps_ms
    assert 58_000 < written_ms - read_ms < 70_000
    await reader.close()
    await writer.close()


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


# By a script over the real local exchange.


async def test_decrease_keeps_the_rest_and_nothing_remaining_cancels(user: ScriptUser) -> None:
    order = await user.place(0, 4_000, 1_000)
    smaller = DecreaseOrder("script-1", order.order_id, user.ticker, 250)
    assert (await user.orders.decrease_order(smaller)).remaining_lots == 250
    assert (await user.rest.order(order.order_id)).remaining_lots == 250
    assert await user.rest.queue_position(order.order_id) == 1_000
    gone = DecreaseOrder("script-1", order.order_id, user.ticker, 0)
    assert (await user.orders.decrease_order(gone)).remaining_lots == 0
    assert (await user.rest.order(order.order_id)).status == "canceled"


async def test_a_batch_is_answered_item_by_item(user: ScriptUser) -> None:
    good, bad, other = user.order(0, 4_000, 100), user.order(0, 4_005, 100), user.order(1, 7_000, 5)
    first, refused, second = await user.orders.create_orders([good, bad, other])
    assert isinstance(first, CreateReply)
    assert isinstance(second, CreateReply)
    assert isinstance(refused, Refusal)
    assert (refused.client_order_id, refused.code) == (bad.client_order_id, "invalid_price")
    cancels = [
        CancelOrder(good.client_order_id, first.order_id, user.ticker),
        CancelOrder("script-0", "nobody", user.ticker),
    ]
    taken, missing = await user.orders.cancel_orders(cancels)
    assert isinstance(taken, CancelReply)
    assert taken.reduced_lots == 100
    assert isinstance(missing, Refusal)
    assert missing.code == "not_found"
    assert [o.order_id for o in await user.rest.orders(OrderQuery(status="resting"))] == [
        second.order_id
    ]


async def test_cancel_all_leaves_nothing_resting(user: ScriptUser) -> None:
    for price_pips in (3_000, 3_100, 3_200):
        await user.place(0, price_pips, 100)
    await user.orders.cancel_all()
    async with asyncio.timeout(10):
        while await user.rest.orders(OrderQuery(status="resting")):  # noqa: ASYNC110  (state behind a socket)
            await asyncio.sleep(0.01)


async def test_a_client_order_id_is_never_free_again(user: ScriptUser) -> None:
    order = user.order(0, 3_000, 100)
    placed = await user.orders.create_order(order)
    cancel = CancelOrder(order.client_order_id, placed.order_id, user.ticker)
    assert (await user.orders.cancel_order(cancel)).reduced_lots == 100
    with pytest.raises(RejectedError) as caught:
        await user.orders.create_order(order)
    assert (caught.value.status, caught.value.code) == (409, "order_already_exists")


async def test_reduce_only_and_fill_or_kill(user: ScriptUser) -> None:
    await user.place(0, 6_000, 300)
    sold = await user.place(1, 4_000, 500, time_in_force="immediate_or_cancel", reduce_only=True)
    assert (sold.filled_lots, sold.remaining_lots) == (300, 0)
    with pytest.raises(RejectedError, match="fill_or_kill"):
        await user.place(0, 6_000, 9_000, time_in_force="fill_or_kill")
