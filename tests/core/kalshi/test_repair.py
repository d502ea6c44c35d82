"""Escalation of a repair, step by step."""

from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.repair import Repair, Step


def test_asks_once_then_subscribes_then_gives_up() -> None:
    repair = Repair()
    assert repair.next_step({"A"}, 0) is Step.SNAPSHOT
    assert repair.next_step({"A"}, 4_999) is Step.WAIT
    assert repair.next_step({"A"}, 5_000) is Step.RESUBSCRIBE
    assert repair.next_step({"A"}, 9_999) is Step.WAIT
    assert repair.next_step({"A"}, 10_000) is Step.RECONNECT


def test_nothing_doubted_needs_nothing() -> None:
    assert Repair().next_step(set(), 0) is Step.WAIT


def test_market_doubted_again_is_a_new_request() -> None:
    repair = Repair()
    repair.next_step({"A", "B"}, 0)
    assert repair.next_step({"B"}, 10) is Step.WAIT
    assert repair.next_step({"A", "B"}, 20) is Step.WAIT
    assert repair.next_step({"A"}, 30) is Step.WAIT, "too soon after the first request"
    assert repair.next_step({"A"}, 250) is Step.SNAPSHOT


def test_ended_subscription_skips_the_snapshot() -> None:
    repair = Repair()
    repair.lapse()
    assert repair.next_step({"A"}, 0) is Step.RESUBSCRIBE


def test_calm_brings_back_the_quick_first_answer() -> None:
    repair = Repair()
    for now_ms in range(0, 20_000, 10):
        repair.next_step({"A"}, now_ms)
        repair.next_step(set(), now_ms)
    assert repair.next_step({"A"}, 60_000) is Step.SNAPSHOT
    repair.next_step(set(), 60_001)
    assert repair.next_step({"A"}, 60_250) is Step.SNAPSHOT


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["doubt", "calm", "lapse"]))))
def test_rate_of_requests_is_bounded(script: list[tuple[int, str]]) -> None:
    repair, now_ms, requests = Repair(), 0, 0
    for wait_ms, what in script:
        now_ms += wait_ms
        if what == "lapse":
            repair.lapse()
        step = repair.next_step({"A"} if what == "doubt" else set(), now_ms)
        requests += step in (Step.SNAPSHOT, Step.RESUBSCRIBE)
    # Distances double from 250 ms to 10 s: never more than this many in that time.
    assert requests <= 7 + now_ms / 10_000
