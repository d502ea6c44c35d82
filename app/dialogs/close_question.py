"""The question on closing while the agent trades or orders are open."""

from PySide6.QtWidgets import QWidget

from app.dialogs.question import AtStake, Question

KEEP = "keep"
CANCEL = "cancel"
_ANSWERS = (("Keep orders and quit", KEEP), ("Cancel all and quit", CANCEL))


class CloseQuestion(Question):
    """Ask what happens to the open orders; `chosen` carries `KEEP` or `CANCEL`."""

    def __init__(self, at_stake: AtStake, parent: QWidget) -> None:
        super().__init__("Quit while trading?", _consequences(at_stake), _ANSWERS, parent)


def _consequences(at_stake: AtStake) -> str:
    words = at_stake.words()
    taken = f", taking the {words} of this run with it" if words else ""
    return (
        f"The local exchange is part of this console and ends now{taken}. "
        "Everything up to then is recorded.\n\n"
        "Kept orders are recorded as open, cancelled ones as cancelled."
    )
