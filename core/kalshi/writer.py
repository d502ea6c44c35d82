"""Writing calls of the exchange: each sent at most once, and paid for before it is sent.

Nothing waits here: a write whose tokens are missing is refused, since what it was to do may be
wrong by the time they are there.
"""

from core.clock import WallClock
from core.errors import RateLimitedError
from core.kalshi.account_budget import AccountBudget
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import OrderEndpoint
from core.kalshi.limits import DEFAULT_COST
from core.kalshi.signing import Signer
from core.kalshi.transport import Method, Query, Transport, WrittenHook


class Writer:
    """Writes to one account.

    Every call raises RejectedError or RateLimitedError if nothing was done, and UnreachableError
    if it may or may not have been.

    Args:
        endpoint: local exchange or demo.
        signer: key of the account.
        wall: time of signatures and round trips.
        on_written: told the client order id and monotonic ns as a request goes to the socket.
        clock: offset of the exchange's clock, shared by all that sign for it.
        budget: tokens of the account, shared by all that sign for it; None for its own.
        is_prepaid: single creates, amends and cancels are paid for by an order manager.

    Raises:
        RefusedError: an endpoint that orders must not go to.
    """

    def __init__(
        self,
        endpoint: OrderEndpoint,
        signer: Signer,
        wall: WallClock,
        on_written: WrittenHook | None = None,
        *,
        clock: ClockOffset | None = None,
        budget: AccountBudget | None = None,
        is_prepaid: bool = False,
    ) -> None:
        endpoint.check()
        self._transport = Transport(endpoint.rest_url, wall, signer, on_written, clock=clock)
        self._budget = budget or AccountBudget(wall)
        self._is_prepaid = is_prepaid

    @property
    def rtt_ns(self) -> int:
        """Round trip of the last answered request, 0 before the first."""
        return self._transport.rtt_ns

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def _write(
        self,
        method: Method,
        path: str,
        *,
        params: Query | None = None,
        body: bytes | None = None,
        tag: str = "",
        cost: int = DEFAULT_COST,
        ends_orders: bool = False,
        is_paid: bool = False,
    ) -> bytes:
        """Pay for a request and have it carried out at most once.

        Args:
            method: HTTP method.
            path: below the API's path.
            params: query.
            body: JSON.
            tag: client order id told to `on_written`.
            cost: tokens.
            ends_orders: it may take from the share that is kept for cancels.
            is_paid: its tokens were taken by the caller.
        """
        if not is_paid:
            self._pay(cost, ends_orders=ends_orders)
        try:
            return await self._transport.request(method, path, params=params, body=body, tag=tag)
        except RateLimitedError:
            self._budget.write_refused()
            raise

    def _pay(self, cost: int, *, ends_orders: bool) -> None:
        if not self._budget.take_write(cost, ends_orders=ends_orders):
            raise RateLimitedError(
                f"not sent: {cost} write tokens are needed and {self._budget.write_tokens} held, "
                "some of them kept for cancels: write less often or less at once"
            )
