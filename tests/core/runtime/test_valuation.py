import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.events import PositionReport
from core.market.books import Books
from core.market.events import BookDelta, BookSnapshot
from core.market.market import Market
from core.runtime.valuation import UNKNOWN, equity_micros, value_of
from core.trading.ledger import Ledger

CASH = 1_000_000_000


@pytest.fixture
def books() -> Books:
    made = Books()
    made.follow(Market("T", "E", "title"))
    made.apply_snapshot(
        BookSnapshot("T", ((3_000, 500), (4_000, 100)), ((6_000, 100), (7_000, 500)), ts_ms=1)
    )
    return made


def ledger_of(**positions: int) -> Ledger:
    """Positions in lots, bought for 10 cents a contract."""
    made = Ledger()
    made.open(
        CASH,
        [PositionReport(name, lots, abs(lots) * 1_000, 0, 0) for name, lots in positions.items()],
    )
    return made


def test_yes_is_worth_what_the_bids_pay_best_first(books: Books) -> None:
    value = value_of(ledger_of(T=300).account("T"), books.get("T"))
    proceeds = 100 * 4_000 + 200 * 3_000
    assert value == (4_000, proceeds, proceeds - 300_000)


def test_no_is_worth_what_the_asks_leave(books: Books) -> None:
    value = value_of(ledger_of(T=-300).account("T"), books.get("T"))
    proceeds = 100 * 4_000 + 200 * 3_000
    assert value == (6_000, proceeds, proceeds - 300_000)


def test_what_the_book_cannot_take_is_worth_nothing(books: Books) -> None:
    value = value_of(ledger_of(T=10_000).account("T"), books.get("T"))
    assert value.value_micros == 100 * 4_000 + 500 * 3_000


def test_our_own_resting_order_buys_nothing_from_us(books: Books) -> None:
    book = books.get("T")
    assert book is not None
    books.apply_delta(BookDelta("T", 0, 5_000, 300, 2))
    book.add_own(0, 5_000, 300)
    assert value_of(ledger_of(T=100).account("T"), book) == (4_000, 400_000, 300_000)


def test_a_side_without_quotes_has_no_mark_and_no_value(books: Books) -> None:
    books.apply_snapshot(BookSnapshot("T", (), ((6_000, 100),), ts_ms=2))
    assert value_of(ledger_of(T=100).account("T"), books.get("T")) == (None, 0, -100_000)


def test_a_stale_or_missing_book_makes_the_value_unknown_not_zero(books: Books) -> None:
    ledger = ledger_of(T=100)
    assert equity_micros(ledger, books) == CASH + 400_000
    books.doubt("T")
    assert value_of(ledger.account("T"), books.get("T")) == UNKNOWN
    assert value_of(ledger.account("T"), None) == UNKNOWN
    assert equity_micros(ledger, books) is None


def test_a_flat_market_needs_no_book(books: Books) -> None:
    books.doubt("T")
    assert equity_micros(ledger_of(T=0, U=0), books) == CASH


def test_one_unknown_market_makes_the_whole_unknown(books: Books) -> None:
    assert equity_micros(ledger_of(T=100, U=1), books) is None


@given(lots=st.integers(-5_000, 5_000))
def test_equity_is_cash_and_at_most_a_dollar_a_contract(lots: int) -> None:
    books = Books()
    books.apply_snapshot(BookSnapshot("T", ((4_000, 700),), ((6_000, 900),), ts_ms=1))
    equity = equity_micros(ledger_of(T=lots), books)
    assert equity is not None
    assert CASH <= equity <= CASH + abs(lots) * 10_000
