"""The local exchange with a steady load, as a process of its own; its one thread needs one core.

Prints one JSON line once it serves and ends when its stdin does. Venue time starts with the first
subscriber of a book.
"""

import asyncio
import gc
import json
import random
import sys
from collections import deque

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from core.clock import SystemClock
from core.market.market import Market
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_life import MarketLife
from core.sandbox.orders import CROWD, Effects, Order
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.units import MICROS_PER_DOLLAR

MARKETS = 1_000
MESSAGES_PER_MS = 20
TICKERS = [f"KXLOAD-26NOV20-{number:04d}" for number in range(MARKETS)]
SEED = 11
_KEPT_ORDERS = 24
_TAKES_IN = 32
"""One action in so many takes a resting order instead of placing or cancelling one."""


class SteadySource:
    """So many book messages in every millisecond: the crowd places, cancels and takes."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.end_ms = 0
        self.trades = "generated"
        self.waits = True
        self._now_ms = start_ms
        self._random = random.Random(SEED)
        self._resting: list[tuple[Listing, deque[Order]]] = []

    def open(self, exchange: Exchange) -> None:
        """List the markets."""
        self._exchange = exchange
        life = MarketLife(exchange)
        for ticker in TICKERS:
            market = Market(ticker, "KXLOAD-26NOV20", title=ticker)
            self._resting.append((life.list_market(market, MatchingBook()), deque()))

    def next_ms(self) -> int | None:
        """Venue time of the next instant."""
        return self._now_ms

    def take(self) -> None:
        """Send this millisecond's messages."""
        self._now_ms += 1
        sent = 0
        while sent < MESSAGES_PER_MS:
            listing, resting = self._resting[int(self._random.random() * MARKETS)]
            effects = self._act(listing, resting)
            self._exchange.carry_out(listing, effects)
            sent += len(effects.changes)

    def _act(self, listing: Listing, resting: deque[Order]) -> Effects:
        drawn = self._random.getrandbits(16)
        side, depth, lots = drawn & 1, 100 * (drawn >> 1 & 15), 100 + (drawn >> 5 & 511)
        if len(resting) > _KEPT_ORDERS:
            oldest = resting.popleft()
            if not oldest.remaining_lots:
                return Effects()
            if drawn % _TAKES_IN == 0:
                taken = self._order(1 - oldest.side, oldest.price_pips, lots)
                effects = listing.book.place(taken)
                if oldest.remaining_lots:  # better ones were met first: it must not rest for ever
                    resting.append(oldest)
                return effects
            return listing.book.cancel(oldest)
        order = self._order(side, 5_100 + depth if side else 4_900 - depth, lots)
        order.time_in_force = "good_till_canceled"
        resting.append(order)
        return listing.book.place(order)

    def _order(self, side: int, price_pips: int, lots: int) -> Order:
        order = Order("", CROWD, "", side, price_pips, lots, lots)
        order.time_in_force = "immediate_or_cancel"
        return order


async def serve() -> None:
    """Serve until stdin ends."""
    clock = SystemClock()
    key = ed25519.Ed25519PrivateKey.generate()
    settings = SandboxSettings(
        cash_micros=10**6 * MICROS_PER_DOLLAR, rules=ExchangeRules(tier="off")
    )
    sandbox = Sandbox(settings, SteadySource(clock.now_ms()), clock)
    key_id = sandbox.add_account(key.public_key())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    async with sandbox.running():
        gc.collect()
        gc.freeze()  # as the command does
        line = {
            "base_url": sandbox.base_url,
            "ws_url": sandbox.ws_url,
            "key_id": key_id,
            "pem": pem.decode(),
        }
        print(json.dumps(line), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
