import asyncio
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from core.market.events import BookDelta, BookSnapshot
from core.sandbox import connection
from core.sandbox.recorded_source import RecordedSource
from core.units import Side

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"
T0 = 1_778_477_863_000


def session(session_of: Callable[..., Any], count: int, step_ms: int) -> Any:  # noqa: ANN401
    book = BookSnapshot(TICKER, ((4_000, 100),), (), ts_ms=T0)
    deltas = [BookDelta(TICKER, Side.BID, 4_000, 1, T0 + (i + 1) * step_ms) for i in range(count)]
    return session_of([book, *deltas], end_ms=count * step_ms)


async def replay(client: Any, channels: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401
    """Everything one subscriber hears until the clock channel says that it is over."""
    heard = []
    async with client.socket() as socket, asyncio.timeout(20):
        params = {"channels": ["sandbox_clock"]}
        await socket.send(json.dumps({"id": 1, "cmd": "subscribe", "params": params}))
        params = {"channels": channels, "market_tickers": [TICKER]}
        await socket.send(json.dumps({"id": 2, "cmd": "subscribe", "params": params}))
        async for text in socket:
            heard.append(json.loads(text))
            clock = heard[-1]["msg"] if heard[-1]["type"] == "sandbox_clock" else {}
            if clock and clock["venue_ms"] >= clock["end_ms"]:
                break
    return heard


def check_order(heard: list[dict[str, Any]], count: int) -> None:
    """All deltas came, in seq order, and none after a clock frame that covers it."""
    deltas = [m for m in heard if m["type"] == "orderbook_delta"]
    assert [m["seq"] for m in deltas] == list(range(2, count + 2))
    covered = 0
    for message in heard:
        if message["type"] == "sandbox_clock":
            assert message["msg"]["venue_ms"] >= covered
            covered = message["msg"]["venue_ms"]
        elif message["type"] == "orderbook_delta":
            assert message["msg"]["ts_ms"] > covered
            assert message["sent_ns"] > 0


async def test_full_speed_loses_nothing_and_ticks_through_quiet(
    serve: Serve, session_of: Callable[..., Any]
) -> None:
    source = RecordedSource([session(session_of, 200, 2_000)])
    async with serve(source, speed=0) as client:
        heard = await replay(client, ["orderbook_delta"])
    check_order(heard, 200)
    clocks = [m["msg"]["venue_ms"] for m in heard if m["type"] == "sandbox_clock"]
    assert max(b - a for a, b in pairwise(clocks)) <= 1_001
    assert all(m["msg"]["speed"] == 0 for m in heard if m["type"] == "sandbox_clock")


async def test_timed_replay_starts_with_its_subscriber(
    serve: Serve, session_of: Callable[..., Any]
) -> None:
    source = RecordedSource([session(session_of, 300, 100)])
    async with serve(source, speed=200) as client:
        before = await client.status()
        heard = await replay(client, ["orderbook_delta"])
        after = await client.status()
    assert (before["venue_ms"], before["running"]) == (T0, False)
    check_order(heard, 300)
    assert (after["venue_ms"], after["running"]) == (T0 + 30_001, False)


async def test_books_stay_after_the_end(serve: Serve, session_of: Callable[..., Any]) -> None:
    source = RecordedSource([session(session_of, 10, 10)])
    async with serve(source, speed=0) as client:
        await replay(client, ["orderbook_delta"])
        _, body = await client.call("GET", f"/markets/{TICKER}/orderbook")
        assert body["orderbook_fp"]["yes_dollars"] == [["0.4000", "1.10"]]
        status, _ = await client.call("POST", "/portfolio/events/orders", client.order())
        assert status == 201


@pytest.mark.parametrize(("speed", "is_paced"), [(0, False), (10_000, True)])
async def test_a_paced_replay_waits_for_a_slow_reader(
    serve: Serve,
    session_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    speed: float,
    is_paced: bool,
) -> None:
    monkeypatch.setattr(connection, "OUTBOUND_LIMIT_BYTES", 1_000)
    count = 5_000
    source = RecordedSource([session(session_of, count, 100)])
    async with (
        serve(source, speed=speed, is_paced=is_paced) as client,
        client.socket(max_queue=4) as socket,
        asyncio.timeout(20),
    ):
        params = {"channels": ["orderbook_delta"], "market_tickers": [TICKER]}
        await socket.send(json.dumps({"id": 1, "cmd": "subscribe", "params": params}))
        for _ in range(50):
            status = await client.status()
        assert status["venue_ms"] < T0 + count * 100 // 2
        seqs = [json.loads(await socket.recv()).get("seq") for _ in range(count + 2)]
    assert seqs == [None, *range(1, count + 2)]
