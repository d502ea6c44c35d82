"""Where the vendor's clients can live: which interpreter is found, and what a skip says.

The interpreters are scripts that answer as one of some version would.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sdk_environment
from sdk_environment import NoEnvironmentError, environment, environment_or_skip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the interpreters are shell scripts")

Make = Callable[..., Path]
_SCRIPT = """#!/bin/sh
echo "$@" >> {log}
case "$1 $2" in
    "-c "*) {probe};;
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;
    "-m pip") {pip};;
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an interpreter; `calls` beside it gets a line for each start."""

    def made(folder: Path, name: str, probe: str, pip: str = ":") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_SCRIPT.format(log=tmp_path / "calls", probe=probe, pip=pip))
        path.chmod(0o755)
        return path

    return made


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Make) -> Path:
    """A machine whose own interpreter is too old and that has no other; gives its search path."""
    monkeypatch.setattr(sys, "executable", str(make(tmp_path / "own", "python", "echo 3 12")))
    monkeypatch.setattr(sdk_environment, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.delenv("KALSHIFLOW_SDK_REQUIRED", raising=False)
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("mkdir", "cp", "sleep"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def calls(tmp_path: Path) -> list[str]:
    """First words of each start of an interpreter."""
    lines = (tmp_path / "calls").read_text().splitlines()
    return [" ".join(line.split()[:2]) for line in lines if line.startswith("-m")]


def test_one_on_the_path_is_found(bare: Path, make: Make, tmp_path: Path) -> None:
    make(bare, "python3.13", "echo 3 13")
    python = environment()
    assert python.is_relative_to(tmp_path / "cache")
    assert python.parts[-2:] == ("bin", "python")
    assert calls(tmp_path) == ["-m venv", "-m pip"]


def test_one_under_pyenv_is_found(make: Make, tmp_path: Path) -> None:
    versions = tmp_path / "pyenv" / "versions"
    make(versions / "3.11.7" / "bin", "python3", "echo 3 11")
    fitting = make(versions / "3.13.1" / "bin", "python3", "echo 3 13")
    assert sdk_environment._interpreter() == fitting
    assert environment().exists()


@pytest.mark.parametrize("probe", ["exit 127", "echo 3 9", "exit 1", "exec sleep 60"])
def test_one_that_is_old_or_does_not_start_is_passed_over(
    probe: str, bare: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pyenv shim without a version, an old one, one without `venv`, one that stands still."""
    monkeypatch.setattr(sdk_environment, "_PROBE_S", 1)
    make(bare, "python3.13", probe)
    fitting = make(bare, "python3.14", "echo 3 14")
    assert sdk_environment._interpreter() == fitting


def test_a_skip_says_what_is_missing_and_what_was_tried(bare: Path, make: Make) -> None:
    old = make(bare, "python3.13", "echo 3 12")
    with pytest.raises(pytest.skip.Exception) as skipped:
        environment_or_skip()
    said = str(skipped.value)
    assert "the vendor's clients cannot be had: no Python 3.13 or newer starts here" in said
    assert str(old) in said
    assert sys.executable in said


def test_where_they_are_required_it_is_no_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KALSHIFLOW_SDK_REQUIRED", "1")
    with pytest.raises(NoEnvironmentError, match=r"no Python 3\.13 or newer"):
        environment_or_skip()


def test_packages_that_cannot_be_had_are_the_reason_and_are_asked_for_again(
    bare: Path, make: Make, tmp_path: Path
) -> None:
    make(bare, "python3.13", "echo 3 13", "echo ERROR: no such package >&2; exit 1")
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception) as skipped:
            environment_or_skip()
        assert str(skipped.value).endswith(
            "the package index gives no packages: ERROR: no such package"
        )
    assert calls(tmp_path) == ["-m venv", "-m pip"] * 2
    assert list((tmp_path / "cache").glob("*/finished")) == []


def test_a_finished_environment_is_kept_until_its_interpreter_or_packages_change(
    bare: Path, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(bare, "python3.13", "echo 3 13")
    first = environment()
    assert environment() == first
    assert len(calls(tmp_path)) == 2
    other = tmp_path / "requirements.txt"
    other.write_text("another==1")
    monkeypatch.setattr(sdk_environment, "REQUIREMENTS", other)
    assert environment() != first
    assert len(calls(tmp_path)) == 4
    assert not first.exists(), "the one before it is removed"
