"""The one table from a state's key to its icon, its word and its colour.

A state is always shown with all three, never by colour alone. `colour` names an attribute of
`theme.Theme`, so that a row re-colours with the theme. No Qt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class State:
    """How one state is drawn."""

    icon: str
    word: str
    colour: str


def _table(**states: State) -> Mapping[str, State]:
    return MappingProxyType(states)


FEED = _table(
    live=State("circle-check", "Live", "ok"),
    lagging=State("circle-dot-dashed", "Lagging", "warn"),
    recovering=State("refresh-cw", "Recovering", "accent"),
    stale=State("triangle-alert", "Stale", "warn"),
    paused=State("circle-pause", "Paused by venue", "text3"),
    empty=State("circle-dashed", "Empty", "text3"),
    replay=State("history", "Replay", "text2"),
    disconnected=State("octagon-alert", "Disconnected", "alarm"),
    connecting=State("loader-circle", "Connecting", "accent"),
    ended=State("history", "Session ended", "text2"),
)

MARKET = _table(
    closed=State("circle-slash", "Closed", "text3"),
    determined=State("circle-slash", "Determined", "text3"),
    disputed=State("triangle-alert", "Disputed", "warn"),
    amended=State("circle-slash", "Amended", "text3"),
    finalized=State("circle-slash", "Settled", "text3"),
)
"""Markets that are over, by the exchange's status; one that is not over has the feed's state."""

ORDER = _table(
    requested=State("loader-circle", "Requested", "accent"),
    amending=State("loader-circle", "Amending", "accent"),
    cancelling=State("loader-circle", "Cancelling", "accent"),
    resting=State("circle-dot", "Resting", "ok"),
    partial=State("circle-dot-dashed", "Partial", "ok"),
    filled=State("circle-check", "Filled", "text2"),
    cancelled=State("circle-x", "Cancelled", "text2"),
    rejected=State("ban", "Rejected", "warn"),
    unknown=State("circle-question-mark", "Unknown", "warn"),
    expired=State("timer-off", "Expired", "text2"),
)

ACTOR = _table(
    off=State("circle-slash", "Off", "text3"),
    running=State("circle-play", "Running", "ok"),
    holding=State("minus", "Holding", "text2"),
    paused=State("circle-pause", "Paused", "warn"),
    stopping=State("loader-circle", "Stopping", "accent"),
)

STEP = _table(
    waiting=State("circle-dashed", "Waiting", "text3"),
    running=State("loader-circle", "Running", "accent"),
    done=State("check", "Done", "ok"),
    failed=State("circle-x", "Failed", "warn"),
)

DATABASE = _table(
    ok=State("database", "Recording", "ok"),
    away=State("triangle-alert", "Away", "warn"),
    off=State("circle-slash", "Off", "text3"),
)

_MODE_ICONS = {
    "SANDBOX": "box",
    "PAPER": "flask-conical",
    "DEMO": "test-tubes",
    "HYBRID": "git-merge",
    "REPLAY": "history",
}


def mode_icon(mode: str) -> str:
    """Return the icon name of a mode word."""
    return _MODE_ICONS.get(mode.upper(), "circle-question-mark")
