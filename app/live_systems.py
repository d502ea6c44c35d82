"""The systems view of a running core: one frozen row of everything that must work."""

from app.views import StepView, SystemsView
from core.market.book import BookStatus
from core.runtime.metrics import percentile
from core.runtime.runtime import Runtime
from core.runtime.valuation import equity_micros


def systems_view(runtime: Runtime, frame_ms: list[float]) -> SystemsView:
    """Read the whole state of a runtime."""
    statuses = [book.status for book in runtime.books]
    now_ms = runtime.clock.wall_ms()
    recorder = runtime.recorder_stats()
    drift = runtime.portfolio.drift if runtime.portfolio else None
    synced_ms = runtime.portfolio.synced_ms if runtime.portfolio else None
    equity = equity_micros(runtime.ledger, runtime.books) if runtime.portfolio else None
    basis = runtime.portfolio.equity_basis_micros if runtime.portfolio else None
    counters = runtime.feed.counters
    actor_state, actor_detail = runtime.actor_state()
    decision_ms = runtime.metrics.decision_ms
    return SystemsView(
        mode=runtime.venue.word,
        source=runtime.venue.description,
        steps=tuple(StepView(s.name, s.state.value, s.detail) for s in runtime.checklist),
        feed_state=runtime.feed_state,
        feed_detail=runtime.feed_detail,
        feed_age_ms=runtime.feed_age_ms(),
        messages_per_s=runtime.rates.messages_per_s,
        books_live=statuses.count(BookStatus.LIVE),
        books_stale=statuses.count(BookStatus.STALE),
        books_empty=statuses.count(BookStatus.EMPTY),
        gaps=counters.gaps,
        late=runtime.metrics.late,
        venue_ms=runtime.clock.now_ms() if runtime.portfolio else None,
        speed=runtime.clock.speed,
        session_progress=runtime.session_progress(),
        database_state=recorder.state if recorder else "off",
        database_detail=recorder.detail if recorder else runtime.storage_detail,
        queue_rows=recorder.queued if recorder else 0,
        queue_limit=recorder.limit if recorder else 0,
        rows_recorded=recorder.written if recorder else 0,
        rows_per_s=recorder.rows_per_s if recorder else 0.0,
        rows_dropped=recorder.dropped if recorder else 0,
        last_commit_age_ms=_age(now_ms, recorder.last_commit_ms if recorder else None),
        last_sync_age_ms=_age(now_ms, synced_ms),
        drift_cash_micros=drift.cash_micros if drift else None,
        drift_position_lots=drift.position_lots if drift else None,
        drift_orders=drift.orders if drift else None,
        rest_ms=runtime.rest_ms(),
        read_tokens=None,
        write_tokens=runtime.write_tokens(),
        clock_offset_ms=runtime.clock_offset_ms(),
        actor_state=actor_state,
        actor_detail=actor_detail,
        policy=runtime.actor.policy.name,
        cash_micros=runtime.ledger.cash_micros if runtime.portfolio else None,
        equity_micros=equity,
        session_pnl_micros=None if equity is None or basis is None else equity - basis,
        open_orders=len(runtime.orders.orders.open()),
        open_positions=sum(1 for account in runtime.ledger if account.position_lots),
        fills=runtime.ledger.fills,
        decision_ms_p50=percentile(decision_ms, 0.50),
        decision_ms_p99=percentile(decision_ms, 0.99),
        frame_ms_p99=percentile(frame_ms, 0.99),
    )


def _age(now_ms: int, then_ms: int | None) -> int | None:
    return None if then_ms is None else max(0, now_ms - then_ms)
