"""A local exchange mirrors a second one: same books, same ends, and orders that stay here."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from core.clock import SystemClock
from core.errors import RefusedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.feed import FeedSession
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import CreateOrder
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.kalshi.stream import FeedStream
from core.market.events import BookSnapshot
from core.market.market import Market
from core.sandbox.auth import ApiKey, make_key
from core.sandbox.mirror import MirrorSource
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.upstream import Upstream
from core.storage.importing import read_session
from core.storage.recorded_session import ImportReport, RecordedSession

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
WALL = SystemClock()
SECONDS = 30.0
STILL = "KXT-26MAY11-A"
T0 = 1_778_477_863_000


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110  (state behind sockets)
            await asyncio.sleep(0.02)


def reading_signer(sandbox: Sandbox, *scopes: str) -> Signer:
    """A key of the first account with these scopes."""
    private = make_key()
    key_id = f"key-{'-'.join(scopes)}"
    sandbox._keys.add(ApiKey(key_id, 1, private.public_key(), "mirror", scopes))
    return Signer(key_id, private)


def upstream_of(sandbox: Sandbox, *scopes: str) -> Upstream:
    endpoint = DataEndpoint(sandbox.base_url, sandbox.ws_url)
    return Upstream(endpoint, reading_signer(sandbox, *scopes), WALL, limit=20)


@asynccontextmanager
async def mirror_of(sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    source = MirrorSource(upstream_of(sandbox, "read"), WALL)
    async with source.mirroring():
        mirror = Sandbox(SandboxSettings(seed=2), source, WALL)
        async with mirror.running():
            yield mirror


@pytest.fixture
async def original() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(SandboxSettings(speed=60.0), RecordedSource([read_session(DEMO)]), WALL)
    async with sandbox.running():
        yield sandbox


@pytest.fixture
async def still() -> AsyncIterator[Sandbox]:
    """An exchange whose one book never moves: 20 contracts are offered at 60 cents."""
    market = Market(STILL, "KXT-26MAY11", title="Market A")
    book = BookSnapshot(STILL, ((4_000, 1_000),), ((6_000, 2_000),), ts_ms=T0)
    session = RecordedSession("still", (market,), (book,), T0, T0 + 600_000, "real", ImportReport())
    sandbox = Sandbox(SandboxSettings(), RecordedSource([session]), WALL)
    async with sandbox.running():
        yield sandbox


def books(sandbox: Sandbox) -> dict[str, object]:
    return {t: listing.book.levels() for t, listing in sandbox.exchange.listings.items()}


def states(sandbox: Sandbox) -> dict[str, tuple[str, str]]:
    return {t: (one.status, one.result) for t, one in sandbox.exchange.listings.items()}


async def test_books_results_and_trades_are_the_originals(original: Sandbox) -> None:
    async with mirror_of(original) as mirror:
        middle_ms = original.exchange.now_ms + 240_000
        await until(lambda: mirror.exchange.now_ms >= middle_ms)
        assert any(bids and asks for bids, asks in books(mirror).values())  # type: ignore[misc]
        await until(lambda: {status for status, _ in states(mirror).values()} == {"finalized"})
        assert states(mirror) == states(original)
        assert books(mirror) == books(original)
        counts = {t: len(one.trades) for t, one in mirror.exchange.listings.items()}
        assert sum(counts.values()) > 100
        assert counts == {t: len(one.trades) for t, one in original.exchange.listings.items()}


async def test_an_order_here_is_filled_here_and_unknown_there(still: Sandbox) -> None:
    async with mirror_of(still) as mirror:
        await until(lambda: mirror.exchange.listings[STILL].book.best(1) == (6_000, 2_000))
        signer = Signer(mirror.api_key_id, mirror.private_key)
        endpoint = OrderEndpoint.sandbox(mirror.base_url)
        rest = KalshiRest(endpoint, signer, WALL, random.Random(1))
        orders = OrderRest(endpoint, signer, WALL, lambda *_: None)
        try:
            reply = await orders.create_order(CreateOrder("mine", STILL, 0, 6_000, 200))
            assert (reply.filled_lots, reply.remaining_lots) == (200, 0)
            (fill,) = await rest.fills()
            assert (fill.order_id, fill.quantity_lots) == (reply.order_id, 200)
            assert fill.price_pips == 6_000
        finally:
            await rest.close()
            await orders.close()
        assert not still.exchange.accounts[1].orders
        assert still.exchange.accounts[1].cash_micros == 1_000_000_000


async def test_a_key_that_may_write_is_refused(original: Sandbox) -> None:
    source = MirrorSource(upstream_of(original, "read", "write"), WALL)
    with pytest.raises(RefusedError, match="only read"):
        async with source.mirroring():
            raise AssertionError("it mirrored")


async def test_nobody_there_is_said(original: Sandbox) -> None:
    endpoint = DataEndpoint("http://127.0.0.1:9/trade-api/v2", "ws://127.0.0.1:9/trade-api/ws/v2")
    source = MirrorSource(Upstream(endpoint, reading_signer(original, "read"), WALL, 5), WALL)
    with pytest.raises(UnreachableError):
        async with source.mirroring():
            raise AssertionError("it mirrored")


async def test_a_lost_connection_is_made_again_and_the_books_agree(original: Sandbox) -> None:
    async with mirror_of(original) as mirror:
        await until(lambda: mirror.exchange.now_ms >= original.exchange.now_ms - 2_000)
        for peer in original._ws.peers:
            await peer.socket.close(code=1012, message=b"again")
        await until(lambda: {status for status, _ in states(mirror).values()} == {"finalized"})
        assert states(mirror) == states(original)


async def test_without_its_upstream_nothing_trades_and_no_book_is_shown_as_live(
    original: Sandbox,
) -> None:
    async with mirror_of(original) as mirror:
        feed = FeedSession(has_account=False, has_clock=True)
        feed.start(mirror.exchange.listings)
        signer = Signer(mirror.api_key_id, mirror.private_key)
        rng = random.Random(1)
        stream = FeedStream(mirror.ws_url, signer, feed, WALL, lambda _: None, rng)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(stream.run(), name="follow")
            await until(lambda: len(feed.live_tickers) == len(mirror.exchange.listings))
            fault = {"kind": "restart", "down_ms": 2_000}
            url = original.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
            async with aiohttp.ClientSession() as http, http.post(url, json=fault) as reply:
                assert reply.status == 200
            await until(lambda: not feed.live_tickers)
            assert not mirror.exchange.pauses.is_trading(mirror.exchange.now_ms)
            await until(lambda: len(feed.live_tickers) == len(mirror.exchange.listings))
            assert mirror.exchange.pauses.is_trading(mirror.exchange.now_ms)
            following.cancel()
