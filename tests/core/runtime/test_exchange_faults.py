"""Every fault of the exchange against the real client: afterwards both sides say the same."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from core.kalshi import recovery, transport
from core.sandbox.errors import ApiError
from core.sandbox.faults import (
    KINDS,
    BufferOverflow,
    ChangeBalance,
    ChannelError,
    ClockStep,
    CloseMarket,
    Disconnect,
    DropMessage,
    DuplicateMessage,
    Fault,
    HalfOpen,
    Pause,
    ReadLag,
    ReorderMessages,
    ReplyLost,
    Restart,
    Schedule,
    SlowConsumer,
    TooManyRequests,
    Unavailable,
)
from core.trading.orders import OrderState
from core.trading.planner import CREATE, OK, Plan

# The fixtures' types stand in conftest.py, which no test can import.
Station = Any
Until = Any
LIMIT_SECONDS = 20.0
OTHERS = ("0.4100", "0.4200", "0.4300", "0.4400")


def inject(station: Station, fault: Fault) -> None:
    station.sandbox.faults.inject(fault)


async def stir(station: Station) -> None:
    """Somebody else moves the book: each order is a delta."""
    for price in OTHERS:
        station.trade_as_another("bid", price, "3.00")
        await asyncio.sleep(0)


def books_agree(station: Station) -> bool:
    """True if every followed book is the exchange's."""
    ours = {book.ticker: (book.displayed(0), book.displayed(1)) for book in station.books}
    theirs = {}
    for ticker in ours:
        bids, asks = station.sandbox.exchange.listings[ticker].book.levels()
        theirs[ticker] = (tuple(bids)[::-1], tuple(asks))
    return ours == theirs


async def agree(station: Station, until: Until) -> None:
    """Wait until the feed stands and books, orders and account are the exchange's."""
    await station.caught_up()
    await until(lambda: books_agree(station))
    async with asyncio.timeout(LIMIT_SECONDS):
        while (drift := await station.link.portfolio.sync()) is None:  # noqa: ASYNC110  (asks)
            await asyncio.sleep(0.05)
    assert drift.is_zero
    resting = {order.order_id for order in station.account.resting_orders()}
    assert {order.order_id for order in station.orders.orders.open()} == resting


def is_asking() -> bool:
    """True while an order request is out."""
    return any(task.get_name().startswith("order ") for task in asyncio.all_tasks())


def counted(station: Station, **expected: int) -> bool:
    """True if the feed's counters have come that far."""
    return all(getattr(station.feed.counters, name) >= least for name, least in expected.items())


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (DropMessage(), {"gaps": 1, "repairs": 1}),
        (DropMessage("trade"), {}),
        (DuplicateMessage(), {"duplicates": 1}),
        (ReorderMessages(), {"gaps": 1, "duplicates": 1, "repairs": 1}),
        (ChannelError(), {"resubscribes": 1}),
        (ChannelError("fill"), {}),
        (BufferOverflow(), {"resubscribes": 1}),
        (BufferOverflow("trade"), {}),
        (SlowConsumer(limit_bytes=300, for_ms=100), {"resubscribes": 1}),
        (SlowConsumer(for_ms=100), {}),
        (Disconnect(), {"lost_connections": 1}),
        (Restart(down_ms=400), {"lost_connections": 1}),
    ],
    ids=str,
)
async def test_the_feed_recovers(
    station: Station, until: Until, fault: Fault, expected: dict[str, int]
) -> None:
    await station.follow()
    await station.resting()
    inject(station, fault)
    await stir(station)
    await until(lambda: counted(station, **expected))
    await agree(station, until)
    await stir(station)
    order = await station.place(0, 6_000, 300)
    assert order.state is OrderState.FILLED
    await agree(station, until)


async def test_a_half_open_socket_is_found_and_left(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "_ASK_AFTER_SILENCE_MS", 1_000)
    monkeypatch.setattr(recovery, "_DEAD_AFTER_SILENCE_MS", 2_000)
    await station.follow()
    inject(station, HalfOpen())
    await stir(station)
    assert not books_agree(station)
    await until(lambda: counted(station, lost_connections=1))
    await agree(station, until)


async def test_too_many_requests_leave_the_order_refused(station: Station, until: Until) -> None:
    await station.follow()
    inject(station, TooManyRequests(1_000))
    order = await station.place(0, 4_000, 1_000)
    assert order.state is OrderState.REJECTED
    station.sandbox.faults.clear()
    await agree(station, until)


@pytest.mark.parametrize("fault", [Unavailable(), ReplyLost()], ids=str)
@pytest.mark.parametrize("price_pips", [4_000, 6_000])
async def test_an_order_whose_answer_was_lost_is_found(
    station: Station, until: Until, fault: Fault, price_pips: int
) -> None:
    await station.follow()
    inject(station, fault)
    order = await station.place(0, price_pips, 1_000)
    expected = OrderState.RESTING if price_pips == 4_000 else OrderState.FILLED
    await until(lambda: order.state is expected)
    await agree(station, until)
    assert len(station.account.orders) == 1


