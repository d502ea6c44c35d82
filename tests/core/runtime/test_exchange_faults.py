"""Every fault of the exchange against the real client: afterwards both sides say the same."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import pytest

from core.kalshi import transport
from core.sandbox.errors import ApiError
from core.sandbox.fault_sinks import TamperingSink
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
from core.trading.reconciliation import Drift

# The fixtures' types stand in conftest.py, which no test can import.
Order = Any
Station = Any
Until = Any
LIMIT_SECONDS = 20.0
OTHERS = ("0.4100", "0.4200", "0.4300", "0.4400")
DEALS = 2


def inject(station: Station, fault: Fault) -> None:
    station.sandbox.faults.inject(fault)


async def stir(station: Station) -> None:
    """Others move the book, each order a delta; then they trade."""
    for price in OTHERS:
        station.trade_as_another("bid", price, "3.00")
        await asyncio.sleep(0)
    for _ in range(DEALS):
        station.trade_as_another("bid", "0.4500", "3.00")
        station.trade_as_another("ask", "0.4500", "3.00")
        await asyncio.sleep(0)


def books_agree(station: Station) -> bool:
    """True if every followed book is the exchange's."""
    ours = {book.ticker: (book.displayed(0), book.displayed(1)) for book in station.books}
    theirs = {}
    for ticker in ours:
        bids, asks = station.sandbox.exchange.listings[ticker].book.levels()
        theirs[ticker] = (tuple(bids)[::-1], tuple(asks))
    return ours == theirs


class Standing(NamedTuple):
    """What an account is: how many orders it ever had, how many rest, a position, all its cash."""

    orders: int
    resting: int
    position_lots: int
    cash_micros: int


UNTOUCHED = Standing(0, 0, 0, 1_000_000_000)
ONE_RESTS = Standing(1, 1, 0, 1_000_000_000)
ONE_ENDED = Standing(1, 0, 0, 1_000_000_000)
ONE_RESTS_ONE_FILLED = Standing(2, 1, 300, 998_149_600)
"""A bid at 40 cents, and 3 contracts taken at 60 for a fee of 5.04 cents."""
REPORTED = {
    "resting": OrderState.RESTING,
    "canceled": OrderState.CANCELLED,
    "executed": OrderState.FILLED,
}


def ours(station: Station) -> tuple[object, ...]:
    """Cash, positions and open orders as we believe them."""
    return (
        station.ledger.cash_micros,
        {row.ticker: row.position_lots for row in station.ledger if row.position_lots},
        {
            (order.order_id, order.client_order_id, order.side, order.price_pips): (
                order.remaining_lots
            )
            for order in station.orders.orders.open()
        },
    )


def theirs(station: Station) -> tuple[object, ...]:
    """The same as the exchange holds it."""
    return (
        station.account.cash_micros,
        {ticker: row.lots for ticker, row in station.account.positions.items() if row.lots},
        {
            (order.order_id, order.client_order_id, order.side, order.price_pips): (
                order.remaining_lots
            )
            for order in station.account.resting_orders()
        },
    )


def is_shown(station: Station) -> bool:
    """True if our part of every book is what rests for us at the exchange, and no more."""
    shown = Counter[tuple[str, int, int]]()
    for order in station.orders.orders.live():
        shown[order.ticker, order.side, order.shown_pips] += order.shown_lots
    resting = Counter[tuple[str, int, int]]()
    for order in station.account.resting_orders():
        resting[order.ticker, order.side, order.price_pips] += order.remaining_lots
    parts = {level: station.books.get(level[0]).own_lots(*level[1:]) for level in resting}
    return +shown == resting == parts


def assert_each_order_exists_once(station: Station) -> None:
    """Each order of ours that was not refused is there once, and as we say it stands."""
    known = {order.client_order_id: order for order in station.orders.orders}
    there = [order.client_order_id for order in station.account.orders]
    kept = [name for name, order in known.items() if order.state is not OrderState.REJECTED]
    assert sorted(there) == sorted(kept)
    for order in station.account.orders:
        mine = known[order.client_order_id]
        assert (mine.state, mine.filled_lots) == (REPORTED[order.status], order.filled_lots)


