"""What the status bar says: the systems view as segments of words. No Qt, no painting."""

from dataclasses import dataclass

from app import formatting, states
from app.states import State, mode_icon
from app.views import MarketRow, SystemsView
from core.trading.wording import counted

Part = tuple[str, str]
"""(words, colour token); a token of `text` is a value, `text3` a label."""

_PAUSE_TOLD_MS = 12 * 3_600_000
_LABEL = "text3"
_VALUE = "text"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: an icon with its colour token, its words, and a shorter form if it has one."""

    key: str
    icon: str
    icon_colour: str
    parts: tuple[Part, ...]
    short: tuple[Part, ...] = ()

    @property
    def words(self) -> str:
        """The whole text, for tooltips and screen readers."""
        return " ".join(text for text, _ in self.parts)


GIVEN_UP = ("pause", "skew", "tokens", "replay", "database", "closes", "orders", "actor", "account")
"""Segments in the order they give room up: to their short form if they have one, else wholly.

Mode, feed and profit never do.
"""


def segments(view: SystemsView, market: MarketRow | None) -> tuple[Segment, ...]:
    """Return the segments from left to right.

    Args:
        view: The state of the running core.
        market: The chosen market, or None.
    """
    made = (
        Segment("mode", mode_icon(view.mode), "mode", ((view.mode, "mode"),)),
        _feed(view),
        _orders(view),
        _database(view),
        _actor(view),
        _tokens(view),
        _skew(view),
        _replay(view),
        _account(view),
        _profit(view),
        _closes(view, market),
        _pause(view),
    )
    return tuple(segment for segment in made if segment is not None)


def _pause(view: SystemsView) -> Segment | None:
    """A pause while it is on, and the schedule's in the last hours before."""
    if view.is_halted and view.pause_ends_ms is None:
        return Segment("pause", "circle-pause", "warn", (("Paused", "warn"),))
    if view.venue_ms is None or view.pause_begins_ms is None or view.pause_ends_ms is None:
        return None
    awaited_ms = view.pause_ends_ms if view.is_paused else view.pause_begins_ms
    left_ms = awaited_ms - view.venue_ms
    if not view.is_paused and left_ms > _PAUSE_TOLD_MS:
        return None
    left = (formatting.countdown(left_ms), _VALUE)
    if view.is_paused:
        words = (("Paused", "warn"), ("resumes in", _LABEL), left)
        return Segment("pause", "circle-pause", "warn", words)
    return Segment("pause", "circle-pause", _LABEL, (("Pause in", _LABEL), left))


def _feed(view: SystemsView) -> Segment:
    state = states.FEED["ended" if view.is_over else view.feed_state]
    word = (state.word, _VALUE if state.colour in ("ok", "text2") else state.colour)
    if view.is_over:
        return Segment("feed", state.icon, state.colour, (("Feed", _LABEL), word))
    age = (("age", _LABEL), (formatting.age(view.feed_age_ms), _VALUE))
    return Segment("feed", state.icon, state.colour, (("Feed", _LABEL), word, *age))


def _orders(view: SystemsView) -> Segment:
    if view.feed_state == "disconnected" and not view.can_trade:
        gone = states.FEED["disconnected"]
        words = (("Orders", _LABEL), (gone.word, gone.colour))
        return Segment("orders", gone.icon, gone.colour, words)
    linked = view.rest_ms is not None
    rtt = (formatting.latency(view.rest_ms), _VALUE)
    return Segment(
        "orders",
        "circle-check" if linked else "circle-dashed",
        "ok" if linked else "text3",
        (
            ("Orders", _LABEL),
            ("Linked" if linked else "No reply yet", _VALUE),
            ("RTT", _LABEL),
            rtt,
        ),
        (("Orders", _LABEL), rtt),
    )


def _database(view: SystemsView) -> Segment:
    state = states.DATABASE[view.database_state]
    rows = (counted(view.queue_rows, "row"), _VALUE)
    commit = (("commit", _LABEL), (formatting.age(view.last_commit_age_ms), _VALUE))
    dropped = ((f"{formatting.count(view.rows_dropped)} dropped", "warn"),)
    lost = dropped if view.rows_dropped else ()
    if view.database_state != "ok":
        words = (("DB", _LABEL), (state.word, state.colour), *lost)
        return Segment("database", state.icon, state.colour, words)
    icon = ("triangle-alert", "warn") if lost else (state.icon, "text2")
    return Segment(
        "database", *icon, (("DB", _LABEL), rows, *commit, *lost), (("DB", _LABEL), rows, *lost)
    )


def _actor(view: SystemsView) -> Segment:
    state = _actor_state(view)
    word = (state.word, _VALUE if state.colour in ("ok", "text2", "text3") else state.colour)
    label = ("Actor", _LABEL)
    detail = ((view.actor_detail, _LABEL),) if view.actor_detail else ()
    return Segment("actor", state.icon, state.colour, (label, word, *detail), (label, word))


def _actor_state(view: SystemsView) -> State:
    return states.ACTOR[view.actor_state]


def _tokens(view: SystemsView) -> Segment | None:
    if view.write_tokens is None:
        return None
    words = (("Write tokens", _LABEL), (formatting.count(view.write_tokens), _VALUE))
    return Segment("tokens", "", _LABEL, words)


def _skew(view: SystemsView) -> Segment | None:
    if view.clock_offset_ms is None:
        return None
    offset = formatting.decimal(view.clock_offset_ms, 0, signed=True)
    return Segment("skew", "", _LABEL, (("Skew", _LABEL), (f"{offset} ms", _VALUE)))


def _replay(view: SystemsView) -> Segment | None:
    if view.session_progress is None:
        return None
    done = formatting.percent(view.session_progress, decimals=0)
    pace = () if view.is_over else ((formatting.speed(view.speed), _VALUE),)
    words = (("Session", _LABEL), (done, _VALUE), *pace)
    return Segment("replay", "history", "text2", words)


def _account(view: SystemsView) -> Segment:
    equity = (("Equity", _LABEL), (formatting.money(view.equity_micros), _VALUE))
    cash = (("Cash", _LABEL), (formatting.money(view.cash_micros), _VALUE))
    return Segment("account", "", _LABEL, (*cash, *equity), equity)


def _profit(view: SystemsView) -> Segment:
    amount = view.session_pnl_micros
    direction = "bid" if (amount or 0) > 0 else "ask" if (amount or 0) < 0 else _VALUE
    counts = (
        ("Open", _LABEL),
        (formatting.count(view.open_orders), _VALUE),
        ("Pos", _LABEL),
        (formatting.count(view.open_positions), _VALUE),
    )
    profit = (("P&L", _LABEL), (formatting.money(amount, signed=True), direction))
    return Segment("profit", "", _LABEL, (*counts, *profit))


def _closes(view: SystemsView, market: MarketRow | None) -> Segment | None:
    if market is None or market.close_ms is None or view.venue_ms is None:
        return None
    left_ms = market.close_ms - view.venue_ms
    words = ("closes", formatting.countdown(left_ms)) if left_ms > 0 else ("is", "closed")
    parts = ((market.title, _LABEL), (words[0], _LABEL), (words[1], _VALUE))
    return Segment("closes", "clock", _LABEL, parts, (("Closes", _LABEL), (words[1], _VALUE)))
