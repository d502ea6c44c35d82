"""Which listed markets are awaited, and until when."""

from core.market.market import Market
from core.runtime.unopened_markets import MOST_AWAITED, UnopenedMarkets


def market(name: str, open_ms: int) -> Market:
    return Market(name, "KXT-1", name, status="initialized", open_ms=open_ms)


def test_each_is_due_once_at_its_time() -> None:
    unopened = UnopenedMarkets()
    unopened.add(market("A", 1_000))
    unopened.add(market("B", 2_000))
    assert unopened.take_due(999) == []
    assert unopened.take_due(1_000) == ["A"]
    assert unopened.take_due(5_000) == ["B"]
    assert unopened.take_due(9_000) == []


def test_a_moved_opening_counts_and_an_unknown_one_is_not_awaited() -> None:
    unopened = UnopenedMarkets()
    unopened.add(market("A", 1_000))
    unopened.add(market("A", 3_000))
    unopened.add(market("B", 0))
    assert unopened.take_due(2_999) == []
    assert unopened.take_due(3_000) == ["A"]


def test_no_more_than_its_bound_are_awaited() -> None:
    unopened = UnopenedMarkets()
    for number in range(MOST_AWAITED + 5):
        unopened.add(market(f"M{number}", 1_000))
    unopened.add(market("M0", 2_000))
    assert len(unopened.take_due(1_500)) == MOST_AWAITED - 1
    assert unopened.take_due(2_000) == ["M0"]
