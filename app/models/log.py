"""The log table: what the program said, newest first."""

import logging

from PySide6.QtCore import QObject

from app.formatting import clock_time
from app.models.table import Cell, Column, JournalModel
from app.states import State
from app.views import LogRow

LIMIT = 2_000

LEVELS = {
    "DEBUG": State("minus", "Debug", "text3"),
    "INFO": State("info", "Info", "text3"),
    "WARNING": State("triangle-alert", "Warning", "warn"),
    "ERROR": State("octagon-alert", "Error", "alarm"),
    "CRITICAL": State("octagon-alert", "Critical", "alarm"),
}


def severity(row: LogRow) -> int:
    """Return the row's level as the number the logging module gives it."""
    return logging.getLevelNamesMapping()[row.level]


def _level(row: LogRow) -> Cell:
    level = LEVELS[row.level]
    return Cell(level.word, level.colour, 500, level.icon)


COLUMNS: tuple[Column[LogRow], ...] = (
    Column(
        "Time UTC",
        "88:88:88",
        lambda row: Cell(clock_time(row.ts_ms), "text3"),
        lambda row: row.number,
        mono=True,
        tooltip=lambda row: clock_time(row.ts_ms, decimals=3),
    ),
    Column("Level", "● Warning", _level, severity),
    Column(
        "From",
        "reconciliation",
        lambda row: Cell(row.source, "text3"),
        lambda row: row.source,
        drop=1,
    ),
    Column(
        "Message",
        "a message of a length worth reading",
        lambda row: Cell(row.message),
        lambda row: row.message,
        stretches=True,
        mono=True,
        tooltip=lambda row: row.message,
    ),
)


class LogModel(JournalModel[LogRow]):
    """The latest log lines, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, LIMIT, parent)
