"""Ctrl-C, SIGTERM and SIGHUP end a run in order: orders cancelled, no process left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
LIMIT_SECONDS = 60.0


def descendants(pid: int) -> set[int]:
    """Processes below `pid` that still run."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def wait_for(text: str, log: Path) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not (log.exists() and text in log.read_text()):
        assert time.monotonic() < deadline, f"{text!r} never came"
        time.sleep(0.05)  # another process's log file


def kalshiflow(arguments: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("is_headless", [True, False])
def test_a_signal_ends_the_run_in_order(
    home: Path, number: signal.Signals, is_headless: bool
) -> None:
    arguments = ["--home", str(home), "--session", str(DEMO), "--strategy", "hardcoded"]
    if is_headless:
        arguments.append("--headless")
    process = kalshiflow(arguments)
    log = home / "logs" / "console.log"
    wait_for("Trading with" if is_headless else "Books:", log)
    children = descendants(process.pid)
    assert len(children) >= 2
    process.send_signal(number)
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert alive(children) == set()
    if is_headless:
        assert "Stopped:" in log.read_text()


@pytest.mark.parametrize("is_headless", [True, False])
def test_a_signal_ends_a_start_under_way(home: Path, is_headless: bool) -> None:
    arguments = ["--home", str(home), "--session", str(DEMO)]
    process = kalshiflow([*arguments, "--headless"] if is_headless else arguments)
    deadline = time.monotonic() + LIMIT_SECONDS
    while not (children := descendants(process.pid)):
        assert time.monotonic() < deadline, "no child ever started"
        time.sleep(0.02)  # another process's children
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert alive(children) == set()
    said = (home / "logs" / "console.log").read_text()
    assert "Exchange link" not in said
