"""The 2023 form, line by line and as a whole recording."""

from pathlib import Path

import msgspec
import pytest

from core.market.events import BookDelta, BookSnapshot
from core.storage.cent_reader import CentReader
from core.storage.importing import read_session
from core.storage.session_builder import SessionBuilder
from core.storage.session_markets import MarketDirectory


def test_cents_and_contracts_become_pips_and_lots() -> None:
    builder = SessionBuilder()
    reader = CentReader(builder, MarketDirectory())
    head = b'{"recv_ts":"1970-01-01T00:00:01.5Z","type":'
    reader.read(head + b'"orderbook_snapshot","msg":{"market_ticker":"X-A","no":[[97,3]]}}')
    reader.read(
        head + b'"orderbook_delta","msg":{"market_ticker":"X-A","price":97,"delta":-1,"side":"no"}}'
    )
    builder.finish()
    assert builder.events == [
        BookSnapshot("X-A", (), ((300, 300),), ts_ms=1_500),
        BookDelta("X-A", 1, 300, -100, 1_500),
    ]


def test_other_types_raise() -> None:
    reader = CentReader(SessionBuilder(), MarketDirectory())
    with pytest.raises(msgspec.ValidationError):
        reader.read(b'{"recv_ts":"1970-01-01T00:00:01Z","type":"trade","msg":{}}')


def test_whole_day_agrees_with_all_its_checkpoints(recordings: Path) -> None:
    report = read_session(recordings / "public" / "ws-inxd-23aug31.jsonl.gz").report
    assert (report.deltas, report.snapshots, report.damaged) == (67_161, 14, None)
    assert (report.checkpoints, report.checkpoint_mismatches) == (12, 0)
