"""What a book without a sequence number can prove about ours."""

from hypothesis import given
from hypothesis import strategies as st

from core.market.book import OrderBook
from core.market.book_window import BookWindow
from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.market.ticks import LINEAR_CENT

BIDS = ((4_000, 500), (4_100, 200))
ASKS = ((4_400, 300),)


def book_of() -> OrderBook:
    book = OrderBook("A", LINEAR_CENT)
    book.replace(BIDS, ASKS, 1)
    return book


def move(book: OrderBook, window: BookWindow, side: int, price_pips: int, lots: int) -> None:
    assert book.apply(side, price_pips, lots, 2)
    window.observe(BookDelta("A", side, price_pips, lots, 2))


def test_a_quiet_book_is_compared_exactly() -> None:
    window = BookWindow(book_of())
    assert window.differences(BookSnapshot("A", BIDS, ASKS)) == []
    assert window.differences(BookSnapshot("A", BIDS[1:], ASKS)) == [
        "bid 4000 holds 0 lots there, [500] here"
    ]
    assert window.differences(BookSnapshot("A", BIDS, ((4_400, 301), (4_500, 7)))) == [
        "ask 4400 holds 301 lots there, [300] here",
        "ask 4500 holds 7 lots there, [0] here",
    ]


def test_a_level_that_moved_agrees_with_each_size_it_had() -> None:
    book = book_of()
    window = BookWindow(book)
    move(book, window, 1, 4_400, -100)
    move(book, window, 1, 4_400, -200)
    move(book, window, 1, 4_500, 50)
    for asks in (ASKS, ((4_400, 200),), (), ((4_500, 50),)):
        assert window.differences(BookSnapshot("A", BIDS, asks)) == []
    assert len(window.differences(BookSnapshot("A", BIDS, ((4_400, 100),)))) == 1


def test_a_book_replaced_or_doubted_meanwhile_proves_nothing() -> None:
    for event in (BookSnapshot("A", (), ()), BookDoubted("A", "gap")):
        window = BookWindow(book_of())
        window.observe(event)
        assert window.is_broken
    window = BookWindow(book_of())
    window.observe(BookSnapshot("B", (), ()))
    window.observe(BookDelta("B", 0, 4_000, 7, 2))
    assert not window.is_broken
    assert window.differences(BookSnapshot("A", BIDS, ASKS)) == []


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 99), st.integers(1, 9)), max_size=30),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_the_book_of_any_moment_inside_the_window_agrees(
    moves: list[tuple[int, int, int]], opened: int, seen: int
) -> None:
    books, moment, window = Books(), None, None
    book = books.apply_snapshot(BookSnapshot("A", (), ()))
    for number, (side, cents, lots) in enumerate([*moves, (0, 50, 1)]):
        if number == min(opened, seen, len(moves)):
            window = BookWindow(book)
        if window is not None and moment is None and number >= min(seen, len(moves)):
            moment = BookSnapshot("A", book.displayed(0), book.displayed(1))
        event = BookDelta("A", side, cents * 100, lots, number)
        books.apply_delta(event)
        if window is not None:
            window.observe(event)
    assert window is not None
    assert moment is not None
    assert window.differences(moment) == []
