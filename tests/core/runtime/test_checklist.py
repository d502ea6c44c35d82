import pytest

from core.runtime import checklist
from core.runtime.checklist import Checklist, StepState


def test_steps_wait_in_the_order_of_the_start() -> None:
    steps = Checklist()
    assert tuple(step.name for step in steps) == checklist.STEPS
    assert {step.state for step in steps} == {StepState.WAITING}
    assert steps.failures() == []


def test_a_step_keeps_its_last_state_and_detail() -> None:
    steps = Checklist()
    steps.note(checklist.FEED, StepState.RUNNING, "asking")
    steps.note(checklist.FEED, StepState.DONE)
    assert steps.state(checklist.FEED) is StepState.DONE
    assert [step.detail for step in steps if step.name == checklist.FEED] == [""]


def test_failures_come_in_the_order_of_the_steps_and_go_when_mended() -> None:
    steps = Checklist()
    for name in (checklist.FEED, checklist.DATABASE):
        steps.note(name, StepState.FAILED, f"{name} is down")
    assert [step.detail for step in steps.failures()] == ["Database is down", "Feed is down"]
    steps.note(checklist.DATABASE, StepState.DONE)
    assert [step.name for step in steps.failures()] == [checklist.FEED]


def test_without_a_database_nothing_is_blocked() -> None:
    steps = Checklist()
    steps.note(checklist.DATABASE, StepState.FAILED)
    assert steps.blockers() == []
    steps.note(checklist.LINK, StepState.FAILED)
    assert [step.name for step in steps.blockers()] == [checklist.LINK]


def test_a_step_that_does_not_exist_cannot_be_noted() -> None:
    with pytest.raises(KeyError):
        Checklist().note("Coffee", StepState.DONE)


def test_markets_that_were_named_and_are_not_there_are_a_failure_with_a_way_out() -> None:
    assert checklist.markets_step(0, []) == (StepState.DONE, "0 followed")
    assert checklist.markets_step(2, ["A"]) == (StepState.DONE, "2 followed")
    assert checklist.markets_step(0, ["A"]) == (
        StepState.FAILED,
        "no open market of A: change it with Market ▸ Follow markets (Ctrl+M)",
    )
    assert "of A, B, C and 2 more:" in checklist.markets_step(0, list("ABCDE"))[1]
