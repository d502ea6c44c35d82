"""A client of the exchange written from the protocol alone: it imports nothing of this project."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import websockets
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

ORDERS = "/portfolio/events/orders"
DEADLINE_S = 10.0
ANY_TICKER = "KXCONF-26NOV18-ANY"


class Reply(NamedTuple):
    """An HTTP answer; `body` is None where there was none."""

    status: int
    body: Any


class PlainClient:
    """Signs and sends REST requests and opens sockets for one API key.

    Attributes:
        seen: every reply so far as (method, path with query, request body, status, body).
        frames: every frame that any of its sockets has read.
    """

    def __init__(
        self,
        base_url: str,
        ws_url: str,
        key_id: str,
        private_key: PrivateKey,
        http: aiohttp.ClientSession,
    ) -> None:
        self.key_id = key_id
        self.private_key = private_key
        self.seen: list[tuple[str, str, object, int, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.base_url = base_url
        self._ws_url = ws_url
        self._http = http

    @staticmethod
    def public_pem() -> str:
        """A public key to be registered; its private half is forgotten."""
        key = ed25519.Ed25519PrivateKey.generate().public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(serialization.Encoding.PEM, form).decode()

    def signed(
        self,
        method: str,
        path: str,
        *,
        key_id: str | None = None,
        salt: int = 32,
        skew_ms: int = 0,
    ) -> dict[str, str]:
        """Headers of protocol 2.1 for a path that starts at the root of the host."""
        now_ms = time.time_ns() // 1_000_000  # noqa: TID251  (nothing of this project)
        stamp = str(now_ms + skew_ms)
        text = f"{stamp}{method}{path}".encode()
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            signature = self.private_key.sign(text)
        else:
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
            signature = self.private_key.sign(text, pss, hashes.SHA256())
        return {
            "KALSHI-ACCESS-KEY": key_id or self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": stamp,
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
        }

    async def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """One request with these headers, unsigned without; a text body goes out as it is."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        sent = {"Content-Type": "application/json"} | (headers or {})
        url = self.base_url + path
        async with (
            asyncio.timeout(DEADLINE_S),
            self._http.request(method, url, headers=sent, data=data) as reply,
        ):
            text = await reply.text()
        answer = Reply(reply.status, json.loads(text) if text else None)
        self.seen.append((method, path, body, *answer))
        return answer

    async def call(self, method: str, path: str, body: object = None) -> Reply:
        """One signed request."""
        headers = self.signed(method, "/trade-api/v2" + path.partition("?")[0])
        return await self.send(method, path, body, headers)

    async def get(self, path: str) -> Any:  # noqa: ANN401  (JSON)
        """Body of a signed read that must succeed."""
        reply = await self.call("GET", path)
        assert reply.status == 200, reply
        return reply.body

    async def place(self, side: str, price: str, count: str, **fields: object) -> Reply:
        """Create an order; a field given as None is left out."""
        body = {
            "ticker": ANY_TICKER,
            "side": side,
            "price": price,
            "count": count,
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
        } | fields
        return await self.call("POST", ORDERS, {k: v for k, v in body.items() if v is not None})

    async def placed(self, side: str, price: str, count: str, **fields: object) -> dict[str, Any]:
        """Answer to a create that must succeed."""
        reply = await self.place(side, price, count, **fields)
        assert reply.status == 201, reply
        return reply.body

    async def order(self, order_id: str) -> dict[str, Any]:
        """One order as the exchange shows it."""
        return (await self.get(f"/portfolio/orders/{order_id}"))["order"]

    async def cancel(self, order_id: str) -> Reply:
        """Cancel one order."""
        return await self.call("DELETE", f"{ORDERS}/{order_id}")

    async def book(self, ticker: str) -> tuple[list[list[str]], list[list[str]]]:
        """YES and NO bids of a market, ascending."""
        levels = (await self.get(f"/markets/{ticker}/orderbook"))["orderbook_fp"]
        return levels["yes_dollars"], levels["no_dollars"]

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator["PlainSocket"]:  # noqa: ANN401
        """A signed WebSocket connection."""
        headers = self.signed("GET", "/trade-api/ws/v2")
        connecting = websockets.connect(
            self._ws_url,
            additional_headers=headers,
            max_size=None,
            proxy=None,
            **({"compression": None} | options),
        )
        async with connecting as connection:
            yield PlainSocket(connection, self.frames)


class PlainSocket:
    """Sends commands and reads frames in order."""

    def __init__(
        self, connection: websockets.ClientConnection, frames: list[dict[str, Any]]
    ) -> None:
        self.connection = connection
        self._frames = frames
        self._last_id = 0

    async def read(self) -> dict[str, Any]:
        """Next frame."""
        async with asyncio.timeout(DEADLINE_S):
            frame = json.loads(await self.connection.recv())
        self._frames.append(frame)
        return frame

    async def read_many(self, count: int) -> list[dict[str, Any]]:
        """The next frames."""
        return [await self.read() for _ in range(count)]

    async def read_until(self, kind: str, **members: object) -> list[dict[str, Any]]:
        """Frames up to the first of this type whose `msg` has these members."""
        frames: list[dict[str, Any]] = []
        while True:
            frames.append(await self.read())
            msg = frames[-1].get("msg", {})
            if frames[-1]["type"] == kind and members.items() <= dict(msg).items():
                return frames

    async def command(self, cmd: str, **params: object) -> int:
        """Send a command; returns its id."""
        self._last_id += 1
        message: dict[str, object] = {"id": self._last_id, "cmd": cmd}
        if params:
            message["params"] = params
        await self.connection.send(json.dumps(message))
        return self._last_id

    async def subscribe(self, *channels: str, **params: object) -> list[int]:
        """Subscribe and read the acknowledgments; sids in the order of the channels."""
        number = await self.command("subscribe", channels=list(channels), **params)
        sids: dict[str, int] = {}
        while len(sids) < len(channels):
            frame = await self.read()
            if frame["type"] == "subscribed" and frame["id"] == number:
                sids[frame["msg"]["channel"]] = frame["msg"]["sid"]
        return [sids[channel] for channel in channels]

    async def until_quiet(self) -> list[dict[str, Any]]:
        """Every frame sent before the exchange answered a listing asked for now."""
        number = await self.command("list_subscriptions")
        frames: list[dict[str, Any]] = []
        while True:
            frame = await self.read()
            if frame.get("id") == number:
                return frames
            frames.append(frame)
