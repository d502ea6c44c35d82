"""Where the set-up works and how it speaks: short lines on stderr, the rest in its log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
LOG = VENV / "setup.log"
# Not `.venv/.lock`: that one is uv's own, and uv would wait five minutes for it.
ALONE_FILE = VENV / ".setup-lock"
LOCK_FILE = ROOT / "requirements.lock"
_TAIL_LINES = 15


class SetupError(Exception):
    """The set-up cannot go on; the text says what happened and what to do."""


def say(text: str) -> None:
    """Tell the person who waits; stdout stays free for the program's own answer."""
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def logged(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> bool:
    """Run a command into the log, repeating only large downloads; say whether it succeeded."""
    words = [str(part) for part in command]
    with LOG.open("a", encoding="utf-8") as log:
        print("\n$", *words, file=log, flush=True)
        started = time.monotonic()
        with subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                log.write(line)
                if line.strip().startswith("Downloading ") and " MB)" in line:
                    say(f"  {line.strip()}")
        print(f"exit {process.returncode} after {time.monotonic() - started:.1f} s", file=log)
    return process.returncode == 0


def succeeds(command: Sequence[str | Path]) -> bool:
    """Say whether a quick question to another program is answered with exit code 0."""
    return subprocess.run([str(part) for part in command], capture_output=True).returncode == 0


def pip_install(*arguments: str) -> bool:
    """Install into `.venv` at the locked versions; pip follows the machine's configuration."""
    options = ["--disable-pip-version-check", "--no-input"]
    return logged([PYTHON, "-m", "pip", *options, "install", "-c", LOCK_FILE, *arguments])


def install_project(extra: str = "") -> bool:
    """Install this checkout editable, with what it or one of its extras depends on."""
    return pip_install("--no-build-isolation", "--editable", f".{extra}")


def log_tail() -> str:
    """Return the end of the log, indented, for an error text."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-_TAIL_LINES:])