async def agree(station: Station, until: Until) -> Standing:
    """Wait until the feed stands; books, orders and account are then the exchange's.

    Returns:
        How both say that the account stands.
    """
    await station.caught_up()
    await until(lambda: station.subscribed() == [1] * 7)
    await until(lambda: books_agree(station) and is_shown(station))
    async with asyncio.timeout(LIMIT_SECONDS):
        while (drift := await station.link.portfolio.sync()) is None:  # noqa: ASYNC110  (asks)
            await asyncio.sleep(0.05)
    assert drift == Drift(0, 0, 0, is_exact=True)
    assert books_agree(station)
    assert is_shown(station)
    assert ours(station) == theirs(station)
    assert_each_order_exists_once(station)
    return Standing(
        len(station.account.orders),
        len(station.account.resting_orders()),
        station.ledger.account(station.ticker).position_lots,
        station.ledger.cash_micros,
    )


def is_spent(station: Station) -> bool:
    """True if no fault lasts and none still waits for a message."""
    waiting = [
        sub
        for kept in station.subscriptions()
        for sub in kept
        if isinstance(sub.sink, TamperingSink)
    ]
    return not waiting and station.sandbox.faults.active() == []


def is_asking() -> bool:
    """True while an order request is out."""
    return any(task.get_name().startswith("order ") for task in asyncio.all_tasks())


def counted(station: Station, **expected: int) -> bool:
    """True if the feed's counters have come that far."""
    return all(getattr(station.feed.counters, name) >= least for name, least in expected.items())


def damage(station: Station) -> dict[str, int]:
    """What the feed has counted of things that went wrong, by what it is, without zeros."""
    counters = station.feed.counters
    kinds = ("gaps", "duplicates", "malformed", "unknown", "overflows", "lost_connections")
    counts = {kind: getattr(counters, kind) for kind in (*kinds, "wrong_scale")}
    return {kind: count for kind, count in counts.items() if count}


@pytest.mark.parametrize(
    ("fault", "harmed", "mended"),
    [
        (DropMessage(), {"gaps": 1}, {"repairs": 1}),
        (DropMessage("trade"), {"gaps": 1}, {}),
        (DuplicateMessage(), {"duplicates": 1}, {}),
        (ReorderMessages(), {"gaps": 1, "duplicates": 1}, {"repairs": 1}),
        (ChannelError(), {}, {"resubscribes": 1}),
        (ChannelError("fill"), {}, {}),
        (BufferOverflow(), {"overflows": 1}, {"resubscribes": 1}),
        (BufferOverflow("trade"), {"overflows": 1}, {}),
        (Disconnect(), {"lost_connections": 1}, {}),
        (Restart(down_ms=400), {"lost_connections": 1}, {}),
    ],
    ids=str,
)
async def test_the_feed_recovers(
    station: Station, until: Until, fault: Fault, harmed: dict[str, int], mended: dict[str, int]
) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, fault)
    await stir(station)
    await until(lambda: counted(station, **harmed, **mended))
    assert await agree(station, until) == ONE_RESTS
    trades = station.feed.counters.trades
    await stir(station)
    filled = await station.place(0, 6_000, 300)
    assert filled.state is OrderState.FILLED
    assert await agree(station, until) == ONE_RESTS_ONE_FILLED
    assert station.feed.counters.trades == trades + DEALS
    assert order.state is OrderState.RESTING
    assert is_spent(station)
    assert damage(station) == harmed
    assert sum(station.sandbox.faults.counts.values()) == 1


