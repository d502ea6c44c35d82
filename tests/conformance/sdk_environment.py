"""An environment of its own for the vendor's clients: finds an interpreter, installs, keeps it."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

LEAST = (3, 13)
REQUIREMENTS = Path(__file__).parent / "official_sdk" / "requirements.txt"
CACHE = Path(__file__).resolve().parents[2] / ".venv-sdk"

_NAMES = ("python3.13", "python3.14", "python3.15", "python3")
_PROBE = "import ensurepip, sys, venv; print(*sys.version_info[:2])"
_PROBE_S = 20
_INSTALL_S = 300


class NoEnvironmentError(Exception):
    """Why the vendor's clients cannot run on this machine."""


def environment() -> Path:
    """The interpreter of an environment that has the vendor's clients.

    Raises:
        NoEnvironmentError: no fitting interpreter, or nothing can be installed.
    """
    interpreter = _interpreter()
    state = REQUIREMENTS.read_bytes() + str(interpreter).encode()
    folder = CACHE / hashlib.sha256(state).hexdigest()[:16]
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    with _alone():
        if not (folder / "finished").exists():
            _install(interpreter, folder, python)
    return python


def _install(interpreter: Path, folder: Path, python: Path) -> None:
    for other in CACHE.iterdir():
        if other.is_dir():
            shutil.rmtree(other)
    _run([interpreter, "-m", "venv", folder], "an environment cannot be made")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    options = ["--no-deps", "--retries", "1", "--timeout", "15", "--requirement"]
    _run([*pip, *options, REQUIREMENTS], "the package index gives no packages")
    (folder / "finished").touch()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let no other test process work on the environments; the system frees the lock on exit."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as handle:
        _lock(handle)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: IO[str]) -> None:
        while True:
            with contextlib.suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                return

else:
    import fcntl

    def _lock(handle: IO[str]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


def environment_or_skip() -> Path:
    """The interpreter; skips the calling tests where there is none, unless that is an error."""
    try:
        return environment()
    except NoEnvironmentError as error:
        if os.environ.get("KALSHIFLOW_SDK_REQUIRED"):
            raise
        pytest.skip(f"the vendor's clients cannot be had: {error}")


def _interpreter() -> Path:
    tried = list(dict.fromkeys(_candidates()))
    for path in tried:
        if _version(path) >= LEAST:
            return path
    names = ", ".join(str(path) for path in tried) or "nothing"
    raise NoEnvironmentError(f"no Python {LEAST[0]}.{LEAST[1]} or newer starts here; tried {names}")


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob("versions/3.*/bin/python3"))


def _version(path: Path) -> tuple[int, ...]:
    """Version of an interpreter, () if it does not start, as a shim without a version does not."""
    try:
        result = subprocess.run(
            [path, "-c", _PROBE], capture_output=True, text=True, timeout=_PROBE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(part) for part in result.stdout.split()) if not result.returncode else ()


def _run(command: list[Path | str], trouble: str) -> None:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S)
    except subprocess.TimeoutExpired as error:
        raise NoEnvironmentError(f"{trouble}: no end after {_INSTALL_S} s") from error
    if result.returncode:
        told = result.stderr.splitlines()
        lines = [line for line in told if "connection broken" in line or "ERROR" in line]
        raise NoEnvironmentError(f"{trouble}: {(lines or told or ['no reason told'])[0]}")
