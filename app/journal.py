"""Bounded, numbered lists of what happened, so that a panel can ask for what it has not seen."""

import logging
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Generic, Protocol, TypeVar

from app.views import DecisionRow, LogRow

DECISIONS_KEPT = 5_000
LINES_KEPT = 5_000


class Numbered(Protocol):
    """A row that knows its place; numbers rise by one."""

    @property
    def number(self) -> int:
        """Place in the journal, from 1."""
        ...


Row = TypeVar("Row", bound=Numbered)


class Journal(Generic[Row]):
    """The newest rows, ascending by number; when full the oldest goes."""

    def __init__(self, limit: int) -> None:
        self._rows: deque[Row] = deque(maxlen=limit)
        self._last = 0

    @property
    def next_number(self) -> int:
        """Number the next row must carry."""
        return self._last + 1

    def add(self, row: Row) -> None:
        """Append a row numbered `next_number`."""
        self._rows.append(row)
        self._last = row.number

    def after(self, number: int) -> Sequence[Row]:
        """Rows above `number` that are still kept."""
        fresh = min(self._last - number, len(self._rows))
        return list(islice(self._rows, len(self._rows) - fresh, None)) if fresh > 0 else []


class LogJournal(logging.Handler):
    """Keeps log records as rows for the log panel."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.journal: Journal[LogRow] = Journal(LINES_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; the traceback stays in the log file."""
        self.journal.add(
            LogRow(
                number=self.journal.next_number,
                ts_ms=int(record.created * 1000),
                level=record.levelname,
                source=record.name.removeprefix("core.").removeprefix("app."),
                message=record.getMessage(),
            )
        )


def decision_journal() -> Journal[DecisionRow]:
    """An empty journal of decisions."""
    return Journal(DECISIONS_KEPT)
