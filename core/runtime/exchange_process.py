"""The local exchange as a child process: started, watched, stopped.

It makes its own keys, says on one line where it serves, and exits when its stdin closes, so it
never outlives this process.
"""

import asyncio
import contextlib
import logging
import subprocess
import sys

import msgspec

from core.errors import JobError
from core.runtime.venue import Venue
from core.settings import Settings

_log = logging.getLogger(__name__)
START_SECONDS = 60.0
STOP_SECONDS = 5.0
TAIL_LINES = 20
LEVELS = {"WARNING": logging.WARNING, "ERROR": logging.ERROR, "CRITICAL": logging.ERROR}
"""How the child's log lines begin."""


class Served(msgspec.Struct, frozen=True):
    """Where the exchange serves, and the key it made for us."""

    base_url: str
    ws_url: str
    api_key_id: str
    private_key_pem: str

    def __repr__(self) -> str:
        return f"Served({self.base_url})"


def command(settings: Settings, venue: Venue) -> list[str]:
    """Command line of the child."""
    source = (
        [str(path) for path in settings.sessions] if venue.source == "recorded" else ["generated"]
    )
    speed = "max" if settings.speed == 0 else str(settings.speed)
    program = (
        [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "core.cli"]
    )
    arguments = ["sandbox", "--child", "--json", "--source", *source, "--speed", speed]
    arguments += ["--seed", str(settings.seed), "--markets", str(settings.markets)]
    arguments += ["--cash", str(settings.cash_micros // 1_000_000), "--home", str(settings.home)]
    arguments += ["--set", "weekly_pause=off"]  # practice at any hour
    return program + arguments


class ExchangeProcess:
    """One running local exchange."""

    def __init__(
        self, process: asyncio.subprocess.Process, served: Served, lines: asyncio.StreamReader
    ) -> None:
        self._process = process
        self.served = served
        self._tail: list[str] = []
        self._log_task = asyncio.get_running_loop().create_task(
            self._read_log(lines), name="exchange-log"
        )

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @staticmethod
    async def start(arguments: list[str]) -> "ExchangeProcess":
        """Start the child and wait until it serves.

        Raises:
            JobError: it said why it cannot serve, or said nothing in time.
        """
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours alone: orders are cancelled while it lives
        )
        if process.stdout is None or process.stderr is None:
            raise JobError("the local exchange has no pipes: start the console again")
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await process.stdout.readline()
            served = msgspec.json.decode(line, type=Served)
        except asyncio.CancelledError:
            await _kill(process)
            raise
        except (TimeoutError, msgspec.MsgspecError) as error:
            await _kill(process)
            said = (await process.stderr.read()).decode(errors="replace").strip()
            reason = said.splitlines()[-1] if said else "it said nothing; start the console again"
            raise JobError(f"the local exchange did not start: {reason}") from error
        return ExchangeProcess(process, served, process.stderr)

    async def _read_log(self, lines: asyncio.StreamReader) -> None:
        while True:
            try:
                raw = await lines.readline()
            except ValueError:
                continue  # a line beyond the reader's limit is dropped, the pipe stays open
            if not raw:
                return
            line = raw.decode(errors="replace").rstrip()
            self._tail = [*self._tail[-TAIL_LINES:], line]
            level = LEVELS.get(line.partition(" ")[0], logging.INFO)
            _log.log(level, "exchange: %s", line)

    async def wait(self) -> str:
        """Wait until the child ends; returns what it last said."""
        code = await self._process.wait()
        await asyncio.wait([self._log_task])  # its last words may still be in the pipe
        return self._tail[-1] if self._tail else f"exit code {code}"

    async def stop(self) -> None:
        """Close its stdin and wait; kill it if it does not go."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            _log.warning("the local exchange did not stop in %s s and was killed", STOP_SECONDS)
            await _kill(self._process)
        await self._log_task


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