@pytest.mark.parametrize(
    ("fault", "harmed", "mended"),
    [
        (
            SlowConsumer(limit_bytes=300, for_ms=60_000),
            {"overflows": 2},
            {"resubscribes": 1},
        ),
        (SlowConsumer(for_ms=60_000), {}, {}),
    ],
    ids=str,
)
async def test_the_feed_recovers_from_being_slow(
    station: Station, until: Until, fault: Fault, harmed: dict[str, int], mended: dict[str, int]
) -> None:
    await station.follow()
    await station.resting()
    inject(station, fault)
    await stir(station)
    assert not books_agree(station)
    assert station.sandbox.faults.active() == [fault]
    station.sandbox.faults.clear()
    await until(lambda: counted(station, **harmed, **mended))
    assert await agree(station, until) == ONE_RESTS
    trades = station.feed.counters.trades
    await stir(station)
    filled = await station.place(0, 6_000, 300)
    assert filled.state is OrderState.FILLED
    assert await agree(station, until) == ONE_RESTS_ONE_FILLED
    assert station.feed.counters.trades == trades + DEALS
    assert is_spent(station)
    assert damage(station) == harmed


async def test_a_half_open_socket_is_found_and_left(station: Station, until: Until) -> None:
    """Its silence is what the session is told of the time; nobody waits for it."""
    await station.follow()
    told, since_ms = station.feed.counters.deltas, station.wall.now_ms()
    await stir(station)
    await until(lambda: station.feed.counters.deltas == told + len(OTHERS) + 2 * DEALS)
    inject(station, HalfOpen())
    await stir(station)
    assert not books_agree(station)
    station.on_events(station.feed.tick(since_ms + 29_999))
    assert not station.feed.wants_reconnect
    station.on_events(station.feed.tick(station.wall.now_ms() + 30_000))
    assert station.feed.reconnect_reason == "the exchange has said nothing for 30 s"
    assert damage(station) == {}
    await until(lambda: counted(station, lost_connections=1))
    assert await agree(station, until) == UNTOUCHED
    assert station.sandbox.faults.active() == [HalfOpen()], "we left it, the exchange did not cut"
    station.sandbox.faults.clear()
    assert is_spent(station)
    assert damage(station) == {"lost_connections": 1}


async def test_too_many_requests_leave_the_order_refused(station: Station, until: Until) -> None:
    await station.follow()
    inject(station, TooManyRequests(1_000))
    order = await station.place(0, 4_000, 1_000)
    assert station.states(order) == ["requested", "rejected"]
    assert station.account.orders == []
    (left,) = station.sandbox.faults.active()
    assert isinstance(left, TooManyRequests)
    assert left.requests < 1_000
    station.sandbox.faults.clear()
    assert await agree(station, until) == UNTOUCHED
    assert is_spent(station)


@asynccontextmanager
async def silent_feed(station: Station) -> AsyncIterator[None]:
    """The feed's words wait on their way, so that none of them answers for a lost answer."""
    station.feed_relay.is_open.clear()
    yield
    station.feed_relay.is_open.set()


@pytest.mark.parametrize("fault", [Unavailable(), ReplyLost()], ids=str)
@pytest.mark.parametrize(
    ("price_pips", "ended", "standing"),
    [
        (4_000, "resting", ONE_RESTS),
        (6_000, "filled", Standing(1, 0, 1_000, 993_832_000)),
    ],
)
@pytest.mark.parametrize("told_by", ["feed", "list"])
async def test_an_order_whose_answer_was_lost_is_found(
    station: Station,
    until: Until,
    fault: Fault,
    price_pips: int,
    ended: str,
    standing: Standing,
    told_by: str,
) -> None:
    await station.follow()
    inject(station, fault)
    async with silent_feed(station):
        order = await station.place(0, price_pips, 1_000)
        assert order.state is OrderState.UNKNOWN
        assert [one.client_order_id for one in station.account.orders] == [order.client_order_id]
        assert is_spent(station)
        if told_by == "list":
            await until(lambda: order.state is not OrderState.UNKNOWN)
    await until(lambda: order.state == ended)
    assert await agree(station, until) == standing
    assert station.states(order) == ["requested", "unknown", ended]


