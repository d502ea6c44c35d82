"""The outgoing half of a connection over a transport that only remembers."""

import asyncio
import random

import pytest

from core.clock import ManualClock
from core.sandbox import connection as module
from core.sandbox.connection import Connection, FeedLatency
from core.sandbox.ws_frames import plain_frame


class Wire(asyncio.Transport):
    """A transport whose peer reads nothing unless `unread` is set back."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[bytes] = []
        self.unread = 0
        self.is_cut = False
        self.is_reading_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.frames.append(bytes(data))
        self.unread += len(data)

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.is_cut

    def abort(self) -> None:
        self.is_cut = True

    def pause_reading(self) -> None:
        self.is_reading_paused = True

    @property
    def texts(self) -> str:
        return b"".join(self.frames).decode(errors="replace")


def connect(wire: Wire, **options: object) -> Connection:
    clock = ManualClock(monotonic_ns=77)
    return Connection(wire, plain_frame, clock, **options)  # type: ignore[arg-type]


async def turn() -> None:
    await asyncio.sleep(0)


async def test_messages_of_one_turn_leave_in_one_write() -> None:
    wire = Wire()
    connection = connect(wire)
    connection.send('{"n":1')
    connection.send('{"n":2')
    await turn()
    connection.is_stamped = True
    connection.send('{"n":3')
    await turn()
    assert wire.frames == [b'\x81\x07{"n":1}\x81\x07{"n":2}', b'\x81\x14{"n":3,"sent_ns":77}']
    assert connection.sent_count == 3


async def test_a_peer_that_reads_nothing_is_full_and_then_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "OUTBOUND_LIMIT_BYTES", 1_000)
    monkeypatch.setattr(module, "HANG_UP_BYTES", 2_000)
    wire = Wire()
    connection = connect(wire)
    for _ in range(2):
        connection.send("x" * 900)
        await turn()
    assert (connection.is_full(), wire.is_cut) == (True, False)
    connection.send("x" * 900)
    await turn()
    assert wire.is_cut


async def test_a_peer_that_time_waits_for_is_never_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OUTBOUND_LIMIT_BYTES", 10)
    monkeypatch.setattr(module, "HANG_UP_BYTES", 20)
    wire = Wire()
    connection = connect(wire, is_paced=True)
    connection.send("x" * 900)
    await turn()
    assert (connection.is_full(), wire.is_cut) == (False, False)


async def test_latency_delays_and_keeps_the_order() -> None:
    wire = Wire()
    connection = connect(wire, latency=FeedLatency((1, 20), random.Random(4)))
    for number in range(50):
        connection.send(f"{number:02d},")
        await turn()
    assert len(wire.frames) < 50
    async with asyncio.timeout(5):
        while len(wire.frames) < 50:
            await turn()
    assert [frame[2:4] for frame in wire.frames] == [b"%02d" % number for number in range(50)]


async def test_a_mute_connection_says_and_hears_nothing() -> None:
    wire = Wire()
    connection = connect(wire, latency=FeedLatency((1, 1), random.Random(1)))
    connection.send("under way")
    await turn()
    connection.mute()
    connection.send("later")
    async with asyncio.timeout(5):
        while not connection._latency.is_empty:  # type: ignore[union-attr]
            await turn()
    assert (wire.frames, wire.is_reading_paused, wire.is_cut) == ([], True, False)


async def test_what_is_held_counts_as_unread_and_leaves_in_order() -> None:
    wire = Wire()
    connection = connect(wire, is_paced=True)
    connection.hold(100)
    for number in range(3):
        connection.send(f"{number}" * 40)
        await turn()
    assert (wire.frames, connection.is_full()) == ([], True)
    connection.send("last")
    connection.release()
    assert not connection.is_full()
    await turn()
    assert [wire.texts.index(text) for text in ("0000", "1111", "2222", "last")] == [
        2,
        45,
        88,
        131,
    ]
    assert len(wire.frames) == 1
