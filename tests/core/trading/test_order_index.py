import msgspec
import pytest

from core.kalshi.events import OrderReport
from core.market.books import Books
from core.market.events import BookDelta, BookSnapshot
from core.market.market import Market
from core.trading.order_index import HISTORY, OrderIndex, origin_of
from core.trading.orders import OrderState, OwnOrder


def own(number: int, side: int = 0, price: int = 4_000, lots: int = 1_000) -> OwnOrder:
    return OwnOrder(f"actor-x-{number}", "T", side, "actor", price, lots, created_ms=1)


def report(number: int, remaining: int, status: str = "resting", price: int = 4_000) -> OrderReport:
    return OrderReport(
        f"v{number}", f"actor-x-{number}", "T", 0, price, 1_000, 0, remaining, status, ts_ms=5
    )


def books_showing(lots: int) -> Books:
    books = Books()
    books.follow(Market("T", "E", "title"))
    books.apply_snapshot(BookSnapshot("T", ((4_000, lots),), (), ts_ms=1))
    return books


def test_our_part_moves_with_the_delta_that_carries_our_id() -> None:
    index, books = OrderIndex(), books_showing(500)
    index.add(own(1))
    delta = BookDelta("T", 0, 4_000, 1_000, 5, client_order_id="actor-x-1")
    books.apply_delta(delta)
    book = books.get("T")
    assert book is not None
    index.on_delta(delta, book)
    assert book.net(0) == ((4_000, 500),)


def test_a_fill_by_somebody_else_is_settled_from_the_report_at_the_groups_end() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    order = index.add(own(1))
    index.show(order, report(1, 1_000))
    index.end_group(books, 9)
    book = books.get("T")
    assert book is not None
    assert book.net(0) == ((4_000, 500),)
    books.apply_delta(BookDelta("T", 0, 4_000, -400, 6))
    index.show(order, report(1, 600))
    index.end_group(books, 9)
    assert book.net(0) == ((4_000, 500),)


def test_a_delta_that_says_it_is_anothers_is_not_ours() -> None:
    index, books = OrderIndex(), books_showing(500)
    index.add(own(1))
    book = books.get("T")
    assert book is not None
    index.on_delta(BookDelta("T", 0, 4_000, 100, 5, client_order_id="desk-7"), book)
    assert book.own_lots(0, 4_000) == 0


def test_a_fresh_snapshot_shows_what_was_last_reported_resting() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    order = index.add(own(1))
    index.show(order, report(1, 1_000))
    book = books.apply_snapshot(BookSnapshot("T", ((4_000, 1_200),), (), ts_ms=9))
    index.on_snapshot(book, 9)
    assert book.net(0) == ((4_000, 200),)


def test_a_fresh_snapshot_shows_nothing_that_was_reported_of_later() -> None:
    """A list that was asked for after a gap may be ahead of the snapshot that mends it."""
    index, books = OrderIndex(), books_showing(1_500)
    order = index.add(own(1))
    index.show(order, msgspec.structs.replace(report(1, 1_000), ts_ms=8))
    index.show(order, msgspec.structs.replace(report(1, 0), status="canceled", ts_ms=20))
    book = books.apply_snapshot(BookSnapshot("T", ((4_000, 1_200),), (), ts_ms=9))
    index.on_snapshot(book, 9)
    assert book.net(0) == ((4_000, 200),)
    books.apply_delta(BookDelta("T", 0, 4_000, -1_000, 20))
    index.end_group(books, 20)
    assert book.net(0) == ((4_000, 200),)


def test_our_part_is_doubtful_from_a_gap_until_the_group_after_everything_was_asked() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    index.add(own(1))
    index.doubt(is_told=True)
    assert [index.is_doubtful(ticker) for ticker in ("T", "U")] == [True, False]
    index.end_group(books, 5)
    assert index.is_doubtful("T")
    index.clear()
    assert index.is_doubtful("T")
    index.end_group(books, 6)
    assert not index.is_doubtful("T")


