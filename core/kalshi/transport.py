"""Signed HTTP to one exchange host: time-outs, typed errors, clock offset, no redirects.

Knows nothing of markets or orders. Never logs headers or bodies. A clock that is
far off is told, and its difference left out of signatures.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Final, Literal
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from core.clock import WallClock
from core.errors import RateLimitedError, RejectedError, UnreachableError
from core.kalshi.rest_wire import problem
from core.kalshi.signing import Signer

_log = logging.getLogger(__name__)
Method = Literal["GET", "POST", "PUT", "DELETE"]
WrittenHook = Callable[[str, int], None]
"""Called with (client_order_id, monotonic ns) as a request's bytes go to the socket."""

TIMEOUT_S: Final = 10.0
_CONNECT_TIMEOUT_S: Final = 5.0
_DATE_RESOLUTION_MS: Final = 1_000
_TOLERATED_MS: Final = 3_000
"""The exchange accepts a difference of ten seconds or so."""


class ClockOffset:
    """Exchange minus wall time, narrowed by the Date header of every answer.

    A Date of second D says that the exchange's clock read D to D + 1 s somewhere between sending
    and receiving. Bounds that no longer overlap mean that a clock was set: start again.
    """

    def __init__(self) -> None:
        self._low_ms: int | None = None
        self._high_ms = 0

    @property
    def offset_ms(self) -> int | None:
        """Middle of what is known, None before the first answer."""
        return None if self._low_ms is None else (self._low_ms + self._high_ms) // 2

    @property
    def correction_ms(self) -> int:
        """What to add to this machine's time in signatures; 0 while its clock is good enough."""
        offset_ms = self.offset_ms or 0
        return offset_ms if abs(offset_ms) >= _TOLERATED_MS else 0

    def observe(self, date: str | None, sent_ms: int, received_ms: int) -> None:
        """Take one answer; a missing or unreadable date says nothing."""
        try:
            date_ms = int(parsedate_to_datetime(date or "").timestamp()) * 1000
        except ValueError:
            return
        low, high = date_ms - received_ms, date_ms + _DATE_RESOLUTION_MS - sent_ms
        if self._low_ms is not None and max(low, self._low_ms) <= min(high, self._high_ms):
            low, high = max(low, self._low_ms), min(high, self._high_ms)
        self._low_ms, self._high_ms = low, high


class Transport:
    """One keep-alive HTTP client.

    Args:
        rest_url: address including the API's path.
        wall: time of signatures and round trips.
        signer: signs every request; None sends them unsigned.
        on_written: told when the bytes of a tagged request go to the socket.

    Attributes:
        clock: measured offset of the exchange's clock.
        rtt_ns: round trip of the last answered request, 0 before.
    """

    def __init__(
        self,
        rest_url: str,
        wall: WallClock,
        signer: Signer | None = None,
        on_written: WrittenHook | None = None,
    ) -> None:
        self.clock = ClockOffset()
        self.rtt_ns = 0
        self._base = rest_url
        self._path = urlsplit(rest_url).path
        self._wall = wall
        self._signer = signer
        self._on_written = on_written
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; the transport may be used again afterwards."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def request(
        self,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: bytes | None = None,
        tag: str = "",
    ) -> bytes:
        """Send one request, once, and return the body of its 2xx answer.

        Args:
            method: HTTP method.
            path: below the API's path, percent-encoded where it needs it.
            params: query.
            body: JSON.
            tag: client order id told to `on_written`.

        Raises:
            RejectedError: 4xx.
            RateLimitedError: 429.
            UnreachableError: no answer in time, no connection, 5xx or a redirect.
        """
        sent_ms, sent_ns = self._wall.now_ms(), self._wall.monotonic_ns()
        headers = {} if body is None else {"Content-Type": "application/json"}
        if self._signer is not None:
            signed_ms = sent_ms + self.clock.correction_ms
            headers |= self._signer.headers(method, self._path + path, signed_ms)
        try:
            async with self._open_session().request(
                method,
                URL(self._base + path, encoded=True),
                params=params,
                data=body,
                headers=headers,
                allow_redirects=False,
                trace_request_ctx=SimpleNamespace(tag=tag, has_body=body is not None),
            ) as response:
                data = await response.read()
        except TimeoutError as error:
            raise UnreachableError(f"{method} {path}: no answer within {TIMEOUT_S:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"{method} {path}: no connection: {reason}") from error
        self.rtt_ns = self._wall.monotonic_ns() - sent_ns
        self._note_date(response.headers.get("Date"), sent_ms)
        return _checked(method, path, response.status, data)

    def _note_date(self, date: str | None, sent_ms: int) -> None:
        was_right = not self.clock.correction_ms
        self.clock.observe(date, sent_ms, self._wall.now_ms())
        if was_right and self.clock.correction_ms:
            _log.warning(
                "this machine's clock differs from the exchange's by %.1f s: set it. Until then "
                "requests are signed with the exchange's time",
                self.clock.correction_ms / 1000,
            )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_once,),
                trace_configs=[] if self._on_written is None else [self._trace(self._on_written)],
            )
        return self._session

    def _trace(self, hook: WrittenHook) -> aiohttp.TraceConfig:
        """Report a request with a body when that goes out, one without when its head does."""

        def written(context: SimpleNamespace, *, is_body: bool) -> None:
            request = context.trace_request_ctx
            if request.tag and request.has_body is is_body:
                hook(request.tag, self._wall.monotonic_ns())

        async def head(
            _session: aiohttp.ClientSession,
            context: SimpleNamespace,
            _params: aiohttp.TraceRequestHeadersSentParams,
        ) -> None:
            written(context, is_body=False)

        async def chunk(
            _session: aiohttp.ClientSession,
            context: SimpleNamespace,
            _params: aiohttp.TraceRequestChunkSentParams,
        ) -> None:
            written(context, is_body=True)

        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(head)
        trace.on_request_chunk_sent.append(chunk)
        return trace


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep the library from sending a DELETE again by itself when its answer was lost."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error) or type(error).__name__) from error


def _checked(method: str, path: str, status: int, data: bytes) -> bytes:
    if 200 <= status < 300:
        return data
    code, message = problem(data)
    if status == 429:
        raise RateLimitedError(f"{method} {path}: {message} (HTTP 429): slow down")
    if 400 <= status < 500:
        raise RejectedError(status, code, message)
    raise UnreachableError(f"{method} {path}: {message} (HTTP {status})")
