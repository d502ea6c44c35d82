from collections import Counter
from itertools import islice, pairwise
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.faults import (
    KINDS,
    ClockStep,
    DropMessage,
    Fault,
    Kind,
    PlannedFault,
    ReplyLost,
    Schedule,
    Unavailable,
    planned,
)


def first(schedule: Schedule, number: int = 200) -> list[PlannedFault]:
    return list(islice(planned(schedule), number))


@given(
    st.integers(),
    st.integers(1, 10_000),
    st.lists(st.sampled_from(KINDS), min_size=1),
    st.sampled_from(("books", "all")),
)
def test_a_schedule_is_a_function_of_seed_rate_and_kinds(
    seed: int, every_ms: int, kinds: list[Kind], scope: Literal["books", "all"]
) -> None:
    schedule = Schedule(seed, every_ms, tuple(kinds), scope)
    faults = first(schedule)
    assert faults == first(msgspec.json.decode(msgspec.json.encode(schedule), type=Schedule))
    assert [fault.after_ms // every_ms for fault in faults] == list(range(200))
    assert {str(entry.fault.__struct_config__.tag) for entry in faults} <= set(kinds)
    assert all(a.after_ms < b.after_ms for a, b in pairwise(faults))


def test_seeds_differ_and_every_kind_comes() -> None:
    faults = first(Schedule(1), 3_000)
    assert faults[:200] != first(Schedule(2))
    counts = Counter(str(entry.fault.__struct_config__.tag) for entry in faults)
    assert set(counts) == set(KINDS)
    assert counts["drop"] > 5 * counts["half_open"]


def test_the_usual_scope_strikes_books_and_creates() -> None:
    for _, fault in first(Schedule(1), 3_000):
        assert getattr(fault, "channel", "orderbook_delta") == "orderbook_delta"
        assert getattr(fault, "of", "create") == "create"


def test_the_widest_scope_strikes_whatever_there_is() -> None:
    faults = [fault for _, fault in first(Schedule(1, scope="all"), 3_000)]
    assert {getattr(fault, "channel", "any") for fault in faults} == {"any"}
    picks = {getattr(fault, "pick", 0) for fault in faults}
    assert {number % 8 for number in picks} == set(range(8))
    assert {fault.of for fault in faults if isinstance(fault, Unavailable)} == {"order"}
    assert {fault.of for fault in faults if isinstance(fault, ReplyLost)} == {"order", "any"}


def test_the_scope_changes_neither_times_nor_kinds_of_others() -> None:
    kinds = ("http_429", "balance", "pause")
    assert first(Schedule(4, kinds=kinds)) == first(Schedule(4, kinds=kinds, scope="all"))


def test_a_counted_schedule_ends() -> None:
    assert len(list(planned(Schedule(1, count=7)))) == 7


def test_faults_are_values_that_come_and_go_as_json() -> None:
    for entry in first(Schedule(3), 500):
        text = msgspec.json.encode(entry.fault)
        assert msgspec.json.decode(text, type=Fault) == entry.fault
    assert hash(DropMessage()) == hash(DropMessage())
    with pytest.raises(AttributeError):
        ClockStep(1).step_ms = 2  # type: ignore[misc]
