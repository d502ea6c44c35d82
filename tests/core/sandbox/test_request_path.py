import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from core.market.events import BookDelta, BookSnapshot, Trade
from core.sandbox.accounts import Account
from core.sandbox.errors import ApiError, not_found
from core.sandbox.exchange import Exchange
from core.sandbox.publisher import Publisher
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.request_path import RequestPath
from core.sandbox.rules import ExchangeRules
from core.units import Side

T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"
ORDERS = "/portfolio/events/orders"


class Way:
    """A path of 100 to 300 ms on an exchange whose time is moved by hand."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        latency_ms: tuple[int, int] = (100, 300),
        seed: int = 1,
        read_ms: tuple[int, int] = (0, 0),
    ) -> None:
        rules = ExchangeRules(request_latency_ms=latency_ms, read_latency_ms=read_ms)
        self.exchange = Exchange(Publisher(), 1, T0, rules)
        self.ann, self.bob = self.exchange.open_account(0), self.exchange.open_account(0)
        self.is_running = True
        self.path = RequestPath(self.exchange, seed, T0 + 60_000, lambda: self.is_running)
        self.acted: list[tuple[str, int]] = []
        self._tasks = tasks

    def note(self, name: str) -> str:
        self.acted.append((name, self.exchange.now_ms - T0))
        return name

    async def send(self, account: Account, name: str) -> asyncio.Task[str]:
        task = self._tasks.create_task(self.path.act(account, lambda: self.note(name)), name=name)
        await asyncio.sleep(0)
        return task

    async def read(self) -> asyncio.Task[int]:
        """A read on its way; gives back how long after T0 it arrived."""

        async def arrive() -> int:
            await self.path.arrive()
            return self.exchange.now_ms - T0

        task = self._tasks.create_task(arrive(), name="read")
        await asyncio.sleep(0)
        return task


@pytest.fixture
async def tasks() -> AsyncIterator[asyncio.TaskGroup]:
    async with asyncio.TaskGroup() as group:
        yield group


async def test_without_latency_a_request_acts_at_once(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks, (0, 0))
    assert await way.path.act(way.ann, lambda: way.note("now")) == "now"
    assert way.acted == [("now", 0)]


async def test_acts_at_its_due_time_and_answers_after_it(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks, (200, 200))
    reply = await way.send(way.ann, "order")
    way.exchange.advance(T0 + 199)
    await asyncio.sleep(0)
    assert not reply.done()
    way.exchange.advance(T0 + 5_000)
    assert way.acted == [("order", 200)]
    assert await reply == "order"


async def test_requests_of_one_account_keep_their_order(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    names = [f"{number:02d}" for number in range(40)]
    for name in names:
        await way.send(way.ann, name)
        way.exchange.advance(way.exchange.now_ms + 3)
    way.exchange.advance(T0 + 5_000)
    assert [name for name, _ in way.acted] == names
    assert [due for _, due in way.acted] == sorted(due for _, due in way.acted)


async def test_time_that_stops_holds_no_request_for_ever(
    tasks: asyncio.TaskGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.request_path.STANDSTILL_S", 0.05)
    way = Way(tasks, (200, 200))
    replies = [await way.send(way.ann, name) for name in ("first", "second")]
    async with asyncio.timeout(10):
        assert [await reply for reply in replies] == ["first", "second"]
    way.exchange.advance(T0 + 5_000)
    assert way.acted == [("first", 0), ("second", 0)], "each once, in their order"


async def test_neither_do_requests_in_several_accounts_of_one_user(
    tasks: asyncio.TaskGroup,
) -> None:
    way = Way(tasks)
    second = way.exchange.open_subaccount(way.ann.user)
    assert second is not None
    names = [f"{number:02d}" for number in range(20)]
    for number, name in enumerate(names):
        await way.send(second if number % 2 else way.ann, name)
    way.exchange.advance(T0 + 5_000)
    assert [name for name, _ in way.acted] == names


async def test_accounts_do_not_wait_for_each_other(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    for number in range(20):
        await way.send(way.ann, f"ann {number}")
        await way.send(way.bob, f"bob {number}")
    way.exchange.advance(T0 + 5_000)
    ways = [due for _, due in way.acted]
    assert min(ways) >= 100
    assert max(ways) <= 300
    dues = {name: due for name, due in way.acted}
    assert dues["ann 0"] != dues["bob 0"]


async def test_one_seed_draws_the_same_ways(tasks: asyncio.TaskGroup) -> None:
    ways = [Way(tasks, seed=7), Way(tasks, seed=7), Way(tasks, seed=8)]
    for way in ways:
        for number in range(5):
            await way.send(way.exchange.open_account(0), str(number))
        way.exchange.advance(T0 + 5_000)
    assert ways[0].acted == ways[1].acted != ways[2].acted


async def test_a_refusal_reaches_its_caller(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)

    def refuse() -> str:
        raise not_found()

    async def refused() -> int:
        with pytest.raises(ApiError) as error:
            await way.path.act(way.ann, refuse)
        return error.value.status

    task = tasks.create_task(refused())
    await asyncio.sleep(0)
    way.exchange.advance(T0 + 5_000)
    assert await task == 404


def fail() -> str:
    raise OverflowError("of a date")


def assert_failed(error: object, caplog: pytest.LogCaptureFixture) -> None:
    """It is a 500 in the exchange's own shape, and what happened is in the log."""
    assert isinstance(error, ApiError)
    assert (error.status, error.body) == (
        500,
        {
            "error": {
                "code": "service_unavailable",
                "message": "service unavailable",
                "details": "the exchange failed, see its log",
            }
        },
    )
    assert isinstance(error.__cause__, OverflowError)
    assert_logged(caplog, 1)


