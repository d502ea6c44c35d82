"""When the exchange pauses, and what comes next in the followed markets. Pure.

The exchange publishes its week in US Eastern time, whose clock changes twice a year, and planned
maintenance in UTC. A halt that no schedule knew it only admits while it lasts. Times in and out
are venue milliseconds.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from core.market.market import Market

EASTERN: Final = ZoneInfo("America/New_York")
DAY_MINUTES: Final = 24 * 60
_HORIZON: Final = timedelta(days=9)
"""Longer than a week, so that every weekly pause has a next one."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


FOREVER_MS: Final = 1 << 62


class Span(NamedTuple):
    """From the first millisecond to the one after the last; `FOREVER_MS` where nobody knows it."""

    begins_ms: int
    ends_ms: int


DailyHours = tuple[tuple[int, int], ...]
"""Open times of a day as (begin, end) in minutes after Eastern midnight."""
ALL_DAY: Final[DailyHours] = ((0, DAY_MINUTES),)


class WeeklyHours(NamedTuple):
    """Open hours from Monday to Sunday, in force during `span`."""

    span: Span
    days: tuple[DailyHours, ...]


class Schedule(NamedTuple):
    """What the exchange publishes; outside of every `hours` nothing is known, so it is open."""

    hours: tuple[WeeklyHours, ...] = ()
    maintenance: tuple[Span, ...] = ()


STANDING: Final = Schedule(
    hours=(
        WeeklyHours(
            Span(0, FOREVER_MS), (ALL_DAY,) * 3 + (((0, 180), (300, DAY_MINUTES)),) + (ALL_DAY,) * 3
        ),
    )
)
"""The week as it has been for years: a pause on Thursday from 3 to 5. For when nobody answers."""


class Halt(NamedTuple):
    """What the exchange says of itself while it does not trade.

    Attributes:
        until_ms: when it expects to trade again, 0 where it does not say.
        is_whole: the whole exchange stands still, so that nothing can be canceled either.
    """

    until_ms: int = 0
    is_whole: bool = False


def pauses(schedule: Schedule, now_ms: int) -> tuple[Span, ...]:
    """Pauses from today to nine days ahead, in order, joined where they touch."""
    today = _eastern(now_ms).date()
    days = [today + timedelta(days=number) for number in range(-1, _HORIZON.days + 1)]
    closed = [span for day in days for span in _closed_spans(schedule, day)]
    return tuple(_joined([*closed, *schedule.maintenance]))


