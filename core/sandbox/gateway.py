"""The exchange's door: one loopback port that can be shut and opened again."""

import asyncio
import logging
from typing import Final

from aiohttp import web

from core.errors import ConfigError

HOST = "127.0.0.1"
_REOPEN_TRIES: Final = 100
_REOPEN_PAUSE_S: Final = 0.1

_log = logging.getLogger(__name__)


class Gateway:
    """Listens for a runner.

    Attributes:
        port: where, once open.
    """

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.port = 0

    async def open(self, runner: web.AppRunner, port: int) -> None:
        """Listen; port 0 lets the system choose.

        Raises:
            ConfigError: the port is taken.
        """
        self._runner = runner
        try:
            await self._listen(runner, port)
        except OSError as error:
            raise ConfigError(
                f"port {port} cannot be used ({error.strerror}); "
                "choose another with --port, or 0 for any free one."
            ) from error
        self.port = int(runner.addresses[0][1])

    async def _listen(self, runner: web.AppRunner, port: int) -> None:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        self._site = site

    async def restart(self, down_ms: int, spared: asyncio.Transport | None) -> None:
        """Cut every connection but one, and refuse new ones for a while."""
        site, self._site = self._site, None
        if site is None or self._runner is None:
            return
        await site.stop()
        self._cut_all(self._runner, spared)
        await asyncio.sleep(down_ms / 1000)
        for _ in range(_REOPEN_TRIES):
            try:
                await self._listen(self._runner, self.port)
            except OSError:  # somebody borrowed the port meanwhile
                await asyncio.sleep(_REOPEN_PAUSE_S)
            else:
                return
        _log.error("port %s cannot be opened again: end this exchange", self.port)

    @property
    def is_open(self) -> bool:
        """True while it listens."""
        return self._site is not None

    def _cut_all(self, runner: web.AppRunner, spared: asyncio.Transport | None) -> None:
        for serving in runner.server.connections if runner.server is not None else ():
            transport = serving.transport
            if transport is not None and transport is not spared:
                transport.abort()
