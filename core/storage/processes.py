"""Which PostgreSQL server processes of a data folder really run? Zombies and reused numbers do not.

Reads what the operating system says about processes; starts and ends none of ours.
"""

import os
import subprocess
import sys
from pathlib import Path

_ASK_TIMEOUT_S = 5


def serves(pid: int, data: Path) -> bool:
    """True if the process exists, is no zombie and is a PostgreSQL of this data folder.

    Blocks for some ms. Only Linux tells the folder; elsewhere any postgres is believed.
    """
    if sys.platform == "linux":
        return _linux_serves(Path("/proc") / str(pid), data.resolve())
    if sys.platform == "win32":
        return "postgres.exe" in _ask("tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH")
    state, _, command = _ask("ps", "-o", "stat=,comm=", "-p", str(pid)).partition(" ")
    return not state.startswith("Z") and command.strip().endswith("postgres")


def is_alive(pid: int) -> bool:
    """True if the process exists. Nobody can be asked on Windows, so there every one does."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def serving(data: Path) -> list[int]:
    """Numbers of all live server processes of `data`, those a killed server left behind included.

    Only Linux can tell; elsewhere the list is empty and PostgreSQL's own check has to do.
    """
    if sys.platform != "linux":
        return []
    folder = data.resolve()
    processes = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [int(process.name) for process in processes if _linux_serves(process, folder)]


def _linux_serves(process: Path, folder: Path) -> bool:
    """True for a live postgres; every one of a server works in its data folder."""
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
        return name == "postgres" and rest.split()[0] not in "ZX" and (
            (process / "cwd").readlink() == folder
        )  # fmt: skip
    except OSError:
        return False


def _ask(*command: str) -> str:
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_ASK_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout
