"""The console as a child process: what it printed, what it logged, how much memory it took."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from core.clock import SystemClock
from core.errors import JobError

ROOT = Path(__file__).resolve().parents[2]
WINDOW_SHOWN = "window shown"
BOOKS_LIVE = "Books: "
TRADING = "Trading "
SAMPLE_SECONDS = 0.25
_MIB = 1024 * 1024
_CLOCK = SystemClock()


@dataclass(frozen=True)
class ConsoleRun:
    """One run of the console from start to end.

    Attributes:
        summary: the JSON line of the smoke run.
        started_ms: Unix time when the process was started.
        rss_mib: resident memory, one reading every quarter of a second.
        private_mib: the part of it that is the process's own. The rest is pages of library files,
            which the system takes and gives back as it likes.
        log: lines of this run in its log file.
    """

    summary: dict[str, Any]
    started_ms: int
    rss_mib: tuple[float, ...]
    private_mib: tuple[float, ...]
    log: tuple[str, ...]

    def logged_ms(self, text: str) -> int:
        """Milliseconds from the start to the first log line with this text."""
        line = next((line for line in self.log if text in line), None)
        if line is None:
            raise JobError(f"the console did not log {text!r}")
        stamp = datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone()
        return round(stamp.timestamp() * 1000) - self.started_ms


class ConsoleHome:
    """A folder of state for several runs, so that all but the first are warm; a context."""

    def __enter__(self) -> "ConsoleHome":
        self._folder = tempfile.TemporaryDirectory(prefix="kalshiflow-bench-")
        self.path = Path(self._folder.name)
        return self

    def __exit__(self, *_error: object) -> None:
        self._folder.cleanup()

    def run(self, arguments: Sequence[str], program: Sequence[str] = ("-m", "app")) -> ConsoleRun:
        """Run the console to its end.

        Raises:
            JobError: it printed no summary.
        """
        log = self.path / "logs" / "console.log"
        log.unlink(missing_ok=True)
        environment = os.environ | {
            "KALSHIFLOW_HOME": str(self.path),
            "QT_QPA_PLATFORM": "offscreen",
        }
        started_ms = _CLOCK.now_ms()
        with tempfile.TemporaryFile("w+") as errors:
            child = subprocess.Popen(
                [sys.executable, *program, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            readings = list(_readings(child))
            output = child.communicate()[0].splitlines()
            errors.seek(0)
            sys.stderr.write(errors.read())
        if not output:
            raise JobError("the console printed no summary; its messages are above")
        lines = tuple(log.read_text(encoding="utf-8").splitlines())
        rss_mib, private_mib = zip(*readings, strict=True) if readings else ((), ())
        return ConsoleRun(json.loads(output[-1]), started_ms, rss_mib, private_mib, lines)


def _readings(child: "subprocess.Popen[str]") -> Iterator[tuple[float, float]]:
    process = psutil.Process(child.pid)
    while True:
        try:
            child.wait(SAMPLE_SECONDS)
        except subprocess.TimeoutExpired:
            memory = process.memory_info()
            yield memory.rss / _MIB, (memory.rss - getattr(memory, "shared", 0)) / _MIB
        else:
            return
