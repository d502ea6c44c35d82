"""`bench` finds its measured programs in a checkout; what they measure is not tested by time."""

import json
from pathlib import Path

import pytest

from core.cli import bench
from core.cli.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


def test_both_designs_end_with_equal_books(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "decode", "--runs", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["session"] == "demo-session.jsonl.gz"
    assert figures["messages"] > 10_000
    assert figures["ratio"] > 0


def test_text_has_a_line_a_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "decode", "--runs", "1"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "messages_per_s" in names
    assert "ratio" in names


def test_session_without_messages_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert main(["bench", "decode", "--session", str(empty)]) == 1
    assert "holds no messages" in capsys.readouterr().err


def test_without_a_checkout_it_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "PROGRAMS", tmp_path)
    assert main(["bench", "start"]) == 1
    assert "from a checkout" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["decode", "console", "start", "memory"])
def test_every_program_is_there(kind: str) -> None:
    assert (ROOT / "tests" / "bench" / f"bench_{kind}.py").is_file()


def test_no_runs_make_no_median(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "decode", "--runs", "0"]) == 1
    assert "at least 1" in capsys.readouterr().err
