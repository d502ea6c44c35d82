"""The positions table and its totals. Prices are quoted in cents of the side that is held."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt

from app.formatting import (
    average_cents,
    countdown,
    money,
    position,
    price_cents,
)
from app.models.markets import left_ms
from app.models.outcome import held_average, held_price
from app.models.table import Align, Cell, Column, Index, RowTableModel, filler
from app.views import PositionRow


@dataclass(frozen=True, slots=True)
class PositionLine:
    """A position and the whole seconds left until its market closes, in ms."""

    held: PositionRow
    left_ms: int | None


def money_colour(amount_micros: int | None) -> str:
    """Return the colour of a gain or a loss; nothing and unknown have none."""
    if not amount_micros:
        return "text3" if amount_micros is None else "text2"
    return "bid" if amount_micros > 0 else "ask"


def _money(amount_micros: int | None) -> Cell:
    return Cell(money(amount_micros, signed=True), money_colour(amount_micros), 500)


def _unless_settled(
    read: Callable[[PositionLine], float | str | None],
) -> Callable[[PositionLine], float | str | None]:
    """Return a sort value that leaves the sum of settled markets last."""
    return lambda line: read(line) if line.held.ticker else None


def _position(line: PositionLine) -> Cell:
    if not line.held.ticker:
        return Cell("")
    lots = line.held.position_lots
    colour = "bid" if lots > 0 else "ask" if lots < 0 else "text3"
    return Cell(position(lots), colour, 600 if lots else 400)


def _average(line: PositionLine) -> float | None:
    return held_average(line.held.average_pips, line.held.position_lots)


def _mark(line: PositionLine) -> int | None:
    return held_price(line.held.mark_pips, line.held.position_lots)


COLUMNS: tuple[Column[PositionLine], ...] = (
    Column(
        "Market",
        "≥ 5,012.50",
        lambda line: Cell(line.held.title, "text", 500),
        _unless_settled(lambda line: line.held.title),
        whole=True,
        tooltip=lambda line: line.held.ticker,
    ),
    Column(
        "Position",
        "+888.8 YES",
        _position,
        _unless_settled(lambda line: line.held.position_lots),
        Align.RIGHT,
        weight=600,
        flash=lambda line: line.held.position_lots,
    ),
    Column(
        "Avg ¢",
        "88.88",
        lambda line: Cell(average_cents(_average(line))),
        _average,
        Align.RIGHT,
        2,
    ),
    Column(
        "Mark ¢",
        "88.88",
        lambda line: Cell(price_cents(_mark(line))),
        _mark,
        Align.RIGHT,
        4,
        tooltip=lambda _line: "price it could be closed at now",
    ),
    Column(
        "Open",
        "+$88.88",
        lambda line: _money(line.held.open_micros),
        _unless_settled(lambda line: line.held.open_micros),
        Align.RIGHT,
    ),
    Column(
        "Realised",
        "+$88.88",
        lambda line: _money(line.held.realized_micros),
        _unless_settled(lambda line: line.held.realized_micros),
        Align.RIGHT,
        1,
    ),
    Column(
        "Fees",
        "$88.88",
        lambda line: Cell(money(line.held.fees_micros), "text2"),
        _unless_settled(lambda line: line.held.fees_micros),
        Align.RIGHT,
        5,
    ),
    Column(
        "Closes",
        "88:88",
        lambda line: Cell(countdown(line.left_ms), "text2"),
        lambda line: line.left_ms,
        Align.RIGHT,
        3,
    ),
    filler(),
)


class PositionsModel(RowTableModel[PositionLine]):
    """Positions by ticker."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda line: line.held.ticker, parent)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return the flags of a row; the sum of settled markets cannot be chosen."""
        flags = super().flags(index)
        if index.isValid() and not self.row_at(index.row()).held.ticker:
            return flags & ~Qt.ItemFlag.ItemIsSelectable
        return flags

    def show_positions(self, rows: Sequence[PositionRow], venue_ms: int | None) -> None:
        """Show these positions with the time left at this venue time."""
        self.show([PositionLine(row, left_ms(row.close_ms, venue_ms)) for row in rows])


def totals(rows: Sequence[PositionRow]) -> tuple[Cell, ...]:
    """Return the totals row, one cell a column; a sum with an unknown part is unknown."""
    markets = sum(bool(row.ticker) for row in rows)
    label = f"{markets} market{'' if markets == 1 else 's'}" if markets else ""
    blank = Cell("")
    return (
        Cell("Total", "text2", 500),
        Cell(label, "text2"),
        blank,
        blank,
        _money(_sum(row.open_micros for row in rows)),
        _money(_sum(row.realized_micros for row in rows)),
        Cell(money(_sum(row.fees_micros for row in rows)), "text2"),
        blank,
        blank,
    )


def _sum(amounts: Iterable[int | None]) -> int | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
