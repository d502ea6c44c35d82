"""Changes of fees of a series or of one event, planned and past; what is in force beats a market.

An event's fees beat those of its series, a series' fees those its markets were listed with.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from core.market.market import FeeSchedule
from core.sandbox.exchange import Exchange
from core.sandbox.frames import event_fees_msg

FeeType = Literal["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"]


@dataclass(frozen=True, slots=True)
class FeeChange:
    """One change.

    Attributes:
        event_ticker: "" where it is about the whole series.
        fee_type: None where an event falls back to its series.
        multiplier_milli: thousandths.
    """

    change_id: str
    series_ticker: str
    event_ticker: str
    fee_type: FeeType | None
    multiplier_milli: int
    due_ms: int

    @property
    def multiplier(self) -> float | None:
        """As the wire has it, None where there is no fee type."""
        return self.multiplier_milli / 1000 if self.fee_type else None

    def schedule(self) -> FeeSchedule | None:
        """The coefficients it puts in force."""
        if self.fee_type is None:
            return None
        return FeeSchedule.of(self.fee_type, self.multiplier_milli * 1000)


class FeeChanges:
    """Plans changes and carries them out when venue time reaches them.

    Attributes:
        planned: every change ever planned, oldest first.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._overrides: dict[str, FeeChange] = {}
        self.planned: list[FeeChange] = []

    def change_series(
        self, series_ticker: str, fee_type: FeeType, multiplier_milli: int, due_ms: int
    ) -> FeeChange:
        """Change the fees of a series at a venue time, at once if that has passed."""
        return self._plan(series_ticker, "", fee_type, multiplier_milli, due_ms)

    def change_event(
        self, event_ticker: str, fee_type: FeeType | None, multiplier_milli: int, due_ms: int
    ) -> FeeChange:
        """Set or, with no fee type, clear the fees of one event at a venue time."""
        series = event_ticker.split("-", 1)[0]
        return self._plan(series, event_ticker, fee_type, multiplier_milli, due_ms)

    def override(self, event_ticker: str) -> FeeChange | None:
        """The change in force for an event itself."""
        return self._overrides.get(event_ticker)

    def in_force(self, series_ticker: str) -> FeeChange | None:
        """The change in force for a series."""
        return self._overrides.get(series_ticker)

    def _plan(
        self,
        series_ticker: str,
        event_ticker: str,
        fee_type: FeeType | None,
        multiplier_milli: int,
        due_ms: int,
    ) -> FeeChange:
        exchange = self._exchange
        change = FeeChange(
            exchange.new_id(), series_ticker, event_ticker, fee_type, multiplier_milli, due_ms
        )
        self.planned.append(change)
        if due_ms <= exchange.now_ms:
            self._apply(change)
        else:
            exchange.at(due_ms, partial(self._apply, change))
        return change

    def _apply(self, change: FeeChange) -> None:
        key, fees = change.event_ticker or change.series_ticker, change.schedule()
        if fees is None:
            self._exchange.fees.pop(key, None)
            self._overrides.pop(key, None)
        else:
            self._exchange.fees[key] = fees
            self._overrides[key] = change
        self._recharge(change)
        if change.event_ticker:
            msg = event_fees_msg(change.event_ticker, change.fee_type, change.multiplier)
            self._exchange.publisher.announce("event_fee_update", msg)

    def _recharge(self, change: FeeChange) -> None:
        exchange = self._exchange
        for listing in exchange.listings.values():
            market = listing.market
            if change.event_ticker not in ("", market.event_ticker):
                continue
            if market.series_ticker == change.series_ticker:
                listing.charge(exchange.fees)
                for account in exchange.accounts.values():
                    account.rereserve(listing.ticker, listing.market.fees.taker_rate)
