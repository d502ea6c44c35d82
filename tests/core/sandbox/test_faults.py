from collections import Counter
from itertools import islice, pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.faults import (
    KINDS,
    ClockStep,
    DropMessage,
    Fault,
    PlannedFault,
    Schedule,
    planned,
)


def first(schedule: Schedule, number: int = 200) -> list[PlannedFault]:
    return list(islice(planned(schedule), number))


@given(st.integers(), st.integers(1, 10_000), st.lists(st.sampled_from(KINDS), min_size=1))
def test_a_schedule_is_a_function_of_seed_rate_and_kinds(
    seed: int, every_ms: int, kinds: list[str]
) -> None:
    schedule = Schedule(seed, every_ms, tuple(kinds))
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


def test_a_counted_schedule_ends() -> None:
    assert len(list(planned(Schedule(1, count=7)))) == 7


def test_faults_are_values_that_come_and_go_as_json() -> None:
    for entry in first(Schedule(3), 500):
        text = msgspec.json.encode(entry.fault)
        assert msgspec.json.decode(text, type=Fault) == entry.fault
    assert hash(DropMessage()) == hash(DropMessage())
    with pytest.raises(AttributeError):
        ClockStep(1).step_ms = 2  # type: ignore[misc]
