"""A small HTTP server that speaks the exchange's bytes, by a queue of scripted answers."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.clock import SystemClock
from core.kalshi.signing import Signer

PREFIX = "/trade-api/v2"
KEY = Ed25519PrivateKey.generate()
SIGNER = Signer("key-1", KEY)


@dataclass
class Exchange:
    """Answers by a queue of scripted answers; keeps what was asked."""

    rest_url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    dropped: int = 0
    delay_s: float = 0.0
    ahead_s: int = 0
    stamps_ms: list[int] = field(default_factory=list)

    def answer(self, *bodies: object, status: int = 200) -> None:
        for body in bodies:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.answers.append((status, data))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path_as_sent = request.raw_path.split("?")[0]
        text = request.headers["KALSHI-ACCESS-TIMESTAMP"] + request.method + path_as_sent
        signature = b64decode(request.headers["KALSHI-ACCESS-SIGNATURE"])
        KEY.public_key().verify(signature, text.encode())
        self.stamps_ms.append(int(request.headers["KALSHI-ACCESS-TIMESTAMP"]))
        path = request.path.removeprefix(PREFIX)
        self.requests.append((request.method, path, dict(request.query), await request.read()))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.dropped:
            self.dropped -= 1
            assert request.transport is not None
            request.transport.abort()
        status, data = self.answers.pop(0)
        headers = {"Location": "https://external-api.kalshi.com/"} if status == 307 else {}
        if self.ahead_s:
            now_s = SystemClock().now_ms() // 1000 + self.ahead_s
            headers["Date"] = formatdate(now_s, usegmt=True)
        return web.Response(
            status=status, body=data, content_type="application/json", headers=headers
        )


@asynccontextmanager
async def serving() -> AsyncIterator[Exchange]:
    """Run one on a free port."""
    peer = Exchange()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", peer.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    peer.rest_url = f"http://{host}:{port}{PREFIX}"
    yield peer
    await runner.cleanup()
