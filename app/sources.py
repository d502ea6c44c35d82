"""The one thing panels read: rows made from the running core when a frame asks for them.

Reading conflates: however many messages arrived, a panel sees the newest state once a frame.
Decisions and log lines are kept in bounded lists by number, so that none is lost between frames.
"""

from collections.abc import Sequence
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


class SwitchSource:
    """The source panels hold for good; what stands behind it changes with the session."""

    def __init__(self, source: ConsoleSource) -> None:
        self._source = source

    def switch(self, source: ConsoleSource) -> None:
        """Read from another source from now on."""
        self._source = source

    def markets(self) -> Sequence[MarketRow]:
        """Markets followed, in a stable order."""
        return self._source.markets()

    def book(self, ticker: str) -> BookView | None:
        """The displayed book of a market, None if it is not followed."""
        return self._source.book(ticker)

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
        return self._source.systems()

    def agenda(self) -> Sequence[AgendaRow]:
        """What comes next at the exchange and in the followed markets, earliest first."""
        return self._source.agenda()
