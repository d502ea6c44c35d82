"""Our own PostgreSQL server: start, adopt, restart and stop it.

Knows the processes of one server, and no table. The server listens on loopback with a password
only its account can read. Whoever started it stops it; whoever found it running leaves it running,
unless its starter has died.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import asyncpg

from core.errors import StorageError
from core.storage.cluster import USER, Cluster
from core.storage.orphan import is_orphan, stop_orphan
from core.storage.processes import serves, serving
from core.storage.server_account import current_server_account

_LOG_LIMIT_BYTES = 1 << 20
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 2.0
_POLL_S = 0.01
_WATCH_POLL_S = 0.5
_STARTS = 5
_REFUSALS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "synchronous_commit": "on",
    "max_connections": "20",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "logging_collector": "off",
}


class EmbeddedPostgres:
    """One server for one home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = home / "logs" / "postgres.log"
        self._cluster: Cluster | None = None
        self._port = 0
        self._pid = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_owner(self) -> bool:
        """True while the server was started by this object, so that `stop` ends it."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process number of the server, 0 before it was started or adopted."""
        return self._pid

    @property
    def dsn(self) -> str:
        """Address with user and password, for asyncpg; only after `start`."""
        password = self._files.password
        return f"postgresql://{USER}:{password}@127.0.0.1:{self._port}/postgres"

    async def __aenter__(self) -> "EmbeddedPostgres":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Adopt the server that runs for this home, or start one, made first where missing.

        A second call after a crash starts it again, on the port it had if that is free.

        Raises:
            StorageError: it cannot be made or started; the text says why and what to do.
        """
        if self._process is not None and self._process.returncode is None:
            return
        self._process = None
        try:
            await self._prepare()
            for _ in range(_STARTS):
                if await self._adopt() or await self._launch():
                    return
        except OSError as error:
            raise StorageError(
                f"The database cannot use {error.filename or self._home}: "
                f"{error.strerror or error}. Free disk space or correct its permissions, "
                f"or set KALSHIFLOW_HOME to another folder."
            ) from error
        raise StorageError(
            f"The database server did not start: {self._log_tail()}. See {self._log}."
        )

    async def stop(self) -> None:
        """End the server if it was started here: fast shutdown, then harder ones by deadline.

        An adopted one is ended too once its starter has died and nobody else uses it.
        """
        process, self._process = self._process, None
        if process is None:
            if self._pid and await is_orphan(self._files, self.dsn):
                await stop_orphan(self._files, self._pid)
            return
        for step in (self._ask_to_stop, _quit, _kill):
            await step(process)
            try:
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await process.wait()
                    return
            except TimeoutError:
                continue

    async def wait_gone(self) -> None:
        """Return when the server is no longer running, whoever started it."""
        if self._process is not None:
            await self._process.wait()
            return
        while True:
            await asyncio.sleep(_WATCH_POLL_S)
            if not await asyncio.to_thread(serves, self._pid, self._files.data):
                return

    @property
    def _files(self) -> Cluster:
        if self._cluster is None:
            raise ValueError("the server has not been started yet")
        return self._cluster

    async def _prepare(self) -> None:
        account = await asyncio.to_thread(current_server_account)
        programs = await asyncio.to_thread(account.programs)
        self._cluster = Cluster(account.server_folder(self._home), programs, account)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(self._log)
        await self._cluster.ensure()

    async def _adopt(self) -> bool:
        """Use the server that already runs on our data folder, if one really does.

        The pid file of a dead one is removed, but only once no process of it is left.
        """
        found = self._files.running_server()
        if found is None:
            return False
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                while await asyncio.to_thread(serves, found.pid, self._files.data):
                    if await self._answers(found.port):
                        self._port, self._pid = found.port, found.pid
                        return True
                    await asyncio.sleep(_POLL_S)
                    found = self._files.running_server() or found
                await self._left_alone()
        except TimeoutError:
            raise StorageError(
                f"A database server (process {found.pid}) runs in {self._files.data} but does "
                f"not answer. End that process and start again. See {self._log}."
            ) from None
        self._files.forget(found)
        return False

    async def _left_alone(self) -> None:
        """Wait until no process of a killed server works in the data folder any more."""
        left = await asyncio.to_thread(serving, self._files.data)
        while left:
            await asyncio.sleep(_POLL_S)
            left = await asyncio.to_thread(serving, self._files.data)

    async def _launch(self) -> bool:
        """Start a server and wait until it answers; False if it gave up."""
        self._port = self._port if _is_free(self._port) else _free_port()
        process = await self._spawn()
        is_ready = False
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                while process.returncode is None and not is_ready:
                    await asyncio.sleep(_POLL_S)
                    is_ready = await self._answers(self._port)
            if is_ready:
                self._files.note_owner(os.getpid())
                self._process, self._pid = process, process.pid
        except TimeoutError:
            raise StorageError(
                f"The database server did not answer within {_START_TIMEOUT_S:.0f} s: "
                f"{self._log_tail()}. See {self._log}."
            ) from None
        finally:
            if self._process is None and process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await process.wait()
        return is_ready

    async def _spawn(self) -> asyncio.subprocess.Process:
        settings = [f"{name}={value}" for name, value in _SETTINGS.items()]
        options = [part for text in (*settings, f"port={self._port}") for part in ("-c", text)]
        cluster = self._files
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(str(cluster.programs / "postgres"), "-D", str(cluster.data), *options),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cluster.data.anchor,
                start_new_session=True,
                **cluster.account.process(),
            )

    async def _answers(self, port: int) -> bool:
        """True if the server on this port takes our password and serves our data folder."""
        cluster = self._files
        try:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=port,
                user=USER,
                password=cluster.password,
                database="postgres",
                timeout=_ANSWER_TIMEOUT_S,
            )
        except _REFUSALS:
            return False
        try:
            folder = await connection.fetchval("show data_directory", timeout=_ANSWER_TIMEOUT_S)
        except _REFUSALS:
            return False
        finally:
            connection.terminate()
        return cluster.is_at(folder)

    async def _ask_to_stop(self, process: asyncio.subprocess.Process) -> None:
        if sys.platform != "win32":
            _send(process, signal.SIGINT)
            return
        cluster = self._files
        stopper = await asyncio.create_subprocess_exec(
            *(str(cluster.programs / "pg_ctl"), "stop", "-D", str(cluster.data)),
            *("-m", "fast", "--no-wait"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        await stopper.wait()

    def _log_tail(self) -> str:
        try:
            lines = self._log.read_text(errors="replace").splitlines()
        except OSError:
            return "it left no log"
        return " / ".join(lines[-3:])[-400:]


async def _quit(process: asyncio.subprocess.Process) -> None:
    """Immediate shutdown: no check point, the next start recovers from the log."""
    if sys.platform != "win32":
        _send(process, signal.SIGQUIT)


async def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        process.send_signal(number)


def _rotate(log: Path) -> None:
    """Keep the log and one older one, each of about a megabyte."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        os.replace(log, log.with_name("postgres.1.log"))


def _is_free(port: int) -> bool:
    if port == 0:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
