from collections.abc import Sequence
from typing import Any

import pytest

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
    book.take_delta(delta(ASK, 4_400, 150))
    assert fills(book.end_group()) == [(4_500, 100)]
    assert book.levels()[0][-1] == (4_000, 1_000)


def told(effects: Effects) -> list[tuple[int, int, int]]:
    return [change[:3] for change in effects.changes]


def test_a_resting_order_gets_no_more_than_reaches_it_and_hides_meanwhile(
    book: RecordedBook,
) -> None:
    order = own(BID, 4_500, 100)
    book.place(order)
    book.take_delta(delta(ASK, 4_500, 10))
    book.take_delta(delta(ASK, 4_400, 20))
    effects = book.end_group()
    assert fills(effects) == [(4_500, 30)]
    assert told(effects) == [(BID, 4_500, -30), (BID, 4_500, -70)]
    assert [change.cause for change in effects.changes] == [None, order]
    assert book.best(BID) == (4_000, 1_000)
    assert book.queue_ahead_lots(order) == 0
    assert fills(book.end_group()) == []
    book.take_delta(delta(ASK, 4_400, 5))
    effects = book.end_group()
    assert (fills(effects), effects.changes) == ([(4_500, 5)], [])


def test_a_hidden_order_is_displayed_when_the_other_side_moved_away(book: RecordedBook) -> None:
    order = own(BID, 6_000, 2_500)
    effects = book.place(order)
    assert (fills(effects), effects.changes) == ([(6_000, 2_000)], [])
    book.take_delta(delta(ASK, 6_000, -2_000))
    effects = book.end_group()
    assert fills(effects) == []
    assert effects.changes == [(BID, 6_000, 500, order)]
    assert book.best(BID) == (6_000, 500)
    book.take_delta(delta(ASK, 6_000, 40))
    effects = book.end_group()
    assert fills(effects) == [(6_000, 40)]
    assert told(effects) == [(BID, 6_000, -40), (BID, 6_000, -460)]
    assert book.levels() == ([(3_900, 500), (4_000, 1_000)], [(6_000, 40), (6_100, 300)])


def test_a_hidden_order_is_cancelled_and_reduced_without_a_word(book: RecordedBook) -> None:
    order = own(BID, 6_000, 2_500)
    book.place(order)
    assert book.reduce(order, 300).changes == []
    assert book.replace(order, 6_000, 400).changes == []
    assert told(book.replace(order, 5_900, 400)) == [(BID, 5_900, 400)]
    assert told(book.replace(order, 6_000, 400)) == [(BID, 5_900, -400)]
    assert book.cancel(order).changes == []
    assert book.resting() == []


def test_a_hidden_order_trades_with_another_account(book: RecordedBook) -> None:
    hidden = own(BID, 6_000, 2_500)
    book.place(hidden)
    taker = own(ASK, 6_000, 600, owner=2)
    assert book.crosses(taker)
    effects = book.place(taker)
    assert fills(effects) == [(6_000, 500)]
    assert told(effects) == [(ASK, 6_000, 100)]
    assert book.levels()[1] == [(6_000, 2_100), (6_100, 300)]


def test_a_trade_fills_a_hidden_order_without_a_change_of_the_display(book: RecordedBook) -> None:
    order = own(BID, 6_000, 2_500)
    book.place(order)
    effects = book.take_trade(trade(ASK, 4_000, 200))
    assert (fills(effects), effects.changes) == ([(6_000, 200)], [])


def test_lots_that_a_trade_of_the_group_consumed_do_not_fill_again(book: RecordedBook) -> None:
    order = own(BID, 4_500, 100)
    book.place(order)
    book.take_delta(delta(ASK, 4_500, 30))
    book.take_trade(trade(BID, 4_500, 20))
    assert fills(book.end_group()) == [(4_500, 10)]
    book.take_delta(delta(ASK, 4_500, -20))
    assert fills(book.end_group()) == []


def test_growth_that_is_gone_at_the_groups_end_fills_nothing(book: RecordedBook) -> None:
    order = own(BID, 4_500, 100)
    book.place(order)
    book.take_delta(delta(ASK, 4_500, 30))
    book.take_trade(trade(BID, 4_500, 20))
    book.take_delta(delta(ASK, 4_500, -20))
    assert fills(book.end_group()) == [(4_500, 10)]


def test_better_price_and_earlier_time_are_filled_first(book: RecordedBook) -> None:
    first, better, later = own(BID, 4_500, 50), own(BID, 4_600, 50), own(BID, 4_500, 50, owner=2)
    for order in (first, better, later):
        book.place(order)
    book.take_delta(delta(ASK, 4_400, 120))
    assert fills(book.end_group()) == [(4_600, 50), (4_500, 50), (4_500, 20)]
    assert later.remaining_lots == 30


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


IOC: dict[str, Any] = {"time_in_force": "immediate_or_cancel"}


def had(book: RecordedBook, price: int = 6_000) -> int:
    return book.fillable_lots(own(BID, price, 99_999))


def test_what_was_taken_stays_taken_and_only_growth_is_new(book: RecordedBook) -> None:
    assert fills(book.place(own(BID, 6_000, 1_500, **IOC))) == [(6_000, 1_500)]
    assert fills(book.place(own(BID, 6_000, 1_500, **IOC))) == [(6_000, 500)]
    assert had(book) == 0
    book.take_delta(delta(ASK, 6_000, 1))
    assert fills(book.place(own(BID, 6_000, 1_500, **IOC))) == [(6_000, 1)]


def test_a_removal_strikes_what_was_left_before_what_was_taken(book: RecordedBook) -> None:
    book.place(own(BID, 6_000, 500, **IOC))
    book.take_delta(delta(ASK, 6_000, -1_200))
    assert had(book) == 300
    book.take_delta(delta(ASK, 6_000, -400))
    assert had(book) == 0
    book.take_delta(delta(ASK, 6_000, 50))
    assert had(book) == 50


def test_what_was_taken_is_forgotten_with_the_level_and_at_a_snapshot(book: RecordedBook) -> None:
    book.place(own(BID, 6_000, 2_000, **IOC))
    book.take_delta(delta(ASK, 6_000, -2_000))
    book.take_delta(delta(ASK, 6_000, 70))
    assert had(book) == 70
    book.place(own(BID, 6_000, 70, **IOC))
    book.take_snapshot(BookSnapshot(T, (), ((6_000, 70),)))
    assert had(book) == 70


def test_an_order_larger_than_the_touch_rests_with_its_remainder(book: RecordedBook) -> None:
    order = own(BID, 6_000, 100_000)
    assert fills(book.place(order)) == [(6_000, 2_000)]
    assert order.remaining_lots == 98_000
    assert fills(book.end_group()) == []


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
    assert fills(book.end_group()) == [(9_900, 10)]
    assert order.remaining_lots == 90


def test_accounts_trade_with_each_other_in_a_doubted_book_too(book: RecordedBook) -> None:
    book.doubt()
    book.place(own(ASK, 5_000, 100))
    effects = book.place(own(BID, 6_000, 150, owner=2))
    assert fills(effects) == [(5_000, 100)]
    assert told(effects) == [(ASK, 5_000, -100)]


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
