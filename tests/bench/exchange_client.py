"""A signed client of the exchange under load: one subscriber to all books, or one trader."""

import asyncio
import base64
import json
import random
import re
import sys
from dataclasses import dataclass
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from core.clock import SystemClock

ORDERS = "/portfolio/events/orders"
ORDERS_PER_S = 200
_STAMP = re.compile(r'"ts_ms":(\d+)')
_SAMPLE_EVERY = 20
_CLOCK = SystemClock()


@dataclass(frozen=True)
class Place:
    """Where an exchange serves, and the key for it; `serving` is its line of JSON."""

    serving: dict[str, str]

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Signature headers of a request."""
        key = serialization.load_pem_private_key(self.serving["pem"].encode(), None)
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise TypeError("the exchange under load hands out Ed25519 keys")
        stamp = str(_CLOCK.now_ms())
        signature = key.sign(f"{stamp}{method}{urlsplit(url).path}".encode())
        return {
            "KALSHI-ACCESS-KEY": self.serving["key_id"],
            "KALSHI-ACCESS-TIMESTAMP": stamp,
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
        }


async def subscribe(place: Place, tickers: list[str], seconds: float) -> dict[str, float]:
    """Count the messages of all books for a while, and how old they are.

    The age of a message is how much later it came than the least delayed of them.
    """
    url = place.serving["ws_url"]
    command = {"channels": ["orderbook_delta"], "market_tickers": tickers}
    delays: list[int] = []
    count = seq = 0
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers=place.headers("GET", url), max_msg_size=0) as socket,
    ):
        await socket.send_str(json.dumps({"id": 1, "cmd": "subscribe", "params": command}))
        began_ns = end_ns = 0
        async for message in socket:
            text: str = message.data
            if not text.startswith('{"type":"orderbook_delta"'):
                continue
            count += 1
            if count % _SAMPLE_EVERY != 1:
                continue
            now_ns = _CLOCK.monotonic_ns()
            began_ns = began_ns or now_ns
            stamp = _STAMP.search(text)
            if stamp is not None:
                delays.append(now_ns // 1_000_000 - int(stamp[1]))
            end_ns = now_ns
            if now_ns - began_ns > seconds * 1e9:
                seq = json.loads(text)["seq"] - len(tickers)
                break
    least = min(delays)
    cuts = quantiles((delay - least for delay in delays), n=100)
    return {
        "messages": count,
        "lost": seq - count,
        "messages_per_s": round(count / ((end_ns - began_ns) / 1e9)),
        "age_ms_p50": cuts[49],
        "age_ms_p99": cuts[98],
        "age_ms_max": max(delays) - least,
        "age_ms_end": sum(delays[-100:]) / 100 - least,
    }


async def trade(place: Place, tickers: list[str], seconds: float) -> dict[str, float]:
    """Send orders that rest at a steady rate; time each from its sending to its answer."""
    url = place.serving["base_url"] + ORDERS
    source = random.Random(5)
    took_ms: list[float] = []
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        await _send(http, place, url, _body(source, tickers))
        began_ns = _CLOCK.monotonic_ns()
        for number in range(round(seconds * ORDERS_PER_S)):
            due_ns = began_ns + number * 1_000_000_000 // ORDERS_PER_S
            await asyncio.sleep(max(0, due_ns - _CLOCK.monotonic_ns()) / 1e9)
            sending = _timed(http, place, url, _body(source, tickers), took_ms)
            tasks.create_task(sending, name=f"order {number}")
    cuts = quantiles(took_ms, n=100)
    return {
        "orders": len(took_ms),
        "ack_ms_p50": cuts[49],
        "ack_ms_p99": cuts[98],
        "ack_ms_max": max(took_ms),
    }


async def _timed(
    http: aiohttp.ClientSession, place: Place, url: str, body: bytes, took_ms: list[float]
) -> None:
    took_ms.append(await _send(http, place, url, body))


async def _send(http: aiohttp.ClientSession, place: Place, url: str, body: bytes) -> float:
    headers = place.headers("POST", url) | {"Content-Type": "application/json"}
    began_ns = _CLOCK.monotonic_ns()
    async with http.post(url, data=body, headers=headers) as reply:
        answer: dict[str, Any] = await reply.json()
        took_ms = (_CLOCK.monotonic_ns() - began_ns) / 1e6
        if reply.status != 201:
            raise RuntimeError(f"order refused: {answer}")
    return took_ms


def _body(source: random.Random, tickers: list[str]) -> bytes:
    order = {
        "ticker": source.choice(tickers),
        "side": "bid",
        "count": "1.00",
        "price": f"0.{source.randrange(1, 20):02d}00",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
        "client_order_id": f"load-{source.getrandbits(64):016x}",
    }
    return json.dumps(order).encode()


def main() -> None:
    """Do what the first argument says; the exchange and the tickers come by stdin."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    work = {"subscribe": subscribe, "trade": trade}[sys.argv[1]]
    figures = asyncio.run(work(Place(told["serving"]), told["tickers"], told["seconds"]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
