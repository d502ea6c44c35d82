"""Feed session cases (ARCHITECTURE.md) in which the books take part: none is ever shown wrong."""

import pytest
from feed_desk import BIDS, IN_NO, IN_YES, Desk, change, whole
from feed_script import asked, snapshot

from core.market.book import BookStatus
from core.market.events import BookDoubted


def test_f67_negative_level_stales_its_book_until_its_own_snapshot() -> None:
    desk = Desk("A", "B").live()
    desk.send(change(3, "A", 1, price_dollars="0.4000", delta_fp="-250.01"))
    assert (desk.status("A"), desk.status("B")) == (BookStatus.STALE, BookStatus.LIVE)
    assert asked(desk) == [["A"]]
    desk.send(change(4, "A", 2, price_dollars="0.4000", delta_fp="1.00"))
    desk.send(snapshot(5, "B"))
    assert desk.status("A") is BookStatus.STALE
    desk.send(snapshot(6, "A"))
    assert desk.status("A") is BookStatus.LIVE
    assert desk.books.counters.negative == 1


def test_f68_book_crossed_at_the_end_of_a_group_is_stale() -> None:
    desk = Desk("A", "B").live()
    desk.send(change(3, "A", 1, price_dollars="0.4500", delta_fp="1.00"))
    assert desk.status("A") is BookStatus.LIVE, "inside a group it may be crossed"
    desk.send(change(4, "B", 2))
    assert (desk.status("A"), desk.status("B")) == (BookStatus.STALE, BookStatus.STALE)
    assert desk.books.counters.crossed_at_group_end == 1
    assert desk.books.counters.negative == 1, "B had nothing at that price"
    assert asked(desk)[0] == ["A"]


def test_f69_book_crossed_inside_a_group_only_is_left_alone() -> None:
    desk = Desk("A").live()
    desk.send(change(2, "A", 1, price_dollars="0.4500", delta_fp="1.00"))
    desk.send(change(3, "A", 1, price_dollars="0.4400", delta_fp="-35.50", side="no"))
    desk.end_group()
    assert desk.status("A") is BookStatus.LIVE
    assert desk.best("A") == (4_500, None)
    assert desk.of(BookDoubted) == []


def test_f70_gap_keeps_the_levels_but_no_delta_moves_them() -> None:
    desk = Desk("A", "B").live()
    desk.send(change(9, "A", 1, price_dollars="0.4300", delta_fp="5.00"))
    desk.send(change(10, "B", 1, price_dollars="0.4300", delta_fp="5.00"))
    assert [desk.status(ticker) for ticker in "AB"] == [BookStatus.STALE] * 2
    assert desk.best("B") == (4_000, 4_400)
    desk.send(whole(11, "B"))
    desk.send(change(12, "B", 2, price_dollars="0.4300", delta_fp="5.00"))
    assert (desk.status("A"), desk.status("B")) == (BookStatus.STALE, BookStatus.LIVE)
    assert desk.best("B") == (4_300, 4_400)


def test_f71_snapshot_with_both_sides_empty_clears_the_book() -> None:
    desk = Desk("A").live()
    desk.send({"type": "orderbook_snapshot", "sid": 1, "seq": 2, "msg": {"market_ticker": "A"}})
    assert (desk.status("A"), desk.best("A")) == (BookStatus.EMPTY, (None, None))
    desk.send(change(3, "A", 1, price_dollars="0.2000", delta_fp="1.00"))
    assert (desk.status("A"), desk.best("A")) == (BookStatus.LIVE, (2_000, None))


def test_f72_delta_before_its_snapshot_is_in_it_already() -> None:
    desk = Desk("A").connect().confirm()
    desk.send(change(1, "A", 1, price_dollars="0.4100", delta_fp="-20.00"))
    desk.send(whole(2))
    book = desk.books.get("A")
    assert book is not None
    assert book.top(0)[0] == (4_100, 12_000)


@pytest.mark.parametrize(("asked_yes", "sent"), [(True, IN_NO), (False, IN_YES)])
def test_f73_scale_flipped_by_the_server_is_seen_and_stated_anew(
    asked_yes: bool, sent: list[list[str]]
) -> None:
    right = IN_YES if asked_yes else IN_NO
    desk = Desk("A", "B", use_yes_price=asked_yes).connect().confirm()
    desk.send(whole(1, "A", right))
    desk.send(whole(2, "B", right))
    desk.commands.clear()
    desk.send(whole(3, "A", sent))
    assert [desk.status(ticker) for ticker in "AB"] == [BookStatus.STALE] * 2
    assert desk.session.counters.wrong_scale == 1
    assert [command["cmd"] for command in desk.commands] == ["unsubscribe", "subscribe"]
    assert desk.sent("subscribe")[0]["use_yes_price"] is asked_yes
    desk.confirm_book(9)
    desk.send(whole(1, "A", right) | {"sid": 9})
    desk.send(whole(2, "B", right) | {"sid": 9})
    assert desk.session.state == "live"
    assert desk.best("A") == (4_100, 4_400)


def test_f74_scale_that_stays_wrong_never_shows_a_book_and_asks_at_a_bounded_rate() -> None:
    desk = Desk("A", use_yes_price=True).connect().confirm()
    sid = 1
    for _ in range(600):  # a minute
        desk.send(whole(1, "A", IN_NO) | {"sid": sid})
        assert desk.books.get("A") is None
        desk.wait(100)
        if desk.sent("subscribe"):
            sid += 10
            desk.confirm_book(sid)
            desk.commands.clear()
    assert desk.session.state == "recovering"
    assert 3 <= desk.session.counters.resubscribes <= 12


def test_f75_scale_flipped_between_deltas_ends_in_doubt() -> None:
    desk = Desk("A").connect().confirm()
    desk.send(whole(1))
    desk.send(change(2, "A", 1, side="no", price_dollars="0.5600", delta_fp="-35.50"))
    assert desk.status("A") is BookStatus.STALE, "no level of 35.50 rests at 56 cents"


def test_f76_book_crossed_at_its_touch_is_no_question_of_scale() -> None:
    desk = Desk("A").live()
    desk.send(snapshot(2, yes_dollars_fp=BIDS, no_dollars_fp=[["0.4000", "1.00"], *IN_YES]))
    assert desk.session.counters.wrong_scale == 0
    desk.end_group()
    assert desk.status("A") is BookStatus.STALE, "crossed when its group was over"
