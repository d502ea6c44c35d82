"""Clock offset and time-outs of the HTTP client; its errors are tested with the REST clients."""

import asyncio

import pytest

from core.clock import ManualClock
from core.errors import UnreachableError
from core.kalshi import transport
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.transport import Transport


def test_clock_offset_narrows_and_starts_again_after_a_jump() -> None:
    offset = ClockOffset()
    offset.observe(None, 0, 0)
    offset.observe("no date", 0, 0)
    assert offset.offset_ms is None
    date = "Thu, 01 Jan 1970 00:00:10 GMT"
    offset.observe(date, 10_000, 10_000)
    assert offset.offset_ms == 500
    offset.observe(date, 10_900, 10_900)
    assert offset.offset_ms == 50
    offset.observe(date, 60_000, 60_000)
    assert offset.offset_ms == -49_500


async def test_silent_server_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_S", 0.05)
    released = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = Transport(f"http://127.0.0.1:{port}/trade-api/v2", ManualClock())
        with pytest.raises(UnreachableError, match="no answer within") as caught:
            await client.request("GET", "/exchange/status")
        assert isinstance(caught.value.__cause__, TimeoutError)
        await client.close()
        released.set()
