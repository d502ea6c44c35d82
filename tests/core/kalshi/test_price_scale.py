"""Feed session cases (ARCHITECTURE.md): shallow books in a price scale that was not asked for.

None of these books is crossed in either scale, so none of them shows by itself what it is.
"""

import pytest
from feed_desk import Desk, change
from feed_script import asked, delta, snapshot
from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.price_scale import Answer, is_mirror, says_scale
from core.market.book import BookStatus
from core.market.events import BookDoubted, BookSnapshot, Level
from core.units import PIPS_PER_DOLLAR

Wire = list[list[str]]

STALE, LIVE = BookStatus.STALE, BookStatus.LIVE
BIDS = [["0.3900", "10.00"], ["0.4000", "250.00"]]
ASKS = [["0.4400", "35.50"], ["0.4500", "80.00"]]
MIRROR = [["0.5500", "80.00"], ["0.5600", "35.50"]]
"""The same asks: in the scale asked for, and in the other one."""


def shallow(seq: int, ticker: str = "A", asks: Wire = ASKS, sid: int = 1) -> dict[str, object]:
    return snapshot(seq, ticker, yes_dollars_fp=BIDS, no_dollars_fp=asks) | {"sid": sid}


def standing(*tickers: str, asks: Wire = ASKS, asked_yes: bool = True) -> Desk:
    """A desk whose books all came with these asks."""
    desk = Desk(*tickers, use_yes_price=asked_yes)
    desk.connect().confirm()
    for seq, ticker in enumerate(tickers, start=1):
        desk.send(shallow(seq, ticker, asks))
    assert desk.session.state == "live"
    desk.commands.clear()
    desk.events.clear()
    return desk


def book(asks: dict[int, int], bids: dict[int, int] | None = None) -> BookSnapshot:
    """A book of these levels, in cents and contracts."""
    sides = [[(100 * cents, 100 * count) for cents, count in side.items()] for side in (bids, asks)]
    return BookSnapshot("A", *(tuple(sorted(side)) for side in sides), sid=1)


def answer(asks: tuple[Level, ...], ticker: str = "A") -> BookSnapshot:
    """The exchange's own answer by REST."""
    return BookSnapshot(ticker, ((3_900, 1_000), (4_000, 25_000)), asks)


RIGHT = ((4_400, 3_550), (4_500, 8_000))
WRONG = ((5_500, 8_000), (5_600, 3_550))
"""What REST answers where ASKS are right, and where they are the mirror of what is right."""


@pytest.mark.parametrize(
    ("asked_yes", "right", "wrong"), [(True, ASKS, MIRROR), (False, MIRROR, ASKS)]
)
def test_f89_repair_that_brings_the_mirror_of_what_was_held_is_refused(
    asked_yes: bool, right: Wire, wrong: Wire
) -> None:
    desk = standing("A", "B", asks=right, asked_yes=asked_yes)
    desk.send(delta(9))
    assert asked(desk) == [["A", "B"]]
    desk.commands.clear()
    desk.send(shallow(10, "A", wrong))
    assert [desk.status(ticker) for ticker in "AB"] == [STALE] * 2
    assert desk.best("A") == (4_000, 4_400)
    assert desk.session.counters.wrong_scale == 1
    desk.wait(300)
    assert [command["cmd"] for command in desk.commands] == ["unsubscribe", "subscribe"]
    assert desk.sent("subscribe")[0]["use_yes_price"] is asked_yes
    desk.confirm_book(9)
    desk.send(shallow(1, "A", right, sid=9))
    desk.send(shallow(2, "B", right, sid=9))
    assert desk.session.state == "live"
    assert [desk.status(ticker) for ticker in "AB"] == [LIVE] * 2
    assert desk.session.counters.wrong_scale == 1


