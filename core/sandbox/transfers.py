"""Cash on its way between the accounts of one user. No clock of its own, no socket."""

from collections.abc import Iterable
from typing import NamedTuple

from core.sandbox.accounts import Account
from core.sandbox.errors import refusal
from core.sandbox.exchange import Exchange
from core.units import MICROS_PER_CENT


class Transfer(NamedTuple):
    """A transfer that was made; accounts by their numbers among those of their user."""

    serial: int
    transfer_id: str
    source: int
    destination: int
    amount_cents: int
    created_ms: int


class TransferDesk:
    """Moves cash at once, and remembers every transfer under its id."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._made: dict[int, dict[str, Transfer]] = {}

    def of_user(self, user: int) -> Iterable[Transfer]:
        """A user's transfers, newest first."""
        return reversed(self._made.get(user, {}).values())

    def move(
        self, source: Account, destination: Account, amount_cents: int, transfer_id: str
    ) -> Transfer:
        """Move cash that no resting order may need; asked for again, it is the one already made.

        Args:
            source: whose cash it is.
            destination: another account of the same user.
            amount_cents: how much.
            transfer_id: what makes it this transfer and no other.

        Raises:
            ApiError: 400, senseless, too much, or an id of another transfer; 409, paused.
        """
        self._exchange.pauses.require_active(self._exchange.now_ms)
        wish = (source.subaccount, destination.subaccount, amount_cents)
        made = self._made.setdefault(source.user, {})
        known = made.get(transfer_id)
        if known is None:
            _check(source, destination, amount_cents)
            source.cash_micros -= amount_cents * MICROS_PER_CENT
            destination.cash_micros += amount_cents * MICROS_PER_CENT
            serial, now_ms = self._exchange.new_serial(), self._exchange.now_ms
            known = made[transfer_id] = Transfer(serial, transfer_id, *wish, now_ms)
        elif (known.source, known.destination, known.amount_cents) != wish:
            raise refusal(400, "bad_request", "client_transfer_id is that of another transfer")
        return known


def _check(source: Account, destination: Account, amount_cents: int) -> None:
    if source is destination:
        raise refusal(400, "bad_request", "a transfer needs two subaccounts")
    if amount_cents <= 0:
        raise refusal(400, "bad_request", "the amount must be positive")
    if amount_cents * MICROS_PER_CENT > source.free_micros:
        raise refusal(400, "insufficient_balance")
