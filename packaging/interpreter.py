"""Choose the Python that `.venv` is made with, and make it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from setup_process import ALONE_FILE, LOG, PYTHON, VENV, SetupError, log_tail, logged, say, succeeds

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPPORTED = ((3, 13), (3, 12), (3, 11))
# What outlives a .venv that is made anew: the log of why, and the lock that is held meanwhile.
_KEPT = (LOG.name, ALONE_FILE.name)


def version_of(command: Sequence[str]) -> tuple[tuple[int, int], str] | None:
    """Return an interpreter's version and path, or None where the command runs no Python."""
    code = "import sys; print(*sys.version_info[:2], sys.executable)"
    try:
        answer = subprocess.run(
            [*command, "-c", code], capture_output=True, text=True, timeout=30, check=True
        ).stdout.split(maxsplit=2)
    except (OSError, subprocess.SubprocessError):
        return None
    return (int(answer[0]), int(answer[1])), answer[2].strip()


def base_interpreter() -> str:
    """Return the Python to make `.venv` with: the running one where it is supported.

    Raises:
        SetupError: No supported Python is installed.
    """
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for version in SUPPORTED:
        name = "{}.{}".format(*version)
        for command in (["py", f"-{name}"], [f"python{name}"]):
            found = version_of(command) if shutil.which(command[0]) else None
            if found and found[0] == version:
                return found[1]
    raise SetupError(
        "Kalshi Flow needs Python 3.11, 3.12 or 3.13; this is {}.{} and no other is on the PATH. "
        "Install one of them and start again.".format(*sys.version_info[:2])
    )


def missing_venv_package(base: str) -> list[str]:
    """Return the Debian package without which `base` cannot make a venv; [] where it can."""
    if sys.platform != "linux" or succeeds([base, "-c", "import ensurepip, venv"]):
        return []
    found = version_of([base])
    return ["python{}.{}-venv".format(*found[0])] if found else []


def has_venv() -> bool:
    """Say whether `.venv` holds a supported Python that runs, with pip."""
    found = version_of([str(PYTHON)]) if PYTHON.exists() else None
    return found is not None and found[0] in SUPPORTED and succeeds([PYTHON, "-m", "pip", "-V"])


def make_venv(base: str) -> None:
    """Make `.venv` anew, dropping whatever a broken one left there.

    Raises:
        SetupError: `base` could not make it.
    """
    for path in VENV.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in _KEPT:
            path.unlink()
    say(f"making .venv with {base}")
    if not logged([base, "-m", "venv", VENV]):
        raise SetupError(f"{base} could not make {VENV}:\n{log_tail()}")