def _closed_spans(schedule: Schedule, day: date) -> Iterator[Span]:
    noon_ms = _ms(day, DAY_MINUTES // 2)
    for hours in schedule.hours:
        if hours.span.begins_ms <= noon_ms < hours.span.ends_ms:
            closed_from = 0
            for opens, closes in (*hours.days[day.weekday()], (DAY_MINUTES, DAY_MINUTES)):
                if opens > closed_from:
                    yield Span(_ms(day, closed_from), _ms(day, opens))
                closed_from = max(closed_from, closes)
            return


def _ms(day: date, minute: int) -> int:
    """An Eastern wall clock reading in Unix milliseconds; 24:00 is the next midnight."""
    days, minutes = divmod(minute, DAY_MINUTES)
    midnight = datetime(day.year, day.month, day.day, tzinfo=EASTERN) + timedelta(days=days)
    moment = midnight.replace(hour=minutes // 60, minute=minutes % 60)
    return (moment.astimezone(UTC) - _EPOCH) // _MS


def _eastern(time_ms: int) -> datetime:
    return (_EPOCH + timedelta(milliseconds=time_ms)).astimezone(EASTERN)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    open_span: Span | None = None
    for span in sorted(spans):
        if open_span is None:
            open_span = span
        elif span.begins_ms <= open_span.ends_ms:
            open_span = Span(open_span.begins_ms, max(open_span.ends_ms, span.ends_ms))
        else:
            yield open_span
            open_span = span
    if open_span is not None:
        yield open_span


def eastern_time(time_ms: int) -> str:
    """The Eastern time of day as the exchange's notices write it: "05:00 ET"."""
    return f"{_eastern(time_ms):%H:%M} ET"


class Calendar:
    """The exchange's pauses around now; owned by whoever reads the schedule.

    Attributes:
        schedule: as last published, empty (always open) before.
        halt: as the exchange said last, None while it trades.
    """

    def __init__(self, schedule: Schedule | None = None) -> None:
        self.schedule = schedule or Schedule()
        self.halt: Halt | None = None
        self._pauses: tuple[Span, ...] = ()
        self._begins: list[int] = []
        self._valid = Span(0, 0)

    def take(self, schedule: Schedule) -> None:
        """Follow another schedule from now on."""
        self.schedule = schedule
        self._valid = Span(0, 0)

    def pause_at(self, now_ms: int) -> Span | None:
        """The pause that is on, planned or not, None while trading goes on."""
        planned = self._planned_at(now_ms)
        if planned is not None:
            return planned
        halt = self.halt_at(now_ms)
        return Span(0, halt.until_ms or FOREVER_MS) if halt is not None else None

    def halt_at(self, now_ms: int) -> Halt | None:
        """The halt that is on, None in a planned pause or while trading goes on."""
        halt = self.halt
        if halt is None or 0 < halt.until_ms <= now_ms or self._planned_at(now_ms) is not None:
            return None
        return halt

    def _planned_at(self, now_ms: int) -> Span | None:
        place = self._place(now_ms)
        if place and now_ms < self._pauses[place - 1].ends_ms:
            return self._pauses[place - 1]
        return None

    def next_pause(self, now_ms: int) -> Span | None:
        """The pause that begins next, None if none is known."""
        place = self._place(now_ms)
        return self._pauses[place] if place < len(self._pauses) else None

    def obstacle(self, now_ms: int) -> str:
        """Why nothing can be decided now, "" while trading goes on."""
        pause = self.pause_at(now_ms)
        if pause is None:
            return ""
        what, halt = "exchange schedule", self.halt_at(now_ms)
        if halt is not None:
            what = "the exchange stands still" if halt.is_whole else "trading is halted"
        is_known = pause.ends_ms < FOREVER_MS
        return f"paused: {what}{f' until {eastern_time(pause.ends_ms)}' if is_known else ''}"

    def _place(self, now_ms: int) -> int:
        """How many pauses have begun; they are worked out once a day."""
        if not self._valid.begins_ms <= now_ms < self._valid.ends_ms:
            self._pauses = pauses(self.schedule, now_ms)
            self._begins = [span.begins_ms for span in self._pauses]
            day_ms = timedelta(days=1) // _MS
            self._valid = Span(now_ms - now_ms % day_ms, now_ms - now_ms % day_ms + day_ms)
        return bisect_right(self._begins, now_ms)


class Happening(Enum):
    """What can be waited for."""

    PAUSE_BEGINS = "pause begins"
    PAUSE_ENDS = "pause ends"
    CLOSES = "closes"
    DETERMINED = "result due"
    SETTLES = "payout due"


class Entry(NamedTuple):
    """Something that comes next.

    Attributes:
        tickers: how many followed markets it concerns, 0 for the whole exchange.
        event_ticker: the event of them, "" if they belong to several or to none.
    """

    at_ms: int
    kind: Happening
    tickers: int = 0
    event_ticker: str = ""


def agenda(
    calendar: Calendar, markets: Iterable[Market], now_ms: int, most: int = 6
) -> tuple[Entry, ...]:
    """What comes next, earliest first; markets of one event that do the same are one entry."""
    counted = Counter(
        (at_ms, kind.value, market.event_ticker)
        for market in markets
        for at_ms, kind in _steps_of(market)
        if at_ms > now_ms
    )
    entries = [
        Entry(at_ms, Happening(kind), count, event)
        for (at_ms, kind, event), count in counted.items()
    ]
    entries += _pause_entries(calendar, now_ms)
    return tuple(sorted(entries, key=lambda e: (e.at_ms, e.kind.value, e.event_ticker))[:most])


def _steps_of(market: Market) -> Iterator[tuple[int, Happening]]:
    if market.status in ("finalized", "inactive"):
        return
    result_ms = max(market.expected_ms, market.close_ms)
    if market.status in ("active", "initialized") and market.close_ms:
        yield market.close_ms, Happening.CLOSES
    if not market.result and market.expected_ms:
        yield result_ms, Happening.DETERMINED
    if market.expected_ms:
        yield result_ms + market.settle_after_ms, Happening.SETTLES


def _pause_entries(calendar: Calendar, now_ms: int) -> Iterator[Entry]:
    now, following = calendar.pause_at(now_ms), calendar.next_pause(now_ms)
    if now is not None and now.ends_ms < FOREVER_MS:
        yield Entry(now.ends_ms, Happening.PAUSE_ENDS)
    if following is not None:
        yield Entry(following.begins_ms, Happening.PAUSE_BEGINS)
