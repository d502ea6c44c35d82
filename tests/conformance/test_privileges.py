"""Protocol 2.7: no private route without a signature, no write with a key that may only read.

The routes are those of the server itself, so that a new one is held to this from its first day;
every path is also written percent-encoded, which reaches the same handler.
"""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from exchange_host import Host
from plain_client import PlainClient
from yarl import URL

PUBLIC = (
    "/exchange/",
    "/markets",
    "/events",
    "/series",
    "/account/endpoint_costs",
    "/historical/cutoff",
    "/historical/markets",
    "/historical/trades",
)
"""What protocol section 4 serves without a key, and nothing else."""
ROOT = "/trade-api/v2"


def private_routes(host: Host) -> Iterator[tuple[str, str]]:
    """Method and path of every route that needs a key."""
    for route in host.sandbox._application().router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith("/sandbox/") or path.removeprefix(ROOT).startswith(PUBLIC):
            continue
        methods = ("GET", "POST", "DELETE") if route.method == "*" else (route.method,)
        for method in methods:
            yield method, path.replace("{", "").replace("}", "")


def encoded(path: str) -> str:
    """The same path with the first letter of every segment as a percent code."""
    segments = path[1:].split("/")
    return "".join(f"/%{ord(segment[0]):02x}{segment[1:]}" for segment in segments)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def origin(client: PlainClient) -> str:
    """Scheme, host and port of the exchange."""
    return client.base_url.removesuffix(ROOT)


async def status_of(
    http: aiohttp.ClientSession, client: PlainClient, method: str, path: str, *, is_signed: bool
) -> int:
    """Answer to a request whose path goes out exactly as it stands here."""
    headers = {"Content-Type": "application/json"}
    if is_signed:
        headers |= client.signed(method, path)
    url = URL(origin(client) + path, encoded=True)
    async with http.request(method, url, headers=headers, data=b"{}") as reply:
        return reply.status


async def reader_of(host: Host, http: aiohttp.ClientSession) -> PlainClient:
    """A client whose key may only read."""
    made = await host.ann.call("POST", "/api_keys/generate", {"name": "r", "scopes": ["read"]})
    key = serialization.load_pem_private_key(made.body["private_key"].encode(), None)
    sandbox = host.sandbox
    return PlainClient(sandbox.base_url, sandbox.ws_url, made.body["api_key_id"], key, http)


async def test_private_routes_refuse_unsigned_requests(
    host: Host, http: aiohttp.ClientSession
) -> None:
    routes = list(private_routes(host))
    assert len(routes) > 40
    for method, path in routes:
        for written in (path, encoded(path)):
            status = await status_of(http, host.ann, method, written, is_signed=False)
            assert status == 401, (method, written)


async def test_a_key_that_reads_writes_nothing(host: Host, http: aiohttp.ClientSession) -> None:
    reader = await reader_of(host, http)
    for method, path in private_routes(host):
        is_read = method in ("GET", "HEAD")
        for written in (path, encoded(path)):
            if path == "/trade-api/ws/v2":
                continue
            status = await status_of(http, reader, method, written, is_signed=True)
            assert (status == 403) != is_read, (method, written)


async def test_a_percent_code_places_no_order(host: Host, http: aiohttp.ClientSession) -> None:
    reader = await reader_of(host, http)
    path = f"{ROOT}/%70ortfolio/events/orders"
    assert await status_of(http, reader, "POST", path, is_signed=True) == 403
    assert await status_of(http, host.ann, "POST", path, is_signed=True) == 400
    assert (await host.ann.get("/portfolio/orders"))["orders"] == []
