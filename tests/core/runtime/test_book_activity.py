"""How busy books are, from round to round."""

from core.market.events import BookDelta
from core.runtime.book_activity import QUIET_ROUNDS, BookActivity


def test_activity_is_known_after_a_whole_round_and_quiet_ones_are_remembered() -> None:
    activity = BookActivity()
    assert activity.close_round({"A", "B"}) == {}
    for _ in range(4):
        activity.observe(BookDelta("A", 0, 4_000, 1, 1))
    assert activity.close_round({"A", "B"}) == {"A": 4, "B": 0}
    assert activity.close_round({"A", "C"}) == {"A": 2, "B": 0}
    for _ in range(QUIET_ROUNDS):
        last = activity.close_round({"A"})
    assert last == {"A": 0, "C": 0}
    assert activity.close_round({"A"}) == {"A": 0}
