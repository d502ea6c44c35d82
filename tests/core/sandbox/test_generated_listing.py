"""A subscriber who asks for a market before it is listed."""

import json
from typing import Any

from core.sandbox.commands import Session
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.publisher import Publisher

Sink = Any  # the class stands in conftest.py, which no test can import
T0 = 1_778_477_863_000
UNTIL_MS = T0 + 16 * 60_000


def play() -> tuple[Exchange, GeneratedSource]:
    exchange = Exchange(Publisher(), 1, T0)
    source = GeneratedSource(GeneratedFlow(5, 2, T0), T0)
    source.open(exchange)
    return exchange, source


def advance(exchange: Exchange, source: GeneratedSource, count: int) -> None:
    """Play until so many markets are listed."""
    while len(exchange.listings) < count:
        now_ms = source.next_ms()
        assert now_ms is not None
        assert now_ms < UNTIL_MS
        exchange.advance(now_ms)
        source.take()


def test_a_later_market_begins_with_a_snapshot(sink: Sink) -> None:
    exchange, source = play()
    known = len(exchange.listings)
    advance(exchange, source, known + 1)
    later = list(exchange.listings)[known]

    exchange, source = play()
    session = Session(exchange, exchange.publisher, sink, 0)
    wanted = {"channels": ["orderbook_delta"], "market_tickers": [later]}
    session.receive(json.dumps({"id": 1, "cmd": "subscribe", "params": wanted}))
    advance(exchange, source, known + 1)
    assert [m["type"] for m in sink.messages[:2]] == ["subscribed", "orderbook_snapshot"]
    assert sink.messages[1]["msg"]["market_ticker"] == later
    assert sink.messages[1]["seq"] == 1
