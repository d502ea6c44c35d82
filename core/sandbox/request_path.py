"""The way of a request to the engine: it takes venue time, and no write overtakes another.

A write acts inside the exchange's own time step, at the very instant at which it is due, not
when its handler wakes up. By then the quote may be gone and the order filled.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from core.sandbox.accounts import Account
from core.sandbox.errors import ApiError, refusal
from core.sandbox.exchange import Exchange

_T = TypeVar("_T")
STANDSTILL_S: Final = 2.0
"""Wall time after which a request acts although venue time does not move."""
_log = logging.getLogger(__name__)


class RequestPath:
    """Delays writes by `rules.request_latency_ms` and reads by `rules.read_latency_ms`.

    The times are drawn between the least and the greatest, short ones more often (triangular).
    Writes of one user act in the order in which they came, whatever was drawn; a read waits for
    nothing but its own time. The path holds no more than the server has open requests.
    """

    def __init__(
        self, exchange: Exchange, seed: int, end_ms: int, is_time_running: Callable[[], bool]
    ) -> None:
        """Remember what time is told by.

        Args:
            exchange: whose venue time counts.
            seed: of the drawn times.
            end_ms: venue time at which time stops, 0 if never; nothing is delayed beyond it.
            is_time_running: says whether waiting can ever end.
        """
        self._exchange = exchange
        self._random = random.Random(seed)  # a load, not a secret
        self._read_random = random.Random(seed)  # of its own: reads change no write's time
        self._end_ms = end_ms
        self._is_time_running = is_time_running
        self._last_due_ms: dict[int, int] = {}

    async def act(self, account: Account, action: Callable[[], _T]) -> _T:
        """Let a write act when it has arrived; give back what it gave.

        A caller who leaves does not call his request back: it acts all the same.

        Raises:
            ApiError: refused, by what was the case when it acted; 500 where acting failed.
        """
        return await self._carried(_Request(action), self._due_ms(account))

    async def arrive(self) -> None:
        """Wait until a read has arrived; it shows what is the case then, or a little later."""
        range_ms = self._exchange.rules.read_latency_ms
        if range_ms[1] and self._is_time_running():
            due_ms = self._capped(self._exchange.now_ms + _drawn(self._read_random, range_ms))
            await self._carried(_Request(_nothing), due_ms)

    def later(self, range_ms: tuple[int, int], action: Callable[[], None]) -> None:
        """Let something act a drawn time from now whose sender is answered already.

        What refuses it then is told to nobody. Without a time, or while time stands, it acts now.

        Raises:
            ApiError: refused now.
        """
        if not range_ms[1] or not self._is_time_running():
            action()
            return
        request = _Request(action)
        request.answer.cancel()
        due_ms = self._exchange.now_ms + _drawn(self._random, range_ms)
        self._exchange.at(self._capped(due_ms), request.act)

    async def _carried(self, request: "_Request[_T]", due_ms: int) -> _T:
        if due_ms <= self._exchange.now_ms:
            request.act()
            return request.answer.result()
        self._exchange.at(due_ms, request.act)
        try:
            while not request.answer.done():
                now_ms = self._exchange.now_ms
                await asyncio.wait([request.answer], timeout=STANDSTILL_S)
                if now_ms == self._exchange.now_ms:
                    request.act()  # time has stopped, as in a mirror whose upstream is away
            return request.answer.result()
        finally:
            request.answer.cancel()  # nobody waits for it any more

    def _due_ms(self, account: Account) -> int:
        range_ms = self._exchange.rules.request_latency_ms
        if not range_ms[1] or not self._is_time_running():
            return self._last_due_ms.get(account.user, 0)
        due_ms = self._exchange.now_ms + _drawn(self._random, range_ms)
        due_ms = self._capped(max(due_ms, self._last_due_ms.get(account.user, 0)))
        self._last_due_ms[account.user] = due_ms
        return due_ms

    def _capped(self, due_ms: int) -> int:
        """A time that comes: none lies beyond the end."""
        return min(due_ms, max(self._end_ms, self._exchange.now_ms)) if self._end_ms else due_ms


def _drawn(source: random.Random, range_ms: tuple[int, int]) -> int:
    least_ms, greatest_ms = range_ms
    return round(source.triangular(least_ms, greatest_ms, least_ms))


def _nothing() -> None:
    """What a read does in the exchange's time step."""


class _Request(Generic[_T]):
    """What acts once, and the answer that its sender waits for."""

    def __init__(self, action: Callable[[], _T]) -> None:
        self._action = action
        self.answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._has_acted = False

    def act(self) -> None:
        """Act, and pass on how it went to whoever still waits; no failure ends the time step."""
        if self._has_acted:
            return
        self._has_acted = True
        try:
            result = self._action()
        except ApiError as error:
            self._refuse(error)
        # Broad on purpose. This runs inside the exchange's time step, called by whoever moves
        # venue time: what one request meets in our code, of whatever type, must not stop the
        # market for everybody. It is a fault of ours, so it is logged with its traceback, and
        # its sender, like any server's, gets a 500: whether the request took effect is unknown.
        except Exception as error:
            _log.exception("a request failed: its sender is answered 500")
            failure = refusal(500, "service_unavailable", "the exchange failed, see its log")
            failure.__cause__ = error
            self._refuse(failure)
        else:
            if not self.answer.done():
                self.answer.set_result(result)

    def _refuse(self, error: ApiError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
