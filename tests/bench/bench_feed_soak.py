"""The real client at a fast exchange with a fault every second: books and account at the end.

Venue time waits for the client: where the machine is too slow for the rate, it runs slower than
wall time, and both rates are told.
"""

import argparse
import asyncio
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import msgspec
import psutil
from exchange_process import MARKETS
from soak_client import SoakRuntime

from core.clock import SystemClock
from core.errors import JobError
from core.kalshi.endpoints import REST_PATH
from core.sandbox.faults import Schedule

_CLOCK = SystemClock()
_FAULT_MS = 1_000
_SAMPLE_SECONDS = 0.5
_WARM_UP_SHARE = 0.3
_SETTLE_SECONDS = 60.0
_LAST_MS = 2_000
"""Venue time at the end without new faults: tokens come back by it, and then it stands still."""
_MIB = 1024 * 1024


@dataclass
class _Memory:
    """Private and resident memory of one process over wall time."""

    pid: int
    seconds: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    private_mib: list[float] = field(default_factory=list)

    def sample(self, seconds: float) -> None:
        memory = psutil.Process(self.pid).memory_info()
        self.seconds.append(seconds)
        self.rss_mib.append(memory.rss / _MIB)
        self.private_mib.append((memory.rss - getattr(memory, "shared", 0)) / _MIB)

    def figures(self, name: str) -> dict[str, float | None]:
        """Levels, and the slope of the private part once warm, None where a run is too short."""
        warm = min(round(len(self.seconds) * _WARM_UP_SHARE), len(self.seconds) - 1)
        minutes = [seconds / 60 for seconds in self.seconds[warm:]]
        slope = None
        if len(minutes) > 1:
            slope = round(linear_regression(minutes, self.private_mib[warm:]).slope, 2)
        return {
            f"{name}_rss_mib_start": round(self.rss_mib[0], 1),
            f"{name}_rss_mib_warm": round(self.rss_mib[warm], 1),
            f"{name}_rss_mib_end": round(self.rss_mib[-1], 1),
            f"{name}_slope_mib_per_minute": slope,
        }


