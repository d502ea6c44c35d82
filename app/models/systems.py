"""What the systems panel says, as lines: pure text and colours out of one `SystemsView`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.formatting import (
    UNKNOWN,
    age,
    clock_time,
    contracts,
    count,
    countdown,
    decimal,
    latency,
    money,
    percent,
    speed,
)
from app.states import ACTOR, DATABASE, FEED, STEP, State
from app.views import AgendaRow, StepView, SystemsView
from core.trading.wording import counted


class Words(NamedTuple):
    """A coloured word with an optional icon; `colour` names an attribute of the theme."""

    text: str
    colour: str = "text"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """Starts a section: its name and, at the right, how the section is."""

    label: str
    summary: Words


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and its value."""

    label: str
    value: Words


@dataclass(frozen=True, slots=True)
class Bar:
    """A share (0 to 1) of something; `colour` names an attribute of the theme."""

    label: str
    share: float
    colour: str


@dataclass(frozen=True, slots=True)
class Steps:
    """Up to two steps of the start-up checklist side by side."""

    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A small curve of the last minute with what it says below."""

    values: tuple[float, ...]
    caption: str
    summary: str


Line = Heading | Fact | Bar | Steps | History

_QUEUE_WARNING_SHARE = 0.5
_SIDE_BY_SIDE = 20
"""Letters of name and detail that fit into half of a narrow panel."""


def systems_lines(
    view: SystemsView, rows_per_s: tuple[float, ...], agenda: Sequence[AgendaRow] = ()
) -> tuple[Line, ...]:
    """Return the panel from top to bottom.

    Args:
        view: the newest state.
        rows_per_s: recorded rows a second over the last minute, oldest first.
        agenda: what comes next, earliest first.
    """
    sections = (
        _start_up(view.steps),
        _feed(view),
        _books(view),
        _clock(view),
        _calendar(view, agenda),
        _portfolio(view),
        _actor(view),
        _database(view, rows_per_s),
    )
    return tuple(line for section in sections for line in section)


def _of(state: State) -> Words:
    return Words(state.word, state.colour, state.icon)


def _start_up(steps: tuple[StepView, ...]) -> Iterator[Line]:
    done = sum(step.state == "done" for step in steps)
    failed = sum(step.state == "failed" for step in steps)
    worst = "failed" if failed else "done" if done == len(steps) else "running"
    icon = "circle-check" if worst == "done" else STEP[worst].icon
    summary = f"{failed} failed" if failed else f"{done} of {len(steps)}"
    yield Heading("Start-up checklist", Words(summary, STEP[worst].colour, icon))
    yield from _rows_of_steps(tuple(_as_history(step) for step in steps))
    for step in steps:
        if step.state == "failed":
            yield Fact(step.name, Words(step.detail, "warn", "triangle-alert"))


def _as_history(step: StepView) -> StepView:
    """Say of what the portfolio held that it was so at start: it changes while we trade."""
    if step.name == "Portfolio" and step.state == "done" and step.detail:
        return replace(step, detail=f"{step.detail} at start")
    return step


def _rows_of_steps(steps: tuple[StepView, ...]) -> Iterator[Line]:
    """Two steps side by side; one with much to say has a row of its own."""
    row: tuple[StepView, ...] = ()
    for step in steps:
        is_long = len(step.name) + len(step.detail) > _SIDE_BY_SIDE
        if row and (is_long or len(row) == 2):
            yield Steps(row)
            row = ()
        row = (*row, step)
        if is_long:
            yield Steps(row)
            row = ()
    if row:
        yield Steps(row)


def _feed(view: SystemsView) -> Iterator[Line]:
    yield Heading("Feed", _of(FEED["ended" if view.is_over else view.feed_state]))
    if view.feed_detail:
        yield Fact("Source", Words(view.feed_detail, "text2"))
    yield Fact("Last message", Words(age(view.feed_age_ms)))
    yield Fact("Messages a second", Words(count(round(view.messages_per_s))))


def _books(view: SystemsView) -> Iterator[Line]:
    troubled = bool(view.books_stale)
    is_live = bool(view.books_live) and not view.is_over
    summary = (
        Words(f"{view.books_stale} stale", "warn", "triangle-alert")
        if troubled
        else Words(
            f"{view.books_live} live",
            "ok" if is_live else "text3",
            "circle-check" if is_live else "circle-dashed",
        )
    )
    yield Heading("Books", summary)
    counted = f"{view.books_live} · {view.books_stale} · {view.books_empty}"
    yield Fact("Live · stale · empty", Words(counted))
    troubles = (view.gaps, view.overflows, view.late)
    yield Fact("Gaps · overflows · late", _warned(" · ".join(map(count, troubles)), any(troubles)))
    yield Fact("Checked ok · off · unclear", _cross_check(view))


def _cross_check(view: SystemsView) -> Words:
    """What comparing books with the exchange's own answers has found."""
    if view.checks_agreed is None:
        return Words(UNKNOWN, "text3")
    found = (view.checks_agreed, view.checks_mismatched, view.checks_unclear)
    return _warned(" · ".join(map(count, found)), bool(view.checks_mismatched))


