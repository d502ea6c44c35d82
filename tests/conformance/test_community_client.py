"""A client of the community, with a WebSocket of its own making, against the exchange.

Lives in the environment of the vendor's clients, which have no WebSocket; skips where that
cannot be had.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from exchange_host import Host
from plain_client import ANY_TICKER
from sdk_environment import environment_or_skip

PROGRAM = Path(__file__).parent / "community_client" / "follow_channels.py"
DEADLINE_S = 30.0


class Follower:
    """The client in its process, as far as it has told what it understood."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self._told = asyncio.Condition()

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Take every line until the stream ends."""
        async for text in stream:
            async with self._told:
                self.lines.append(json.loads(text))
                self._told.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was told satisfies a condition."""
        async with asyncio.timeout(DEADLINE_S), self._told:
            await self._told.wait_for(condition)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        return [line["message"]["msg"] for line in self.lines if line.get("channel") == channel]

    @property
    def book(self) -> Any:  # noqa: ANN401  (two sides of levels)
        """The client's own book, last told."""
        books = [line["book"] for line in self.lines if "book" in line]
        return as_numbers(books[-1]) if books else None


def as_numbers(book: Any) -> list[dict[Decimal, Decimal]]:  # noqa: ANN401
    return [{Decimal(price): Decimal(count) for price, count in side} for side in book]


@pytest.fixture(scope="module")
def python() -> Path:
    return environment_or_skip()


@asynccontextmanager
async def following(host: Host, python: Path) -> AsyncIterator[Follower]:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = host.ann.private_key.private_bytes(serialization.Encoding.PEM, form, plain)
    facts = {
        "base_url": host.sandbox.base_url,
        "ws_url": host.sandbox.ws_url,
        "api_key_id": host.ann.key_id,
        "pem": pem.decode(),
        "ticker": ANY_TICKER,
    }
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(python, PROGRAM, stdin=pipe, stdout=pipe)
    follower = Follower()
    try:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(follower.listen(child.stdout), name="listener")
            child.stdin.write(json.dumps(facts).encode() + b"\n")
            await follower.until(lambda: {"ready": True} in follower.lines)
            yield follower
            child.stdin.close()
            await listening
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def test_every_channel_is_understood(host: Host, python: Path) -> None:
    async with following(host, python) as follower:
        made = await host.ann.call(
            "POST", "/portfolio/order_groups/create", {"contracts_limit": 100}
        )
        group_id = made.body["order_group_id"]
        await host.bob.placed("ask", "0.4400", "3.00")
        order = await host.ann.placed(
            "bid", "0.4400", "2.00", client_order_id="c-1", order_group_id=group_id
        )
        await follower.until(
            lambda: (
                all(
                    follower.messages(channel)
                    for channel in ("ticker", "trade", "fill", "market_positions", "order_group")
                )
                and follower.messages("user_orders")[-1:] != []
            )
        )
        (fill,), (trade,) = follower.messages("fill"), follower.messages("trade")
        update = follower.messages("user_orders")[-1]
        position = follower.messages("market_positions")[-1]
        group = follower.messages("order_group")[0]
    assert fill["trade_id"] == trade["trade_id"]
    assert (fill["order_id"], fill["client_order_id"]) == (order["order_id"], "c-1")
    assert (update["order_id"], update["status"]) == (order["order_id"], "executed")
    assert position["market_ticker"] == ANY_TICKER
    assert group["order_group_id"] == group_id


@pytest.mark.parametrize("fault", [None, "drop", "duplicate", "disconnect"])
async def test_its_book_is_the_engines(host: Host, python: Path, fault: str | None) -> None:
    # This client reads no snapshot that lacks a side, as the venue's do (5.5).
    await host.bob.placed("bid", "0.3900", "5.00")
    await host.bob.placed("ask", "0.6100", "5.00")
    async with following(host, python) as follower:
        if fault:
            await inject(host, fault)
        for price in ("0.4000", "0.4100", "0.4200"):
            await host.bob.placed("bid", price, "5.00")
            await host.bob.placed("ask", f"{1 - float(price):.4f}", "2.50")
        engines = as_numbers(await host.ann.book(ANY_TICKER))
        await follower.until(lambda: follower.book == engines)


async def inject(host: Host, kind: str) -> None:
    url = host.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
    async with aiohttp.ClientSession() as http, http.post(url, json={"kind": kind}) as reply:
        assert reply.status == 200
