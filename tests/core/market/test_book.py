import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sortedcontainers import SortedDict

from core.market.book import TOP, BookStatus, OrderBook
from core.market.ticks import LINEAR_CENT, TAPERED_DECI_CENT_RANGES, TickTable

TAPERED = TickTable.from_ranges(TAPERED_DECI_CENT_RANGES)
Change = tuple[int, int, int]


def book_of(bids: dict[int, int], asks: dict[int, int]) -> OrderBook:
    book = OrderBook("T", LINEAR_CENT)
    book.replace(tuple(sorted(bids.items())), tuple(sorted(asks.items())), 1)
    return book


changes = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from([*TAPERED.prices[1:-1], 4_255, 123]),
        st.integers(-400, 600).filter(bool),
    ),
    max_size=120,
)


@settings(max_examples=150)
@given(changes)
def test_any_changes_equal_a_sorted_map_and_a_fresh_snapshot(changes: list[Change]) -> None:
    book = OrderBook("T", TAPERED)
    reference = (SortedDict(), SortedDict())
    for number, (side, price, delta) in enumerate(changes):
        after = reference[side].get(price, 0) + delta
        accepted = book.apply(side, price, delta, number)
        assert accepted == (after >= 0)
        if accepted:
            reference[side][price] = after
            if not after:
                del reference[side][price]
        bids = tuple(reversed(reference[0].items()))
        asks = tuple(reference[1].items())
        assert book.top(0) == bids[:TOP]
        assert book.top(1) == asks[:TOP]
        assert book.best_bid() == (bids[0][0] if bids else None)
        assert book.best_ask() == (asks[0][0] if asks else None)
    assert book.displayed(0) == tuple(reversed(reference[0].items()))
    assert book.displayed(1) == tuple(reference[1].items())
    fresh = OrderBook("T", TAPERED)
    fresh.replace(tuple(reference[0].items()), tuple(reference[1].items()), 9)
    assert fresh.displayed(0) == book.displayed(0)
    assert fresh.displayed(1) == book.displayed(1)
    assert (fresh.levels.sum(), fresh.status) == (book.levels.sum(), book.status)


def test_a_negative_level_changes_nothing() -> None:
    book = book_of({4_000: 100}, {4_100: 50})
    assert not book.apply(0, 4_000, -101, 2)
    assert book.displayed(0) == ((4_000, 100),)
    assert book.changed_ms == 1


def test_net_view_is_displayed_minus_own() -> None:
    book = book_of({4_000: 100, 3_900: 30}, {4_100: 50})
    book.settle_own([(0, 4_000, 100), (1, 4_100, 20)])
    assert book.net(0) == ((3_900, 30),)
    assert book.net(1) == ((4_100, 30),)
    assert book.net_best(0) == 3_900
    assert book.net_best(1) == 4_100
    assert book.best_bid() == 4_000
    book.add_own(0, 4_000, -100)
    assert book.net_best(0) == 4_000


def test_levels_are_listed_in_plain_integers() -> None:
    book = book_of({4_000: 100, 3_900: 30}, {4_100: 50})
    for levels in (book.displayed(0), book.displayed(1), book.net(0), book.net(1)):
        assert {type(number) for level in levels for number in level} == {int}


@given(changes, changes)
def test_the_net_columns_are_the_net_levels(shown: list[Change], ours: list[Change]) -> None:
    book = OrderBook("T", TAPERED)
    for number, change in enumerate(shown):
        book.apply(*change, number)
    book.settle_own((side, price, abs(lots)) for side, price, lots in ours)
    for side in (0, 1):
        prices, lots = book.net_columns(side)
        assert tuple(zip(prices.tolist(), lots.tolist(), strict=True)) == book.net(side)
        for column in (prices, lots):
            assert column.dtype == np.int64
            assert column.flags.c_contiguous


def test_settling_own_forgets_what_was_ours_before() -> None:
    book = book_of({4_000: 100}, {})
    book.settle_own([(0, 4_000, 60)])
    book.settle_own([])
    assert book.own_lots(0, 4_000) == 0
    assert book.net(0) == ((4_000, 100),)


def test_status_follows_what_is_quoted() -> None:
    book = OrderBook("T", LINEAR_CENT)
    assert book.status is BookStatus.EMPTY
    book.replace(((4_000, 1),), (), 1)
    assert book.status is BookStatus.LIVE
    book.apply(0, 4_000, -1, 2)
    assert book.status is BookStatus.EMPTY
    book.apply(1, 4_100, 5, 3)
    assert book.status is BookStatus.LIVE
    book.doubt()
    assert book.status is BookStatus.STALE
    book.replace((), (), 4)
    assert book.status is BookStatus.EMPTY


def test_a_derived_ask_is_one_minus_the_no_bid() -> None:
    no_bid_pips = 5_600
    book = book_of({4_100: 10}, {10_000 - no_bid_pips: 10})
    assert book.best_ask() == 4_400


def test_an_off_grid_price_widens_the_book_and_loses_nothing() -> None:
    book = book_of({4_000: 100}, {4_100: 50})
    book.settle_own([(0, 4_000, 40)])
    assert book.apply(0, 3_955, 7, 2)
    assert book.displayed(0) == ((4_000, 100), (3_955, 7))
    assert book.own_lots(0, 4_000) == 40


def test_crossed_is_seen() -> None:
    assert book_of({4_100: 1}, {4_100: 1}).is_crossed()
    assert not book_of({4_000: 1}, {4_100: 1}).is_crossed()
    assert not book_of({4_000: 1}, {}).is_crossed()
