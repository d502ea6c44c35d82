"""What is read of mirrored markets, and when; the whole of it is a scenario."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.clock import SystemClock
from core.errors import UnreachableError
from core.kalshi.endpoints import DataEndpoint
from core.kalshi.queries import ALL_MARKETS, MarketQuery
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.market.events import MarketChanged
from core.market.market import Market
from core.sandbox.engine import MatchingBook
from core.sandbox.market_life import MarketLife
from core.sandbox.read_back import TICKERS_AT_ONCE, ReadBack
from core.sandbox.server import Sandbox

WALL = SystemClock()
EVENT = "KXT-26MAY11"
A, B = f"{EVENT}-A", f"{EVENT}-B"
Serve = Callable[..., Any]  # of conftest.py


class InterruptedRest(KalshiRest):
    """A real client with something to happen while its answers are on their way."""

    def __init__(self, sandbox: Sandbox) -> None:
        endpoint = DataEndpoint(sandbox.base_url, sandbox.ws_url)
        signer = Signer(sandbox.api_key_id, sandbox.private_key)
        super().__init__(endpoint, signer, WALL, random.Random(1))
        self.meanwhile: list[Callable[[], object]] = []

    async def markets(self, asked: MarketQuery = ALL_MARKETS) -> list[Market]:
        found = await super().markets(asked)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return found


class Reading:
    """A read-back from two markets of a real exchange, and what it gave."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.life = MarketLife(sandbox.exchange)
        self.life.list_market(Market(B, EVENT, title="B"), MatchingBook())
        self.rest = InterruptedRest(sandbox)
        self.back = ReadBack(self.rest, self._take)
        self.connected = asyncio.Event()
        self.caught_up: list[bool] = []
        self.taken: list[tuple[list[tuple[str, str]], bool]] = []

    def _take(self, markets: list[Market], is_all: bool) -> None:
        states = sorted((market.ticker, market.status) for market in markets)
        self.taken.append((states, is_all))

    async def catch_up(self) -> bool:
        return self.caught_up.pop() if self.caught_up else True

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not is_so():  # noqa: ASYNC110  (state behind sockets)
                await asyncio.sleep(0.02)

    async def one_more(self) -> None:
        count = len(self.taken)
        await self.until(lambda: len(self.taken) > count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            async with asyncio.TaskGroup() as tasks:
                task = tasks.create_task(self.back.run(self.connected, self.catch_up), name="read")
                yield
                task.cancel()
        finally:
            await self.rest.close()


@pytest.fixture
async def reading(serve: Serve) -> AsyncIterator[Reading]:
    async with serve() as client:
        reading = Reading(client.sandbox)
        async with reading.running():
            yield reading


async def test_nothing_is_read_before_all_that_was_sent_has_come(reading: Reading) -> None:
    reading.caught_up = [False]
    reading.back.doubt([A, B])
    assert reading.life.deactivate(B)
    await asyncio.sleep(0)
    assert reading.caught_up == [False]
    reading.connected.set()
    await reading.until(lambda: reading.taken)
    assert reading.taken == [([(A, "active"), (B, "inactive")], True)]


async def test_an_answer_that_a_message_overtook_is_void(reading: Reading) -> None:
    def change() -> None:
        reading.life.deactivate(A)
        reading.back.note(MarketChanged(A, "deactivated"), 0)

    reading.rest.meanwhile.append(change)
    reading.back.doubt([A, B])
    reading.connected.set()
    await reading.until(lambda: len(reading.taken) == 2)
    assert reading.taken == [([(B, "active")], False), ([(A, "inactive")], True)]


async def test_what_could_not_be_read_is_read_again(
    reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise UnreachableError("no answer")

    reading.rest.meanwhile.append(fail)
    reading.back.doubt([A])
    reading.connected.set()
    with caplog.at_level(logging.WARNING):
        await reading.until(lambda: reading.taken)
    assert reading.taken == [([(A, "active")], True)]
    assert "cannot be read: no answer" in caplog.text


async def test_a_market_that_is_listed_no_more_is_named_and_holds_nothing_up(
    reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        reading.back.doubt([B, "KXGONE-1"])
        reading.connected.set()
        await reading.until(lambda: reading.taken)
    assert reading.taken == [([(B, "active")], True)]
    assert "KXGONE-1" in caplog.text


async def test_a_lost_connection_is_caught_up_with_even_if_no_market_is_followed(
    reading: Reading,
) -> None:
    reading.back.doubt([])
    reading.connected.set()
    await reading.until(lambda: reading.taken)
    assert reading.taken == [([], True)]


async def test_a_connection_lost_while_an_answer_comes_is_not_caught_up_with_by_it(
    reading: Reading,
) -> None:
    reading.rest.meanwhile.append(lambda: reading.back.doubt([]))
    reading.back.doubt([A])
    reading.connected.set()
    await reading.until(lambda: len(reading.taken) == 2)
    assert reading.taken == [([(A, "active")], False), ([], True)]


async def test_a_settled_market_is_read_now_and_then_until_it_is_finalized(
    reading: Reading,
) -> None:
    listing = reading.sandbox.exchange.listings[B]
    reading.life.determine(listing, "yes")
    listing.due_ms = 0
    reading.connected.set()
    reading.back.note(MarketChanged(B, "settled"), 1_000)
    await reading.one_more()
    reading.back.doubt_again(1_999, 1_000)
    reading.back.doubt([A])
    await reading.one_more()
    reading.back.doubt_again(2_000, 1_000)
    await reading.one_more()
    reading.life.settle(listing)
    reading.back.doubt_again(3_000, 1_000)
    await reading.one_more()
    reading.back.doubt_again(4_000, 1_000)
    reading.back.doubt([A])
    await reading.one_more()
    states = [state for state, _ in reading.taken]
    determined, finalized, other = [(B, "determined")], [(B, "finalized")], [(A, "active")]
    assert states == [determined, other, determined, finalized, other]


async def test_a_market_with_a_new_price_grid_is_read_once_more(reading: Reading) -> None:
    reading.connected.set()
    reading.back.note(MarketChanged(B, "price_level_structure_updated"), 1_000)
    await reading.one_more()
    for now_ms in (1_999, 2_000, 3_000):
        reading.back.doubt_again(now_ms, 1_000)
        reading.back.doubt([A])
        await reading.one_more()
    tickers = [[ticker for ticker, _ in states] for states, _ in reading.taken]
    assert tickers == [[B], [A], [A, B], [A]]


async def test_many_markets_are_asked_for_in_pages(reading: Reading) -> None:
    pages: list[int] = []
    reading.rest.meanwhile = [lambda: pages.append(len(pages))] * 5
    reading.back.doubt([A, B, *(f"KXGONE-{i}" for i in range(2 * TICKERS_AT_ONCE))])
    reading.connected.set()
    await reading.until(lambda: reading.taken)
    assert reading.taken == [([(A, "active"), (B, "active")], True)]
    assert pages == [0, 1, 2]


@pytest.mark.parametrize(
    ("kind", "is_read"),
    [
        ("price_level_structure_updated", True),
        ("settled", True),
        ("deactivated", False),
        ("activated", False),
        ("determined", False),
        ("close_date_updated", False),
    ],
)
async def test_a_message_that_says_all_is_not_followed_by_a_read(
    reading: Reading, kind: str, *, is_read: bool
) -> None:
    reading.connected.set()
    reading.back.note(MarketChanged(A, kind), 0)
    reading.back.doubt([B])
    await reading.until(lambda: reading.taken)
    ((states, _),) = reading.taken
    assert [ticker for ticker, _ in states] == ([A, B] if is_read else [B])
