from collections.abc import Callable
from typing import Any

import pytest

from core.market.events import BookDelta, BookSnapshot
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.publisher import Publisher
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.sources import Source

T0 = 1_778_477_863_000


@pytest.fixture(params=["generated", "recorded"])
def source(request: pytest.FixtureRequest, session_of: Callable[..., Any]) -> Source:
    if request.param == "generated":
        return GeneratedSource(GeneratedFlow(1, 2, T0), T0)
    book = BookSnapshot("KXT-26MAY11-A", ((4_000, 10),), (), ts_ms=T0)
    deltas = [BookDelta(book.ticker, 0, 4_000, 1, T0 + i) for i in range(9)]
    return RecordedSource([session_of([book, *deltas], end_ms=8)])


def test_instants_ascend_and_leave_listed_markets(source: Source) -> None:
    exchange = Exchange(Publisher(), 1, source.start_ms)
    source.open(exchange)
    assert exchange.listings
    seen = []
    while (now_ms := source.next_ms()) is not None and len(seen) < 50:
        seen.append(now_ms)
        exchange.advance(now_ms)
        source.take()
    assert seen == sorted(set(seen))
    assert seen[0] >= source.start_ms
    if source.end_ms:
        assert seen[-1] == source.end_ms
