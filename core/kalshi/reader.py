"""Reading calls of the exchange: each in its turn, tried again, page by page, parsed.

Only GETs are sent from here, so a repetition changes nothing at the exchange. Every request is
paid for with read tokens before it is sent, and waits until they are there.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, Protocol, TypeVar

from core.clock import WallClock
from core.errors import DecodeError, RateLimitedError, UnreachableError
from core.kalshi import rest_wire
from core.kalshi.account_budget import AccountBudget
from core.kalshi.clock_offset import ClockOffset
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.limits import DEFAULT_COST, LONGEST_WAIT_MS
from core.kalshi.signing import Signer
from core.kalshi.transport import IsAnswer, Transport

_T = TypeVar("_T")
PAGE: Final = 1_000
"""Rows of one page, the most that the exchange gives."""
_TRIES: Final = 4
_FIRST_PAUSE_S: Final = 0.2
_MOST_PAGES: Final = 1_000

Parameters = Mapping[str, str] | Iterable[tuple[str, str]]
"""Query; pairs where a name is given several times."""


class Page(Protocol):
    """An answer that may not be the last one."""

    @property
    def cursor(self) -> str | None:
        """Names the next page, "" or None on the last one."""


PageT = TypeVar("PageT", bound=Page)


class Reader:
    """Reads from one exchange.

    Args:
        endpoint: where to read.
        signer: needed for the account; market data work without.
        wall: time of signatures and round trips.
        rng: jitter of repeated tries.
        clock: offset of the exchange's clock, shared by all that sign for it.
        budget: tokens of the account, shared by all that sign for it; None for its own.

    Attributes:
        budget: tokens of the account.
    """

    def __init__(
        self,
        endpoint: DataEndpoint | OrderEndpoint,
        signer: Signer | None,
        wall: WallClock,
        rng: random.Random,
        *,
        clock: ClockOffset | None = None,
        budget: AccountBudget | None = None,
    ) -> None:
        self.budget = budget or AccountBudget(wall)
        self._transport = Transport(endpoint.rest_url, wall, signer, clock=clock)
        self._rng = rng

    @property
    def rtt_ns(self) -> int:
        """Round trip of the last answered call, 0 before the first."""
        return self._transport.rtt_ns

    @property
    def clock_offset_ms(self) -> int | None:
        """Exchange minus wall time, to about half a second at first; None before any answer."""
        return self._transport.clock.offset_ms

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def _read(
        self,
        path: str,
        kind: type[_T],
        params: Parameters | None = None,
        *,
        cost: int = DEFAULT_COST,
        is_answer: IsAnswer | None = None,
    ) -> _T:
        """GET, tried again after 429, 5xx or a lost connection, and parse.

        Raises:
            RejectedError: the exchange says no.
            RateLimitedError: too many requests, each time, or too many before this one.
            UnreachableError: no readable answer, each time or for too long.
        """
        query = params if params is None or isinstance(params, Mapping) else list(params)
        data = await self._try_again(
            lambda: self._transport.request("GET", path, params=query, is_answer=is_answer), cost
        )
        return readable(lambda: rest_wire.parse(data, kind))

    async def _pages(
        self, path: str, kind: type[PageT], filters: Mapping[str, str], size: int = PAGE
    ) -> list[PageT]:
        """All pages, until the cursor is empty or comes again."""
        pages: list[PageT] = []
        seen, cursor = {""}, ""
        while len(pages) < _MOST_PAGES:
            params = dict(filters) | {"limit": str(size)} | ({"cursor": cursor} if cursor else {})
            pages.append(await self._read(path, kind, params))
            cursor = pages[-1].cursor or ""
            if cursor in seen:
                break
            seen.add(cursor)
        return pages

    async def _first_or_all(
        self, path: str, kind: type[PageT], filters: Mapping[str, str], limit: int | None
    ) -> list[PageT]:
        """One page of at most `limit` rows, or all pages where that is None."""
        if limit is None:
            return await self._pages(path, kind, filters)
        params = dict(filters) | {"limit": str(min(limit, PAGE))}
        return [await self._read(path, kind, params)]

    async def _try_again(self, attempt: Callable[[], Awaitable[bytes]], cost: int) -> bytes:
        for tried in range(_TRIES - 1):
            await self._turn(cost)
            try:
                return await attempt()
            except UnreachableError as error:
                if isinstance(error.__cause__, TimeoutError):
                    raise  # waited long enough already
            except RateLimitedError:
                self.budget.read_refused()
            await asyncio.sleep(_FIRST_PAUSE_S * (1 << tried) * self._rng.uniform(0.5, 1.5))
        await self._turn(cost)
        return await attempt()

    async def _turn(self, cost: int) -> None:
        """Wait until the account has the tokens of a request.

        Raises:
            RateLimitedError: that would be too long; nothing was sent.
        """
        wait_ms = self.budget.reserve_read(cost)
        if wait_ms is None:
            raise RateLimitedError(
                f"not asked: the account's reads are used up for the next {LONGEST_WAIT_MS} ms: "
                "ask less often"
            )
        if wait_ms:
            await asyncio.sleep(wait_ms / 1000)


def readable(read: Callable[[], _T]) -> _T:
    """An answer that cannot be read is as good as none.

    Raises:
        UnreachableError: the answer breaks the protocol.
    """
    try:
        return read()
    except DecodeError as error:
        raise UnreachableError(f"the exchange's answer cannot be read: {error}") from error
