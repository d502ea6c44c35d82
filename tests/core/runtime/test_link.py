"""The connection to one exchange as a whole: proof of the key, status, feed, clean close."""

import asyncio
from typing import Any

import pytest

from core.errors import RefusedError, RejectedError, UnreachableError
from core.market.book import BookStatus
from core.runtime.exchange_process import Served
from core.runtime.link import Link
from core.sandbox.auth import make_key, private_pem
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Serve = Any
SessionOf = Any
Station = Any
Until = Any

T0 = 1_778_477_863_000


async def test_check_reads_what_the_source_is(station: Station) -> None:
    assert station.link.rtt_ms is None
    await station.link.check()
    status = station.link.status
    assert (status.venue_ms, status.end_ms, status.trades) == (T0, T0 + 600_000, "real")
    assert station.link.rtt_ms > 0


async def test_sessions_of_different_kinds_are_mixed(
    serve: Serve, connect: Connect, session_of: SessionOf
) -> None:
    sessions = (session_of("real", "A"), session_of("inferred", "B"))
    async with serve(*sessions) as sandbox, connect(sandbox) as station:
        await station.link.check()
        assert station.link.status.trades == "mixed"


async def test_generated_flow_is_named(serve: Serve, connect: Connect) -> None:
    source = GeneratedSource(GeneratedFlow(1, 1, T0), T0)
    async with serve(source=source) as sandbox, connect(sandbox) as station:
        await station.link.check()
        assert (station.link.status.trades, station.link.status.end_ms) == ("generated", 0)


async def test_a_key_the_exchange_does_not_know_is_refused(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.private_key = make_key()
    async with connect(sandbox) as station:
        with pytest.raises(RejectedError, match="HTTP 401"):
            await station.link.check()


async def test_an_exchange_that_does_not_answer_is_unreachable(
    relayed: Station, relay: Relay
) -> None:
    relay.loses = "requests"
    with pytest.raises(UnreachableError, match="no connection"):
        await relayed.link.check()


async def test_a_status_that_cannot_be_read_is_unreachable(relayed: Station, relay: Relay) -> None:
    def lose_status(request: bytes) -> None:
        relay.loses = "answers" if b"/sandbox/status" in request else ""

    relay.heard = lose_status
    with pytest.raises(UnreachableError, match="does not say its state"):
        await relayed.link.check()


async def test_orders_never_leave_this_machine(station: Station) -> None:
    pem = private_pem(station.sandbox.private_key)
    served = Served(
        "https://external-api.kalshi.com/trade-api/v2", station.sandbox.ws_url, "key", pem
    )
    with pytest.raises(RefusedError, match="this machine only"):
        Link(served, **station.parts)


async def test_the_feed_brings_books_and_the_exchanges_time(station: Station) -> None:
    await station.follow()
    book = station.books.get(station.ticker)
    assert book.status is BookStatus.LIVE
    assert (book.net_best(0), book.net_best(1)) == (4_000, 6_000)
    assert T0 <= station.clock.now_ms() <= T0 + 600_000


async def test_closing_leaves_no_task_and_no_connection(
    sandbox: Sandbox, connect: Connect, until: Until
) -> None:
    before = asyncio.all_tasks()
    async with connect(sandbox) as station:
        await station.follow()
        names = {task.get_name() for task in asyncio.all_tasks() - before}
        assert names >= {"feed stream", "feed-tick", "portfolio", "following", "book cross-check"}
        assert station.subscribed() == [1, 1, 1, 1, 1, 1, 1]
    await until(lambda: station.subscribed() == [0, 0, 0, 0, 0, 0, 0])
    await until(lambda: not asyncio.all_tasks() - before)
    assert station.feed.state == "disconnected"
    assert station.feed.live_tickers == frozenset()
    assert station.feed.counters.lost_connections == 1
