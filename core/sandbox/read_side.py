"""What reads of orders, positions and groups show: the account as it was a little while ago.

The venue's reads run behind its writes. Here every change is kept for as long as that takes and
then made on a copy of the account; without a lag there is no copy.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable
from copy import copy
from functools import partial

from core.clock import WallClock
from core.sandbox.accounts import Account, Position
from core.sandbox.groups import OrderGroup
from core.sandbox.orders import Order


class ReadSide:
    """Accounts as reads see them, behind by a lag of wall time.

    The lag of each read is drawn, but no read shows an older state than one before it. What is
    kept is bounded by the greatest lag.
    """

    def __init__(self, clock: WallClock, seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed)  # a load, not a secret
        self._lag_ms = (0, 0)
        self._changes: deque[tuple[int, Callable[[], object]]] = deque()
        self._shown: dict[Account, Account] = {}

    def set_lag(self, lag_ms: tuple[int, int], accounts: Iterable[Account]) -> None:
        """Set the least and the greatest lag; (0, 0) shows things as they are."""
        self._lag_ms = lag_ms
        if not lag_ms[1]:
            self._changes.clear()
            self._shown.clear()
        elif not self._shown:
            self._shown = {account: _copied(account) for account in accounts}

    @property
    def most_behind_ms(self) -> int:
        """The greatest lag."""
        return self._lag_ms[1]

    def see(self, account: Account) -> Account:
        """The account as a read shows it now; only orders, positions and groups are kept."""
        if not self._shown:
            return account
        self._catch_up(self._random.randint(*self._lag_ms))
        return self._shown[account]

    def open_account(self, account: Account) -> None:
        """Know an account that is new."""
        if self._lag_ms[1]:
            self._shown[account] = _copied(account)

    def take_order(self, account: Account, order: Order) -> None:
        """Keep an order's new state."""
        if self._shown:
            self._keep(partial(_show_order, self._shown[account], copy(order)))

    def take_position(self, account: Account, position: Position) -> None:
        """Keep a position's new state."""
        if self._shown:
            shown, changed = self._shown[account], copy(position)
            self._keep(partial(shown.positions.__setitem__, position.ticker, changed))

    def take_group(self, account: Account, group: OrderGroup) -> None:
        """Keep a group's new state, or that it is gone."""
        if not self._shown:
            return
        groups = self._shown[account].groups
        if group.group_id in account.groups:
            self._keep(partial(groups.__setitem__, group.group_id, copy(group)))
        else:
            self._keep(partial(groups.pop, group.group_id, None))

    def _keep(self, change: Callable[[], object]) -> None:
        self._catch_up(self._lag_ms[1])
        self._changes.append((self._now_ms(), change))

    def _catch_up(self, lag_ms: int) -> None:
        """Make the changes that are at least so old."""
        before_ms = self._now_ms() - lag_ms
        while self._changes and self._changes[0][0] <= before_ms:
            self._changes.popleft()[1]()

    def _now_ms(self) -> int:
        return self._clock.monotonic_ns() // 1_000_000


def _copied(account: Account) -> Account:
    """The account's orders, positions and groups as they are now."""
    shown = Account(account.number, account.user_id, account.cash_micros)
    for order in account.orders:
        _show_order(shown, copy(order))
    shown.ended = account.ended.copy()
    shown.positions = {ticker: copy(position) for ticker, position in account.positions.items()}
    shown.groups = {name: copy(group) for name, group in account.groups.items()}
    return shown


def _show_order(shown: Account, order: Order) -> None:
    shown.remember(order)
    resting = shown.resting.setdefault(order.ticker, {})
    if order.status == "resting":
        resting[order.order_id] = order
    else:
        resting.pop(order.order_id, None)
