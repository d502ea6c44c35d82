"""Whatever is sent, the exchange refuses it in words: no answer of 500, and time goes on.

Seeded: every request is a right one of which a member, a parameter or the text is wrong.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import pytest
from exchange_host import ANY, CLOSING, FREE, NOON_MS, TAPERED, Host, hosting
from plain_client import PlainClient
from yarl import URL

SEED = 20_261_118
ROUNDS = 900
ROOT = "/trade-api/v2"
LAST_S = 253_402_300_799

NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, 2**64, 10**30, 10**400, 10**4200, LAST_S, LAST_S + 1)
TEXTS = ("", "0", "-1", "0.01", "1e5", "NaN", "\0", "é", "\u0661", "😀", "a" * 5_000, "9" * 5_000)
VALUES = (*NUMBERS, 1e308, 0.5, -0.0, *TEXTS, None, True, [], [[]], [None], {}, {"a": 1})
RAW = (
    b"",
    b"{",
    b"[" * 100_000,
    b'{"novelty":' + b"[" * 100_000,
    b'{"ticker":"\xff"}',
    b"\xff\xfe",
    b'"\\ud800"',
    b'{"count":1e999}',
    b'{"expiration_time":' + b"9" * 5_000 + b"}",
)
SEGMENTS = ("x", "0", "-1", "%00", "%2F", "%FF", "%25", "a" * 300, "%F0%9F%98%80", "%7Border_id%7D")
PARAMETERS = [
    "limit",
    "cursor",
    "status",
    "ticker",
    "tickers",
    "event_ticker",
    "series_ticker",
    "min_ts",
    "max_ts",
    "start_ts",
    "end_ts",
    "period_interval",
    "depth",
    "subaccount",
    "exchange_index",
    "order_id",
    "count_filter",
    "settlement_status",
    "market_tickers",
    "mve_filter",
    "is_block_trade",
    "min_close_ts",
    "max_close_ts",
    "min_settled_ts",
]

ORDER = {
    "ticker": ANY.ticker,
    "side": "bid",
    "count": "1.00",
    "price": "0.0100",
    "time_in_force": "good_till_canceled",
    "self_trade_prevention_type": "taker_at_cross",
    "client_order_id": "",
    "expiration_time": NOON_MS // 1000 + 900,
    "order_group_id": "",
    "subaccount": 0,
    "exchange_index": 0,
    "reduce_only": False,
}
TRANSFER = {
    "client_transfer_id": "00000000-0000-4000-8000-000000000001",
    "from_subaccount": 0,
    "to_subaccount": 0,
    "amount_cents": 1,
}
WIDE_TRANSFER = {
    "source": "event_contract",
    "destination": "event_contract",
    "amount": 100,
    "source_subaccount": 0,
    "destination_subaccount": 1,
}
FEES = {"series_ticker": FREE.series_ticker, "fee_type": "quadratic", "fee_multiplier": "1"}
EVENTS = "/portfolio/events/orders"
BODIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", EVENTS, ORDER),
    ("POST", EVENTS, ORDER | {"ticker": TAPERED.ticker, "side": "ask", "price": "0.9990"}),
    ("POST", EVENTS, ORDER | {"ticker": CLOSING.ticker, "count": "0.01"}),
    ("POST", f"{EVENTS}/{{order_id}}/amend", ORDER | {"updated_client_order_id": ""}),
    ("POST", f"{EVENTS}/{{order_id}}/decrease", {"reduce_by": "0.01", "market_ticker": ""}),
    ("POST", f"{EVENTS}/{{order_id}}/decrease", {"reduce_to": "0.50", "exchange_index": 0}),
    ("POST", f"{EVENTS}/batched", ORDER),
    ("DELETE", f"{EVENTS}/batched", {"order_id": "x", "subaccount": 0, "exchange_index": 0}),
    ("POST", "/portfolio/order_groups/create", {"contracts_limit": 5, "subaccount": 0}),
    ("POST", "/portfolio/order_groups/create", {"contracts_limit_fp": "5.00"}),
    ("POST", "/portfolio/subaccounts", {"exchange_index": 0}),
    ("PUT", "/portfolio/subaccounts/netting", {"subaccount_number": 0, "enabled": True}),
    ("POST", "/portfolio/subaccounts/transfer", TRANSFER),
    ("POST", "/portfolio/intra_exchange_instance_transfer", WIDE_TRANSFER),
    ("POST", "/api_keys", {"name": "n", "public_key": "", "scopes": ["read"], "subaccount": 0}),
    ("POST", "/api_keys/generate", {"name": "n", "key_type": "ed25519", "subaccount": 0}),
)
CONTROLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("fee_changes", FEES | {"delay_s": 1}),
    ("fee_changes", {"event_ticker": ANY.event_ticker, "fee_type": None, "delay_s": 0}),
    ("faults", {"kind": "balance", "change_micros": 1, "account": 2}),
    ("faults", {"kind": "read_lag", "least_ms": 1, "most_ms": 2, "for_ms": 3}),
    ("faults", {"kind": "clock_step", "step_ms": 1, "for_ms": 1}),
    ("faults", {"kind": "pause", "for_ms": 1}),
    ("faults", {"kind": "close_market", "ticker": "x", "pick": 0}),
    ("faults", {"kind": "http_429", "requests": 1}),
    ("faults", {"kind": "slow_consumer", "connection": 0, "for_ms": 1, "limit_bytes": 1}),
    ("faults", {"kind": "error_10", "channel": "any", "connection": 0, "pick": 1}),
    ("faults", {"kind": "error_18", "connection": 0, "commands": 1}),
    ("faults", {"kind": "http_503", "requests": 1, "of": "order"}),
    ("faults", {"seed": 1, "scope": "all", "count": 1, "kinds": ["drop", "http_503"]}),
    ("faults", {"seed": 1, "every_ms": 1_000, "count": 1, "time": "venue", "kinds": ["balance"]}),
)


class Sent(NamedTuple):
    """A request: its path as it goes out, and its body."""

    method: str
    path: str
    body: bytes | None


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def spoiled(rng: random.Random, body: dict[str, Any]) -> bytes:
    """A body with at most two wrong members, or no body at all."""
    if rng.random() < 0.1:
        return rng.choice(RAW)
    members = rng.sample(list(body), min(len(body), rng.choice((0, 1, 1, 2))))
    return json.dumps(body | {member: rng.choice(VALUES) for member in members}).encode()


def parameters(rng: random.Random) -> str:
    """A query with strange parameters, or none."""
    chosen = rng.sample(PARAMETERS, rng.choice((0, 0, 1, 3)))
    strange = [f"{name}={quote(str(rng.choice(NUMBERS + TEXTS))[:2_000])}" for name in chosen]
    if rng.random() < 0.2:  # candles, which must name all three
        low, high = rng.choice((0, NOON_MS // 1000)), rng.choice((NOON_MS // 1000, LAST_S, 2**53))
        strange.append(f"start_ts={low}&end_ts={high}&period_interval={rng.choice((1, 60, 1440))}")
    return "?" + "&".join([*strange, rng.choice(("", "%", "%FF", "=", "&&"))]) if strange else ""


def written(rng: random.Random, path: str, order_ids: list[str]) -> str:
    """A path whose variables mean something, or nothing."""
    known = {"order_id": order_ids, "ticker": [ANY.ticker], "series_ticker": [ANY.series_ticker]}
    for name in ("order_id", "ticker", "series_ticker", "group_id", "key_id", "transfer_id"):
        value = rng.choice([*known.get(name, [])[-2:], rng.choice(SEGMENTS)])
        path = path.replace(f"{{{name}}}", value)
    return path


def requests(host: Host, rng: random.Random, order_ids: list[str]) -> Iterator[Sent]:
    """Requests to the exchange's own protocol."""
    routes = [
        (route.method, route.resource.canonical)
        for route in host.sandbox._application().router.routes()
        if route.resource and route.resource.canonical.startswith(ROOT)
    ]
    for _ in range(ROUNDS):
        if rng.random() < 0.6:
            method, path, body = rng.choice(BODIES)
            text = spoiled(rng, body)
            if path.endswith("batched"):
                text = b'{"orders":[' + text + b"]}"
            yield Sent(method, written(rng, ROOT + path, order_ids), text)
        else:
            method, path = rng.choice(routes)
            method = rng.choice(("GET", "PATCH")) if method == "*" else method
            text = None if method == "GET" else rng.choice(RAW)
            yield Sent(method, written(rng, path, order_ids) + parameters(rng), text)


