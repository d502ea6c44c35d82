"""The rule that tells a mirrored book, over books that were really quoted, some time apart."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kalshi.price_scale import Answer, agreement, is_mirror, is_other_scale
from core.market.book import BookStatus
from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.storage.importing import read_session
from core.units import PIPS_PER_DOLLAR

SAMPLE_MS = 1_000
SAMPLES = 100
PATTERNS = ("ws-inxd-*.jsonl.gz", "kxbtc15m-ws/kxbtc15m-*.jsonl.gz")


def samples(path: Path) -> Iterator[list[BookSnapshot]]:
    """Every trusted book about once a second, a list for each market."""
    books, due_ms = Books(), 0
    taken: dict[str, list[BookSnapshot]] = defaultdict(list)
    for event in read_session(path).events:
        if event.ts_ms >= due_ms:
            due_ms = event.ts_ms + SAMPLE_MS
            for book in books:
                if book.status is BookStatus.LIVE:
                    bids = book.displayed(0)[::-1]
                    now = BookSnapshot(book.ticker, bids, book.displayed(1), ts_ms=event.ts_ms)
                    taken[book.ticker].append(now)
        if isinstance(event, BookDelta):
            books.apply_delta(event)
        elif isinstance(event, BookSnapshot):
            books.apply_snapshot(event)
        elif isinstance(event, BookDoubted):
            books.doubt(event.ticker)
    yield from taken.values()


def pairs(folder: Path, lag_ms: int) -> Iterator[tuple[BookSnapshot, BookSnapshot]]:
    """Books of a market that are `lag_ms` apart."""
    for pattern in PATTERNS:
        for taken in samples(sorted((folder / "public").glob(pattern))[0]):
            for index in range(0, len(taken), max(1, len(taken) // SAMPLES)):
                due_ms = taken[index].ts_ms + lag_ms
                later = next((book for book in taken[index:] if book.ts_ms >= due_ms), None)
                if later is not None and later.asks:
                    yield taken[index], later


@pytest.mark.parametrize(
    ("lag_ms", "least_refused"), [(1_000, 0.98), (5_000, 0.96), (30_000, 0.85)]
)
def test_no_recorded_book_is_a_mirror_and_every_mirror_is_refused_or_asked_about(
    recordings: Path, lag_ms: int, least_refused: float
) -> None:
    refused = count = 0
    for held, now in pairs(recordings, lag_ms):
        known = Answer(held)
        assert not is_mirror(now, known)
        turned = tuple((PIPS_PER_DOLLAR - pips, lots) for pips, lots in reversed(now.asks))
        flipped = BookSnapshot(now.ticker, now.bids, turned)
        is_refused = is_mirror(flipped, known) or is_other_scale(flipped)
        assert is_refused or agreement(flipped.asks, known).is_leaning
        refused += is_refused
        count += 1
    assert count > 500
    assert refused >= least_refused * count
