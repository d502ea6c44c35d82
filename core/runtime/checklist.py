"""Start-up as a checklist the operator can read: what is done, what is awaited, what failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Step:
    """One line of the checklist."""

    name: str
    state: StepState = StepState.WAITING
    detail: str = ""


DATABASE, EXCHANGE, LINK, PORTFOLIO, MARKETS, FEED, BOOKS = STEPS = (
    "Database",
    "Local exchange",
    "Exchange link",
    "Portfolio",
    "Markets",
    "Feed",
    "Books",
)


def markets_step(followed: int, names: Sequence[str]) -> tuple[StepState, str]:
    """What the markets' step says once they were looked for.

    Args:
        followed: how many markets were found.
        names: what was asked for, empty for anything.
    """
    if followed or not names:
        return StepState.DONE, f"{followed} followed"
    asked = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (
        StepState.FAILED,
        f"no open market of {asked}: change it with Market ▸ Follow markets (Ctrl+M)",
    )


class Checklist:
    """The steps of one start, in order."""

    def __init__(self) -> None:
        self._steps = {name: Step(name) for name in STEPS}

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps.values())

    def note(self, name: str, state: StepState, detail: str = "") -> None:
        """A step went on."""
        step = self._steps[name]
        step.state, step.detail = state, detail

    def state(self, name: str) -> StepState:
        """How far one step is."""
        return self._steps[name].state

    def failures(self) -> list[Step]:
        """Steps that failed."""
        return [step for step in self if step.state is StepState.FAILED]

    def blockers(self) -> list[Step]:
        """Failed steps without which nothing trades; without a database it trades unrecorded."""
        return [step for step in self.failures() if step.name != DATABASE]