async def answer(
    http: aiohttp.ClientSession, client: PlainClient, sent: Sent, **headers: str
) -> tuple[int, bytes]:
    """Status and body of the answer to a request, signed where it is of the protocol."""
    signed = {"Content-Type": "application/json"} | headers
    path = sent.path.partition("?")[0]
    if path.startswith(ROOT):
        signed = client.signed(sent.method, path) | signed
    url = URL(client.base_url.removesuffix(ROOT) + sent.path, encoded=True)
    async with http.request(sent.method, url, headers=signed, data=sent.body) as reply:
        return reply.status, await reply.read()


@asynccontextmanager
async def moving(host: Host) -> AsyncIterator[None]:
    """Let venue time pass all the while, as requests under way need it."""

    async def move() -> None:
        while True:
            await host.pass_time(20)

    async with asyncio.TaskGroup() as tasks:
        moves = tasks.create_task(move(), name="moving")
        yield
        moves.cancel()


async def check_alive(host: Host) -> None:
    """Check that everything can still be read, and that time still passes."""
    reads = ("orders", "positions", "fills", "settlements", "balance", "order_groups")
    for path in [*(f"/portfolio/{read}" for read in reads), "/portfolio/subaccounts/transfers"]:
        await host.ann.get(path)
    for path in ("/markets", "/events", "/series", "/series/fee_changes", "/exchange/status"):
        await host.ann.get(path)
    await host.pass_time(5_000)


