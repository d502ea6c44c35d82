import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from core.errors import ConfigError
from core.sandbox.gateway import HOST, Gateway


@asynccontextmanager
async def runner() -> AsyncIterator[web.AppRunner]:
    made = web.AppRunner(web.Application(), access_log=None)
    await made.setup()
    yield made
    await made.cleanup()


async def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        async with runner() as running:
            with pytest.raises(ConfigError, match=f"port {port} cannot be used"):
                await Gateway().open(running, port)


async def test_restarting_spares_the_one_who_asks_and_comes_back_to_its_port() -> None:
    async with runner() as running:
        gateway = Gateway()
        await gateway.open(running, 0)
        asking = await asyncio.open_connection(HOST, gateway.port)
        other = await asyncio.open_connection(HOST, gateway.port)
        while len(running.server.connections) < 2:  # type: ignore[union-attr]  # noqa: ASYNC110
            await asyncio.sleep(0)
        (spared,) = [
            serving.transport
            for serving in running.server.connections  # type: ignore[union-attr]
            if serving.transport.get_extra_info("peername") == asking[1].get_extra_info("sockname")
        ]
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            tasks.create_task(gateway.restart(100, spared), name="restart")
            assert await other[0].read() == b""
            assert not gateway.is_open
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(HOST, gateway.port)
        assert gateway.is_open
        asking[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await asking[0].readline() == b"HTTP/1.1 404 Not Found\r\n"
        for _, writer in (asking, other, await asyncio.open_connection(HOST, gateway.port)):
            writer.close()


async def test_two_restarts_are_one() -> None:
    async with runner() as running:
        gateway = Gateway()
        await gateway.open(running, 0)
        await asyncio.gather(gateway.restart(20, None), gateway.restart(20, None))
        assert gateway.is_open
