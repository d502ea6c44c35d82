import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.limits import (
    CANCEL_COST,
    LONGEST_WAIT_MS,
    ORDER_COST,
    ReadBudget,
    TokenBucket,
    WriteBudget,
)

STEPS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 30)), max_size=60)


@given(refill=st.integers(1, 1_000), capacity=st.integers(1, 1_000), steps=STEPS)
def test_no_window_gets_more_than_burst_and_refill(
    refill: int, capacity: int, steps: list[tuple[int, int]]
) -> None:
    bucket = TokenBucket(refill, capacity, 0)
    now_ms, taken = 0, [(0, 0)]
    for wait_ms, cost in steps:
        now_ms += wait_ms
        if bucket.try_take(cost, now_ms):
            taken.append((now_ms, cost))
    for first in range(len(taken)):
        since = taken[first:]
        window_ms = since[-1][0] - since[0][0]
        assert sum(cost for _, cost in since) * 1000 <= capacity * 1000 + window_ms * refill


@given(steps=STEPS)
def test_refusal_takes_nothing_and_level_stays_in_range(steps: list[tuple[int, int]]) -> None:
    bucket = TokenBucket(7, 20, 0)
    now_ms = 0
    for wait_ms, cost in steps:
        now_ms += wait_ms
        before = bucket.tokens(now_ms)
        took = bucket.try_take(cost, now_ms)
        assert took == (before >= cost)
        assert bucket.tokens(now_ms) == before - cost * took
        assert 0 <= bucket.tokens(now_ms) <= 20


def test_refill_is_exact_over_many_small_steps() -> None:
    bucket = TokenBucket(3, 100, 0)
    assert bucket.try_take(100, 0)
    for now_ms in range(1, 10_001):
        bucket.tokens(now_ms)
    assert bucket.tokens(10_000) == 30


def test_clock_set_back_neither_gives_nor_blocks_for_ever() -> None:
    bucket = TokenBucket(100, 100, 1_000_000_000)
    assert bucket.try_take(100, 1_000_000_000)
    assert bucket.tokens(5_000) == 0
    assert bucket.tokens(5_500) == 50


@given(actions=st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=200))
def test_orders_never_use_the_share_of_cancels(actions: list[tuple[int, bool]]) -> None:
    budget = WriteBudget(100, 100, 0)
    now_ms = 0
    for wait_ms, is_order in actions:
        now_ms += wait_ms
        if is_order and budget.take_order(now_ms):
            assert budget.tokens(now_ms) >= 20
        elif not is_order:
            budget.take_cancel(now_ms)


def test_basic_account_paces_orders_at_80_percent_and_still_cancels() -> None:
    budget = WriteBudget(100, 100, 0)
    orders = sum(budget.take_order(now_ms) for now_ms in range(0, 10_001, 10))
    assert orders == (100 - 20 + 800) // ORDER_COST
    assert not budget.take_order(10_001)
    assert sum(budget.take_cancel(10_001) for _ in range(50)) >= 20 // CANCEL_COST


def test_nonsense_limits_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="positive"):
        TokenBucket(0, 10, 0)


def test_readings_that_step_a_little_back_give_nothing_twice() -> None:
    bucket = TokenBucket(100, 100, 0)
    assert bucket.try_take(100, 10_000)
    granted = 0
    for _ in range(50):
        granted += bucket.try_take(10, 10_400)
        granted += bucket.try_take(10, 10_000)
    assert granted == 4


def test_other_limits_begin_with_a_full_bucket() -> None:
    budget = WriteBudget(100, 100, 0)
    while budget.take_order(0):
        pass
    budget.set_limits(300, 900, 0)
    assert budget.tokens(0) == 900
    orders = 0
    while budget.take_order(0):
        orders += 1
    assert orders == 72, "a fifth of the burst is left for cancels"
    assert budget.take_cancel(0)


@given(
    refill=st.integers(2, 1_000),
    capacity=st.integers(1, 1_000),
    asked=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30)), max_size=60),
)
def test_reads_come_in_turn_and_no_faster_than_80_percent(
    refill: int, capacity: int, asked: list[tuple[int, int]]
) -> None:
    budget = ReadBudget(refill, capacity, 0)
    now_ms, spent, last_ms = 0, 0, 0
    for pause_ms, cost in asked:
        now_ms += pause_ms
        wait_ms = budget.reserve(cost, now_ms)
        if wait_ms is None:
            continue
        assert wait_ms <= LONGEST_WAIT_MS
        assert now_ms + wait_ms >= last_ms, "nobody overtakes"
        last_ms, spent = now_ms + wait_ms, spent + cost
        assert spent * 1000 <= capacity * 1000 + last_ms * (refill * 80 // 100)


def test_a_read_whose_turn_is_too_far_off_takes_nothing() -> None:
    budget = ReadBudget(100, 100, 0)
    waits_ms = [budget.reserve(10, 0) for _ in range(60)]
    assert waits_ms[:10] == [0] * 10
    assert waits_ms[10:50] == list(range(125, 5_001, 125))
    assert waits_ms[50:] == [None] * 10
    assert budget.tokens(0) == 0
    assert budget.reserve(10, 5_000) == 125


def test_a_429_empties_the_read_bucket_and_forgives_no_debt() -> None:
    budget = ReadBudget(100, 100, 0)
    budget.refused(0)
    assert budget.reserve(10, 0) == 125
    budget.refused(0)
    assert budget.reserve(10, 0) == 250
    budget.set_limits(1_000, 500, 0)
    assert budget.tokens(0) == 500


def test_what_ends_orders_may_take_the_share_of_cancels() -> None:
    budget = WriteBudget(100, 100, 0)
    assert budget.take(80, 0, ends_orders=False)
    assert not budget.take(1, 0, ends_orders=False)
    assert budget.take(20, 0, ends_orders=True)
    assert not budget.take(1, 0, ends_orders=True)