def test_f90_mirror_in_mid_stream_doubts_every_book_at_once() -> None:
    desk = standing("A", "B")
    desk.send(shallow(3, "A", MIRROR))
    assert [desk.status(ticker) for ticker in "AB"] == [STALE] * 2
    assert {event.ticker for event in desk.of(BookDoubted)} == {"A", "B"}
    assert [command["cmd"] for command in desk.commands] == ["unsubscribe", "subscribe"]


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ({44: 35}, {56: 35}),
        ({44: 35, 45: 80}, {54: 9, 55: 80, 56: 35}),
        ({44: 35, 45: 80, 50: 7}, {50: 7, 55: 80, 56: 20}),
        ({44: 35, 45: 80, 46: 5, 47: 6}, {52: 1, 53: 6, 54: 5, 55: 81}),
        ({44: 35, 56: 35, 45: 80, 46: 6}, {44: 35, 56: 35, 55: 80, 54: 6}),
        ({60: 1, 61: 2, 62: 3}, {38: 3, 39: 2, 41: 1}),
    ],
)
@pytest.mark.parametrize("bids", [{30: 9, 31: 4}, {}])
def test_f91_mirror_of_which_some_levels_changed_is_still_one(
    held: dict[int, int], sent: dict[int, int], bids: dict[int, int]
) -> None:
    assert is_mirror(book(sent, bids), Answer(book(held, bids)))
    assert not is_mirror(book(sent, bids), Answer(book(sent, bids)))
    assert not is_mirror(book(held, bids), Answer(book(held, bids)))


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        (({44: 10, 56: 10}, {30: 1}), ({44: 10, 56: 10}, {30: 1})),
        (({44: 10, 50: 3, 56: 10}, {30: 1}), ({44: 10, 50: 2, 56: 10}, {30: 1})),
        (
            (dict.fromkeys(range(44, 58), 100), {43: 9}),
            (dict.fromkeys(range(43, 57), 100), {42: 9}),
        ),
        (({44: 35, 45: 80}, {40: 1}), ({45: 80}, {40: 1})),
        (({44: 35, 45: 80}, {40: 1}), ({56: 20}, {40: 1})),
        (({44: 35, 45: 80}, {40: 1}), ({70: 1, 71: 2, 72: 3, 56: 35, 73: 4}, {40: 1})),
        (({44: 35}, {40: 1}), ({}, {40: 1})),
        (({}, {40: 1}), ({56: 35}, {40: 1})),
        (
            (dict.fromkeys(range(56, 70), 5), {54: 1, 55: 1}),
            (dict.fromkeys(range(31, 45), 5), {29: 1}),
        ),
        (
            (dict.fromkeys(range(31, 45), 5), {29: 1}),
            (dict.fromkeys(range(56, 70), 5), {29: 1, 55: 1}),
        ),
    ],
    ids=[
        "symmetrical",
        "symmetrical, changed at 50",
        "equal quantities moved by a cent",
        "a level taken",
        "another quantity at the mirror",
        "one of many at the mirror",
        "asks gone",
        "first asks",
        "market fell and took its bids along",
        "market rose and took its bids along",
    ],
)
def test_f92_books_that_merely_changed_are_no_mirror(
    held: tuple[dict[int, int], dict[int, int]], sent: tuple[dict[int, int], dict[int, int]]
) -> None:
    assert not is_mirror(book(*sent), Answer(book(*held)))


def test_f93_scale_that_stays_wrong_is_never_shown_across_subscriptions_and_connections() -> None:
    desk = standing("A")
    sid = 1
    for connection in (1, 2):
        before = desk.session.counters.resubscribes
        for _ in range(300):  # half a minute
            desk.send(shallow(2 if sid == 1 else 1, "A", MIRROR, sid))
            assert (desk.status("A"), desk.best("A")) == (STALE, (4_000, 4_400))
            desk.wait(100)
            if desk.sent("subscribe"):
                sid += 10
                desk.confirm_book(sid)
                desk.commands.clear()
        assert 3 <= desk.session.counters.resubscribes - before <= 12
        assert desk.session.counters.wrong_scale <= desk.session.counters.resubscribes + connection
        desk.take(desk.session.connection_lost("test"))
        desk.commands.clear()
        desk.connect()
    assert desk.session.state == "recovering"


