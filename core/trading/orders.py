"""Life of an own order as one table, and the mutable record its manager owns.

A fill can follow a cancel, and an answer can be lost: both are ordinary rows of the table.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.kalshi.events import OrderReport


class OrderState(StrEnum):
    """Where an own order stands. UNKNOWN means that an answer was lost, nothing more."""

    REQUESTED = "requested"
    RESTING = "resting"
    AMENDING = "amending"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class OrderEvent(StrEnum):
    """What can happen to it."""

    ACCEPTED = "accepted"
    AMEND_SENT = "amend sent"
    CANCEL_SENT = "cancel sent"
    REFUSED = "refused"
    GONE = "gone"
    LOST = "answer lost"
    REPORTED_RESTING = "reported resting"
    REPORTED_CANCELED = "reported canceled"
    REPORTED_EXECUTED = "reported executed"
    NEVER_ARRIVED = "never arrived"


_S, _E = OrderState, OrderEvent
IN_FLIGHT = frozenset({_S.REQUESTED, _S.AMENDING, _S.CANCELLING, _S.UNKNOWN})
OPEN = IN_FLIGHT | {_S.RESTING}

TRANSITIONS: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (_S.REQUESTED, _E.ACCEPTED): _S.RESTING,
    (_S.REQUESTED, _E.REFUSED): _S.REJECTED,
    (_S.REQUESTED, _E.LOST): _S.UNKNOWN,
    (_S.REQUESTED, _E.REPORTED_RESTING): _S.RESTING,
    (_S.RESTING, _E.AMEND_SENT): _S.AMENDING,
    (_S.RESTING, _E.CANCEL_SENT): _S.CANCELLING,
    (_S.RESTING, _E.REPORTED_RESTING): _S.RESTING,
    (_S.AMENDING, _E.ACCEPTED): _S.RESTING,
    (_S.AMENDING, _E.REFUSED): _S.RESTING,
    (_S.AMENDING, _E.GONE): _S.UNKNOWN,
    (_S.AMENDING, _E.LOST): _S.UNKNOWN,
    (_S.AMENDING, _E.REPORTED_RESTING): _S.AMENDING,
    (_S.CANCELLING, _E.ACCEPTED): _S.CANCELLED,
    (_S.CANCELLING, _E.REFUSED): _S.RESTING,
    (_S.CANCELLING, _E.GONE): _S.UNKNOWN,
    (_S.CANCELLING, _E.LOST): _S.UNKNOWN,
    (_S.CANCELLING, _E.REPORTED_RESTING): _S.CANCELLING,
    (_S.UNKNOWN, _E.REPORTED_RESTING): _S.RESTING,
    (_S.UNKNOWN, _E.NEVER_ARRIVED): _S.REJECTED,
    (_S.REJECTED, _E.REPORTED_RESTING): _S.RESTING,
    (_S.REJECTED, _E.REPORTED_CANCELED): _S.CANCELLED,
    (_S.REJECTED, _E.REPORTED_EXECUTED): _S.FILLED,
} | {
    (state, event): final
    for state in OPEN
    for event, final in (
        (_E.REPORTED_CANCELED, _S.CANCELLED),
        (_E.REPORTED_EXECUTED, _S.FILLED),
    )
}
"""Every pair not named leaves the state as it is: a late answer changes nothing. REJECTED is our
conclusion; where the exchange reports the order after all, its report wins."""

REPORTED = {
    "resting": _E.REPORTED_RESTING,
    "canceled": _E.REPORTED_CANCELED,
    "executed": _E.REPORTED_EXECUTED,
}


@dataclass
class OwnOrder:
    """One order of ours; its order manager is the only writer.

    `action` is what the policy wanted with it, 0 where nobody said. `target_pips` is the price an
    amend in flight asks for. `reason` says why the last state came. `shown_*` is what the
    displayed book holds of it: news by REST may be ahead of the feed, so only the feed's own
    reports move these.
    """

    client_order_id: str
    ticker: str
    side: int
    origin: str
    price_pips: int
    total_lots: int
    created_ms: int
    action: int = 0
    state: OrderState = OrderState.REQUESTED
    order_id: str = ""
    filled_lots: int = 0
    target_pips: int | None = None
    reason: str = ""
    reported_ms: int = 0
    shown_ms: int = 0
    shown_pips: int = 0
    shown_lots: int = 0

    @property
    def is_open(self) -> bool:
        """True while it may still rest or fill."""
        return self.state in OPEN

    @property
    def is_in_flight(self) -> bool:
        """True while an answer is awaited or was lost."""
        return self.state in IN_FLIGHT

    @property
    def remaining_lots(self) -> int:
        """What may still fill, 0 once the order is done."""
        return self.total_lots - self.filled_lots if self.is_open else 0

    def move(self, event: OrderEvent, reason: str = "") -> bool:
        """Take one step in the table; True if the state changed."""
        after = TRANSITIONS.get((self.state, event), self.state)
        changed = after is not self.state
        if changed:
            self.state, self.reason = after, reason
            if after is not OrderState.AMENDING:
                self.target_pips = None
        return changed

    def take_report(self, report: OrderReport) -> bool:
        """Believe the exchange about price, size and fills; True if anything changed.

        A report older than the last one is ignored.
        """
        if report.ts_ms < self.reported_ms:
            return False
        before = (self.order_id, self.price_pips, self.total_lots, self.filled_lots)
        self.reported_ms = report.ts_ms
        self.order_id = report.order_id
        self.price_pips = report.price_pips
        self.filled_lots = max(self.filled_lots, report.filled_lots)
        if report.status == "resting":
            self.total_lots = report.filled_lots + report.remaining_lots
        now = (self.order_id, self.price_pips, self.total_lots, self.filled_lots)
        event = REPORTED.get(report.status)
        return (event is not None and self.move(event, report.reason)) or now != before
