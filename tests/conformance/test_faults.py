"""Protocol 11.3: after a gap, a duplicate, error 25, a lost connection, books are the engine's."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from book_follower import BookFollower
from exchange_host import ANY, FREE, SIBLING, Host, hosting
from plain_client import ORDERS

from core.sandbox.faults import Schedule

TICKERS = [ANY.ticker, SIBLING.ticker, FREE.ticker]
DEADLINE_S = 20.0


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await condition():  # noqa: ASYNC110  (the follower tells nobody)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def following(host: Host) -> AsyncIterator[BookFollower]:
    """A follower of three books that holds them all right at the start."""
    follower = BookFollower(host.ann, TICKERS)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(follower.follow(), name="book-follower")
        await until(follower.agrees)
        yield follower
        task.cancel()


async def trade(host: Host, rng: random.Random, orders: int = 20) -> None:
    """Orders of two accounts that rest, match and vanish."""
    for _ in range(orders):
        client = rng.choice((host.bob, host.eve))
        price, count = f"0.{rng.randrange(35, 66)}", f"{rng.randrange(1, 900) / 100:.2f}"
        side = rng.choice(("bid", "ask"))
        with suppress(aiohttp.ClientError):  # the exchange may be away
            reply = await client.place(side, price, count, ticker=rng.choice(TICKERS))
            if reply.status == 201 and rng.random() < 0.3:
                await client.cancel(reply.body["order_id"])


async def test_undisturbed_books_agree(host: Host) -> None:
    async with following(host) as follower:
        await trade(host, random.Random(1), 60)
        await until(follower.agrees)
    assert (follower.gaps, follower.duplicates, follower.losses) == (0, 0, 0)


async def test_a_gap_is_seen_once_and_repaired(host: Host) -> None:
    async with following(host) as follower:
        await host.inject(kind="drop")
        await trade(host, random.Random(2))
        await until(follower.agrees)
        await trade(host, random.Random(3))
        await until(follower.agrees)
    assert follower.gaps == 1


async def test_a_duplicate_changes_nothing(host: Host) -> None:
    async with following(host) as follower:
        await host.inject(kind="duplicate")
        await trade(host, random.Random(4))
        await until(follower.agrees)
    assert (follower.gaps, follower.duplicates) == (0, 1)


async def test_swapped_messages_are_repaired(host: Host) -> None:
    async with following(host) as follower:
        await host.inject(kind="reorder")
        await trade(host, random.Random(5))
        await until(follower.agrees)
    assert follower.gaps >= 1


@pytest.mark.parametrize(("kind", "code"), [("error_10", 10), ("error_25", 25)])
async def test_an_ended_subscription_is_taken_again(host: Host, kind: str, code: int) -> None:
    async with following(host) as follower:
        await trade(host, random.Random(6))
        await host.inject(kind=kind)
        await trade(host, random.Random(7))
        await until(follower.agrees)
    assert follower.endings == [code]


async def test_a_lost_connection_in_midstream_is_made_again(host: Host) -> None:
    async with following(host) as follower:
        await trade(host, random.Random(8))
        await host.inject(kind="disconnect")
        await trade(host, random.Random(9))
        await until(follower.agrees)
    assert follower.losses >= 1


async def test_a_restart_keeps_the_books(host: Host) -> None:
    async with following(host) as follower:
        await trade(host, random.Random(10))
        before = {ticker: await host.ann.book(ticker) for ticker in TICKERS}
        await host.inject(kind="restart", down_ms=50)
        await until(follower.agrees)
        assert {ticker: await host.ann.book(ticker) for ticker in TICKERS} == before
        await trade(host, random.Random(11))
        await until(follower.agrees)
    assert follower.losses >= 1


async def test_one_fault_after_another_ends_in_the_engines_books(host: Host) -> None:
    rng = random.Random(12)
    kinds = ["drop", "duplicate", "reorder", "error_25", "error_10", "disconnect"] * 2
    rng.shuffle(kinds)
    async with following(host) as follower:
        for kind in kinds:
            await host.inject(kind=kind)
            await trade(host, rng, 8)
            await until(follower.agrees)


async def test_a_503_after_the_order_was_accepted_is_found_by_its_client_id(host: Host) -> None:
    await host.inject(kind="http_503")
    reply = await host.ann.place("bid", "0.4000", "1.00", client_order_id="lost")
    assert reply.status == 503
    (order,) = (await host.ann.get("/portfolio/orders"))["orders"]
    assert (order["client_order_id"], order["status"]) == ("lost", "resting")
    again = await host.ann.place("bid", "0.4000", "1.00", client_order_id="lost")
    assert (again.status, again.body["error"]["code"]) == (409, "order_already_exists")


async def test_every_way_to_change_an_order_can_be_carried_out_and_answered_503(
    host: Host,
) -> None:
    order_id = (await host.ann.placed("bid", "0.4000", "5.00"))["order_id"]
    way = f"{ORDERS}/{order_id}"
    amended = {"ticker": ANY.ticker, "side": "bid", "price": "0.4100", "count": "5.00"}
    for method, path, body, told in (
        ("POST", f"{way}/amend", amended, ("resting", "0.4100", "5.00")),
        ("POST", f"{way}/decrease", {"reduce_by": "2.00"}, ("resting", "0.4100", "3.00")),
        ("DELETE", way, None, ("canceled", "0.4100", "0.00")),
    ):
        await host.inject(kind="http_503", of="order")
        reply = await host.ann.call(method, path, body)
        assert (reply.status, reply.body["error"]["code"]) == (503, "service_unavailable")
        order = (await host.ann.get(f"/portfolio/orders/{order_id}"))["order"]
        assert (
            order["status"],
            order["yes_price_dollars"],
            order["remaining_count_fp"],
        ) == told


async def test_a_seeded_schedule_strikes_the_channels_of_the_account_too() -> None:
    channels = ("fill", "user_orders", "market_positions", "order_group_updates", "trade")
    plan = Schedule(3, every_ms=10, kinds=("error_10",), scope="all")
    async with hosting(faults=plan) as host, host.ann.socket() as socket:
        sids = await socket.subscribe(*channels)
        await host.pass_time(10 * (len(channels) + 1))
        ends = await socket.read_many(len(channels))
        assert {end["msg"]["code"] for end in ends} == {10}
        assert sorted(end["sid"] for end in ends) == sorted(sids)
        assert [end["sid"] for end in ends] != sorted(sids), "in an order of the seed's own"
