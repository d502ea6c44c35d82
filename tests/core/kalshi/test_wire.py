"""Wire forms on written-out messages and on recorded ones, where those are at hand."""

import contextlib
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kalshi import wire, wire_commands
from core.kalshi.feed import FeedSession
from core.market.events import BookDelta, BookSnapshot
from core.units import format_count, format_price

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KALSHIFLOW_TEST_DATA") or ROOT.parent / "shared/data/kalshi")
PUBLIC = DATA / "public"
recorded = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"no recordings in {DATA}")


@given(st.integers(0, 10_000), st.integers(-(10**12), 10**12))
def test_text_round_trip_is_exact(pips: int, lots: int) -> None:
    assert wire.PIPS[format_price(pips)] == pips
    assert wire.LOTS[format_count(lots)] == lots


def test_memo_stays_bounded() -> None:
    memo = wire.IntegerMemo(int)
    for value in range(70_000):
        assert memo[str(value)] == value
    assert len(memo) == 16_384


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_frame_error(data: bytes) -> None:
    for candidate in (data, b'{"type":"orderbook_delta","msg":' + data + b"}"):
        with contextlib.suppress(wire.FrameError):
            assert wire.decode(candidate) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["market_ticker", "price_dollars", "delta_fp", "side", "sid", "code"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
KINDS = ["orderbook_delta", "orderbook_snapshot", "trade", "fill", "ok", "error", "subscribed", "x"]


@given(
    kind=st.sampled_from(KINDS),
    frames=st.lists(st.tuples(json_values, json_values, json_values), max_size=8),
)
def test_session_survives_any_members(kind: str, frames: list[tuple[object, ...]]) -> None:
    session = FeedSession()
    session.start(["A"])
    session.connection_made(0)
    for sid, seq, msg in frames:
        data = json.dumps({"type": kind, "sid": sid, "seq": seq, "msg": msg}).encode()
        for event in session.receive(data, 0):
            assert msgspec.json.encode(event)


def test_commands_are_what_the_exchange_documents() -> None:
    command = wire_commands.subscribe(1, "orderbook_delta", ["B", "A"], use_yes_price=True)
    assert json.loads(command) == {
        "id": 1,
        "cmd": "subscribe",
        "params": {
            "channels": ["orderbook_delta"],
            "market_tickers": ["A", "B"],
            "use_yes_price": True,
        },
    }
    assert json.loads(wire_commands.unsubscribe(2, 7)) == {
        "id": 2,
        "cmd": "unsubscribe",
        "params": {"sids": [7]},
    }
    assert json.loads(wire_commands.update_subscription(3, 7, "get_snapshot", ["A"])) == {
        "id": 3,
        "cmd": "update_subscription",
        "params": {"sid": 7, "action": "get_snapshot", "market_tickers": ["A"]},
    }


def lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        yield from file


@recorded
def test_recorded_demo_frames_all_become_events() -> None:
    session = FeedSession(use_yes_price=False)
    frames = list(lines(PUBLIC / "ws-demo-2026-07-01/session.jsonl.gz"))
    session.start({json.loads(f)["msg"]["market_ticker"] for f in frames if b"_snapshot" in f})
    session.connection_made(0)
    kinds = [type(event).__name__ for frame in frames for event in session.receive(frame, 0)]
    assert (session.counters.gaps, session.counters.malformed, session.counters.unknown) == (
        0,
        0,
        0,
    )
    assert kinds.count("FillReport") == 2
    assert kinds.count("BookDelta") == sum(b'"type":"orderbook_delta"' in f for f in frames)


@recorded
def test_recorded_production_session_keeps_every_number() -> None:
    path = sorted((PUBLIC / "kxbtc15m-ws").glob("kxbtc15m-*.jsonl.gz"))[0]
    session = FeedSession(use_yes_price=False, has_account=False)
    checked = 0
    for line in lines(path):
        frame = json.loads(line)
        if frame["type"] == "recorder.ws_connected":
            session.connection_lost("recorded")
            session.start([frame["msg"]["market_ticker"]])
            session.connection_made(0)
        if frame["type"].startswith("recorder."):
            continue
        for event in session.receive(line, 0):
            if isinstance(event, BookDelta):
                body = frame["msg"]
                price = event.price_pips if body["side"] == "yes" else 10_000 - event.price_pips
                assert format_price(price) == body["price_dollars"]
                assert format_count(event.delta_lots) == body["delta_fp"]
                assert (event.seq, event.ts_ms) == (frame["seq"], body["ts_ms"])
                checked += 1
            elif isinstance(event, BookSnapshot):
                given = frame["msg"].get("no_dollars_fp", [])
                back = [[format_price(10_000 - p), format_count(q)] for p, q in event.asks[::-1]]
                assert back == given
    assert checked == session.counters.deltas > 10_000
    assert (session.counters.gaps, session.counters.held_back, session.counters.malformed) == (
        0,
        0,
        0,
    )
