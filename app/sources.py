"""The one thing panels read: rows made from the running core when a frame asks for them.

Reading conflates: however many messages arrived, a panel sees the newest state once a frame.
Decisions and log lines are kept in bounded lists by number, so that none is lost between frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.views import (
    AgendaRow,
    BookView,
    DecisionRow,
    LogRow,
    MarketRow,
    OrderRow,
    PositionRow,
    SystemsView,
)


class ConsoleSource(Protocol):
    """What a panel may ask. All answers are frozen rows."""

    def markets(self) -> Sequence[MarketRow]:
        """Markets followed, in a stable order."""
        ...

    def book(self, ticker: str) -> BookView | None:
        """The displayed book of a market, None if it is not followed."""
        ...

    def orders(self) -> Sequence[OrderRow]:
        """Open orders, newest first, then recently finished ones."""
        ...

    def positions(self) -> Sequence[PositionRow]:
        """Markets with a position."""
        ...

    def decisions(self, after: int) -> Sequence[DecisionRow]:
        """Decisions numbered above `after`, ascending."""
        ...

    def log(self, after: int) -> Sequence[LogRow]:
        """Log lines numbered above `after`, ascending."""
        ...

    def systems(self) -> SystemsView:
        """State of everything that must work."""
        ...

    def agenda(self) -> Sequence[AgendaRow]:
        """What comes next at the exchange and in the followed markets, earliest first."""
        ...


@dataclass(slots=True)
class _Instant:
    """What was answered since a frame began."""

    books: dict[str, BookView | None] = field(default_factory=dict)
    systems: SystemsView | None = None


class SwitchSource:
    """The source panels hold for good; what stands behind it changes with the session.

    Within a frame, from `hold` to `release`, all who ask for a book or for the systems get the
    same answer: several do, and neither is free. Outside of frames everybody gets the newest.
    """

    def __init__(self, source: ConsoleSource) -> None:
        self._source = source
        self._instant: _Instant | None = None

    def switch(self, source: ConsoleSource) -> None:
        """Read from another source from now on."""
        self._source = source
        if self._instant is not None:
            self._instant = _Instant()

    def hold(self) -> None:
        """Begin a frame: answer from one instant until `release`."""
        self._instant = _Instant()

    def release(self) -> None:
        """End the frame: answer with the newest state again."""
        self._instant = None

    def markets(self) -> Sequence[MarketRow]:
        """Markets followed, in a stable order."""
        return self._source.markets()

    def book(self, ticker: str) -> BookView | None:
        """The displayed book of a market, None if it is not followed."""
        if self._instant is None:
            return self._source.book(ticker)
        books = self._instant.books
        if ticker not in books:
            books[ticker] = self._source.book(ticker)
        return books[ticker]

    def orders(self) -> Sequence[OrderRow]:
        """Open orders, newest first, then recently finished ones."""
        return self._source.orders()

    def positions(self) -> Sequence[PositionRow]:
        """Markets with a position."""
        return self._source.positions()

    def decisions(self, after: int) -> Sequence[DecisionRow]:
        """Decisions numbered above `after`, ascending."""
        return self._source.decisions(after)

    def log(self, after: int) -> Sequence[LogRow]:
        """Log lines numbered above `after`, ascending."""
        return self._source.log(after)

    def systems(self) -> SystemsView:
        """State of everything that must work."""
        if self._instant is None:
            return self._source.systems()
        if self._instant.systems is None:
            self._instant.systems = self._source.systems()
        return self._instant.systems

    def agenda(self) -> Sequence[AgendaRow]:
        """What comes next at the exchange and in the followed markets, earliest first."""
        return self._source.agenda()
