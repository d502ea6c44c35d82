from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.events import BookDelta, BookSnapshot, Level, Trade
from core.sandbox.orders import Effects, Order
from core.sandbox.recorded import RecordedBook
from core.trading.queue_model import BEHIND, PRO_RATA
from core.units import Side

T = "T"
BID, ASK = Side.BID, Side.ASK


def recorded(
    bids: Sequence[Level], asks: Sequence[Level], cancel_rule: int = PRO_RATA
) -> RecordedBook:
    book = RecordedBook(cancel_rule)
    book.take_snapshot(BookSnapshot(T, tuple(bids), tuple(asks)))
    return book


@pytest.fixture
def book() -> RecordedBook:
    return recorded([(3_900, 500), (4_000, 1_000)], [(6_000, 2_000), (6_100, 300)])


def own(side: int, price: int, lots: int, owner: int = 1, **fields: object) -> Order:
    return Order(f"{owner}-{side}-{price}", owner, T, side, price, lots, lots, **fields)


def delta(side: int, price: int, lots: int) -> BookDelta:
    return BookDelta(T, side, price, lots, ts_ms=1)


def trade(taker_side: int, price: int, lots: int) -> Trade:
    return Trade("trade", T, price, lots, taker_side, ts_ms=1)


def fills(effects: Effects) -> list[tuple[int, int]]:
    return [(match.price_pips, match.quantity_lots) for match in effects.matches]


