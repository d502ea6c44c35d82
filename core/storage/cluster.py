"""The files of our database: a folder with a data folder in it, its password and its pid file.

Makes them and reads them; runs initdb but no server.
"""

import asyncio
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import StorageError
from core.storage.server_account import ServerAccount

USER = "kalshiflow"
_PASSWORD_FILE = "kalshiflow.password"
_OWNER_FILE = "owner.pid"
_INITDB_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class RunningServer:
    """What a server says about itself in postmaster.pid; port 0 where it has not yet."""

    pid: int
    port: int


@dataclass(frozen=True)
class Cluster:
    """One database on disk.

    Attributes:
        folder: holds the data folder and, while it is made, its scratch folder.
        programs: folder of initdb and postgres.
        account: who owns the files.
    """

    folder: Path
    programs: Path
    account: ServerAccount

    @property
    def data(self) -> Path:
        """The data folder as PostgreSQL names it."""
        return self.folder / "data"

    @property
    def password(self) -> str:
        """Password of our one database user."""
        return (self.data / _PASSWORD_FILE).read_text()

    async def ensure(self) -> None:
        """Make the cluster where it is missing.

        Raises:
            OSError: a folder cannot be written.
            StorageError: initdb failed or took too long, or the password file was lost.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(self.folder)
        if not self.data.exists():
            await self._create()
        if not (self.data / _PASSWORD_FILE).exists():
            raise StorageError(
                f"The database in {self.data} has lost its password file {_PASSWORD_FILE}. "
                f"Put it back, or move the folder away to begin with an empty database."
            )

    def is_at(self, data_folder: str) -> bool:
        """True if a server that reports this data folder is ours."""
        return Path(data_folder).resolve() == self.data.resolve()

    @property
    def owner_pid(self) -> int:
        """Process that started the server, 0 if it is not known."""
        try:
            return int((self.folder / _OWNER_FILE).read_text())
        except (OSError, ValueError):
            return 0

    def note_owner(self, pid: int) -> None:
        """Write down who started the server."""
        (self.folder / _OWNER_FILE).write_text(str(pid))

    def running_server(self) -> RunningServer | None:
        """The server that says it runs here; it may be long dead."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return RunningServer(int(lines[0]), int(lines[3]) if len(lines) > 3 else 0)
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def forget(self, dead: RunningServer) -> None:
        """Remove the pid file of a server known to be dead, unless another has replaced it."""
        if self.running_server() == dead:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def _create(self) -> None:
        """Make an empty cluster aside and move it into place whole, password included."""
        scratch = Path(tempfile.mkdtemp(dir=self.folder, prefix="new."))
        password_file = scratch / _PASSWORD_FILE
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
        for path in (scratch, password_file):
            self.account.own(path)
        try:
            await self._run_initdb(scratch / "data", password_file)
            password_file.rename(scratch / "data" / _PASSWORD_FILE)
            (scratch / "data").rename(self.data)
        except OSError:
            if not self.data.exists():
                raise  # else another console was faster, and its cluster serves both
        finally:
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)

    async def _run_initdb(self, data: Path, password_file: Path) -> None:
        process = await asyncio.create_subprocess_exec(
            *(str(self.programs / "initdb"), "-D", str(data), "-U", USER),
            *("-A", "scram-sha-256", "--pwfile", str(password_file)),
            *("--locale=C", "-E", "UTF8"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=data.anchor,
            **self.account.process(),
        )
        try:
            async with asyncio.timeout(_INITDB_TIMEOUT_S):
                output, _ = await process.communicate()
        except TimeoutError:
            raise StorageError(
                f"Making a new database in {self.folder} took longer than "
                f"{_INITDB_TIMEOUT_S:.0f} s and was ended. Start again when the disk is less "
                f"busy, or set KALSHIFLOW_HOME to a folder on a faster disk."
            ) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            tail = " ".join(output.decode(errors="replace").split())[-300:]
            raise StorageError(f"A new database could not be made in {self.folder}: {tail}")