def assert_logged(caplog: pytest.LogCaptureFixture, times: int) -> None:
    told = [(record.levelname, record.message) for record in caplog.records]
    assert told == [("ERROR", "a request failed: its sender is answered 500")] * times
    kinds = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert kinds == [OverflowError] * times


async def test_a_failure_is_a_500_to_its_caller_and_never_ends_the_time_step(
    tasks: asyncio.TaskGroup, caplog: pytest.LogCaptureFixture
) -> None:
    way = Way(tasks)
    failing = asyncio.gather(way.path.act(way.ann, fail), return_exceptions=True)
    await asyncio.sleep(0)
    after = await way.send(way.ann, "after")
    way.exchange.advance(T0 + 1_000)
    assert way.exchange.now_ms == T0 + 1_000
    (error,) = await failing
    assert_failed(error, caplog)
    assert await after == "after"


async def test_a_failure_at_once_is_a_500_too(
    tasks: asyncio.TaskGroup, caplog: pytest.LogCaptureFixture
) -> None:
    way = Way(tasks, (0, 0))
    with pytest.raises(ApiError) as error:
        await way.path.act(way.ann, fail)
    assert_failed(error.value, caplog)


async def test_a_failure_after_its_sender_left_is_logged(
    tasks: asyncio.TaskGroup, caplog: pytest.LogCaptureFixture
) -> None:
    way = Way(tasks)
    left = [tasks.create_task(way.path.act(way.bob, fail), name="left") for _ in range(2)]
    await asyncio.sleep(0)
    for task in left:
        task.cancel()
    await asyncio.sleep(0)
    way.exchange.advance(T0 + 1_000)
    assert way.exchange.now_ms == T0 + 1_000
    assert [task.cancelled() for task in left] == [True, True]
    assert_logged(caplog, 2)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
async def test_an_exit_passes(tasks: asyncio.TaskGroup, end: type[BaseException]) -> None:
    way = Way(tasks)

    def leave() -> str:
        raise end

    leaving = tasks.create_task(way.path.act(way.ann, leave), name="leaving")
    await asyncio.sleep(0)
    with pytest.raises(end):
        way.exchange.advance(T0 + 1_000)
    leaving.cancel()


