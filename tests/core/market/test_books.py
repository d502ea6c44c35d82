from core.market.book import BookStatus
from core.market.books import Books
from core.market.events import BookDelta, BookSnapshot
from core.market.market import Market


def delta(side: int, price: int, lots: int, ts_ms: int = 2) -> BookDelta:
    return BookDelta("T", side, price, lots, ts_ms)


def books_with(bids: tuple[tuple[int, int], ...], asks: tuple[tuple[int, int], ...]) -> Books:
    books = Books()
    books.follow(Market("T", "E", "title"))
    books.apply_snapshot(BookSnapshot("T", bids, asks, ts_ms=1))
    return books


def test_a_group_may_cross_inside_but_not_at_its_end() -> None:
    books = books_with(((4_000, 100),), ((4_100, 100),))
    books.apply_delta(delta(0, 4_100, 50))
    books.apply_delta(delta(1, 4_100, -100))
    books.apply_delta(delta(1, 4_200, 100))
    assert books.end_group() == []
    books.apply_delta(delta(1, 4_000, 10, 3))
    doubts = books.end_group()
    assert [doubt.ticker for doubt in doubts] == ["T"]
    assert books.counters.crossed_at_group_end == 1
    book = books.get("T")
    assert book is not None
    assert book.status is BookStatus.STALE


def test_a_negative_level_doubts_the_book_until_its_snapshot() -> None:
    books = books_with(((4_000, 100),), ())
    doubted = books.apply_delta(delta(0, 4_000, -200))
    assert doubted is not None
    assert books.apply_delta(delta(0, 4_000, 5)) is None
    assert books.counters.deltas == 1
    book = books.apply_snapshot(BookSnapshot("T", ((4_000, 7),), (), ts_ms=3))
    assert book.status is BookStatus.LIVE
    assert book.displayed(0) == ((4_000, 7),)


def test_books_that_come_alive_are_told_once() -> None:
    books = books_with((), ())
    assert books.take_awakened() == []
    books.apply_delta(delta(0, 4_000, 5))
    assert books.take_awakened() == ["T"]
    assert books.take_awakened() == []


def test_counts_groups_and_snapshots() -> None:
    books = books_with(((4_000, 1),), ())
    books.end_group()
    assert (books.counters.snapshots, books.counters.groups) == (1, 1)


def test_deltas_of_unknown_markets_change_nothing() -> None:
    books = Books()
    assert books.apply_delta(delta(0, 4_000, 5)) is None
    assert books.counters.deltas == 0
    assert books.get("T") is None