def _warned(text: str, is_trouble: bool) -> Words:
    return Words(text, "warn", "triangle-alert") if is_trouble else Words(text)


def _clock(view: SystemsView) -> Iterator[Line]:
    yield Heading("Venue clock", Words(clock_time(view.venue_ms), "text"))
    yield Fact("Speed", Words("session ended" if view.is_over else speed(view.speed)))
    if view.session_progress is not None:
        yield Fact("Session", Words(percent(view.session_progress, decimals=0)))
        yield Bar("Session", view.session_progress, "accent")
    if view.clock_offset_ms is not None:
        offset = decimal(view.clock_offset_ms, 0, signed=True)
        yield Fact("Clock offset", Words(f"{offset} ms"))


def _calendar(view: SystemsView, agenda: Sequence[AgendaRow]) -> Iterator[Line]:
    if view.pause_ends_ms is None and not view.is_halted and not agenda:
        return
    state = FEED["paused"] if view.is_paused else FEED["live"]
    words = "Paused by schedule" if view.is_paused else "Trading hours"
    if view.is_halted:
        words = "Halted by the exchange"
    yield Heading("Calendar", Words(words, state.colour, state.icon))
    for row in agenda:
        yield Fact(_agenda_words(row), Words(countdown(row.left_ms)))


def _agenda_words(row: AgendaRow) -> str:
    """Say the step first and the series last: it is elided where it does not fit."""
    what = f"{row.what[:1].upper()}{row.what[1:]}"
    if not row.markets:
        return what
    return f"{what}, {row.markets} of {row.event_ticker.partition('-')[0]}"


def _portfolio(view: SystemsView) -> Iterator[Line]:
    synced = UNKNOWN if view.last_sync_age_ms is None else f"{age(view.last_sync_age_ms)} ago"
    yield Heading("Last portfolio sync", Words(synced, "text"))
    yield Fact("Drift, cash", _drift(money(view.drift_cash_micros), view.drift_cash_micros))
    lots = view.drift_position_lots
    yield Fact("Drift, positions", _drift(f"{contracts(lots)} ct", lots))
    yield Fact("Drift, orders", _drift(count(view.drift_orders), view.drift_orders))
    yield Fact("REST round trip", Words(latency(view.rest_ms)))
    yield Fact("Write tokens", Words(count(view.write_tokens)))


def _drift(text: str, amount: int | None) -> Words:
    if amount is None:
        return Words(UNKNOWN, "text3")
    return _warned(text, bool(amount))


def _actor(view: SystemsView) -> Iterator[Line]:
    yield Heading("Actor", _of(ACTOR[view.actor_state]))
    if view.actor_detail:
        yield Fact("Because", Words(view.actor_detail, "text2"))
    yield Fact("Policy", Words(view.policy or UNKNOWN))
    spread = f"{latency(view.decision_ms_p50)} · {latency(view.decision_ms_p99)}"
    yield Fact("Decision, p50 · p99", Words(spread))
    yield Fact("Frame, p99", Words(latency(view.frame_ms_p99)))


def _database(view: SystemsView, rows_per_s: tuple[float, ...]) -> Iterator[Line]:
    yield Heading("Database queue", _of(DATABASE[view.database_state]))
    if view.database_detail:
        yield Fact("Database", Words(view.database_detail, "text2"))
    waiting = f"{count(view.queue_rows)} of {count(view.queue_limit)} rows"
    share = view.queue_rows / view.queue_limit if view.queue_limit else 0.0
    is_full = share > _QUEUE_WARNING_SHARE
    yield Fact(
        "Waiting",
        _warned(waiting, is_full),
    )
    yield Bar("Database queue", share, "warn" if is_full else "ok")
    committed = view.last_commit_age_ms
    yield Fact("Last commit", Words(UNKNOWN if committed is None else f"{age(committed)} ago"))
    yield Fact("Recorded", Words(counted(view.rows_recorded, "row")))
    if view.rows_dropped:
        lost = counted(view.rows_dropped, "row")
        yield Fact("Dropped", Words(lost, "alarm", "octagon-alert"))
    peak = max(rows_per_s, default=0.0)
    yield History(
        rows_per_s,
        "rows/s, last minute",
        f"now {count(round(view.rows_per_s))} · peak {count(round(peak))}",
    )


def spoken(lines: tuple[Line, ...]) -> str:
    """Return the same panel as text, for screen readers."""
    return "; ".join(text for line in lines for text in _sentences(line))


def _sentences(line: Line) -> Iterator[str]:
    if isinstance(line, Heading):
        yield f"{line.label}: {line.summary.text}"
    elif isinstance(line, Fact):
        yield f"{line.label} {line.value.text}"
    elif isinstance(line, Steps):
        for step in line.steps:
            yield f"{step.name} {STEP[step.state].word} {step.detail}".strip()
