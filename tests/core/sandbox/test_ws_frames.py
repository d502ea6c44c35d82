import asyncio
import json
import zlib
from typing import Any

import pytest
import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Deflate

from core.sandbox.ws_frames import Deflater, frame_maker, plain_frame

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
TICKER = "KXT-26MAY11-A"
MESSAGE = b'{"type":"orderbook_delta","sid":1,"seq":7,"msg":{"price_dollars":"0.4000"}}'


def body_of(frame: bytes) -> bytes:
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def inflate(inflater: Any, frame: bytes) -> bytes:  # noqa: ANN401  (zlib names no public type)
    inflated: bytes = inflater.decompress(body_of(frame) + b"\x00\x00\xff\xff")
    return inflated


@pytest.mark.parametrize(("size", "head"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_the_length_takes_the_room_it_needs(size: int, head: int) -> None:
    frame = plain_frame(bytes(size))
    assert (frame[0], len(frame)) == (0x81, head + size)


def test_a_window_that_is_kept_makes_repetition_cheap() -> None:
    deflater = Deflater(15, takes_over=True)
    frames = [deflater.frame(MESSAGE) for _ in range(3)]
    inflater = zlib.decompressobj(-15)
    assert [inflate(inflater, frame) for frame in frames] == [MESSAGE] * 3
    assert {frame[0] for frame in frames} == {0xC1}
    assert len(frames[1]) < len(frames[0]) / 3


def test_without_takeover_every_message_stands_alone() -> None:
    deflater = Deflater(15, takes_over=False)
    frames = [deflater.frame(MESSAGE) for _ in range(3)]
    assert [inflate(zlib.decompressobj(-15), frame) for frame in frames] == [MESSAGE] * 3


def test_the_window_is_no_larger_than_agreed() -> None:
    frame = frame_maker("permessage-deflate; server_max_window_bits=9")
    text = bytes(range(256)) * 40
    assert inflate(zlib.decompressobj(-9), frame(text)) == text


def test_nothing_is_compressed_unless_agreed() -> None:
    assert frame_maker("")(MESSAGE) == plain_frame(MESSAGE)


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        (None, ""),
        (Deflate(), "permessage-deflate"),
        (
            Deflate(server_no_context_takeover=True),
            "permessage-deflate; server_no_context_takeover",
        ),
        (
            Deflate(server_max_window_bits=10, client_max_window_bits=9),
            "permessage-deflate; server_max_window_bits=10",
        ),
        (Deflate(client_no_context_takeover=True), "permessage-deflate"),
    ],
)
async def test_a_client_reads_and_writes_as_it_asked(
    serve: Serve, offer: Deflate | None, answer: str
) -> None:
    async with serve() as client:
        socket = websockets.connect(
            client.sandbox.ws_url,
            additional_headers=client.headers("GET", "/trade-api/ws/v2"),
            compression=None,
            extensions=[offer] if offer else [],
            proxy=None,
        )
        async with socket as connection, asyncio.timeout(5):
            assert connection.response is not None
            assert connection.response.headers.get("Sec-WebSocket-Extensions", "") == answer
            for number in range(1, 4):
                params = {"channels": ["orderbook_delta"], "market_ticker": TICKER}
                ask = {"id": number, "cmd": "subscribe", "params": params}
                await connection.send(json.dumps(ask))
                subscribed = json.loads(await connection.recv())
                snapshot = json.loads(await connection.recv())
                assert subscribed["msg"]["sid"] == snapshot["sid"] == number
                assert snapshot["msg"]["no_dollars_fp"] == [["0.4000", "20.00"]]
