"""Books against the exchange's own answers, over a real exchange; one is corrupted on purpose."""

from typing import Any

import pytest

from core.clock import ManualClock, SystemClock
from core.market.book import BookStatus
from core.market.events import BookDoubted, GroupClosed
from core.runtime import cross_check
from core.runtime.cross_check import CrossCheckCounters
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Serve = Any
SessionOf = Any
Station = Any
Until = Any

T0 = 1_778_477_863_000


def corrupt(station: Station) -> None:
    """Change our book behind everybody's back."""
    book = station.books.get(station.ticker)
    assert book.apply(0, 3_500, 700, book.changed_ms)


async def test_a_book_that_is_the_exchanges_agrees(station: Station) -> None:
    await station.follow()
    await station.resting(3_900, 700)
    assert await station.link.cross_check.check(station.ticker) is True
    assert station.link.cross_check.counters == CrossCheckCounters(agreed=1)


async def test_a_corrupted_book_is_stale_until_its_own_snapshot(
    station: Station, until: Until
) -> None:
    await station.follow()
    corrupt(station)
    assert await station.link.cross_check.check(station.ticker) is False
    book = station.books.get(station.ticker)
    assert book.status is BookStatus.STALE
    assert station.link.cross_check.counters.mismatched == 1
    await until(lambda: book.status is BookStatus.LIVE)
    assert book.lots(0, 3_500) == 0
    (doubt,) = [event for event in station.events if isinstance(event, BookDoubted)]
    assert doubt.reason == "not the exchange's own answer at 1 price"
    assert await station.link.cross_check.check(station.ticker) is True


async def test_a_book_that_moves_while_it_is_asked_for_agrees(
    relayed: Station, relay: Relay
) -> None:
    await relayed.follow()

    def move(request: bytes) -> None:
        if b"/orderbook" in request:
            relayed.trade_as_another("bid", "0.4100", "3.00")

    relay.heard = move
    assert await relayed.link.cross_check.check(relayed.ticker) is True
    assert relayed.books.get(relayed.ticker).lots(0, 4_100) == 300


async def test_books_in_full_flow_are_never_suspected(serve: Serve, connect: Connect) -> None:
    source = GeneratedSource(GeneratedFlow(1, 3, T0), T0)
    async with serve(source=source, speed=5.0) as sandbox, connect(sandbox) as station:
        await station.follow()
        checks = station.link.cross_check
        before = station.books.counters.deltas
        for number in range(30):
            tickers = sorted(station.feed.live_tickers)
            await checks.check(tickers[number % len(tickers)])
        assert station.books.counters.deltas > before, "they moved meanwhile"
        assert checks.counters.mismatched == 0
        assert checks.counters.agreed


async def test_an_exchange_that_does_not_answer_proves_nothing(
    relayed: Station, relay: Relay
) -> None:
    await relayed.follow()
    corrupt(relayed)
    relay.loses = "answers"
    assert await relayed.link.cross_check.check(relayed.ticker) is None
    assert await relayed.link.cross_check.check("KXT-26MAY11-NONE") is None
    assert relayed.link.cross_check.counters == CrossCheckCounters(unclear=2)
    assert relayed.books.get(relayed.ticker).status is BookStatus.LIVE


async def test_books_are_taken_in_turn_by_venue_time(
    serve: Serve,
    connect: Connect,
    session_of: SessionOf,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cross_check, "CHECK_MS", 10)
    monkeypatch.setattr(cross_check, "FASTEST_CHECK_SECONDS", 0.01)
    sessions = (session_of("real", "A"), session_of("real", "B"), session_of("real", "C"))
    async with serve(*sessions, speed=20.0) as sandbox, connect(sandbox) as station:
        checked: list[str] = []
        check = station.link.cross_check.check

        async def note(ticker: str) -> bool | None:
            checked.append(ticker[-1])
            return await check(ticker)

        monkeypatch.setattr(station.link.cross_check, "check", note)
        await station.follow()
        await until(lambda: len(checked) >= 7)
        assert "".join(checked[:7]) in ("ABCABCA", "BCABCAB", "CABCABC")


def stood_ms(station: Station) -> int:
    """Venue time of the first group that the feed told after its books were there, 0 before."""
    told = [event.ts_ms for event in station.events if isinstance(event, GroupClosed)]
    return next((ts_ms for ts_ms in told if ts_ms), 0)


@pytest.mark.parametrize("speed", [1.0, 10.0, 1_000.0])
async def test_a_check_comes_every_venue_minute_from_when_the_feed_stands(
    connect: Connect,
    session_of: SessionOf,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    speed: float,
) -> None:
    """The exchange's clock is moved by hand, so that no check can come by waiting."""
    monkeypatch.setattr(cross_check, "FASTEST_CHECK_SECONDS", 0.0)
    wall = SystemClock()
    began_ms = wall.now_ms()
    clock = ManualClock(began_ms, wall.monotonic_ns())
    settings = SandboxSettings(speed=speed, rules=ExchangeRules(tier="off"))
    sandbox = Sandbox(settings, RecordedSource([session_of("real", "A")]), clock)
    async with sandbox.running(), connect(sandbox) as station:
        checked_ms: list[int] = []

        async def note(ticker: str) -> None:
            assert ticker == station.ticker
            checked_ms.append(station.pipeline.group_ms - stood_ms(station))

        def has_told(goal_ms: int) -> bool:
            """Move the exchange's clock on, five seconds before the feed at most."""
            played_ms = T0 + (clock.now_ms() - began_ms) * speed
            if played_ms - station.pipeline.group_ms < 5_000:
                clock.advance_ms(round(1_000 / speed))
            return bool(station.pipeline.group_ms >= goal_ms)

        monkeypatch.setattr(station.link.cross_check, "check", note)
        await station.follow(waits_for_scale=False)
        await until(lambda: has_told(T0 + 1) and stood_ms(station))
        assert T0 <= stood_ms(station) < T0 + 5_000
        await until(lambda: has_told(stood_ms(station) + 50_000))
        assert checked_ms == []
        await until(lambda: has_told(stood_ms(station) + 110_000))
        assert len(checked_ms) == 1
        await until(lambda: has_told(stood_ms(station) + 140_000))
        assert [after_ms // 10_000 for after_ms in checked_ms] == [6, 12]
