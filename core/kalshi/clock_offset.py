"""How far the exchange's clock is from this machine's, learnt from what the exchange answers.

One per exchange, shared by all that sign for it: what one of them measures corrects the others.
"""

import logging
from email.utils import parsedate_to_datetime
from typing import Final

_log = logging.getLogger(__name__)
EXPIRED: Final = "header_timestamp_expired"
"""The exchange's code for a signature of another time; nothing was done."""
_DATE_RESOLUTION_MS: Final = 1_000
_TOLERATED_MS: Final = 3_000
"""The exchange accepts a difference of ten seconds or so."""


class ClockOffset:
    """Exchange minus wall time, narrowed by the Date header of every answer.

    A Date of second D says that the exchange's clock read D to D + 1 s somewhere between sending
    and receiving. Bounds that no longer overlap mean that a clock was set: start again.
    """

    def __init__(self) -> None:
        self._low_ms: int | None = None
        self._high_ms = 0

    @property
    def offset_ms(self) -> int | None:
        """Middle of what is known, None before the first answer."""
        return None if self._low_ms is None else (self._low_ms + self._high_ms) // 2

    @property
    def correction_ms(self) -> int:
        """What to add to this machine's time in signatures; 0 while its clock is good enough."""
        offset_ms = self.offset_ms or 0
        return offset_ms if abs(offset_ms) >= _TOLERATED_MS else 0

    def observe(self, date: str | None, sent_ms: int, received_ms: int) -> None:
        """Take one answer; a missing or unreadable date says nothing."""
        try:
            date_ms = int(parsedate_to_datetime(date or "").timestamp()) * 1000
        except ValueError:
            return
        was_right = not self.correction_ms
        low, high = date_ms - received_ms, date_ms + _DATE_RESOLUTION_MS - sent_ms
        if self._low_ms is not None and max(low, self._low_ms) <= min(high, self._high_ms):
            low, high = max(low, self._low_ms), min(high, self._high_ms)
        self._low_ms, self._high_ms = low, high
        if was_right and self.correction_ms:
            _log.warning(
                "this machine's clock differs from the exchange's by %.1f s: set it. Until then "
                "requests are signed with the exchange's time",
                self.correction_ms / 1000,
            )
