"""What panels read before the core runs: nothing is known, and that is what they show."""

from collections.abc import Sequence

from app.journal import LogJournal
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


class StartingSource:
    """A source without markets; only the log already has lines."""

    def __init__(self, mode: str, description: str, log: LogJournal) -> None:
        self._mode = mode
        self._description = description
        self._log = log

    def markets(self) -> Sequence[MarketRow]:
        """None yet."""
        return ()

    def book(self, ticker: str) -> BookView | None:
        """None yet."""
        return None

    def orders(self) -> Sequence[OrderRow]:
        """None yet."""
        return ()

    def positions(self) -> Sequence[PositionRow]:
        """None yet."""
        return ()

    def decisions(self, after: int) -> Sequence[DecisionRow]:
        """None yet."""
        return ()

    def log(self, after: int) -> Sequence[LogRow]:
        """Log lines numbered above `after`, ascending."""
        return self._log.journal.after(after)

    def agenda(self) -> Sequence[AgendaRow]:
        """Nothing yet."""
        return ()

    def systems(self) -> SystemsView:
        """Everything unknown."""
        return SystemsView(
            alert="",
            can_trade=False,
            is_over=False,
            mode=self._mode,
            source=self._description,
            steps=(),
            feed_state="connecting",
            feed_detail="starting",
            feed_age_ms=None,
            messages_per_s=0.0,
            books_live=0,
            books_stale=0,
            books_empty=0,
            gaps=0,
            late=0,
            venue_ms=None,
            speed=1.0,
            session_progress=None,
            database_state="off",
            database_detail="starting",
            queue_rows=0,
            queue_limit=0,
            rows_recorded=0,
            rows_per_s=0.0,
            rows_dropped=0,
            last_commit_age_ms=None,
            last_sync_age_ms=None,
            drift_cash_micros=None,
            drift_position_lots=None,
            drift_orders=None,
            rest_ms=None,
            write_tokens=None,
            clock_offset_ms=None,
            actor_state="off",
            actor_detail="starting",
            policy="",
            cash_micros=None,
            equity_micros=None,
            session_pnl_micros=None,
            open_orders=0,
            open_positions=0,
            fills=0,
            decision_ms_p50=None,
            decision_ms_p99=None,
            frame_ms_p99=None,
        )
