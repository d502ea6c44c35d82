"""The systems view of a running core: one frozen row of everything that must work."""

from collections.abc import Callable
from typing import NamedTuple, TypedDict

from app.views import StepView, SystemsView
from core.market.book import BookStatus
from core.market.calendar import FOREVER_MS, Calendar
from core.runtime.metrics import Metrics, percentile
from core.runtime.runtime import Runtime
from core.runtime.valuation import equity_micros
from core.trading.reconciliation import Drift

_COUNTED_EVERY_NS = 1_000_000_000


class _Account(NamedTuple):
    """The account's figures, None while unknown."""

    cash_micros: int | None = None
    equity_micros: int | None = None
    pnl_micros: int | None = None
    synced_ms: int | None = None
    drift: Drift | None = None


def _account(runtime: Runtime) -> _Account:
    portfolio = runtime.portfolio
    if portfolio is None or portfolio.equity_basis_micros is None:
        return _Account()
    equity = equity_micros(runtime.ledger, runtime.books)
    pnl = None if equity is None else equity - portfolio.equity_basis_micros
    cash = runtime.ledger.cash_micros
    return _Account(cash, equity, pnl, portfolio.synced_ms, portfolio.drift)


class _Database(TypedDict):
    """The part of the view that is about recording."""

    database_state: str
    database_detail: str
    queue_rows: int
    queue_limit: int
    rows_recorded: int
    rows_per_s: float
    rows_dropped: int
    last_commit_age_ms: int | None


def _database(runtime: Runtime, now_ms: int) -> _Database:
    stats = runtime.recorder_stats()
    if stats is None:
        return _Database(
            database_state="off",
            database_detail=runtime.recording.detail,
            queue_rows=0,
            queue_limit=0,
            rows_recorded=0,
            rows_per_s=0.0,
            rows_dropped=0,
            last_commit_age_ms=None,
        )
    return _Database(
        database_state=stats.state,
        database_detail=stats.detail,
        queue_rows=stats.queued,
        queue_limit=stats.limit,
        rows_recorded=stats.written,
        rows_per_s=stats.rows_per_s,
        rows_dropped=stats.dropped,
        last_commit_age_ms=_age(now_ms, stats.last_commit_ms),
    )


class _Books(TypedDict):
    """The part of the view that is about books and what went wrong on their way here."""

    books_live: int
    books_stale: int
    books_empty: int
    gaps: int
    overflows: int
    late: int
    checks_agreed: int | None
    checks_mismatched: int | None
    checks_unclear: int | None


def _books(runtime: Runtime) -> _Books:
    statuses = [book.status for book in runtime.books]
    checks = runtime.link.cross_check.counters if runtime.link else None
    return _Books(
        books_live=statuses.count(BookStatus.LIVE),
        books_stale=statuses.count(BookStatus.STALE),
        books_empty=statuses.count(BookStatus.EMPTY),
        gaps=runtime.feed.counters.gaps,
        overflows=runtime.feed.counters.overflows,
        late=runtime.metrics.late,
        checks_agreed=checks.agreed if checks else None,
        checks_mismatched=checks.mismatched + checks.other_scale if checks else None,
        checks_unclear=checks.unclear if checks else None,
    )


class _Pause(TypedDict):
    """The part of the view that is about the exchange's hours."""

    pause_begins_ms: int | None
    pause_ends_ms: int | None
    is_paused: bool
    is_halted: bool


def _pause(calendar: Calendar, venue_ms: int) -> _Pause:
    running = calendar.pause_at(venue_ms)
    shown = running or calendar.next_pause(venue_ms)
    return _Pause(
        pause_begins_ms=shown.begins_ms if shown else None,
        pause_ends_ms=shown.ends_ms if shown and shown.ends_ms < FOREVER_MS else None,
        is_paused=running is not None,
        is_halted=calendar.halt_at(venue_ms) is not None,
    )


class _Percentiles(TypedDict):
    """The part of the view that is about delays."""

    decision_ms_p50: float | None
    decision_ms_p99: float | None
    frame_ms_p99: float | None


class Delays:
    """How long decisions and frames take, counted anew once a second.

    Thousands of samples are put in order for it, which would cost every frame milliseconds.
    """

    def __init__(self, metrics: Metrics, frame_times_ms: Callable[[], list[float]]) -> None:
        self._metrics = metrics
        self._frame_times_ms = frame_times_ms
        self._counted = self._count()
        self._counted_ns = -_COUNTED_EVERY_NS

    def percentiles(self, now_ns: int) -> _Percentiles:
        """Return the newest count; `now_ns` is monotonic."""
        if now_ns - self._counted_ns >= _COUNTED_EVERY_NS:
            self._counted, self._counted_ns = self._count(), now_ns
        return self._counted

    def _count(self) -> _Percentiles:
        decision_ms = sorted(self._metrics.decision_ms)
        return _Percentiles(
            decision_ms_p50=percentile(decision_ms, 0.50),
            decision_ms_p99=percentile(decision_ms, 0.99),
            frame_ms_p99=percentile(self._frame_times_ms(), 0.99),
        )


def systems_view(runtime: Runtime, delays: Delays) -> SystemsView:
    """Read the whole state of a runtime."""
    now_ms = runtime.clock.wall_ms()
    account = _account(runtime)
    drift = account.drift
    actor_state, actor_detail = runtime.actor_state()
    venue_ms = runtime.clock.now_ms()
    return SystemsView(
        alert=runtime.alert(),
        can_trade=runtime.can_trade,
        is_over=runtime.feed_watch.is_over(),
        mode=runtime.venue.word,
        source=runtime.venue.description,
        steps=tuple(StepView(s.name, s.state.value, s.detail) for s in runtime.checklist),
        feed_state=runtime.feed_watch.state,
        feed_detail=runtime.feed_watch.detail,
        feed_age_ms=runtime.feed_watch.age_ms(runtime.pipeline.group_ms),
        messages_per_s=runtime.rates.messages_per_s,
        **_books(runtime),
        venue_ms=venue_ms if runtime.portfolio else None,
        speed=runtime.pace(),
        session_progress=runtime.feed_watch.progress(),
        **_database(runtime, now_ms),
        last_sync_age_ms=_age(now_ms, account.synced_ms),
        drift_cash_micros=drift.cash_micros if drift else None,
        drift_position_lots=drift.position_lots if drift else None,
        drift_orders=drift.orders if drift else None,
        rest_ms=runtime.rest_ms(),
        write_tokens=runtime.write_tokens(),
        clock_offset_ms=runtime.clock_offset_ms(),
        actor_state=actor_state,
        actor_detail=actor_detail,
        policy=runtime.actor.policy.name,
        cash_micros=account.cash_micros,
        equity_micros=account.equity_micros,
        session_pnl_micros=account.pnl_micros,
        open_orders=len(runtime.orders.orders.open()),
        open_positions=sum(1 for account in runtime.ledger if account.position_lots),
        fills=runtime.ledger.fills,
        **delays.percentiles(runtime.wall.monotonic_ns()),
        **_pause(runtime.calendar, venue_ms),
    )


def _age(now_ms: int, then_ms: int | None) -> int | None:
    return None if then_ms is None else max(0, now_ms - then_ms)