async def test_an_order_whose_sender_left_still_acts(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    (await way.send(way.ann, "orphan")).cancel()
    await asyncio.sleep(0)
    way.exchange.advance(T0 + 5_000)
    assert [name for name, _ in way.acted] == ["orphan"]


async def test_nobody_waits_for_a_time_that_does_not_come(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    way.exchange.advance(T0 + 59_990)
    last = await way.send(way.ann, "last")
    way.exchange.advance(T0 + 60_001)
    assert await last == "last"
    way.is_running = False
    assert await way.path.act(way.ann, lambda: way.note("after")) == "after"


async def test_a_read_takes_its_own_time_and_a_write_none_of_it(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks, latency_ms=(0, 0), read_ms=(200, 200))
    read = await way.read()
    assert await way.path.act(way.ann, lambda: way.note("write")) == "write"
    way.exchange.advance(T0 + 199)
    await asyncio.sleep(0)
    assert not read.done()
    way.exchange.advance(T0 + 200)
    assert await read == 200
    assert way.acted == [("write", 0)]


async def test_a_read_waits_for_no_write(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks, latency_ms=(900, 900), read_ms=(10, 20))
    write, read = await way.send(way.ann, "write"), await way.read()
    way.exchange.advance(T0 + 20)
    assert await read == 20
    assert not write.done()
    way.exchange.advance(T0 + 900)
    assert await write == "write"


async def test_reads_change_no_time_of_a_write(tasks: asyncio.TaskGroup) -> None:
    without, beside = Way(tasks), Way(tasks, read_ms=(1, 500))
    for number in range(5):
        for way in (without, beside):
            await way.send(way.exchange.open_account(0), str(number))
        await beside.read()
    without.exchange.advance(T0 + 5_000)
    beside.exchange.advance(T0 + 5_000)
    assert without.acted == beside.acted


async def test_what_acts_later_acts_once_at_its_time(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    way.path.later((700, 700), lambda: way.acted.append(("later", way.exchange.now_ms - T0)))
    way.exchange.advance(T0 + 699)
    assert way.acted == []
    way.exchange.advance(T0 + 5_000)
    assert way.acted == [("later", 700)]


async def test_what_acts_later_may_be_refused_or_fail_and_time_goes_on(
    tasks: asyncio.TaskGroup, caplog: pytest.LogCaptureFixture
) -> None:
    way = Way(tasks)

    def refuse() -> None:
        raise not_found()

    def break_down() -> None:
        raise OverflowError("of a date")

    way.path.later((700, 700), refuse)
    way.path.later((700, 700), break_down)
    way.exchange.advance(T0 + 1_000)
    assert way.exchange.now_ms == T0 + 1_000
    assert_logged(caplog, 1)


async def test_without_a_time_or_while_time_stands_later_is_now(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks)
    way.path.later((0, 0), lambda: way.acted.append(("no time", 0)))
    way.is_running = False
    way.path.later((700, 700), lambda: way.acted.append(("stands", 0)))
    assert way.acted == [("no time", 0), ("stands", 0)]


async def test_without_latency_or_without_time_a_read_has_arrived(
    tasks: asyncio.TaskGroup,
) -> None:
    assert (await Way(tasks).read()).done()
    way = Way(tasks, read_ms=(200, 200))
    way.is_running = False
    assert (await way.read()).done()


async def test_no_read_arrives_after_the_end(tasks: asyncio.TaskGroup) -> None:
    way = Way(tasks, read_ms=(200, 200))
    way.exchange.advance(T0 + 59_990)
    read = await way.read()
    way.exchange.advance(T0 + 60_001)
    assert await read == 60_001


# With the real server over a recording.

Serve = Callable[..., Any]
SessionOf = Callable[..., Any]
BOOK = BookSnapshot(TICKER, ((4_000, 1_000),), ((6_000, 1_000),), ts_ms=T0)
SLOW = ExchangeRules(request_latency_ms=(300, 300), tier="off")


async def started(client: Any) -> Any:  # noqa: ANN401
    """Subscribe, so that the replay starts, and wait until it has; give the socket back."""
    socket = await client.socket()
    await socket.send(
        '{"id":1,"cmd":"subscribe","params":'
        f'{{"channels":["orderbook_delta"],"market_ticker":"{TICKER}"}}}}'
    )
    await client.sandbox_passes(T0)
    return socket


async def test_marketable_order_can_find_the_quote_gone(
    serve: Serve, session_of: SessionOf
) -> None:
    events = [BOOK, BookDelta(TICKER, Side.ASK, 6_000, -1_000, T0 + 150)]
    source = RecordedSource([session_of(events, trades="none")])
    async with serve(source, rules=SLOW) as client:
        socket = await started(client)
        ioc = client.order(price="0.6000", time_in_force="immediate_or_cancel")
        status, placed = await client.call("POST", ORDERS, ioc)
        assert (status, placed["fill_count"]) == (201, "0.00")
        assert placed["ts_ms"] >= T0 + 300
        await socket.close()


async def test_cancel_can_lose_to_a_fill(serve: Serve, session_of: SessionOf) -> None:
    events = [
        BOOK,
        Trade("through", TICKER, 3_900, 5_000, Side.ASK, T0 + 800),
        BookDelta(TICKER, Side.BID, 4_000, -1_000, T0 + 800),
    ]
    source = RecordedSource([session_of(events)])
    async with serve(source, rules=SLOW) as client:
        socket = await started(client)
        status, placed = await client.call("POST", ORDERS, client.order())
        assert (status, placed["remaining_count"]) == (201, "1.00")
        await client.sandbox_passes(T0 + 550)
        status, _ = await client.call("DELETE", f"{ORDERS}/{placed['order_id']}")
        assert status == 404
        _, order = await client.call("GET", f"/portfolio/orders/{placed['order_id']}")
        assert order["order"]["fill_count_fp"] == "1.00"
        await socket.close()
