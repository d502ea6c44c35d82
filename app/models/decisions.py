"""The decisions table: every decision with its reason, above all those that did nothing."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile

from PySide6.QtCore import QObject

from app.formatting import clock_time, decimal
from app.models.table import Align, Cell, Column, JournalModel
from app.views import DecisionRow

LIMIT = 500
SHARE_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class ActionLook:
    """Icon and colour of an action: where it pushes our YES position."""

    icon: str
    colour: str


ACTIONS = {
    "HOLD": ActionLook("minus", "text2"),
    "BUY_YES": ActionLook("arrow-up-right", "bid"),
    "SELL_YES": ActionLook("arrow-down-right", "ask"),
    "BUY_NO": ActionLook("arrow-down-right", "ask"),
    "SELL_NO": ActionLook("arrow-up-right", "bid"),
}
_AMEND = re.compile(r"amend (bid|ask) \S+ @ (\S+)¢ → (\S+)")
_WARNINGS = {"blocked": "ban", "skipped": "triangle-alert"}


def _action(row: DecisionRow) -> Cell:
    look = ACTIONS[row.action]
    return Cell(row.action, look.colour, 400 if row.action == "HOLD" else 600, look.icon)


def _result(row: DecisionRow) -> Cell:
    warning = _WARNINGS.get(row.outcome)
    if warning:
        return Cell(f"{row.outcome}: {row.reason}", "warn", icon=warning)
    # an amend names what it changes and says its unit once, so that it fits
    words = _AMEND.sub(r"\1 price \2 → \3", row.reason)
    return Cell(words, "text" if row.outcome == "ordered" else "text2")


MARKET_COLUMN = 1
COLUMNS: tuple[Column[DecisionRow], ...] = (
    Column(
        "Time UTC",
        "88:88:88",
        lambda row: Cell(clock_time(row.ts_ms), "text3"),
        lambda row: row.number,
    ),
    Column(
        "Market",
        "≥ 5,012.50",
        lambda row: Cell(row.title, "text2"),
        lambda row: row.title,
        drop=2,
        whole=True,
        tooltip=lambda row: row.ticker,
    ),
    Column("Action", "● SELL_YES", _action, lambda row: row.action, weight=600),
    Column(
        "p",
        "8.88",
        lambda row: Cell(decimal(row.probability, 2)),
        lambda row: row.probability,
        Align.RIGHT,
        drop=1,
        tooltip=lambda _row: "probability the policy gave to this action",
    ),
    Column(
        "Result, or why nothing",
        "cancel bid 10 @ 88.8¢ first",
        _result,
        lambda row: f"{row.outcome} {row.reason}",
        stretches=True,
        tooltip=lambda row: row.reason,
    ),
)


class DecisionsModel(JournalModel[DecisionRow]):
    """The latest decisions, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, LIMIT, parent)

    def recent_actions(self, ticker: str = "") -> Counter[str]:
        """Count the actions of the last 60 s before the newest decision (as far as kept).

        Args:
            ticker: Count those of this market only; of every market if empty.
        """
        newest = self.newest()
        if newest is None:
            return Counter()
        start_ms = newest.ts_ms - SHARE_WINDOW_MS
        recent = takewhile(lambda row: row.ts_ms > start_ms, reversed(self._rows))
        return Counter(row.action for row in recent if ticker in ("", row.ticker))


def percentages(counts: Counter[str]) -> dict[str, int]:
    """Return whole per cents of the actions that occurred; they add up to 100."""
    total = counts.total()
    present = [name for name in ACTIONS if counts[name]]
    shares = {name: 100 * counts[name] // total for name in present}
    by_remainder = sorted(present, key=lambda name: -(100 * counts[name] % total))
    for name in by_remainder[: 100 - sum(shares.values())]:
        shares[name] += 1
    return shares