def test_f94_nothing_more_is_taken_from_a_subscription_in_the_other_scale() -> None:
    desk = standing("A", "B")
    desk.send(shallow(3, "A", MIRROR))
    desk.confirm_book(11)
    desk.commands.clear()
    desk.send(shallow(1, "A", MIRROR, sid=11))
    assert desk.commands == [], "the next one has to wait"
    desk.send(shallow(2, "B", [["0.6000", "1.00"]], sid=11))
    assert [desk.status(ticker) for ticker in "AB"] == [STALE] * 2
    assert desk.best("B") == (4_000, 4_400)
    assert desk.session.counters.wrong_scale == 2
    desk.wait(300)
    assert [command["cmd"] for command in desk.commands] == ["unsubscribe", "subscribe"]


def test_f95_first_books_in_the_other_scale_are_condemned_by_one_answer_of_the_exchange() -> None:
    desk = standing("A", "B", "C")
    events = desk.take(desk.session.answered(answer(WRONG), desk.now_ms))
    assert {e.ticker for e in events if isinstance(e, BookDoubted)} == {"A", "B", "C"}
    assert desk.session.counters.wrong_scale == 1
    assert desk.sent("subscribe")[0]["use_yes_price"] is True
    desk.confirm_book(11)
    desk.send(shallow(1, "C", MIRROR, 11))
    assert (desk.status("C"), desk.best("C")) == (LIVE, (4_000, 5_500)), "which is right here"
    desk.send(shallow(2, "B", ASKS, 11))
    assert [desk.status(ticker) for ticker in "ABC"] == [STALE] * 3
    assert desk.session.counters.wrong_scale == 2
    desk.wait(300)
    desk.confirm_book(21)
    for seq, ticker in enumerate("ABC", start=1):
        desk.send(shallow(seq, ticker, MIRROR, 21))
    assert [desk.best(ticker) for ticker in "ABC"] == [(4_000, 5_500)] * 3
    assert desk.session.state == "live"


def test_f96_market_that_stands_where_its_mirror_was_is_believed_on_the_exchanges_answer() -> None:
    desk = standing("A", "B")
    desk.send(shallow(3, "A", MIRROR))
    assert desk.session.scale.suspect == "A"
    assert desk.session.answered(answer(WRONG), desk.now_ms) == []
    assert desk.session.scale.suspect == ""
    desk.confirm_book(11)
    desk.send(shallow(1, "A", MIRROR, 11))
    assert (desk.status("A"), desk.best("A")) == (LIVE, (4_000, 5_500))


def test_f97_a_subscription_asks_once_for_its_scale_and_again_when_a_book_leans_the_other_way() -> (
    None
):
    tickers = [f"T{number:03}" for number in range(1_000)]
    desk = standing(*tickers)
    scale = desk.session.scale
    assert scale.is_unproven
    scale.agreed(answer(((4_400, 1), (5_000, 2), (5_600, 1))))
    assert scale.is_unproven, "that book looks the same in either scale"
    scale.agreed(answer(RIGHT, "T005"))
    assert not scale.is_unproven
    desk.send(shallow(1_001, "T007"))
    desk.send(delta(1_009, "T007"))
    for seq, ticker in enumerate(tickers, start=1_010):
        desk.send(shallow(seq, ticker))
    assert not scale.is_unproven, "a repair on the same subscription"
    desk.send(shallow(2_010, "T007", [["0.5500", "1.00"], ["0.5600", "2.00"]]))
    assert scale.is_unproven, "prices of the mirror, other quantities"
    assert desk.status("T007") is LIVE
    scale.agreed(answer(RIGHT))
    desk.take(desk.session.connection_lost("test"))
    assert not scale.is_unproven, "nothing to ask about"
    desk.connect().confirm()
    desk.send(shallow(1, "T000"))
    assert scale.is_unproven