def test_a_gap_after_the_asking_keeps_our_part_doubtful() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    index.add(own(1))
    index.doubt(is_told=True)
    index.clear()
    index.doubt(is_told=True)
    index.end_group(books, 6)
    assert index.is_doubtful("T")


def test_our_part_stays_doubtful_while_no_reports_come() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    index.doubt(is_told=False)
    index.add(own(1))
    assert [index.is_doubtful(ticker) for ticker in ("T", "U")] == [True, False]
    index.clear()
    index.end_group(books, 6)
    assert (index.is_told, index.is_doubtful("T")) == (False, True)
    index.doubt(is_told=True)
    index.end_group(books, 7)
    assert (index.is_told, index.is_doubtful("T")) == (True, True)
    index.clear()
    index.end_group(books, 8)
    assert not index.is_doubtful("T")


def test_a_report_that_comes_before_its_own_instant_waits_for_it() -> None:
    """What leaves with a match leaves in any order: here the report before its delta."""
    index, books = OrderIndex(), books_showing(1_500)
    order = index.add(own(1))
    book = books.get("T")
    assert book is not None
    index.show(order, report(1, 1_000))
    index.end_group(books, 5)
    index.show(order, msgspec.structs.replace(report(1, 600), ts_ms=9))
    index.end_group(books, 8)
    assert book.net(0) == ((4_000, 500),)
    books.apply_delta(BookDelta("T", 0, 4_000, -400, 9))
    index.end_group(books, 9)
    assert book.net(0) == ((4_000, 500),)
    assert order.shown_lots == 600


def test_a_report_of_an_instant_that_is_over_is_taken_at_once() -> None:
    index, books = OrderIndex(), books_showing(1_500)
    order = index.add(own(1))
    index.end_group(books, 9)
    index.show(order, report(1, 1_000))
    assert order.shown_lots == 1_000


@pytest.mark.parametrize(
    ("ask", "shown"), [(4_100, 1_000), (4_000, 0), (3_900, 0)], ids=["away", "locked", "crossed"]
)
def test_an_order_that_the_displayed_other_side_reaches_is_not_displayed(
    ask: int, shown: int
) -> None:
    index, books = OrderIndex(), Books()
    books.follow(Market("T", "E", "title"))
    order = index.add(own(1))
    index.show(order, report(1, 1_000))
    book = books.apply_snapshot(BookSnapshot("T", (), ((ask, 50),), ts_ms=9))
    index.on_snapshot(book, 9)
    assert book.own_lots(0, 4_000) == shown
    books.apply_delta(BookDelta("T", 1, ask, -50, 10))
    index.show(order, msgspec.structs.replace(report(1, 900), ts_ms=10))
    index.end_group(books, 10)
    assert book.own_lots(0, 4_000) == 900


def test_reports_of_unknown_orders_are_taken_in_with_their_origin() -> None:
    index = OrderIndex()
    adopted = index.adopt(report(7, 1_000))
    assert (adopted.origin, index.open_in("T")) == ("actor", [adopted])
    assert origin_of("desk-1") == "manual"
    assert origin_of("close-ab-1") == "close"


def test_finished_orders_are_forgotten_oldest_first_and_open_ones_never() -> None:
    index = OrderIndex()
    kept = index.add(own(0))
    for number in range(1, HISTORY + 50):
        order = index.add(own(number))
        order.state = OrderState.CANCELLED
        index.note_change(order)
    assert len(list(index)) <= HISTORY
    assert index.get("actor-x-0") is kept
    assert index.get("actor-x-1") is None
    assert index.open() == [kept]


def test_a_market_without_orders_leaves_nothing_behind() -> None:
    index = OrderIndex()
    order = index.add(own(1))
    order.state = OrderState.CANCELLED
    index.note_change(order)
    assert index.live() == []
    assert index._live == {}
