"""`bench engine` at a small size: that it compares what it says, not how fast it is."""

import json

import bench_engine
import order_mix
import pytest
from naive_engine import NaiveEngine

from core.cli.__main__ import main
from core.sandbox.engine import MatchingBook

ONCE = ["bench", "engine", "--runs", "1", "--json"]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_engine, "OPERATIONS", 3_000)
    monkeypatch.setattr(bench_engine, "RESTING", 500)


def test_figures_of_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ONCE) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["operations"], figures["runs"], figures["resting_orders"]) == (3_000, 1, 500)
    assert min(figures["operations_per_s"], figures["naive_operations_per_s"]) > 0
    assert figures["process_mib"] > figures["resting_mib"]


def test_both_engines_do_the_same_work() -> None:
    operations = order_mix.draw(bench_engine.SEED, 3_000)
    ours, naive = bench_engine.work(operations), bench_engine.work_naively(operations)
    assert ours.levels() == (naive.levels(0), naive.levels(1))
    assert all(len(side) > 5 for side in ours.levels()), "something must be left to compare"
    assert {operation.kind for operation in operations} == set(range(5))


@pytest.mark.parametrize("slow", [False, True])
def test_an_engine_that_ends_with_another_book_is_told(
    slow: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of both skips the last order that would rest."""

    def shortened(operations: list[order_mix.Operation]) -> MatchingBook | NaiveEngine:
        kinds = [operation.kind for operation in operations]
        last = len(kinds) - 1 - kinds[::-1].index(order_mix.PLACE)
        return whole(operations[:last] + operations[last + 1 :])

    name = "work_naively" if slow else "work"
    whole = getattr(bench_engine, name)
    monkeypatch.setattr(bench_engine, name, shortened)
    assert main(ONCE) == 1
    captured = capsys.readouterr()
    assert "both engines end with different books" in captured.err
    assert captured.out == ""
