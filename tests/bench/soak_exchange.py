"""The local exchange under a soak, as a process of its own: a steady load with an end, and faults.

Prints one JSON line once it serves and ends when its stdin does. Arguments: messages per
millisecond of venue time, milliseconds, seed.
"""

import asyncio
import gc
import json
import sys
from collections import deque
from pathlib import Path

from core.clock import SystemClock
from core.sandbox.auth import private_pem
from core.sandbox.listings import Listing
from core.sandbox.orders import Effects, Order
from core.sandbox.rules import ExchangeRules
from core.sandbox.server import Sandbox, SandboxSettings
from core.units import MICROS_PER_DOLLAR

# A program's folder is not on the path where Python was told to be safe, as `./run` tells it.
sys.path.append(str(Path(__file__).parent))

from exchange_process import MARKETS, SteadySource


class SoakSource(SteadySource):
    """The steady load for a while, in whatever markets are still open."""

    def __init__(self, start_ms: int, length_ms: int, per_ms: int, seed: int) -> None:
        super().__init__(start_ms)
        self.end_ms = start_ms + length_ms
        self._per_ms = per_ms
        self._random.seed(seed)

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""
        return self._now_ms if self._now_ms < self.end_ms else None

    def take(self) -> None:
        """Send this millisecond's messages."""
        self._now_ms += 1
        sent = 0
        while sent < self._per_ms:
            listing, resting = self._resting[int(self._random.random() * MARKETS)]
            effects = self._act(listing, resting)
            self._exchange.carry_out(listing, effects)
            sent += len(effects.changes)

    def _act(self, listing: Listing, resting: deque[Order]) -> Effects:
        return super()._act(listing, resting) if listing.status == "active" else Effects()


async def serve(per_ms: int, length_ms: int, seed: int) -> None:
    """Serve until stdin ends."""
    clock = SystemClock()
    settings = SandboxSettings(
        cash_micros=10**6 * MICROS_PER_DOLLAR,
        seed=seed,
        rules=ExchangeRules(tier="off"),
        is_paced=True,
    )
    sandbox = Sandbox(settings, SoakSource(clock.now_ms(), length_ms, per_ms, seed), clock)
    async with sandbox.running():
        gc.collect()
        gc.freeze()  # as the command does
        line = {
            "base_url": sandbox.base_url,
            "ws_url": sandbox.ws_url,
            "api_key_id": sandbox.api_key_id,
            "private_key_pem": private_pem(sandbox.private_key),
        }
        print(json.dumps(line), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:4])))
