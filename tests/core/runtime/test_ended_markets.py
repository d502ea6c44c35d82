"""How long the end of a market counts more than a list."""

from core.runtime.ended_markets import KEPT_MS, MOST_KEPT, EndedMarkets


def test_an_end_is_known_for_a_while_and_a_reopening_at_once() -> None:
    ended = EndedMarkets()
    ended.add("A", 1_000)
    assert ended.has("A", 1_000 + KEPT_MS - 1)
    assert not ended.has("A", 1_000 + KEPT_MS)
    assert not ended.has("B", 1_000)
    ended.discard("A")
    assert not ended.has("A", 1_000)
    ended.discard("A")


def test_a_second_end_counts_from_then() -> None:
    ended = EndedMarkets()
    ended.add("A", 0)
    ended.add("A", KEPT_MS - 1)
    assert ended.has("A", KEPT_MS + 1)


def test_so_many_are_kept_and_no_more() -> None:
    ended = EndedMarkets()
    for number in range(MOST_KEPT + 5):
        ended.add(str(number), number)
    assert [ended.has(str(number), MOST_KEPT) for number in range(4, 7)] == [False, True, True]
    ended.add("late", KEPT_MS + MOST_KEPT)
    assert len(ended._since_ms) == 5, "the four newest before it are still young enough"
