"""When the exchange, or trading on it, stands still. Pure.

A pause of trading refuses new, amended and decreased orders and leaves cancels alone; a pause of
the exchange refuses them too. Times are venue time.
"""

from typing import Literal, NamedTuple

from core.sandbox.eastern import day_start_s, utc_offset_s
from core.sandbox.errors import ApiError, refusal

PauseKind = Literal["trading", "exchange"]
PauseCause = Literal["schedule", "operator"]

_DAY_S = 86_400
_BEGINS_S = 3 * 3600
_ENDS_S = 5 * 3600


class Pause(NamedTuple):
    """What stands still, and until when; 0 where nobody knows."""

    kind: PauseKind
    until_ms: int


class Pauses:
    """The pauses of one exchange, at most one for each cause."""

    def __init__(self) -> None:
        self._pauses: dict[PauseCause, Pause] = {}

    def begin(self, cause: PauseCause, pause: Pause) -> None:
        """Begin a pause; one of the same cause is replaced."""
        self._pauses[cause] = pause

    def end(self, cause: PauseCause) -> None:
        """End a pause, if there is one."""
        self._pauses.pop(cause, None)

    def running(self, now_ms: int) -> list[Pause]:
        """Pauses that are on."""
        return [p for p in self._pauses.values() if not p.until_ms or now_ms < p.until_ms]

    def is_trading(self, now_ms: int) -> bool:
        """True if orders may be placed."""
        return not self.running(now_ms)

    def is_active(self, now_ms: int) -> bool:
        """True if anything at all may be done, at least cancels."""
        return all(pause.kind != "exchange" for pause in self.running(now_ms))

    def resume_ms(self, now_ms: int) -> int:
        """When trading goes on; 0 if it does, or if nobody knows."""
        ends = [pause.until_ms for pause in self.running(now_ms)]
        return max(ends) if ends and all(ends) else 0

    def require_trading(self, now_ms: int) -> None:
        """Let an order through.

        Raises:
            ApiError: 409, trading is paused.
        """
        if not self.is_trading(now_ms):
            raise _paused()

    def require_active(self, now_ms: int) -> None:
        """Let a cancel through.

        Raises:
            ApiError: 409, the whole exchange is paused.
        """
        if not self.is_active(now_ms):
            raise _paused()


def thursday_pause(now_ms: int) -> tuple[int, int]:
    """Begin and end in venue time of the weekly pause that is on, or of the next one.

    It is Thursday 3 to 5 o'clock in US Eastern time, whose clock never changes on that day.
    """
    now_s = now_ms // 1000
    today_s = day_start_s(now_s)
    local_day = (today_s + utc_offset_s(today_s)) // _DAY_S  # counts from a Thursday
    day_s = _days_later_s(today_s, -local_day % 7)
    if now_s >= day_s + _ENDS_S:
        day_s = _days_later_s(day_s, 7)
    return (day_s + _BEGINS_S) * 1000, (day_s + _ENDS_S) * 1000


def _days_later_s(day_s: int, days: int) -> int:
    """The Eastern midnight so many days after another; the clocks may change in between."""
    return day_start_s(day_s + days * _DAY_S + _DAY_S // 2)


def _paused() -> ApiError:
    return refusal(409, "trading_is_paused")
