"""Runs the local exchange for the conformance tests: the real server, with time in our hands.

Sockets, signatures and pings run on the machine's clock; venue time moves only when told, so that
"14 seconds later" is exact and costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from plain_client import PlainClient, PrivateKey

from core.clock import SystemClock
from core.market.market import FeeSchedule, Market
from core.market.ticks import PriceRange
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.market_life import MarketLife
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.units import MICROS_PER_DOLLAR

NOON_MS = round(datetime(2026, 11, 18, 17, tzinfo=UTC).timestamp()) * 1000
"""Wednesday 12:00 Eastern, far from the weekly pause."""
DEADLINE_S = 10.0

_TAPER = (PriceRange(0, 1_000, 10), PriceRange(1_000, 9_000, 100), PriceRange(9_000, 10_000, 10))


class HeldClock:
    """The machine's clock, except that monotonic time stands until it is moved."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._monotonic_ns = 1_000_000_000

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return self._system.now_ms()

    def monotonic_ns(self) -> int:
        """Monotonic time as it was moved."""
        return self._monotonic_ns

    def move(self, ms: int) -> None:
        """Let monotonic time, and with it venue time, pass."""
        self._monotonic_ns += ms * 1_000_000


class StillSource:
    """Markets without any flow: whatever happens is done by the clients."""

    def __init__(self, markets: Sequence[Market], start_ms: int) -> None:
        self._markets = markets
        self.start_ms = start_ms
        self.end_ms = 2**53
        self.trades = "generated"
        self.waits = False

    def open(self, exchange: Exchange) -> None:
        """List the markets; they keep the venue's hours."""
        self.life = MarketLife(exchange)
        exchange.keep_hours()
        for market in self._markets:
            self.life.list_market(market, MatchingBook())

    def next_ms(self) -> int | None:
        """Nothing is ever due."""
        return None

    def take(self) -> None:
        """Apply nothing."""


def contract(name: str, series: str = "KXCONF", **fields: object) -> Market:
    """A market of this series whose event is named after the day."""
    event = f"{series}-26NOV18"
    return Market(f"{event}-{name}", event, title=f"Market {name}", subtitle=name, **fields)


ANY = contract("ANY")
SIBLING = contract("SIBLING")
TAPERED = contract("TAPERED", price_ranges=_TAPER)
FREE = contract("FREE", "KXFREE", fees=FeeSchedule(0, 0))
HALF = contract("HALF", "KXHALF", fees=FeeSchedule(3_500, 0))
MAKER = contract("MAKER", "KXMAKER", fees=FeeSchedule(7_000, 1_750))
LATER = contract("LATER", "KXLATER", open_ms=NOON_MS + 60_000)
CLOSING = contract("CLOSING", "KXCLOSING", close_ms=NOON_MS + 60_000)
MARKETS = (ANY, SIBLING, TAPERED, FREE, HALF, MAKER, LATER, CLOSING)

_ANN_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


class Host:
    """One running exchange.

    Attributes:
        ann, bob, eve: clients of three accounts; ann has an RSA key, the others Ed25519 keys.
    """

    def __init__(
        self, sandbox: Sandbox, source: StillSource, clock: HeldClock, http: aiohttp.ClientSession
    ) -> None:
        self.sandbox = sandbox
        self._source = source
        self._clock = clock
        self._http = http
        self.ann = self.open_account(_ANN_KEY)
        self.bob = self.open_account(ed25519.Ed25519PrivateKey.generate())
        self.eve = self.open_account(ed25519.Ed25519PrivateKey.generate())

    def open_account(self, key: PrivateKey) -> PlainClient:
        """A client of a new account."""
        sandbox = self.sandbox
        key_id = sandbox.add_account(key.public_key())
        return PlainClient(sandbox.base_url, sandbox.ws_url, key_id, key, self._http)

    @property
    def now_ms(self) -> int:
        """Venue time."""
        return self.sandbox.exchange.now_ms

    async def pass_time(self, ms: int) -> None:
        """Let venue time pass."""
        target_ms = self.now_ms + ms
        self._clock.move(ms)
        async with asyncio.timeout(DEADLINE_S):
            while self.now_ms < target_ms:  # noqa: ASYNC110  (the pump tells nobody)
                await asyncio.sleep(0.002)

    @property
    def life(self) -> MarketLife:
        """What moves this exchange's markets on."""
        return self._source.life

    async def reader_of(self, client: PlainClient) -> PlainClient:
        """The same account by another key, which may only read; its replies are written there."""
        body = {"name": "reader", "scopes": ["read"]}
        made = (await client.call("POST", "/api_keys/generate", body)).body
        key = serialization.load_pem_private_key(made["private_key"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        sandbox = self.sandbox
        key_id = made["api_key_id"]
        reader = PlainClient(sandbox.base_url, sandbox.ws_url, key_id, key, self._http)
        reader.seen = client.seen
        return reader

    def list_market(self, market: Market) -> None:
        """Announce another market."""
        self._source.life.list_market(market, MatchingBook())

    async def change_fees(self, **change: object) -> None:
        """Plan a change of fees by the exchange's local control call."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/fee_changes"
        async with self._http.post(url, json=change) as reply:
            assert reply.status == 201, await reply.text()

    async def operate(self, step: str, market: Market, **fields: object) -> dict[str, Any]:
        """Do something to a market by the exchange's local control call; returns it then."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/markets"
        body = {"step": step, "ticker": market.ticker, **fields}
        async with self._http.post(url, json=body) as reply:
            assert reply.status == 200, await reply.text()
            return dict((await reply.json())["market"])

    async def pause(self, what: str, for_s: int = 0) -> None:
        """Pause trading or the whole exchange by its local control call."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/pauses"
        async with self._http.post(url, json={"what": what, "for_s": for_s}) as reply:
            assert reply.status == 200, await reply.text()

    async def resume(self) -> None:
        """End that pause."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/pauses"
        async with self._http.delete(url) as reply:
            assert reply.status == 200, await reply.text()

    async def inject(self, **fault: object) -> None:
        """Break something by the exchange's local control call."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
        async with self._http.post(url, json=fault) as reply:
            assert reply.status == 200, await reply.text()

    async def done(self) -> list[str]:
        """Kinds of the faults that happened so far, in order."""
        url = self.sandbox.base_url.removesuffix("/trade-api/v2") + "/sandbox/faults"
        async with self._http.get(url) as reply:
            told = (await reply.json())["done"]
        return [entry["fault"]["kind"] for entry in told if not entry["missed"]]

    def determine(self, market: Market, result: str, value_pips: int = -1) -> None:
        """Let a market's outcome be known."""
        listing = self.sandbox.exchange.listings[market.ticker]
        self._source.life.determine(listing, result, value_pips)


@asynccontextmanager
async def hosting(
    markets: Sequence[Market] = MARKETS,
    *,
    start_ms: int = NOON_MS,
    cash: int = 1_000,
    **rules: Any,  # noqa: ANN401  (fields of ExchangeRules)
) -> AsyncIterator[Host]:
    """Run an exchange over these markets; without rate limits unless `tier` says otherwise."""
    source, clock = StillSource(markets, start_ms), HeldClock()
    settings = SandboxSettings(
        cash_micros=cash * MICROS_PER_DOLLAR, rules=ExchangeRules(**({"tier": "off"} | rules))
    )
    sandbox = Sandbox(settings, source, clock)
    async with sandbox.running(), aiohttp.ClientSession() as http:
        yield Host(sandbox, source, clock, http)
