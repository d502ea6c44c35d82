"""The question before another market takes the place of one with something in it."""

from PySide6.QtWidgets import QWidget

from app.dialogs.question import AtStake, Question

_ANSWERS = (("Leave", "leave"),)


class LeaveQuestion(Question):
    """Ask before the local exchange of this run ends; `chosen` is emitted for "Leave"."""

    def __init__(self, at_stake: AtStake, parent: QWidget) -> None:
        words = at_stake.words()
        taken = f"and with it {words}" if words else "and the agent stops"
        body = f"The local exchange of this run ends, {taken}. Everything is recorded."
        super().__init__("Leave this market?", body, _ANSWERS, parent)