def test_f98_deltas_in_the_other_scale_end_in_doubt_with_the_first_that_takes_or_crosses() -> None:
    desk = standing("A", "B")
    desk.send(change(3, "A", 1, side="no", price_dollars="0.5600", delta_fp="5.00"))
    desk.end_group()
    assert desk.status("A") is LIVE, "a growing level alone says nothing of its scale"
    desk.send(change(4, "A", 2, side="no", price_dollars="0.5500", delta_fp="-80.00"))
    assert desk.status("A") is STALE, "taken where nothing rests"
    desk.send(change(5, "B", 3, side="no", price_dollars="0.3500", delta_fp="5.00"))
    desk.end_group()
    assert desk.status("B") is STALE, "crossed at the end of its group"
    desk.send(shallow(6, "A", [["0.5400", "2.00"], ["0.5500", "80.00"], ["0.5600", "40.50"]]))
    assert desk.session.counters.wrong_scale == 1
    assert [desk.status(ticker) for ticker in "AB"] == [STALE] * 2


def test_f99_a_wrong_belief_about_one_market_is_taken_back_by_its_next_answer() -> None:
    desk = standing("A", "B")
    desk.take(desk.session.answered(answer(WRONG), desk.now_ms))
    desk.confirm_book(11)
    desk.send(shallow(1, "B", ASKS, 11))
    assert desk.session.scale.suspect == "B", "A alone had been mistaken for its mirror"
    desk.take(desk.session.answered(answer(RIGHT, "B"), desk.now_ms))
    desk.take(desk.session.answered(answer(RIGHT), desk.now_ms))
    desk.wait(300)
    desk.confirm_book(21)
    for seq, ticker in enumerate("AB", start=1):
        desk.send(shallow(seq, ticker, ASKS, 21))
    assert [desk.status(ticker) for ticker in "AB"] == [LIVE] * 2


def test_an_answer_about_a_market_that_was_dropped_meanwhile_says_nothing() -> None:
    desk = standing("A", "B")
    desk.session.delete_markets(["A"], desk.now_ms)
    assert desk.session.answered(answer(WRONG), desk.now_ms) == []
    desk.send(shallow(3, "B"))
    assert desk.status("B") is LIVE
    desk.session.add_markets(["A"], desk.now_ms)
    desk.send(shallow(4, "A"))
    assert desk.session.counters.wrong_scale == 0, "no answer was kept for it"


SIDE = st.dictionaries(
    st.integers(1, PIPS_PER_DOLLAR - 1), st.integers(1, 10**9), min_size=1, max_size=30
)


def turned(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(sorted((PIPS_PER_DOLLAR - pips, lots) for pips, lots in levels))


@given(SIDE, SIDE)
def test_a_book_is_never_its_own_mirror(bids: dict[int, int], asks: dict[int, int]) -> None:
    snap = BookSnapshot("A", tuple(sorted(bids.items())), tuple(sorted(asks.items())))
    assert not is_mirror(snap, Answer(snap))
    assert says_scale(snap.asks) == says_scale(turned(snap.asks))


@given(
    st.dictionaries(st.integers(1, 999), st.integers(1, 10**9), max_size=9),
    st.sets(st.integers(1_001, 5_900).filter(lambda pips: pips != 5_000), min_size=1),
)
def test_a_whole_mirror_is_always_seen_in_either_direction(
    bids: dict[int, int], prices: set[int]
) -> None:
    """All asks have a quantity of their own, so that none agrees by chance."""
    below = tuple(sorted(bids.items()))
    asks = tuple((pips, number) for number, pips in enumerate(sorted(prices), start=1))
    right, wrong = BookSnapshot("A", below, asks), BookSnapshot("A", below, turned(asks))
    assert is_mirror(wrong, Answer(right))
    assert is_mirror(right, Answer(wrong))
