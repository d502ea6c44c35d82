"""What an account may do with its order groups."""

from core.errors import DecodeError
from core.sandbox.accounts import Account
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.groups import OrderGroup
from core.sandbox.order_bodies import GroupBody
from core.units import LOTS_PER_CONTRACT, parse_count

MOST_GROUPS = 100_000
"""Order groups that one user may have."""
_LIMITS_LOTS = range(LOTS_PER_CONTRACT, 1_000_000 * LOTS_PER_CONTRACT + 1)


class GroupDesk:
    """Creates, limits, triggers, resets and deletes; an unknown group is a 404 everywhere."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def create(self, account: Account, body: GroupBody) -> OrderGroup:
        """Open a group.

        Raises:
            ApiError: 400, no usable limit.
        """
        self._require_active()
        group = OrderGroup(self._exchange.new_id(), _limit_lots(body))
        accounts = self._exchange.accounts_of(account.user)
        if sum(len(each.groups) for each in accounts) >= MOST_GROUPS:
            raise refusal(400, "bad_request", f"more than {MOST_GROUPS} order groups")
        account.groups[group.group_id] = group
        self._exchange.tell_group(account, group, "created")
        return group

    def group(self, account: Account, group_id: str) -> OrderGroup:
        """One group of the account.

        Raises:
            ApiError: 404, there is none.
        """
        group = account.groups.get(group_id)
        if group is None:
            raise not_found()
        return group

    def limit(self, account: Account, group_id: str, body: GroupBody) -> None:
        """Change the limit; one that is exceeded already triggers at once."""
        group = self._changeable(account, group_id)
        group.limit_lots = _limit_lots(body)
        self._exchange.tell_group(account, group, "limit_updated")
        if group.is_over(self._exchange.now_ms):
            self._exchange.trigger(account, group)

    def trigger(self, account: Account, group_id: str) -> None:
        """Cut the group off by hand."""
        self._exchange.trigger(account, self._changeable(account, group_id))

    def reset(self, account: Account, group_id: str) -> None:
        """Open a triggered group again; one that is open stays as it is."""
        group = self._changeable(account, group_id)
        if group.is_triggered:
            group.reset()
            self._exchange.tell_group(account, group, "reset")

    def delete(self, account: Account, group_id: str) -> None:
        """Forget a group and cancel its orders."""
        group = self._changeable(account, group_id)
        del account.groups[group_id]
        self._exchange.tell_group(account, group, "deleted")
        self._exchange.withdraw_all(account.resting_orders(group_id))

    def _changeable(self, account: Account, group_id: str) -> OrderGroup:
        group = self.group(account, group_id)
        self._require_active()
        return group

    def _require_active(self) -> None:
        self._exchange.pauses.require_active(self._exchange.now_ms)


def _limit_lots(body: GroupBody) -> int:
    if body.contracts_limit is None and body.contracts_limit_fp is None:
        raise refusal(400, "missing_parameters", "contracts_limit or contracts_limit_fp")
    stated = set()
    if body.contracts_limit is not None:
        stated.add(body.contracts_limit * LOTS_PER_CONTRACT)
    if body.contracts_limit_fp is not None:
        stated.add(_parsed(body.contracts_limit_fp))
    if len(stated) > 1:
        raise refusal(400, "bad_request", "contracts_limit and contracts_limit_fp must match")
    lots = stated.pop()
    if lots not in _LIMITS_LOTS:
        raise refusal(400, "bad_request", "the limit must be 1 to 1000000 contracts")
    return lots


def _parsed(text: str) -> int:
    try:
        return parse_count(text)
    except DecodeError as error:
        raise refusal(400, "bad_request", str(error)) from error
