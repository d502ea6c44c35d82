"""The clients of one local exchange: reads, orders, feed, status; one key, clock and budget."""

import asyncio
import random
from collections.abc import Callable
from typing import Literal

import aiohttp
import msgspec

from core.clock import VenueClock, WallClock
from core.errors import UnreachableError
from core.events import Event
from core.kalshi.account_budget import AccountBudget
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import REST_PATH, DataEndpoint, OrderEndpoint
from core.kalshi.feed import FeedSession
from core.kalshi.order_rest import OrderRest
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.kalshi.stream import FeedStream
from core.kalshi.transport import WrittenHook
from core.runtime.exchange_process import Served

STATUS_SECONDS = 5.0
NS_PER_MS = 1e6


class SandboxStatus(msgspec.Struct, frozen=True):
    """What the local exchange says of its source, outside the exchange's own protocol."""

    venue_ms: int
    end_ms: int
    trades: Literal["real", "inferred", "none", "mixed", "generated"]


class ExchangeClients:
    """Everything that signs for one account.

    Args:
        served: where the exchange serves, and our key.
        wall: time of signatures, before it is corrected by what the exchange says.
        on_written: told the client order id and monotonic ns as a request goes to the socket.
        venue: the exchange's time, by which it gives new tokens; None where it is wall time.

    Attributes:
        rest: reads.
        orders: writes; single creates, amends and cancels are the order manager's to pay.

    Raises:
        RefusedError: an address that orders must not go to.
    """

    def __init__(
        self,
        served: Served,
        wall: WallClock,
        on_written: WrittenHook,
        venue: VenueClock | None = None,
    ) -> None:
        data = DataEndpoint(served.base_url, served.ws_url)
        self._base_url, self._ws_url = served.base_url, data.ws_url
        self._wall = wall
        self._signer = Signer(served.api_key_id, served.private_key_pem)
        self._rng = random.Random()  # jitter, not secrets
        self._clock, budget = ClockOffset(), AccountBudget(wall, venue)
        self.rest = KalshiRest(
            data, self._signer, wall, self._rng, clock=self._clock, budget=budget
        )
        self.orders = OrderRest(
            OrderEndpoint.sandbox(served.base_url),
            self._signer,
            wall,
            on_written,
            clock=self._clock,
            budget=budget,
            is_prepaid=True,
        )

    def stream(self, feed: FeedSession, on_events: Callable[[list[Event]], None]) -> FeedStream:
        """A socket for this session; what it brings goes to `on_events`."""
        return FeedStream(
            self._ws_url, self._signer, feed, self._wall, on_events, self._rng, clock=self._clock
        )

    async def status(self) -> SandboxStatus:
        """What the exchange plays.

        Raises:
            UnreachableError: it does not say.
        """
        url = self._base_url.removesuffix(REST_PATH) + "/sandbox/status"
        timeout = aiohttp.ClientTimeout(total=STATUS_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as reply:
                return msgspec.json.decode(await reply.read(), type=SandboxStatus)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            raise UnreachableError(f"the local exchange does not say its state: {error}") from error

    @property
    def rtt_ms(self) -> float | None:
        """Round trip of the last order request, else of the last read; None before any."""
        rtt_ns = self.orders.rtt_ns or self.rest.rtt_ns
        return rtt_ns / NS_PER_MS if rtt_ns else None

    async def close(self) -> None:
        """Close the REST connections."""
        await asyncio.gather(self.rest.close(), self.orders.close())