def test_own_order_is_displayed_and_waits_behind_what_was(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    effects = book.place(order)
    assert [change[:3] for change in effects.changes] == [(BID, 4_000, 100)]
    assert book.levels()[0] == [(3_900, 500), (4_000, 1_100)]
    assert book.queue_ahead_lots(order) == 1_000
    book.take_delta(delta(BID, 4_000, 700))
    assert book.queue_ahead_lots(order) == 1_000


def test_trades_pass_the_queue_in_full_and_their_excess_fills(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    assert fills(book.take_trade(trade(ASK, 4_000, 600))) == []
    book.take_delta(delta(BID, 4_000, -600))
    assert book.queue_ahead_lots(order) == 400
    book.end_group()
    assert fills(book.take_trade(trade(ASK, 4_000, 450))) == [(4_000, 50)]
    assert order.remaining_lots == 50
    assert book.queue_ahead_lots(order) == 0


def test_a_fill_behind_a_trade_is_not_public_and_names_the_trade(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    effects = book.take_trade(trade(ASK, 4_000, 2_000))
    (match,) = effects.matches
    assert (match.maker, match.taker, match.trade_id) == (order, None, "trade")
    assert not match.is_public
    assert [tuple(change) for change in effects.changes] == [(BID, 4_000, -100, None)]
    assert book.levels()[0][-1] == (4_000, 1_000)


def test_trade_on_the_other_side_passes_nothing(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    assert fills(book.take_trade(trade(BID, 6_000, 2_000))) == []
    assert book.queue_ahead_lots(order) == 1_000


def test_unexplained_removals_are_cancels_spread_over_the_level(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    book.take_delta(delta(BID, 4_000, 1_000))
    book.take_delta(delta(BID, 4_000, -1_000))
    assert book.queue_ahead_lots(order) == 500
    book.take_delta(delta(BID, 4_000, -999))
    assert book.queue_ahead_lots(order) == 1
    assert order.remaining_lots == 100


def test_cancels_from_behind_leave_the_queue_until_nothing_is_behind() -> None:
    book = recorded([(4_000, 1_000)], [], BEHIND)
    order = own(BID, 4_000, 100)
    book.place(order)
    book.take_delta(delta(BID, 4_000, 1_000))
    book.take_delta(delta(BID, 4_000, -900))
    assert book.queue_ahead_lots(order) == 1_000
    book.take_delta(delta(BID, 4_000, -400))
    assert book.queue_ahead_lots(order) == 700
    book.take_trade(trade(ASK, 4_000, 300))
    book.take_delta(delta(BID, 4_000, -300))
    assert book.queue_ahead_lots(order) == 400


def test_cancels_alone_bring_an_order_forward_but_never_fill_it(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    book.take_delta(delta(BID, 4_000, -1_000))
    assert book.queue_ahead_lots(order) == 0
    assert fills(book.end_group()) == []
    assert fills(book.take_trade(trade(ASK, 4_000, 70))) == [(4_000, 70)]


def test_a_trade_through_its_price_fills_what_waits_behind_others(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    assert book.queue_ahead_lots(order) == 1_000
    assert fills(book.take_trade(trade(ASK, 3_900, 250))) == [(4_000, 100)]


def test_only_the_part_beyond_the_trade_is_a_cancel(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    book.take_trade(trade(ASK, 4_000, 200))
    book.take_delta(delta(BID, 4_000, -600))
    assert book.queue_ahead_lots(order) == 400
    book.end_group()
    book.take_delta(delta(BID, 4_000, -200))
    assert book.queue_ahead_lots(order) == 200


def test_two_accounts_queue_behind_each_other(book: RecordedBook) -> None:
    first, second = own(BID, 4_000, 100), own(BID, 4_000, 100, owner=2)
    book.place(first)
    book.place(second)
    assert book.queue_ahead_lots(second) == 1_100
    book.take_trade(trade(ASK, 4_000, 1_150))
    assert (first.filled_lots, second.filled_lots) == (100, 50)


def test_better_priced_own_order_is_met_first(book: RecordedBook) -> None:
    order = own(BID, 4_100, 100)
    book.place(order)
    assert fills(book.take_trade(trade(ASK, 4_000, 60))) == [(4_100, 60)]


def test_reached_by_the_other_side_is_filled_at_its_own_price(book: RecordedBook) -> None:
    order = own(BID, 4_500, 100)
    book.place(order)
    assert fills(book.end_group()) == []
    book.take_delta(delta(ASK, 4_400, 10))
    assert fills(book.end_group()) == [(4_500, 100)]
    assert book.levels()[0][-1] == (4_000, 1_000)


def test_a_crossing_inside_a_group_fills_nothing(book: RecordedBook) -> None:
    order = own(ASK, 5_000, 100)
    book.place(order)
    book.take_delta(delta(BID, 5_100, 10))
    book.take_delta(delta(BID, 5_100, -10))
    assert fills(book.end_group()) == []


def test_marketable_order_walks_levels_that_stay_displayed(book: RecordedBook) -> None:
    order = own(BID, 6_100, 2_100)
    effects = book.place(order)
    assert fills(effects) == [(6_000, 2_000), (6_100, 100)]
    assert effects.changes == []
    assert book.levels()[1] == [(6_000, 2_000), (6_100, 300)]
    assert not any(match.is_public for match in effects.matches)


def test_what_was_taken_stays_taken_until_the_level_changes(book: RecordedBook) -> None:
    ioc: dict[str, Any] = {"time_in_force": "immediate_or_cancel"}
    assert fills(book.place(own(BID, 6_000, 1_500, **ioc))) == [(6_000, 1_500)]
    assert fills(book.place(own(BID, 6_000, 1_500, **ioc))) == [(6_000, 500)]
    assert book.fillable_lots(own(BID, 6_000, 1)) == 0
    book.take_delta(delta(ASK, 6_000, 100))
    assert book.fillable_lots(own(BID, 6_000, 9_999)) == 2_100


def test_remainder_that_would_lock_the_display_fills_at_its_limit(book: RecordedBook) -> None:
    order = own(BID, 6_000, 2_500)
    assert fills(book.place(order)) == [(6_000, 2_000), (6_000, 500)]
    assert order.remaining_lots == 0


def test_accounts_trade_with_each_other_in_public(book: RecordedBook) -> None:
    book.place(own(ASK, 5_000, 100))
    taker = own(BID, 5_500, 150, owner=2)
    effects = book.place(taker)
    assert fills(effects) == [(5_000, 100)]
    assert effects.matches[0].is_public
    assert [change[:3] for change in effects.changes] == [(ASK, 5_000, -100), (BID, 5_500, 50)]


def test_self_trade_prevention_holds_here_too(book: RecordedBook) -> None:
    resting = own(ASK, 5_000, 100)
    book.place(resting)
    taker = own(BID, 5_500, 150)
    assert book.place(taker).is_cut
    assert resting.remaining_lots == 100
    effects = book.place(own(BID, 5_500, 50, self_trade="maker"))
    assert effects.cancelled == [resting]
    assert [change[:3] for change in effects.changes] == [(ASK, 5_000, -100), (BID, 5_500, 50)]


def test_doubted_book_lets_orders_rest_without_fills(book: RecordedBook) -> None:
    book.doubt()
    order = own(BID, 9_900, 100)
    assert fills(book.place(order)) == []
    assert fills(book.take_trade(trade(ASK, 9_900, 500))) == []
    assert fills(book.end_group()) == []
    book.take_snapshot(BookSnapshot(T, ((4_000, 10),), ((6_000, 10),)))
    assert fills(book.end_group()) == [(9_900, 100)]


def test_snapshot_can_only_shorten_the_queue(book: RecordedBook) -> None:
    order = own(BID, 4_000, 100)
    book.place(order)
    book.take_snapshot(BookSnapshot(T, ((4_000, 5_000),), ()))
    assert book.queue_ahead_lots(order) == 1_000
    book.take_snapshot(BookSnapshot(T, ((4_000, 50),), ()))
    assert book.queue_ahead_lots(order) == 50


def test_amend_and_cancel_move_only_own_lots(book: RecordedBook) -> None:
    order = own(BID, 4_000, 300)
    book.place(order)
    assert [c[:3] for c in book.reduce(order, 200).changes] == [(BID, 4_000, -100)]
    assert book.queue_ahead_lots(order) == 1_000
    changes = [c[:3] for c in book.replace(order, 3_900, 200).changes]
    assert changes == [(BID, 4_000, -200), (BID, 3_900, 200)]
    assert book.queue_ahead_lots(order) == 500
    assert [c[:3] for c in book.cancel(order).changes] == [(BID, 3_900, -200)]
    assert book.levels()[0] == [(3_900, 500), (4_000, 1_000)]
    assert book.resting() == []
    assert book.resting() == []


def test_crosses_and_best_see_the_display(book: RecordedBook) -> None:
    assert book.crosses(own(BID, 6_000, 1))
    assert not book.crosses(own(BID, 5_900, 1))
    book.place(own(ASK, 5_900, 10))
    assert book.crosses(own(BID, 5_900, 1, owner=2))
    assert book.best(ASK) == (5_900, 10)
    assert recorded([], []).best(BID) is None


PRICES = range(1, 10)
BOOKS = st.tuples(
    st.integers(1, 10),
    st.dictionaries(st.sampled_from(PRICES), st.integers(1, 300), max_size=9),
).map(
    lambda drawn: (
        {price: lots for price, lots in drawn[1].items() if price < drawn[0]},
        {price: lots for price, lots in drawn[1].items() if price >= drawn[0]},
    )
)
OWN = st.tuples(
    st.sampled_from(["place", "cancel", "replace"]),
    st.integers(0, 1),
    st.sampled_from(PRICES),
    st.integers(1, 300),
    st.integers(1, 2),
    st.sampled_from(["good_till_canceled", "immediate_or_cancel"]),
    st.sampled_from(["taker_at_cross", "maker"]),
    st.integers(0, 9),
)
Levels = tuple[dict[int, int], dict[int, int]]


def changes(before: Levels, after: Levels) -> list[BookDelta]:
    """Deltas from one recorded book to the next, removals last, so that it crosses on the way."""
    steps = [
        delta(side, price, after[side].get(price, 0) - before[side].get(price, 0))
        for side in (BID, ASK)
        for price in PRICES
    ]
    return sorted((s for s in steps if s.delta_lots), key=lambda step: -step.delta_lots)


def check_display(book: RecordedBook, truth: Levels) -> None:
    bids, asks = book.levels()
    assert not bids or not asks or bids[-1][0] < asks[0][0]
    shown = {(side, p): n for side, levels in enumerate((bids, asks)) for p, n in levels}
    for order in book.resting():
        shown[order.side, order.price_pips] -= order.remaining_lots
        assert book.queue_ahead_lots(order) >= 0
    recorded_lots = {(side, p): n for side in (BID, ASK) for p, n in truth[side].items()}
    assert {key: lots for key, lots in shown.items() if lots} == recorded_lots


def act(book: RecordedBook, action: tuple[Any, ...]) -> None:
    name, side, price, lots, owner, tif, stp, which = action
    resting = book.resting()
    if name == "place":
        book.place(own(side, price, lots, owner, time_in_force=tif, self_trade=stp))
    elif resting and name == "cancel":
        book.cancel(resting[which % len(resting)])
    elif resting:
        book.replace(resting[which % len(resting)], price, lots)


@given(st.lists(st.tuples(BOOKS, st.lists(OWN, max_size=4)), max_size=12))
def test_own_orders_never_cross_the_display_or_change_the_recording(
    groups: list[tuple[Levels, list[tuple[Any, ...]]]],
) -> None:
    truth: Levels = ({}, {})
    book = recorded([], [])
    for target, actions in groups:
        for step in changes(truth, target):
            book.take_delta(step)
        book.end_group()
        truth = target
        check_display(book, truth)
        for action in actions:
            act(book, action)
            check_display(book, truth)
