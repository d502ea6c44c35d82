from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.groups import WINDOW_MS, OrderGroup

FILLS = st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 500)), max_size=40)


def test_the_limit_may_be_reached_but_not_exceeded() -> None:
    group = OrderGroup("g", 1_000)
    group.count(1_000, 0)
    assert not group.is_over(0)
    group.count(1, 0)
    assert group.is_over(0)


def test_a_fill_counts_for_fifteen_seconds() -> None:
    group = OrderGroup("g", 10)
    group.count(11, 0)
    assert group.is_over(WINDOW_MS)
    assert not group.is_over(WINDOW_MS + 1)


def test_reset_forgets() -> None:
    group = OrderGroup("g", 10, is_triggered=True)
    group.count(11, 0)
    group.reset()
    assert (group.is_triggered, group.is_over(0)) == (False, False)


@given(FILLS, st.integers(1, 2_000))
def test_the_window_is_the_sum_of_its_fills(steps: list[tuple[int, int]], limit: int) -> None:
    group = OrderGroup("g", limit)
    fills: list[tuple[int, int]] = []
    now_ms = 0
    for wait_ms, lots in steps:
        now_ms += wait_ms
        fills.append((now_ms, lots))
        group.count(lots, now_ms)
        recent = sum(count for at_ms, count in fills if now_ms - at_ms <= WINDOW_MS)
        assert group.is_over(now_ms) == (recent > limit)
