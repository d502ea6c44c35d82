"""Frames one by one."""

import msgspec
import pytest

from core.errors import DecodeError
from core.market.events import Trade
from core.storage.frame_reader import FrameReader
from core.storage.session_builder import SessionBuilder
from core.storage.session_markets import MarketDirectory
from core.storage.trade_inference import TickerReading

TICKER_MSG = (
    b'{"market_ticker":"X-A","price_dollars":"0.3300","last_trade_size_fp":"0.12",'
    b'"volume_fp":"472276.44","ts":5,"ts_ms":5300}'
)


@pytest.fixture
def builder() -> SessionBuilder:
    return SessionBuilder()


@pytest.fixture
def reader(builder: SessionBuilder) -> FrameReader:
    return FrameReader(builder, MarketDirectory())


def test_ticker_readings_know_their_connection(
    builder: SessionBuilder, reader: FrameReader
) -> None:
    for line in (
        b'{"type":"ticker","sid":1,"msg":' + TICKER_MSG + b"}",
        b'{"type":"recorder.ws_connected","msg":{}}',
        b'{"type":"ticker","sid":1,"msg":' + TICKER_MSG + b"}",
    ):
        reader.read(line)
    first = TickerReading("X-A", 0, 5_300, 3_300, 12, 47_227_644)
    assert builder.tickers == [first, first._replace(connection=1)]
    assert builder.events == []


def test_trade_without_milliseconds_uses_seconds(
    builder: SessionBuilder, reader: FrameReader
) -> None:
    reader.read(
        b'{"type":"trade","sid":2,"seq":1,"msg":{"trade_id":"f","market_ticker":"X-A",'
        b'"yes_price_dollars":"0.7700","count_fp":"75.00","taker_side":"no","ts":9}}'
    )
    assert builder.events == [Trade("f", "X-A", 7_700, 7_500, 1, 9_000, 2, 1)]
    assert builder.has_trades


def test_other_accounts_frames_are_counted_and_kept_out(
    builder: SessionBuilder, reader: FrameReader
) -> None:
    reader.read(b'{"type":"fill","sid":2,"msg":{"trade_id":"f"}}')
    reader.read(b'{"type":"fill","sid":2,"msg":{}}')
    assert builder.ignored == {"fill": 2}
    assert builder.events == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"type":"ticker","msg":{}}', msgspec.ValidationError),
        (b'{"type":7}', msgspec.ValidationError),
        (b"{", msgspec.DecodeError),
        (b'{"type":"ticker","msg":' + TICKER_MSG.replace(b"0.3300", b"cheap") + b"}", DecodeError),
    ],
)
def test_malformed_lines_raise(reader: FrameReader, line: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        reader.read(line)