@dataclass
class _Biggest:
    """The longest queues seen."""

    exchange_unread_bytes: int = 0
    client_tasks: int = 0

    def see(self, status: dict[str, Any]) -> None:
        unread = sum(peer["unread_bytes"] for peer in status["connections"])
        self.exchange_unread_bytes = max(self.exchange_unread_bytes, unread)
        self.client_tasks = max(self.client_tasks, len(asyncio.all_tasks()))


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return whether both sides agree at the end, and what it took.

    Raises:
        JobError: a rate or a length that cannot be run.
    """
    if args.rate < 1_000 or args.minutes <= 0:
        raise JobError("feed-soak needs at least --rate 1000 and some --minutes")
    return asyncio.run(_soak(args))


async def _soak(args: argparse.Namespace) -> dict[str, object]:
    numbers = [str(args.rate // 1_000), str(round(args.minutes * 60_000)), str(args.seed)]
    with TemporaryDirectory(prefix="kalshiflow-soak-") as home:
        client = SoakRuntime(Path(home), MARKETS, numbers, args.seed)
        try:
            await client.start()
            async with aiohttp.ClientSession() as http:
                return await _Soak(args, client, http).run()
        finally:
            await client.stop()


class _Soak:
    """One run."""

    def __init__(
        self,
        args: argparse.Namespace,
        client: SoakRuntime,
        http: aiohttp.ClientSession,
    ) -> None:
        if client.exchange_pid is None:
            raise JobError("the exchange of the soak did not start")
        self._args = args
        self._client = client
        self._http = http
        self._control = client.base_url.removesuffix(REST_PATH) + "/sandbox/"
        self._memories = {
            "client": _Memory(os.getpid()),
            "exchange": _Memory(client.exchange_pid),
        }
        self._biggest = _Biggest()
        self._faults: dict[str, Any] = {}
        self._states: Counter[str] = Counter()

    async def run(self) -> dict[str, object]:
        """Soak, let the client settle, compare."""
        client = self._client
        if not await _until(lambda: client.has_caught_up, _SETTLE_SECONDS):
            raise JobError(f"the client did not get its first books: {client.alert()}")
        schedule = Schedule(self._args.seed, _FAULT_MS, scope=self._args.scope)
        plan = msgspec.to_builtins({"schedule": schedule})
        async with self._http.post(self._control + "faults", json=plan) as reply:
            reply.raise_for_status()
        began_ns, began_ms = _CLOCK.monotonic_ns(), client.clock.now_ms()
        async with asyncio.TaskGroup() as tasks:
            trading = tasks.create_task(client.trade(), name="soak-trade")
            await self._watch(began_ns, _LAST_MS)
            await self._end_faults()
            end_ms = await self._watch(began_ns)
            trading.cancel()
        wall_s = (_CLOCK.monotonic_ns() - began_ns) / 1e9
        venue_s = (end_ms - began_ms) / 1_000
        if venue_s <= 0:
            raise JobError("the soak was over before the client began: give it more --minutes")
        figures = self._figures(wall_s, venue_s) | await self._compared()
        return figures | {"wrong": wrong(figures)}

    async def _end_faults(self) -> None:
        """Let nothing more go wrong; asked again where the exchange restarts just now."""
        while True:
            try:
                async with self._http.delete(self._control + "faults") as reply:
                    reply.raise_for_status()
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(_SAMPLE_SECONDS)

    async def _watch(self, began_ns: int, before_ms: int = 0) -> int:
        """Sample until the exchange is this near to its end; returns the venue time of its end."""
        while True:
            seconds = (_CLOCK.monotonic_ns() - began_ns) / 1e9
            for memory in self._memories.values():
                memory.sample(seconds)
            self._states[self._client.feed.state] += 1
            status = await self._ask("status")
            self._faults = await self._ask("faults") or self._faults
            if self._faults:
                self._biggest.see(self._faults)
            if status and status["venue_ms"] >= status["end_ms"] - before_ms:
                return int(status["end_ms"])
            await asyncio.sleep(_SAMPLE_SECONDS)

    async def _ask(self, what: str) -> dict[str, Any]:
        """What the exchange says of itself, nothing while it restarts."""
        try:
            async with self._http.get(self._control + what) as reply:
                said: dict[str, Any] = await reply.json()
                return said
        except aiohttp.ClientConnectionError:
            return {}

    async def _compared(self) -> dict[str, object]:
        client = self._client
        drift = await client.final_drift()  # takes the feed to and fro, so a cut is known now
        settled = await _until(lambda: client.has_caught_up, _SETTLE_SECONDS)
        differing = await client.differing_books()
        outside = sum(
            record["fault"]["change_micros"]
            for record in (await self._ask("faults"))["done"]
            if record["fault"]["kind"] == "balance"
        )
        cash = None if drift is None else drift.cash_micros
        return {
            "feed_settled": settled,
            "books": len(list(client.books)),
            "books_differing": len(differing),
            "final_books_equal": settled and not differing,
            "drift_orders": drift and drift.orders,
            "drift_position_lots": drift and drift.position_lots,
            "drift_cash_micros": cash,
            "cash_changed_outside_micros": outside,
            "account_agrees": drift is not None
            and (drift.orders, drift.position_lots, cash) == (0, 0, outside),
            "alert": client.alert(),
        }

    def _figures(self, wall_s: float, venue_s: float) -> dict[str, object]:
        counters = self._client.feed.counters
        deltas = counters.deltas + counters.held_back
        return {
            "markets": MARKETS,
            "seed": self._args.seed,
            "scope": self._args.scope,
            "wanted_messages_per_venue_s": self._args.rate,
            "venue_s": round(venue_s, 1),
            "wall_s": round(wall_s, 1),
            "deltas": deltas,
            "deltas_per_venue_s": round(deltas / venue_s),
            "deltas_per_wall_s": round(deltas / wall_s),
            "feed_live_share": round(self._states["live"] / self._states.total(), 2),
            "faults": self._faults.get("counts", {}),
            "gaps": counters.gaps,
            "duplicates": counters.duplicates,
            "malformed": counters.malformed,
            "repairs": counters.repairs,
            "resubscribes": counters.resubscribes,
            "reconnects": counters.lost_connections,
            "fills": self._client.ledger.fills,
            "biggest_exchange_unread_bytes": self._biggest.exchange_unread_bytes,
            "biggest_client_tasks": self._biggest.client_tasks,
            **self._memories["client"].figures("client"),
            **self._memories["exchange"].figures("exchange"),
        }


def wrong(figures: Mapping[str, object]) -> str:
    """What must not be so at the end, "" if nothing is."""
    if not figures["feed_settled"]:
        return "the feed did not come to rest, so that its books prove nothing"
    if not figures["final_books_equal"]:
        return f"{figures['books_differing']} books differ from the exchange's"
    return "" if figures["account_agrees"] else "the account differs from the exchange's"


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; False if it does not come in time."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  (state behind a socket)
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    return True
