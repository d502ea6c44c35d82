"""`bench feed-soak` for seconds: it ends well where both sides agree, and only there."""

import json
from typing import Any

import pytest
from bench_feed_soak import wrong
from soak_client import SoakRuntime

from core.cli.__main__ import main
from core.market.events import BookDelta
from core.units import Side


def soak(
    capsys: pytest.CaptureFixture[str], minutes: float = 0.1, *words: str
) -> tuple[int, dict[str, Any], str]:
    """Exit code, figures and what was said to stderr."""
    arguments = ["--minutes", str(minutes), "--rate", "1000", "--json", *words]
    code = main(["bench", "feed-soak", *arguments])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_ends_well_where_books_and_account_agree(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as `./run` sets it
    code, figures, err = soak(capsys, 0.15, "--seed", "2", "--scope", "all")
    assert (code, figures["wrong"]) == (0, "")
    assert (figures["books"], figures["books_differing"]) == (1_000, 0)
    assert (figures["final_books_equal"], figures["account_agrees"]) == (True, True)
    assert (figures["seed"], figures["scope"]) == (2, "all")
    assert sum(figures["faults"].values()) >= 2
    assert figures["deltas"] > 0
    assert "kalshiflow-rl" not in err


def test_ends_badly_where_a_book_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = SoakRuntime.differing_books

    async def after_a_change(client: SoakRuntime) -> list[str]:
        """Change a level of two books that no message changed, before both sides are compared."""
        books = [book for book in client.books if book.top(Side.BID)]
        for book in books[:2]:
            price_pips, _ = book.top(Side.BID)[0]
            client.books.apply_delta(BookDelta(book.ticker, Side.BID, price_pips, 100, 2**50))
        return await compared(client)

    monkeypatch.setattr(SoakRuntime, "differing_books", after_a_change)
    code, figures, err = soak(capsys)
    assert (code, figures["books_differing"], figures["final_books_equal"]) == (1, 2, False)
    assert "kalshiflow-rl: bench feed-soak: 2 books differ from the exchange's" in err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ""),
        ({"account_agrees": False}, "the account differs from the exchange's"),
        ({"final_books_equal": False, "books_differing": 3}, "3 books differ"),
        ({"feed_settled": False, "final_books_equal": False}, "the feed did not come to rest"),
    ],
)
def test_says_what_is_wrong(change: dict[str, object], says: str) -> None:
    good = {
        "feed_settled": True,
        "books_differing": 0,
        "final_books_equal": True,
        "account_agrees": True,
    }
    said = wrong(good | change)
    assert said.startswith(says)
    assert bool(said) == bool(change)


@pytest.mark.parametrize("words", [("--rate", "10"), ("--minutes", "0")])
def test_what_cannot_be_run_is_said(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "feed-soak", *words]) == 1
    assert "--rate 1000" in capsys.readouterr().err
