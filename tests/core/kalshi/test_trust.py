"""States of the followed books."""

from core.kalshi.trust import BookTrust
from core.market.events import BookDoubted


def test_expected_then_live_then_doubted_then_live() -> None:
    trust = BookTrust()
    trust.expect(["A", "B"], 0)
    assert not trust.is_complete
    trust.accept("A")
    trust.accept("B")
    assert trust.is_complete
    assert trust.doubt(["B", "C"], "crossed", 7) == [BookDoubted("B", "crossed", 7)]
    assert (trust.live, trust.doubted, trust.doubts) == ({"A"}, {"B"}, 1)
    assert trust.doubt(["B"], "again", 8) == []
    trust.accept("B")
    assert trust.is_complete


def test_doubting_all_takes_first_snapshots_on_their_way_along() -> None:
    trust = BookTrust()
    trust.expect(["A", "B"], 0)
    trust.accept("B")
    assert [event.ticker for event in trust.doubt_all("gap", 0)] == ["B"]
    assert trust.doubted == {"A", "B"}


def test_absent_market_is_probed_once_a_minute_and_holds_nothing_up() -> None:
    trust = BookTrust()
    trust.expect(["A"], 0)
    assert trust.due_probes(4_999) == set()
    assert trust.due_probes(5_000) == {"A"}
    assert trust.is_complete
    assert trust.due_probes(64_999) == set()
    assert trust.due_probes(65_000) == {"A"}
    trust.doubt_all("gap", 0)
    assert trust.doubted == set(), "nothing of an absent market can be lost"
    trust.accept("A")
    assert trust.live == {"A"}


def test_forgotten_market_leaves_no_trace() -> None:
    trust = BookTrust()
    trust.expect(["A"], 0)
    trust.forget("A")
    assert trust.is_complete
    assert trust.due_probes(1_000_000) == set()
