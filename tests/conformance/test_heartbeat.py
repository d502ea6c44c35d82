"""Protocol 11.3: a ping every 10 s with the body `heartbeat`; a peer without pong is closed."""

import asyncio

import aiohttp
from exchange_host import Host

INTERVAL_S = 10.0
DEADLINE_S = 25.0


async def connect(http: aiohttp.ClientSession, host: Host) -> aiohttp.ClientWebSocketResponse:
    """A connection that answers pings only by hand."""
    headers = host.ann.signed("GET", "/trade-api/ws/v2")
    return await http.ws_connect(host.sandbox.ws_url, headers=headers, autoping=False)


async def test_ping_comes_every_10_seconds_and_silence_is_closed(host: Host) -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as http, asyncio.timeout(2 * DEADLINE_S):
        alive, silent = await connect(http, host), await connect(http, host)
        connected_s = loop.time()
        pings = [await alive.receive(), await silent.receive()]
        assert loop.time() - connected_s > 0.9 * INTERVAL_S
        assert {(ping.type, bytes(ping.data)) for ping in pings} == {
            (aiohttp.WSMsgType.PING, b"heartbeat")
        }
        await host.pass_time(30_000)
        await alive.pong(pings[0].data)
        closed, ping = await silent.receive(), await alive.receive()
        assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert (ping.type, bytes(ping.data)) == (aiohttp.WSMsgType.PING, b"heartbeat")
        assert loop.time() - connected_s > 1.9 * INTERVAL_S
        await alive.close()


async def test_a_clients_ping_is_answered(host: Host) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(DEADLINE_S):
        socket = await connect(http, host)
        await socket.ping(b"are you there")
        answer = await socket.receive()
        assert (answer.type, bytes(answer.data)) == (aiohttp.WSMsgType.PONG, b"are you there")
        await socket.close()
