"""Time-outs of the HTTP client; its errors are tested with the REST clients."""

import asyncio

import pytest

from core.clock import ManualClock
from core.errors import UnreachableError
from core.kalshi import transport
from core.kalshi.transport import Transport


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
