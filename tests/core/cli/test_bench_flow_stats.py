"""`bench flow-stats`: what it computes of a stream, and that generated flow is roughly real.

Bands are wide: a short run shows that the figures are of the right kind, the command itself how
near they come.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.__main__ import main
from core.cli.bench import DEMO_SESSION, PROGRAMS
from core.market.events import BookDelta, BookSnapshot, Trade

TICKER = "KXT-26NOV201215-T1"
T0 = 1_795_176_000_000

Rows = dict[str, dict[str, float]]


@pytest.fixture
def programs() -> Iterator[None]:
    """Make the measuring programs importable."""
    sys.path.append(str(PROGRAMS))
    yield
    sys.path.remove(str(PROGRAMS))


def rows_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> Rows:
    assert main(["bench", "flow-stats", *arguments, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["crossed_books"] == 0
    assert figures["messages_per_s"] > 0
    return {row["statistic"]: row for row in figures["rows"]}


def generated(rows: Rows, name: str) -> float:
    return rows[name]["generated"]


def test_fast_flow_is_roughly_real(capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(capsys, "--minutes", "4", "--seed", "5")
    assert {row["point"] for row in rows.values()} == {1, 2, 3, 4, 5, 6}
    assert generated(rows, "busiest : quietest") > 50
    assert 20 < generated(rows, "busiest deltas/s") < 300
    assert generated(rows, "Fano factor of 1 s counts") > 10
    assert 0.2 < generated(rows, "time stamps with 2 deltas") < 0.6
    assert generated(rows, "removed quantity cancelled") > 0.9
    assert 20 < generated(rows, "level life ms p50") < 500
    assert 0.4 < generated(rows, "adds of a favourite size") < 0.65
    assert generated(rows, "prices below a cent's step") == 1.0
    assert generated(rows, "spread 1 c") > 0.5
    assert generated(rows, "mid change 1 s kurtosis") > 5
    assert 0.1 < generated(rows, "sign of next trade") < 0.6


def test_slow_flow_is_roughly_real(capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(capsys, "--profile", "slow-index", "--minutes", "90", "--seed", "5")
    assert 0.2 < generated(rows, "busiest deltas/s") < 6
    assert generated(rows, "removed quantity cancelled") > 0.95
    assert 3_000 < generated(rows, "level life ms p50") < 60_000
    assert generated(rows, "adds whole") == 1.0
    assert generated(rows, "prices below a cent's step") == 0.0
    assert generated(rows, "add size p50") == 200
    assert generated(rows, "spread 2 c") > 0.2
    assert 0.2 < generated(rows, "one-sided time") < 0.8


def test_a_recording_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(capsys, "--minutes", "2", "--session", str(DEMO_SESSION))
    assert 0.4 < rows["adds of a favourite size"]["session"] < 0.65
    assert "source" in rows["spread 1 c"]


def test_text_says_what_is_within(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "flow-stats", "--minutes", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("busiest : quietest" in line and "measured" in line for line in lines)
    assert all("within" in line or "FAIL" in line for line in lines if " generated " in line)


def test_no_time_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "flow-stats", "--minutes", "0.5"]) == 1
    assert "--minutes" in capsys.readouterr().err


def test_a_folder_without_recordings_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for profile in ("fast-crypto", "slow-index"):
        command = ["bench", "flow-stats", "--profile", profile, "--spread", str(tmp_path)]
        assert main(command) == 1
        assert "holds no recording" in capsys.readouterr().err


def test_no_slow_tolerance_is_wider_than_the_recording_itself(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(recordings / "public")
    command = ["bench", "flow-stats", "--profile", "slow-index", "--spread", folder, "--json"]
    assert main(command) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    seen = 0
    for text in figures.values():
        if "draws" in text:
            spread, tolerance = (float(number) for number in re.findall(r" ([\d.]+)", text)[:2])
            assert tolerance <= spread, text
            seen += 1
    assert seen > 30


@pytest.mark.usefixtures("programs")
def test_hours_of_a_recording_begin_with_the_book_then(recordings: Path) -> None:
    from flow_spread import hours

    tapes = hours(recordings / "public" / "ws-inxd-23aug31.jsonl.gz", "INXD-23AUG31-B4512")
    assert len(tapes) == 7
    assert sum(len(tape.delta_ms) for tape in tapes) == 35_905
    assert all(tape.quotes[0][1] is not None for tape in tapes[1:])


def delta(ms: int, price: int, lots: int, side: int = 0) -> BookDelta:
    return BookDelta(TICKER, side, price, lots, T0 + ms)


@pytest.mark.usefixtures("programs")
def test_tape_of_a_small_stream() -> None:
    from flow_tape import MarketTape

    tape = MarketTape(TICKER)
    tape.take(BookSnapshot(TICKER, ((4_000, 500),), ((6_000, 500),), ts_ms=T0))
    tape.take(delta(10, 4_000, -200))
    tape.take(delta(10, 3_500, 200))  # the second half of a move, and a new level
    tape.take(delta(30, 4_500, 700))  # a better bid
    tape.take(delta(90, 4_500, -700))
    tape.take(Trade("t", TICKER, 4_000, 300, 1, T0 + 100))
    tape.take(delta(100, 4_000, -300))
    tape.take(BookSnapshot(TICKER, (), (), ts_ms=T0 + 200))
    tape.end()
    assert tape.group_sizes == [2, 1, 1, 1]
    assert (tape.adds, tape.removes) == ([200, 700], [200, 700, 300])
    assert tape.moved == 1
    assert (tape.levels_made, tape.lives_ms) == (2, [60])
    assert tape.distances == [1, 3, 0, 1, 0]
    assert [(ms - T0, bid, ask) for ms, bid, ask in tape.quotes] == [
        (0, 4_000, 6_000),
        (30, 4_500, 6_000),
        (90, 4_000, 6_000),
        (100, 3_500, 6_000),
        (200, None, None),
    ]
    assert tape.ends_empty
    assert tape.last_mid_pips == 4_750


@pytest.mark.usefixtures("programs")
def test_statistics_of_a_small_tape() -> None:
    from flow_statistics import bursts, lives, moves, shapes
    from flow_tape import MarketTape

    tape = MarketTape(TICKER)
    tape.take(BookSnapshot(TICKER, ((4_900, 500),), ((5_000, 500),), ts_ms=T0))
    for second in range(60):  # every second a cent up, 40 ms later back down
        tape.take(delta(second * 1_000 + 500, 4_950, 100))
        tape.take(delta(second * 1_000 + 540, 4_950, -100))
    tape.end()
    assert bursts([tape])["time stamps with 1 delta"] == 1.0
    assert lives([tape])["level life ms p50"] == 40
    assert lives([tape])["removed quantity cancelled"] == 1.0
    assert lives([tape])["ticker volume : removed"] == 0.0
    figures = shapes([tape], [tape], is_fine=False)
    assert figures["spread 1 c"] == pytest.approx(0.96, abs=0.001)
    assert figures["one-sided time"] == 0.0
    assert moves([tape])["new best gone in 47 ms"] == 1.0
    assert moves([tape])["mid change 1 s sd c"] == 0.0
