"""The whole line over recorded sessions: books less our own orders are exactly the recording's."""

import asyncio
import gzip
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.events import Event
from core.market.book import BookStatus, OrderBook
from core.market.events import BookDelta, BookDoubted, GroupClosed
from core.runtime.commands import StartTrading, StopTrading
from core.runtime.runtime import Runtime
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
Side = dict[int, int]
START_SECONDS = 60.0
UNSTAMPED_MS = 2_000
"""Snapshots carry no exchange time: for so long after one the instant it holds from is open."""


def cents(value: int) -> int:
    return value * 100


def pips(text: str) -> int:
    whole, fraction = text.split(".")
    return int(whole) * 10_000 + int(fraction.ljust(4, "0"))


def lots(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    whole, fraction = text.lstrip("-").split(".")
    return sign * (int(whole) * 100 + int(fraction.ljust(2, "0")[:2]))


@dataclass
class Recording:
    """A replay that shares no code with the program: two dicts a market, bids of YES and of NO."""

    path: Path
    books: dict[str, tuple[Side, Side]] = field(
        default_factory=lambda: defaultdict(lambda: ({}, {}))
    )
    snapshot_ms: dict[str, int] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    sid: int | None = None

    def __post_init__(self) -> None:
        self._changes = self._read()
        self._next = next(self._changes, None)

    def advance(self, ts_ms: int) -> None:
        """Apply every recorded message stamped up to `ts_ms`."""
        while self._next is not None and self._next[0] <= ts_ms:
            stamp, kind, message = self._next
            if kind == "gap":
                self.doubtful.update(self.books)
            elif kind == "orderbook_snapshot":
                self._snapshot(message)
                self.snapshot_ms[message["market_ticker"]] = stamp
                self.doubtful.discard(message["market_ticker"])
            else:
                self._delta(message)
            self._next = next(self._changes, None)

    def is_settled(self, ticker: str, ts_ms: int) -> bool:
        """True unless messages were lost or an unstamped snapshot may be on its way."""
        since_ms = ts_ms - self.snapshot_ms.get(ticker, ts_ms)
        return ticker not in self.doubtful and since_ms > UNSTAMPED_MS

    def _read(self) -> Iterator[tuple[int, str, dict]]:
        last_ms = last_seq = 0
        with gzip.open(self.path, "rt") as lines:
            for line in lines:
                frame = json.loads(line)
                kind = frame["type"]
                if kind == "recorder.ws_connected":
                    last_seq = 0
                if frame.get("sid") == self._book_sid(frame) and "seq" in frame:
                    if last_seq and frame["seq"] != last_seq + 1:
                        yield last_ms, "gap", {}
                    last_seq = frame["seq"]
                if kind not in ("orderbook_snapshot", "orderbook_delta"):
                    continue
                if frame.get("origin") == "checkpoint":
                    continue
                last_ms = max(last_ms, self._stamp(frame))
                yield last_ms, kind, frame["msg"]

    def _book_sid(self, frame: dict) -> int | None:
        """The subscription that carries books: the one of the first snapshot."""
        if self.sid is None and frame["type"] == "orderbook_snapshot":
            self.sid = frame.get("sid")
        return self.sid

    @staticmethod
    def _stamp(frame: dict) -> int:
        if "ts_ms" in frame["msg"]:
            return int(frame["msg"]["ts_ms"])
        if "recv_ts" in frame:
            return int(datetime.fromisoformat(frame["recv_ts"]).timestamp() * 1000 + 0.001)
        return 0

    def _snapshot(self, message: dict) -> None:
        ticker = message["market_ticker"]
        if "yes" in message:
            sides = [{cents(p): q * 100 for p, q in message[side]} for side in ("yes", "no")]
        else:
            sides = [
                {pips(p): lots(q) for p, q in message.get(f"{side}_dollars_fp", [])}
                for side in ("yes", "no")
            ]
        self.books[ticker] = (sides[0], sides[1])

    def _delta(self, message: dict) -> None:
        side = self.books[message["market_ticker"]][message["side"] == "no"]
        if "price" in message:
            price, change = cents(message["price"]), message["delta"] * 100
        else:
            price, change = pips(message["price_dollars"]), lots(message["delta_fp"])
        side[price] = side.get(price, 0) + change
        if not side[price]:
            del side[price]


@dataclass
class Comparison:
    """Compares at every group's end, from the first message of a market to its close."""

    runtime: Runtime
    recording: Recording
    compared: int = 0
    with_ours: int = 0
    wrong: list[str] = field(default_factory=list)

    def observe(self, event: Event) -> None:
        if not isinstance(event, GroupClosed):
            return
        self.recording.advance(event.ts_ms)
        for book in self.runtime.books:
            market = self.runtime.markets[book.ticker]
            is_open = not market.close_ms or event.ts_ms < market.close_ms
            is_settled = self.recording.is_settled(book.ticker, event.ts_ms)
            is_ours_known = not self.runtime.orders.orders.is_doubtful(book.ticker)
            if not is_known(book) or not is_ours_known or not is_open or not is_settled:
                continue
            yes, no = self.recording.books[book.ticker]
            asks = {10_000 - price: quantity for price, quantity in no.items()}
            self.compared += 1
            self.with_ours += bool(book.own.any())
            if dict(book.net(0)) != yes or dict(book.net(1)) != asks:
                self.wrong.append(f"{book.ticker} at {event.ts_ms}")


def is_known(book: OrderBook) -> bool:
    """True once its first snapshot came, unless messages were lost.

    A market that appears in mid-session is subscribed to in wall time, which is many seconds of a
    fast session.
    """
    return book.changed_ms > 0 and book.status is not BookStatus.STALE


async def play_on(runtime: Runtime, seconds: float) -> None:
    """Let the exchange play for so much wall time, which is what is tested."""
    start_ns = runtime.wall.monotonic_ns()
    while runtime.wall.monotonic_ns() - start_ns < seconds * 1e9:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


@dataclass
class ConfirmedComparison(Comparison):
    """Believes a difference once the next message of that book came in sequence.

    That the last message of a group was lost shows only in the number of the next one.
    """

    open_ends: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def observe(self, event: Event) -> None:
        if isinstance(event, BookDoubted):
            self.open_ends.pop(event.ticker, None)
        elif isinstance(event, BookDelta):
            self.wrong += self.open_ends.pop(event.ticker, [])
        known = len(self.wrong)
        super().observe(event)
        for text in self.wrong[known:]:
            self.open_ends[text.split(" at ")[0]].append(text)
        del self.wrong[known:]


@asynccontextmanager
async def faults(
    runtime: Runtime, seed: int, every_ms: int, kinds: list[str]
) -> AsyncIterator[Any]:
    """A seeded fault every so many wall milliseconds; yields the counts once it is over."""
    assert runtime._exchange is not None
    url = runtime._exchange.served.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
    schedule = {"seed": seed, "every_ms": every_ms, "kinds": kinds, "time": "wall"}
    counts: dict[str, int] = {}
    async with aiohttp.ClientSession() as http:
        async with http.post(url, json={"schedule": schedule}) as reply:
            assert reply.status == 200, await reply.text()
        yield counts
        async with http.delete(url) as reply:
            assert reply.status == 200, await reply.text()
        async with http.get(url) as reply:
            counts |= (await reply.json())["counts"]


async def replay(
    home: Path,
    session: Path,
    speed: float,
    seconds: float,
    kind: type[Comparison] = Comparison,
    trouble: Callable[[Runtime], AbstractAsyncContextManager[Any]] = lambda _: nullcontext(),
) -> tuple[Comparison, Runtime]:
    runtime = Runtime(Settings(home=home, sessions=(session,), speed=speed, markets=12))
    comparison = kind(runtime, Recording(session))
    runtime.bus.subscribe(comparison.observe)
    await runtime.start()
    try:
        assert runtime.checklist.failures() == []
        async with asyncio.timeout(START_SECONDS):
            while not (runtime.books.counters.deltas and runtime.can_trade):  # noqa: ASYNC110  (another process)
                await asyncio.sleep(0.02)
        await runtime.execute(StartTrading("hardcoded"))
        async with trouble(runtime):
            await play_on(runtime, seconds)
        await runtime.execute(StopTrading())
        await runtime.quiet(30.0)
        assert runtime.portfolio is not None
        assert runtime.portfolio.drift is not None
        assert runtime.portfolio.drift.is_zero
    finally:
        await runtime.stop()
    return comparison, runtime


def check(comparison: Comparison, runtime: Runtime) -> None:
    assert comparison.wrong == []
    assert comparison.compared > 100
    assert comparison.with_ours > 100
    assert runtime.metrics.late == 0
    assert runtime.metrics.decisions > 0
    assert runtime.metrics.orders > 0
    stats = runtime.recorder_stats()
    assert stats is not None
    assert (stats.dropped, stats.queued) == (0, 0)
    assert stats.written >= runtime.books.counters.deltas


async def test_demo_session(home: Path) -> None:
    comparison, runtime = await replay(home, DEMO, speed=60.0, seconds=8)
    check(comparison, runtime)
    assert runtime.ledger.fills > 0


@pytest.mark.parametrize(
    ("name", "speed"),
    [
        ("public/kxbtc15m-ws/kxbtc15m-20260513T230110Z.jsonl.gz", 100.0),
        ("public/ws-inxd-23aug31.jsonl.gz", 1_500.0),
        ("public/ws-demo-2026-07-01/session.jsonl.gz", 40.0),
    ],
)
async def test_real_session(home: Path, recordings: Path, name: str, speed: float) -> None:
    comparison, runtime = await replay(home, recordings / name, speed, seconds=8)
    check(comparison, runtime)
    assert runtime.feed.counters.gaps == 0


KINDS = ["drop", "duplicate", "reorder", "error_10", "error_25", "disconnect"]


@pytest.mark.parametrize("seed", [1, 5])
async def test_demo_session_with_a_fault_every_700_ms(home: Path, seed: int) -> None:
    """What the books show while they are trusted is right, however often they are not."""
    counts: dict[str, int] = {}

    @asynccontextmanager
    async def trouble(runtime: Runtime) -> AsyncIterator[None]:
        async with faults(runtime, seed, 700, KINDS) as done:
            yield
        counts.update(done)

    comparison, runtime = await replay(
        home, DEMO, speed=20.0, seconds=12, kind=ConfirmedComparison, trouble=trouble
    )
    check(comparison, runtime)
    assert sum(counts.get(kind, 0) for kind in KINDS) >= 10
    assert len([kind for kind in KINDS if counts.get(kind)]) >= 3
    assert runtime.feed.counters.gaps > 0
    assert runtime.feed.counters.lost_connections > 0
    assert not any(runtime.orders.orders.is_doubtful(ticker) for ticker in runtime.markets)
