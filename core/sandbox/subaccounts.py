"""Which accounts of its user a request means: by query, body, and what its key is locked to.

Kalshi has some calls concern one account, the primary one unless another is named, and some all
of a user's accounts. A key that is locked to one subaccount means that one where it names none.
"""

from collections.abc import Iterable

from aiohttp import web

from core.sandbox import queries
from core.sandbox.accounts import Account
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.orders import Order
from core.sandbox.owners import SUBACCOUNTS, owner_of
from core.sandbox.rights import ACCOUNT, LOCK, check_lock

_SHARDS = range(-1, 1)
"""Values of `exchange_index`: -1 has the exchange choose, and all is on shard 0 here."""


class Subaccounts:
    """Finds accounts; a number that was never opened is a 400 everywhere."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def user(self, request: web.Request) -> list[Account]:
        """All accounts of the user that the key reaches, the primary one first."""
        lock = request.get(LOCK)
        if lock is None:
            return self._exchange.accounts_of(request[ACCOUNT])
        return [self.named(request, lock)]

    def named(self, request: web.Request, number: int | None, exchange_index: int = 0) -> Account:
        """The account that a body names by number, None for the one meant by default.

        Raises:
            ApiError: 400, not opened or on another shard; 403, not the key's.
        """
        if exchange_index not in _SHARDS:
            raise refusal(400, "bad_request", "exchange_index must be 0, or -1 for routing")
        check_lock(request, number)
        if number is None:
            number = request.get(LOCK) or 0
        account = None
        if number in SUBACCOUNTS:
            account = self._exchange.accounts.get(owner_of(request[ACCOUNT], number))
        if account is None:
            raise refusal(400, "bad_request", f"subaccount {number} does not exist")
        return account

    def one(self, request: web.Request, operation: str) -> Account:
        """The account that a query names.

        Raises:
            ApiError: 400, in the query shape where the value could not be right; 403.
        """
        return self.named(request, _in_query(request, operation))

    def changed(self, request: web.Request, operation: str, exchange_index: int) -> Account:
        """The account of a query beside a body that names a shard.

        Raises:
            ApiError: as `one` and `named`.
        """
        return self.named(request, _in_query(request, operation), exchange_index)

    def several(self, request: web.Request, operation: str) -> list[Account]:
        """The account that a query names, or all.

        Raises:
            ApiError: as `one`.
        """
        number = _in_query(request, operation)
        return self.user(request) if number is None else [self.named(request, number)]


def order_among(accounts: Iterable[Account], order_id: str) -> Order:
    """An order of any of these accounts.

    Raises:
        ApiError: 404.
    """
    for account in accounts:
        if order_id in account.by_id:
            return account.by_id[order_id]
    raise not_found()


def _in_query(request: web.Request, operation: str) -> int | None:
    """The subaccount a query names; its shard is checked on the way."""
    query = request.query
    queries.integer(query, "exchange_index", 0, operation, (_SHARDS[0], _SHARDS[-1]))
    number = queries.integer(query, "subaccount", -1, operation, (SUBACCOUNTS[0], SUBACCOUNTS[-1]))
    return None if number < 0 else number