async def test_an_answer_that_never_comes_is_given_up(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_S", 0.3)
    await station.follow()
    inject(station, ReplyLost(wait_ms=600))
    order = await station.place(0, 4_000, 1_000)
    await until(lambda: order.state is OrderState.RESTING)
    await agree(station, until)


async def test_a_cancel_whose_answer_was_lost_is_a_cancel(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, ReplyLost(of="write"))
    station.cancel(order)
    await station.send()
    await until(lambda: order.state is OrderState.CANCELLED)
    await agree(station, until)


async def test_no_write_is_repeated(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, ReplyLost(requests=3, of="write"))
    station.cancel(order)
    await station.send()
    await until(lambda: order.state is OrderState.CANCELLED and not is_asking())
    assert station.sandbox.faults.active() == [ReplyLost(requests=2, of="write")]


async def test_an_amend_whose_answer_was_lost_is_an_amend(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, ReplyLost(of="write"))
    station.amend(order, 3_900)
    await station.send()
    await until(lambda: (order.state, order.price_pips) == (OrderState.RESTING, 3_900))
    await agree(station, until)


async def test_reads_whose_answers_are_lost_are_asked_again(station: Station, until: Until) -> None:
    await station.follow()
    inject(station, ReplyLost(of="any"))
    await agree(station, until)


@pytest.mark.parametrize("fault", [None, Unavailable(), ReplyLost()], ids=str)
async def test_lists_that_lag_mislead_nobody(
    station: Station, until: Until, fault: Fault | None
) -> None:
    await station.follow()
    inject(station, ReadLag(for_ms=0))
    if fault is not None:
        inject(station, fault)
    order = await station.place(0, 4_000, 1_000)
    await until(lambda: order.state is OrderState.RESTING)
    filled = await station.place(0, 6_000, 200)
    assert filled.state is OrderState.FILLED
    await agree(station, until)


async def test_a_connection_lost_while_lists_lag(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting(lots=400)
    await until(lambda: order.shown_lots == 400)
    inject(station, ReadLag(for_ms=0))
    async with station.gap():
        station.trade_as_another("ask", "0.4000", "14.00")
    await until(lambda: order.state is OrderState.FILLED)
    await agree(station, until)
    assert station.ledger.account(station.ticker).position_lots == 400


@pytest.mark.parametrize("step_ms", [8_000, -8_000])
async def test_a_clock_step_within_the_window_stops_nothing(
    station: Station, until: Until, step_ms: int
) -> None:
    await station.follow()
    inject(station, ClockStep(step_ms))
    assert (await station.place(0, 4_000, 1_000)).state is OrderState.RESTING
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    await agree(station, until)
    offset_ms = station.link.rest.clock_offset_ms
    assert offset_ms is not None
    assert abs(offset_ms - step_ms) < 1_500


@pytest.mark.parametrize("step_ms", [60_000, -60_000])
async def test_a_clock_step_beyond_the_window_costs_one_refusal(
    station: Station, until: Until, step_ms: int
) -> None:
    await station.follow()
    inject(station, ClockStep(step_ms))
    assert (await station.place(0, 4_000, 1_000)).state is OrderState.RESTING
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    await agree(station, until)


async def test_a_feed_that_learns_of_a_clock_step_first_connects_again(
    station: Station, until: Until
) -> None:
    await station.follow()
    inject(station, ClockStep(60_000))
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    await agree(station, until)
    assert (await station.place(0, 4_000, 1_000)).state is OrderState.RESTING


async def test_a_pause_refuses_orders_and_then_no_more(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, Pause())
    refused = await station.place(0, 3_900, 500)
    assert refused.state is OrderState.REJECTED
    station.cancel(order)
    await station.send()
    assert order.state is OrderState.CANCELLED
    station.sandbox.faults.clear()
    assert (await station.place(0, 3_900, 500)).state is OrderState.RESTING
    await agree(station, until)


async def test_a_market_that_closes_early_takes_our_orders_along(
    station: Station, until: Until
) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, CloseMarket(station.ticker))
    await until(lambda: order.state is OrderState.CANCELLED)
    await until(lambda: station.markets[station.ticker].close_ms)
    assert (await station.place(0, 3_900, 500)).state is OrderState.REJECTED
    await agree(station, until)


async def test_money_that_came_from_outside_is_noticed(station: Station) -> None:
    await station.follow()
    inject(station, ChangeBalance(2_500_000))
    drift = await station.link.portfolio.sync()
    assert (drift.cash_micros, drift.position_lots, drift.orders) == (2_500_000, 0, 0)


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_a_storm_both_sides_say_the_same(
    station: Station, until: Until, seed: int
) -> None:
    kinds = tuple(kind for kind in KINDS if kind not in ("half_open", "balance", "close_market"))
    injector = station.sandbox.faults
    await station.follow()
    injector.follow(Schedule(seed, every_ms=50, kinds=kinds, time="wall", count=40))
    placed = 0
    async with asyncio.timeout(LIMIT_SECONDS):
        while injector.schedule is not None:
            with suppress(ApiError):  # nobody trades while trading is paused
                await stir(station)
            plan = Plan(CREATE, 0, (4_000, 6_000)[placed % 2], 100, OK)
            market = station.markets[station.ticker]
            answer = station.orders.execute(plan, market, station.clock.now_ms())
            placed += answer.outcome == "ordered"  # a 429 has emptied our own budget for a while
            station.pipeline.flush()
            await asyncio.sleep(0.05)
    injector.clear()
    await until(lambda: not injector.active() and not is_asking())
    await until(lambda: not station.orders.orders.unknown())
    await agree(station, until)
    assert sum(injector.counts.values()) == 40
    assert placed > 10
