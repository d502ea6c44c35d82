import asyncio
from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from core.clock import SystemClock
from core.errors import ConfigError
from core.sandbox.auth import KEY_HEADER, make_key
from core.sandbox.server import Sandbox, SandboxSettings

Serve = Any  # the fixture's type stands in conftest.py, which no test can import


async def test_status_says_where_the_replay_stands(serve: Serve) -> None:
    async with serve(speed=10) as client:
        status = await client.status()
        assert status["venue_ms"] == status["start_ms"]
        assert status["end_ms"] == status["start_ms"] + 60_000
        assert (status["speed"], status["running"], status["trades"]) == (10, False, "real")


async def test_two_accounts_have_their_own_orders(serve: Serve) -> None:
    async with serve() as client:
        other = make_key()
        other_id = client.sandbox.add_account(other.public_key())
        assert (await client.call("POST", "/portfolio/events/orders", client.order()))[0] == 201
        _, mine = await client.call("GET", "/portfolio/orders")
        _, theirs = await client.call("GET", "/portfolio/orders", key=other, key_id=other_id)
        assert (len(mine["orders"]), len(theirs["orders"])) == (1, 0)


async def test_ed25519_key_serves_too(serve: Serve) -> None:
    async with serve() as client:
        key = ed25519.Ed25519PrivateKey.generate()
        key_id = client.sandbox.add_account(key.public_key())
        headers = client.headers("GET", "/trade-api/v2/portfolio/balance")
        assert headers[KEY_HEADER] != key_id
        stamp = headers["KALSHI-ACCESS-TIMESTAMP"]
        text = f"{stamp}GET/trade-api/v2/portfolio/balance".encode()
        headers |= {
            KEY_HEADER: key_id,
            "KALSHI-ACCESS-SIGNATURE": b64encode(key.sign(text)).decode(),
        }
        status, balance = await client.send("GET", "/portfolio/balance", headers)
        assert (status, balance["balance_dollars"]) == (200, "1000.0000")


async def test_taken_port_is_a_sentence(serve: Serve) -> None:
    async with serve() as client:
        port = int(client.sandbox.base_url.split(":")[2].split("/")[0])
        second = Sandbox(SandboxSettings(port=port), client.source(), SystemClock())
        with pytest.raises(ConfigError, match=f"port {port} cannot be used"):
            async with second.running():
                pass


async def test_stopping_closes_connections(serve: Serve) -> None:
    async with serve() as client:
        socket = await client.socket()
    async with asyncio.timeout(5):
        await socket.wait_closed()
    assert socket.close_code in (1000, 1001, 1006)
