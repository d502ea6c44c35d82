"""Signed HTTP to one exchange host: time-outs, typed errors, no redirects.

Knows nothing of markets or orders. Never logs headers or bodies. Measures the exchange's clock
and signs with its time where this machine's is far off.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Final, Literal
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from core.clock import WallClock
from core.errors import RateLimitedError, RejectedError, UnreachableError
from core.kalshi.clock_offset import EXPIRED, ClockOffset
from core.kalshi.rest_wire import problem
from core.kalshi.signing import Signer

Method = Literal["GET", "POST", "PUT", "DELETE"]
Query = Mapping[str, str] | Sequence[tuple[str, str]]
"""Pairs where a name is given several times."""
WrittenHook = Callable[[str, int], None]
"""Called with (client_order_id, monotonic ns) as a request's bytes go to the socket."""

IsAnswer = Callable[[int, bytes], bool]
"""Told (status, body) of an answer that is no success; True if it is what was asked for."""

TIMEOUT_S: Final = 10.0
_CONNECT_TIMEOUT_S: Final = 5.0


class Transport:
    """One keep-alive HTTP client.

    Args:
        rest_url: address including the API's path.
        wall: time of signatures and round trips.
        signer: signs every request; None sends them unsigned.
        on_written: told when the bytes of a tagged request go to the socket.
        clock: offset of the exchange's clock, shared by all that sign for it; None for its own.

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
        *,
        clock: ClockOffset | None = None,
    ) -> None:
        self.clock = clock or ClockOffset()
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
        params: Query | None = None,
        body: bytes | None = None,
        tag: str = "",
        is_answer: IsAnswer | None = None,
    ) -> bytes:
        """Have one request carried out at most once and return the body of its 2xx answer.

        One that is refused for the time of its signature was not carried out, and its answer says
        what time it is there: it is sent a second time.

        Args:
            method: HTTP method.
            path: below the API's path, percent-encoded where it needs it.
            params: query.
            body: JSON.
            tag: client order id told to `on_written`.
            is_answer: knows answers without a 2xx that are to be returned all the same.

        Raises:
            RejectedError: 4xx.
            RateLimitedError: 429.
            UnreachableError: no answer in time, no connection, 5xx or a redirect.
        """
        try:
            return await self._request(method, path, params, body, tag, is_answer)
        except RejectedError as error:
            if error.code != EXPIRED:
                raise
        return await self._request(method, path, params, body, tag, is_answer)

    async def _request(
        self,
        method: Method,
        path: str,
        params: Query | None,
        body: bytes | None,
        tag: str,
        is_answer: IsAnswer | None,
    ) -> bytes:
        sent_ms, sent_ns = self._wall.now_ms(), self._wall.monotonic_ns()
        try:
            async with self._open_session().request(
                method,
                URL(self._base + path, encoded=True),
                params=params,
                data=body,
                headers=self._headers(method, path, sent_ms, has_body=body is not None),
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
        self.clock.observe(response.headers.get("Date"), sent_ms, self._wall.now_ms())
        if is_answer is not None and is_answer(response.status, data):
            return data
        return _checked(method, path, response.status, data)

    def _headers(
        self, method: Method, path: str, sent_ms: int, *, has_body: bool
    ) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} if has_body else {}
        if self._signer is not None:
            signed_ms = sent_ms + self.clock.correction_ms
            headers |= self._signer.headers(method, self._path + path, signed_ms)
        return headers

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