async def test_an_answer_that_never_comes_is_given_up(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_S", 0.3)
    await station.follow()
    inject(station, ReplyLost(wait_ms=60_000))
    async with silent_feed(station):
        order = await station.place(0, 4_000, 1_000)
        assert order.state is OrderState.UNKNOWN
        assert order.reason == "POST /portfolio/events/orders: no answer within 0.3 s"
        assert is_spent(station)
    await until(lambda: order.state is OrderState.RESTING)
    assert await agree(station, until) == ONE_RESTS
    assert station.states(order) == ["requested", "unknown", "resting"]


async def test_a_cancel_whose_answer_was_lost_is_a_cancel(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    await until(lambda: order.shown_lots == 1_000)
    inject(station, ReplyLost(of="write"))
    async with silent_feed(station):
        station.cancel(order)
        await station.send()
        assert order.state is OrderState.UNKNOWN
        assert station.account.resting_orders() == []
        assert is_spent(station)
    await until(lambda: order.state is OrderState.CANCELLED)
    assert await agree(station, until) == ONE_ENDED
    expected = ["requested", "resting", "cancelling", "unknown", "cancelled"]
    assert station.states(order) == expected


async def test_no_write_is_repeated(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    await until(lambda: order.shown_lots == 1_000)
    inject(station, ReplyLost(requests=3, of="write"))
    async with silent_feed(station):
        station.cancel(order)
        await station.send()
        assert order.state is OrderState.UNKNOWN
        await until(lambda: order.state is OrderState.CANCELLED and not is_asking())
    assert await agree(station, until) == ONE_ENDED
    assert station.sandbox.faults.active() == [ReplyLost(requests=2, of="write")]
    expected = ["requested", "resting", "cancelling", "unknown", "cancelled"]
    assert station.states(order) == expected


async def test_an_amend_whose_answer_was_lost_is_an_amend(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    await until(lambda: order.shown_lots == 1_000)
    inject(station, ReplyLost(of="write"))
    async with silent_feed(station):
        station.amend(order, 3_900)
        await station.send()
        assert (order.state, order.price_pips) == (OrderState.UNKNOWN, 4_000)
        assert [one.price_pips for one in station.account.resting_orders()] == [3_900]
        assert is_spent(station)
    await until(lambda: (order.state, order.price_pips) == (OrderState.RESTING, 3_900))
    assert await agree(station, until) == ONE_RESTS
    assert station.states(order) == ["requested", "resting", "amending", "unknown", "resting"]


async def test_reads_whose_answers_are_lost_are_asked_again(station: Station, until: Until) -> None:
    await station.follow()
    await station.resting()
    inject(station, ReplyLost(requests=5, of="any"))
    assert await agree(station, until) == ONE_RESTS
    assert is_spent(station)


@pytest.mark.parametrize("fault", [None, Unavailable(), ReplyLost()], ids=str)
async def test_lists_that_lag_mislead_nobody(
    station: Station, until: Until, fault: Fault | None
) -> None:
    await station.follow()
    inject(station, ReadLag(for_ms=0))
    if fault is not None:
        inject(station, fault)
    async with silent_feed(station):
        order = await station.place(0, 4_000, 1_000)
        assert order.state is (OrderState.UNKNOWN if fault else OrderState.RESTING)
        await until(lambda: order.state is OrderState.RESTING)
    filled = await station.place(0, 6_000, 200)
    assert filled.state is OrderState.FILLED
    assert await agree(station, until) == Standing(2, 1, 200, 998_766_400)
    expected = ["requested", "unknown", "resting"] if fault else ["requested", "resting"]
    assert station.states(order) == expected
    assert station.sandbox.faults.active() == [ReadLag(for_ms=0)]


async def test_a_connection_lost_while_lists_lag(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting(lots=400)
    await until(lambda: order.shown_lots == 400)
    inject(station, ReadLag(for_ms=0))
    async with station.gap():
        station.trade_as_another("ask", "0.4000", "14.00")
        assert [one.status for one in station.account.orders] == ["executed"]
        assert order.state is OrderState.RESTING
    await until(lambda: order.state is OrderState.FILLED)
    assert await agree(station, until) == Standing(1, 0, 400, 998_400_000)
    assert station.states(order) == ["requested", "resting", "filled"]
    assert station.sandbox.faults.active() == [ReadLag(for_ms=0)]
    assert damage(station) == {"lost_connections": 1}


@pytest.mark.parametrize("step_ms", [8_000, -8_000])
async def test_a_clock_step_within_the_window_stops_nothing(
    station: Station, until: Until, step_ms: int
) -> None:
    await station.follow()
    inject(station, ClockStep(step_ms))
    order = await station.place(0, 4_000, 1_000)
    assert station.states(order) == ["requested", "resting"]
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    assert await agree(station, until) == ONE_RESTS
    offset_ms = station.link.rest.clock_offset_ms
    assert offset_ms is not None
    assert abs(offset_ms - step_ms) < 1_500
    assert station.sandbox.faults.active() == [ClockStep(step_ms)]
    assert damage(station) == {"lost_connections": 1}


@pytest.mark.parametrize("step_ms", [60_000, -60_000])
async def test_a_clock_step_beyond_the_window_costs_one_refusal(
    station: Station, until: Until, step_ms: int
) -> None:
    await station.follow()
    inject(station, ClockStep(step_ms))
    order = await station.place(0, 4_000, 1_000)
    assert station.states(order) == ["requested", "resting"]
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    assert await agree(station, until) == ONE_RESTS
    assert station.sandbox.faults.active() == [ClockStep(step_ms)]
    assert damage(station) == {"lost_connections": 1}


async def test_a_feed_that_learns_of_a_clock_step_first_connects_again(
    station: Station, until: Until
) -> None:
    await station.follow()
    inject(station, ClockStep(60_000))
    inject(station, Disconnect())
    await until(lambda: counted(station, lost_connections=1))
    assert await agree(station, until) == UNTOUCHED
    order = await station.place(0, 4_000, 1_000)
    assert await agree(station, until) == ONE_RESTS
    assert station.states(order) == ["requested", "resting"]
    assert station.sandbox.faults.active() == [ClockStep(60_000)]
    assert damage(station) == {"lost_connections": 1}


async def test_a_pause_refuses_orders_and_then_no_more(station: Station, until: Until) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, Pause())
    refused = await station.place(0, 3_900, 500)
    assert refused.state is OrderState.REJECTED
    station.cancel(order)
    await station.send()
    assert order.state is OrderState.CANCELLED
    assert station.sandbox.faults.active() == [Pause()]
    assert await agree(station, until) == ONE_ENDED
    station.sandbox.faults.clear()
    assert (await station.place(0, 3_900, 500)).state is OrderState.RESTING
    assert await agree(station, until) == Standing(2, 1, 0, 1_000_000_000)
    assert station.states(refused) == ["requested", "rejected"]
    assert station.states(order) == ["requested", "resting", "cancelling", "cancelled"]
    assert is_spent(station)


async def test_a_market_that_closes_early_takes_our_orders_along(
    station: Station, until: Until
) -> None:
    await station.follow()
    order = await station.resting()
    inject(station, CloseMarket(station.ticker))
    await until(lambda: order.state is OrderState.CANCELLED)
    await until(lambda: station.markets[station.ticker].close_ms)
    closed_ms = station.sandbox.exchange.listings[station.ticker].close_ms
    assert station.markets[station.ticker].close_ms == closed_ms // 1_000 * 1_000
    assert (await station.place(0, 3_900, 500)).state is OrderState.REJECTED
    assert await agree(station, until) == ONE_ENDED
    assert station.states(order) == ["requested", "resting", "cancelled"]
    assert is_spent(station)


async def test_money_that_came_from_outside_is_noticed(station: Station) -> None:
    await station.follow()
    inject(station, ChangeBalance(2_500_000))
    assert station.account.cash_micros == 1_002_500_000
    drift = await station.link.portfolio.sync()
    assert drift == Drift(2_500_000, 0, 0, is_exact=True)
    assert station.ledger.cash_micros == 1_000_000_000, "noticed, not taken"
    assert is_spent(station)


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
    await until(lambda: is_spent(station) and not is_asking())
    await until(lambda: not station.orders.orders.unknown())
    standing = await agree(station, until)
    assert is_spent(station)
    assert sum(injector.counts.values()) == 40
    assert len(list(station.orders.orders)) == placed > 10
    filled = [order.filled_lots for order in station.account.orders]
    assert standing.position_lots == sum(filled)
