"""`bench replay` against a naive replay of the same lines."""

import argparse
import gzip
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.cli import bench, bench_replay
from core.cli.bench_replay import ReplayFigures
from core.errors import StorageError
from core.units import parse_count, parse_price

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
REAL = (
    "kxbtc15m-20260513T154206Z.jsonl.gz",
    "kxbtc15m-20260514T043123Z.jsonl.gz",
    "kxbtc15m-20260511T121731Z.jsonl.gz",
)
Sides = dict[str, dict[int, int]]


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> ReplayFigures:
    parser = argparse.ArgumentParser()
    bench.add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", "replay", *words])
    assert args.run(args) == 0
    return msgspec.json.decode(capsys.readouterr().out, type=ReplayFigures)


def book_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as file:
        for text in file:
            line = json.loads(text)
            if line["type"] in ("orderbook_snapshot", "orderbook_delta"):
                yield line


def naive_books(lines: list[dict[str, Any]]) -> dict[str, Sides]:
    """Levels by side in the exchange's own prices."""
    books: dict[str, Sides] = {}
    for line in lines:
        msg = line["msg"]
        if line["type"] == "orderbook_snapshot":
            books[msg["market_ticker"]] = {
                side: {
                    parse_price(price): parse_count(count)
                    for price, count in msg.get(f"{side}_dollars_fp", [])
                }
                for side in ("yes", "no")
            }
        else:
            levels = books[msg["market_ticker"]][msg["side"]]
            price = parse_price(msg["price_dollars"])
            levels[price] = levels.get(price, 0) + parse_count(msg["delta_fp"])
            if not levels[price]:
                del levels[price]
    return books


def assert_agrees(figures: ReplayFigures, path: Path) -> None:
    lines = list(book_lines(path))
    deltas = [line["msg"]["ts_ms"] for line in lines if line["type"] == "orderbook_delta"]
    assert figures["deltas"] == len(deltas)
    assert figures["snapshots"] == len(lines) - len(deltas)
    assert figures["groups"] == sum(1 for _ in groupby(deltas))
    expected = {
        ticker: {
            side: [list(level) for level in sorted(levels.items())] for side, levels in book.items()
        }
        for ticker, book in naive_books(lines).items()
    }
    assert figures["final_books"] == expected
    assert figures["deltas_per_s"] > 0


def test_shipped_session_agrees_with_a_naive_replay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = printed(capsys, "--session", str(DEMO), "--json")
    assert_agrees(figures, DEMO)
    assert (figures["gaps"], figures["negative"], figures["crossed_at_group_end"]) == (1, 0, 0)


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_part_of_the_shipped_session_agrees(
    share: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole session ends with empty books; its parts do not."""
    texts = gzip.decompress(DEMO.read_bytes()).splitlines(keepends=True)
    path = tmp_path / "part.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(texts[: int(len(texts) * share)]), 1))
    figures = printed(capsys, "--session", str(path), "--json")
    assert_agrees(figures, path)
    assert any(book["yes"] for book in figures["final_books"].values())


@pytest.mark.parametrize("name", REAL)
def test_recorded_sessions_agree_with_a_naive_replay(
    name: str, recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recordings / "public" / "kxbtc15m-ws" / name
    assert_agrees(printed(capsys, "--session", str(path), "--json"), path)


def test_all_recorded_sessions_are_sound(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recordings / "public" / "kxbtc15m-ws"
    sessions = sorted(folder.glob("kxbtc15m-*.jsonl.gz"))
    words = [word for path in sessions for word in ("--session", str(path))]
    figures = printed(capsys, *words, "--json")
    assert (figures["sessions"], figures["deltas"]) == (31, 2_014_898)
    assert (figures["gaps"], figures["negative"], figures["crossed_at_group_end"]) == (0, 0, 0)


def test_folder_takes_its_sessions_and_leaves_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    line = {"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": {"market_ticker": "X-A"}}
    (tmp_path / "one.jsonl").write_text(json.dumps(line))
    (tmp_path / "other.jsonl").write_text('{"price": 1}')
    (tmp_path / "notes.txt").write_text("notes")
    figures = printed(capsys, "--session", str(tmp_path), "--json")
    assert (figures["sessions"], figures["snapshots"]) == (1, 1)
    assert figures["final_books"] == {"X-A": {"yes": [], "no": []}}
    assert len(caplog.records) == 1


def test_text_leaves_the_books_out(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    bench.add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", "replay", "--session", str(DEMO)])
    assert args.run(args) == 0
    text = capsys.readouterr().out
    assert "deltas_per_s" in text
    assert "final_books" not in text


def test_empty_folder_is_said(tmp_path: Path) -> None:
    args = argparse.Namespace(session=[tmp_path], json=True)
    with pytest.raises(StorageError, match="no session file"):
        bench_replay.run(args)