@pytest.mark.parametrize("latency_ms", [(0, 0), (1, 20)])
async def test_no_request_is_answered_with_a_server_error(
    http: aiohttp.ClientSession, latency_ms: tuple[int, int]
) -> None:
    rng, order_ids = random.Random(SEED), [""]
    statuses = set()
    ways = dict.fromkeys(("request_latency_ms", "read_latency_ms", "cancel_all_ms"), latency_ms)
    async with hosting(**ways) as host, moving(host):
        for sent in requests(host, rng, order_ids):
            status, text = await answer(http, host.ann, sent)
            assert status < 500, (sent, text)
            statuses.add(status)
            if status == 201 and b'"order_id"' in text and b'"orders"' not in text:
                order_ids.append(json.loads(text)["order_id"])
        await check_alive(host)
    assert {200, 201, 400, 404} <= statuses
    assert len(order_ids) > 10


async def test_no_control_call_is_answered_with_a_server_error(
    host: Host, http: aiohttp.ClientSession
) -> None:
    rng = random.Random(SEED)
    for name, body in CONTROLS * 30:
        text = spoiled(rng, body)
        if "seed" in body:
            text = b'{"schedule":' + text + b"}"
        sent = Sent("POST", f"/sandbox/{name}", text)
        status, told = await answer(http, host.ann, sent)
        assert status < 500, (sent, told)
    await answer(http, host.ann, Sent("DELETE", "/sandbox/faults", None))
    await check_alive(host)


@pytest.mark.parametrize(
    "header",
    [
        {"KALSHI-ACCESS-TIMESTAMP": "9" * 5_000},
        {"KALSHI-ACCESS-TIMESTAMP": "²"},
        {"KALSHI-ACCESS-SIGNATURE": "é"},
        {"KALSHI-ACCESS-SIGNATURE": "===="},
        {"KALSHI-ACCESS-KEY": "é"},
        {"Content-Type": "é/é; charset=ü"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "deflate"},
    ],
)
async def test_no_header_is_answered_with_a_server_error(
    host: Host, http: aiohttp.ClientSession, header: dict[str, str]
) -> None:
    sent = Sent("POST", ROOT + EVENTS, json.dumps(ORDER).encode())
    status, text = await answer(http, host.ann, sent, **header)
    assert status in (400, 401), text
    await check_alive(host)
