"""A local exchange mirrors a second one: its markets live, end and pay as that one says."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
import websockets

from core.clock import SystemClock
from core.errors import JobError, RejectedError
from core.kalshi.account_budget import AccountBudget
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.events import FeedState
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import CreateOrder
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.market.events import BookSnapshot
from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.sandbox.auth import ApiKey, make_key
from core.sandbox.engine import MatchingBook
from core.sandbox.faults import ChannelError, ClockStep, DropMessage, Restart, TooManyRequests
from core.sandbox.limits import TIERS
from core.sandbox.listings import SETTLEMENT_TIMER_MS, Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.mirror import MirrorSource
from core.sandbox.orders import CROWD, Order
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.upstream import Upstream
from core.storage.recorded_session import ImportReport, RecordedSession

if TYPE_CHECKING:
    from core.events import Event

WALL = SystemClock()
SECONDS = 30.0
SPEED = 60.0
T0 = 1_778_477_863_000
HOUR_MS = 3_600_000
CLOSE_MS = T0 + 9 * HOUR_MS
EVENT = "KXT-26MAY11"
NAMES = tuple(f"{EVENT}-{letter}" for letter in "ABCDEF")
A, B, C, D, E, F = NAMES
LIFECYCLE: Final = "market_lifecycle_v2"


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110  (state behind sockets)
            await asyncio.sleep(0.02)


def upstream_of(sandbox: Sandbox) -> Upstream:
    private = make_key()
    sandbox._keys.add(ApiKey("mirror", 1, private.public_key(), "mirror", ("read",)))
    endpoint = DataEndpoint(sandbox.base_url, sandbox.ws_url)
    return Upstream(endpoint, Signer("mirror", private), WALL, limit=20)


@dataclass
class Stage:
    """An exchange, its mirror, the trader there and all that a follower of the mirror hears."""

    original: Sandbox
    mirror: Sandbox
    rest: KalshiRest
    orders: OrderRest
    heard: list[dict[str, Any]] = field(default_factory=list)

    @property
    def life(self) -> MarketLife:
        """What the operator of the original does."""
        return MarketLife(self.original.exchange)

    def there(self, ticker: str) -> Listing:
        return self.original.exchange.listings[ticker]

    def here(self, ticker: str) -> Listing:
        return self.mirror.exchange.listings[ticker]

    def told(self, ticker: str) -> list[str]:
        return [one["event_type"] for one in self.heard if one["market_ticker"] == ticker]

    def last(self, ticker: str) -> dict[str, Any]:
        return [one for one in self.heard if one["market_ticker"] == ticker][-1]

    @property
    def cash_micros(self) -> int:
        return self.mirror.exchange.accounts[1].cash_micros

    def paid(self) -> dict[str, tuple[str, int]]:
        settled = self.mirror.exchange.accounts[1].settlements
        return {one.ticker: (one.result, one.revenue_micros) for one in settled}

    async def buy(self, ticker: str, price_pips: int = 6_000, lots: int = 200) -> str:
        order = CreateOrder(f"{ticker}-{price_pips}", ticker, 0, price_pips, lots)
        return (await self.orders.create_order(order)).order_id

    async def pass_venue_ms(self, venue_ms: int) -> None:
        """Let the mirror show so much later a time."""
        later_ms = self.mirror.exchange.now_ms + venue_ms
        await until(lambda: self.mirror.exchange.now_ms >= later_ms)


@pytest.fixture
async def original() -> AsyncIterator[Sandbox]:
    """An exchange whose books never move: 20 contracts of each market are offered at 60 cents."""
    markets = tuple(Market(name, EVENT, title=name, close_ms=CLOSE_MS) for name in NAMES)
    books = tuple(
        BookSnapshot(name, ((4_000, 1_000),), ((6_000, 2_000),), ts_ms=T0) for name in NAMES
    )
    session = RecordedSession("still", markets, books, T0, CLOSE_MS, "real", ImportReport())
    sandbox = Sandbox(SandboxSettings(speed=SPEED), RecordedSource([session]), WALL)
    async with sandbox.running():
        yield sandbox


@asynccontextmanager
async def mirror_of(original: Sandbox) -> AsyncIterator[Sandbox]:
    source = MirrorSource(upstream_of(original), WALL)
    async with source.mirroring():
        mirror = Sandbox(SandboxSettings(seed=2), source, WALL)
        async with mirror.running():
            yield mirror


@asynccontextmanager
async def hearing(
    mirror: Sandbox, signer: Signer, heard: list[dict[str, Any]]
) -> AsyncIterator[None]:
    """Keep what the mirror tells of its markets, as it stands on the wire."""
    headers = signer.headers("GET", urlsplit(mirror.ws_url).path, WALL.now_ms())
    async with websockets.connect(mirror.ws_url, additional_headers=headers) as socket:
        await socket.send(
            json.dumps({"id": 1, "cmd": "subscribe", "params": {"channels": [LIFECYCLE]}})
        )
        assert json.loads(await socket.recv())["type"] == "subscribed"

        async def listen() -> None:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == LIFECYCLE:
                    heard.append(message["msg"])

        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(), name="hearing")
            yield
            listening.cancel()


@pytest.fixture
async def stage(original: Sandbox) -> AsyncIterator[Stage]:
    async with mirror_of(original) as mirror:
        await until(lambda: len(mirror.exchange.listings) == len(NAMES))
        signer = Signer(mirror.api_key_id, mirror.private_key)
        endpoint = OrderEndpoint.sandbox(mirror.base_url)
        budget = AccountBudget(WALL)
        rest = KalshiRest(endpoint, signer, WALL, random.Random(1), budget=budget)
        orders = OrderRest(endpoint, signer, WALL, lambda *_: None, budget=budget)
        mirror.limits.assign(1, TIERS["advanced"])  # the lowest keeps a share of so few for cancels
        await rest.account_limits()
        stage = Stage(original, mirror, rest, orders)
        try:
            async with hearing(mirror, signer, stage.heard):
                yield stage
        finally:
            await rest.close()
            await orders.close()


async def test_a_new_price_grid_is_taken_and_told(stage: Stage) -> None:
    assert (await stage.rest.market(A)).ticks().is_tradable(550) is False
    with pytest.raises(RejectedError, match="invalid_price"):
        await stage.buy(A, 550)
    assert stage.life.change_ticks(A, TAPERED_DECI_CENT_RANGES)
    await until(lambda: stage.told(A))
    assert stage.last(A) == {
        "market_ticker": A,
        "event_type": "price_level_structure_updated",
        "price_level_structure": "tapered_deci_cent",
        "price_ranges": [
            {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
            {"start": "0.1000", "end": "0.9000", "step": "0.0100"},
            {"start": "0.9000", "end": "1.0000", "step": "0.0010"},
        ],
        "exchange_index": 0,
    }
    assert (await stage.rest.market(A)).price_ranges == TAPERED_DECI_CENT_RANGES
    await stage.buy(A, 550)
    assert stage.here(A).book.levels() == ([(550, 200), (4_000, 1_000)], [(6_000, 2_000)])
    assert len(stage.heard) == 1


async def test_a_result_is_paid_when_the_upstream_says_so_and_not_before(stage: Stage) -> None:
    await stage.buy(A)
    cash_micros = stage.cash_micros
    stage.life.determine(stage.there(A), "yes")
    assert stage.life.dispute(A)  # and no message tells of a dispute
    await until(lambda: stage.here(A).status == "determined")
    assert stage.here(A).result == "yes"
    await stage.pass_venue_ms(4 * SETTLEMENT_TIMER_MS)
    assert stage.here(A).status == "determined"
    assert (stage.cash_micros, stage.paid()) == (cash_micros, {})
    assert stage.life.amend(A, "no")
    stage.there(A).due_ms = 0
    await until(lambda: stage.here(A).result == "no")
    await stage.pass_venue_ms(4 * SETTLEMENT_TIMER_MS)
    assert (stage.here(A).status, stage.paid()) == ("amended", {})
    stage.life.settle(stage.there(A))
    await until(lambda: stage.told(A)[-1:] == ["settled"])
    assert stage.here(A).status == "finalized"
    assert (stage.cash_micros, stage.paid()) == (cash_micros, {A: ("no", 0)})
    assert stage.told(A) == ["determined", "determined", "settled"]


async def test_a_scalar_result_pays_the_value_that_the_upstream_names(stage: Stage) -> None:
    await stage.buy(A)
    cash_micros = stage.cash_micros
    stage.life.determine(stage.there(A), "scalar", 3_300)
    await until(lambda: stage.told(A)[-1:] == ["settled"])
    assert stage.there(A).status == "finalized"
    assert stage.paid() == {A: ("scalar", 3_300 * 200)}
    assert stage.cash_micros == cash_micros + 3_300 * 200
    (determined, _) = stage.heard
    assert (determined["result"], determined["settlement_value"]) == ("scalar", "0.3300")


async def test_a_paused_market_takes_no_order_and_loses_those_that_rest_when_it_goes_on(
    stage: Stage,
) -> None:
    resting = await stage.buy(A, 2_000)
    assert stage.life.deactivate(A)
    await until(lambda: stage.told(A))
    assert stage.last(A)["is_deactivated"] is True
    assert stage.here(A).status == "inactive"
    assert (await stage.rest.market(A)).status == "inactive"
    with pytest.raises(RejectedError, match="MARKET_INACTIVE"):
        await stage.buy(A, 3_000)
    assert (await stage.rest.order(resting)).status == "resting"
    assert stage.life.activate(A)
    await until(lambda: len(stage.told(A)) > 1)
    assert stage.last(A)["is_deactivated"] is False
    order = stage.mirror.exchange.accounts[1].by_id[resting]
    assert (order.status, order.reason) == ("canceled", "HaltCancel")
    await stage.buy(A, 3_000)
    assert stage.told(A) == ["deactivated", "activated"]


async def test_a_closing_time_moves_both_ways_and_a_closed_market_opens_again(
    stage: Stage,
) -> None:
    resting = await stage.buy(A, 2_000)
    assert stage.life.move_close(A, CLOSE_MS - HOUR_MS)
    await until(lambda: stage.told(A))
    assert stage.last(A)["close_ts"] == (CLOSE_MS - HOUR_MS) // 1000
    assert stage.here(A).close_ms == stage.there(A).close_ms == CLOSE_MS - HOUR_MS
    assert stage.life.close_early(A)
    await until(lambda: stage.here(A).status == "closed")
    order = stage.mirror.exchange.accounts[1].by_id[resting]
    assert (order.status, order.reason) == ("canceled", "CloseCancel")
    assert stage.life.move_close(A, CLOSE_MS)
    await until(lambda: stage.told(A)[-1:] == ["activated"])
    assert stage.here(A).status == "active"
    assert (await stage.rest.market(A)).close_ms == CLOSE_MS
    assert stage.told(A) == ["close_date_updated"] * 3 + ["activated"]


async def test_a_market_closes_by_the_clock_that_the_upstream_states(stage: Stage) -> None:
    close_ms = stage.original.exchange.now_ms // 1000 * 1000 + 120_000
    assert stage.life.move_close(A, close_ms)
    await until(lambda: stage.here(A).status == "closed")
    assert stage.here(A).close_ms == stage.there(A).close_ms == close_ms
    assert stage.mirror.exchange.now_ms >= close_ms
    assert stage.told(A) == ["close_date_updated"]
    await stage.pass_venue_ms(4 * SETTLEMENT_TIMER_MS)
    assert (stage.here(A).status, stage.here(A).result) == ("closed", "")


async def test_a_new_market_is_created_and_activated_here_too(stage: Stage) -> None:
    market = Market(f"{EVENT}-G", EVENT, title="New", close_ms=CLOSE_MS)
    book = MatchingBook()
    stage.life.list_market(market, book)
    await until(lambda: len(stage.told(market.ticker)) == 2)
    created, activated = stage.heard
    assert (created["event_type"], activated["event_type"]) == ("created", "activated")
    assert created["close_ts"] == CLOSE_MS // 1000
    assert created["additional_metadata"]["title"] == "New"
    assert stage.here(market.ticker).status == "active"
    assert await stage.buy(market.ticker, 3_000)


async def test_a_market_that_opens_by_the_clock_is_found_without_a_word(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.upstream.REFRESH_S", 0.2)
    name = f"{EVENT}-G"
    open_ms = stage.original.exchange.now_ms + 180_000
    market = Market(name, EVENT, title="New", open_ms=open_ms, close_ms=CLOSE_MS)
    stage.life.list_market(market, MatchingBook())
    assert stage.there(name).status == "initialized"
    await until(lambda: stage.told(name))
    created = stage.heard[0]
    assert (created["event_type"], created["open_ts"]) == ("created", open_ms // 1000)
    await until(lambda: stage.here(name).status == "active")
    assert stage.mirror.exchange.now_ms >= open_ms


async def test_what_happened_while_the_upstream_was_away_is_read_back_before_anything_trades(
    stage: Stage,
) -> None:
    for ticker in (A, B, C):
        await stage.buy(ticker)
    resting = {ticker: await stage.buy(ticker, 2_000) for ticker in NAMES}
    cash_micros = stage.cash_micros
    stage.original.faults.inject(Restart(down_ms=1_500))
    await until(lambda: not stage.mirror.exchange.pauses.is_trading(stage.mirror.exchange.now_ms))
    life = stage.life
    life.determine(stage.there(A), "yes")
    life.settle(stage.there(A))
    life.determine(stage.there(B), "scalar", 2_500)
    life.settle(stage.there(B))
    life.determine(stage.there(C), "no")
    stage.there(C).due_ms = 0
    life.deactivate(D)
    life.change_ticks(E, TAPERED_DECI_CENT_RANGES)
    life.move_close(E, CLOSE_MS + HOUR_MS)
    life.close_early(F)
    assert stage.heard == []
    exchange = stage.mirror.exchange
    await until(lambda: exchange.pauses.is_trading(exchange.now_ms))
    statuses = [stage.here(ticker).status for ticker in NAMES]
    assert statuses == ["finalized", "finalized", "determined", "inactive", "active", "closed"]
    assert stage.paid() == {A: ("yes", 2_000_000), B: ("scalar", 2_500 * 200)}
    assert stage.cash_micros == cash_micros + 2_000_000 + 2_500 * 200
    assert stage.here(C).result == "no"
    assert stage.here(E).market.price_ranges == TAPERED_DECI_CENT_RANGES
    assert stage.here(E).close_ms == CLOSE_MS + HOUR_MS
    by_id = exchange.accounts[1].by_id
    alive = [ticker for ticker in NAMES if by_id[resting[ticker]].status == "resting"]
    assert alive == [D, E]
    await until(lambda: len(stage.heard) == 9)
    assert {ticker: stage.told(ticker) for ticker in NAMES} == {
        A: ["determined", "settled"],
        B: ["determined", "settled"],
        C: ["determined"],
        D: ["deactivated"],
        E: ["price_level_structure_updated", "close_date_updated"],
        F: ["close_date_updated"],
    }
    life.settle(stage.there(C))
    await until(lambda: C in stage.paid())
    assert stage.paid()[C] == ("no", 0)


async def test_nothing_trades_until_the_upstream_lets_its_markets_be_read(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.buy(A)
    exchange = stage.mirror.exchange
    stage.original.faults.inject(Restart(down_ms=500))
    await until(lambda: not exchange.pauses.is_trading(exchange.now_ms))
    refused = TooManyRequests(requests=1_000_000)
    stage.original.faults.inject(refused)
    stage.life.determine(stage.there(A), "yes")
    stage.life.settle(stage.there(A))
    with caplog.at_level(logging.WARNING):
        await until(lambda: "how the mirrored markets stand cannot be read" in caplog.text)
    assert not exchange.pauses.is_trading(exchange.now_ms)
    assert all(listing.book.is_doubted for listing in exchange.listings.values())
    assert (stage.here(A).status, stage.paid()) == ("active", {})
    stage.original.faults.clear()
    await until(lambda: exchange.pauses.is_trading(exchange.now_ms))
    assert stage.paid() == {A: ("yes", 2_000_000)}


async def test_what_comes_while_markets_cannot_be_read_never_ends_the_mirror(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.mirror.QUEUE_LIMIT", 40)
    monkeypatch.setattr("core.sandbox.mirror.HELD_LIMIT", 20)
    exchange = stage.mirror.exchange
    stage.original.faults.inject(Restart(down_ms=500))
    await until(lambda: not exchange.pauses.is_trading(exchange.now_ms))
    stage.original.faults.inject(TooManyRequests(requests=1_000_000))
    refused = "how the mirrored markets stand cannot be read"
    with caplog.at_level(logging.WARNING):
        await until(lambda: refused in caplog.text)  # so it is connected
        for _ in range(30):
            assert stage.life.deactivate(B)
            assert stage.life.activate(B)
        order = Order("more", CROWD, A, 0, 5_000, 300, 300)
        book = stage.there(A).book
        stage.original.exchange.carry_out(stage.there(A), book.place(order))
        caplog.clear()
        await until(lambda: caplog.text.count(refused) >= 2)  # the second began after all that
    assert not exchange.pauses.is_trading(exchange.now_ms)
    stage.original.faults.clear()
    await until(lambda: exchange.pauses.is_trading(exchange.now_ms))
    assert stage.here(B).status == "active"
    assert book.levels() == ([(4_000, 1_000), (5_000, 300)], [(6_000, 2_000)])
    assert stage.here(A).book.levels() == book.levels()
    assert stage.life.deactivate(B)
    await until(lambda: stage.here(B).status == "inactive")


async def test_a_mirror_that_cannot_keep_up_ends_by_saying_what_to_do(
    original: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.mirror.QUEUE_LIMIT", 3)
    with pytest.raises(JobError, match="--markets"):
        async with mirror_of(original):
            raise AssertionError("it kept up")


async def test_an_absence_while_no_market_is_followed_ends_too(stage: Stage) -> None:
    for name in NAMES:
        stage.life.determine(stage.there(name), "yes")
        stage.life.settle(stage.there(name))
    await until(lambda: {stage.here(name).status for name in NAMES} == {"finalized"})
    exchange = stage.mirror.exchange
    for _ in range(2):  # the first time the settled ones may still have to be read
        stage.original.faults.inject(Restart(down_ms=500))
        await until(lambda: not exchange.pauses.is_trading(exchange.now_ms))
        await until(lambda: exchange.pauses.is_trading(exchange.now_ms))
    market = Market(f"{EVENT}-G", EVENT, title="New", close_ms=CLOSE_MS)
    stage.life.list_market(market, MatchingBook())
    await until(lambda: market.ticker in exchange.listings)
    assert not stage.here(market.ticker).book.is_doubted
    assert await stage.buy(market.ticker, 3_000)


async def test_a_dispute_and_a_pause_that_ended_while_away_are_read_back(stage: Stage) -> None:
    resting = await stage.buy(A, 2_000)
    await stage.buy(B)
    life = stage.life
    life.deactivate(A)
    life.determine(stage.there(B), "yes")
    life.dispute(B)
    await until(lambda: len(stage.heard) == 2)
    exchange = stage.mirror.exchange
    stage.original.faults.inject(Restart(down_ms=1_500))
    await until(lambda: not exchange.pauses.is_trading(exchange.now_ms))
    life.activate(A)
    await until(lambda: exchange.pauses.is_trading(exchange.now_ms))
    assert (stage.here(A).status, stage.here(B).status) == ("active", "disputed")
    assert exchange.accounts[1].by_id[resting].reason == "HaltCancel"
    assert stage.paid() == {}
    life.amend(B, "yes")
    await until(lambda: B in stage.paid())
    assert stage.paid()[B] == ("yes", 2_000_000)


@pytest.mark.parametrize("fault", [DropMessage(LIFECYCLE), ChannelError(LIFECYCLE)])
async def test_a_result_that_no_message_brought_is_read(
    stage: Stage, fault: DropMessage | ChannelError
) -> None:
    await stage.buy(A)
    stage.original.faults.inject(fault)
    stage.life.determine(stage.there(A), "yes")
    assert stage.life.dispute(A)
    stage.life.deactivate(B)  # by its number the mirror learns that one is missing
    await until(lambda: (stage.here(A).status, stage.here(B).status) == ("disputed", "inactive"))
    assert (stage.here(A).result, stage.paid()) == ("yes", {})


async def test_a_settlement_whose_message_was_the_last_one_is_found_by_the_list(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.upstream.REFRESH_S", 0.2)
    await stage.buy(A)
    stage.life.deactivate(B)  # news, so that the next wait is a short one
    await until(lambda: stage.told(B))
    stage.original.faults.inject(DropMessage(LIFECYCLE))
    stage.life.determine(stage.there(A), "yes")
    stage.original.faults.inject(DropMessage(LIFECYCLE))
    stage.life.settle(stage.there(A))
    await until(lambda: len(stage.told(A)) == 2)
    assert stage.told(A) == ["determined", "settled"]
    assert stage.paid() == {A: ("yes", 2_000_000)}


async def test_a_settlement_that_is_told_before_it_can_be_read_is_paid(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sandbox.upstream.REFRESH_S", 0.2)
    await stage.buy(A)
    stage.original.faults.inject(DropMessage(LIFECYCLE))
    stage.life.determine(stage.there(A), "yes")
    stage.there(A).due_ms = 0
    stage.original.exchange.publisher.lifecycle(stage.there(A), "settled")
    await until(lambda: stage.here(A).status == "determined")
    assert stage.paid() == {}
    stage.original.faults.inject(DropMessage(LIFECYCLE))
    stage.life.settle(stage.there(A))
    await until(lambda: stage.told(A)[-1:] == ["settled"])
    assert stage.paid() == {A: ("yes", 2_000_000)}


async def test_reads_and_socket_sign_by_one_clock(original: Sandbox) -> None:
    original.faults.inject(ClockStep(step_ms=60_000))
    upstream = upstream_of(original)
    told: list[Event] = []
    async with upstream.following(told.extend):
        states = [one.state for one in told if isinstance(one, FeedState)]
        assert abs(upstream.offset_ms - 60_000) < 2_000
    assert states == ["connecting", "recovering", "live"]
