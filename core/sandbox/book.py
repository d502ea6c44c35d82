"""What every book of the exchange does alike, and what is left to its kind. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from core.market.events import Level
from core.sandbox.orders import CROWD, Effects, LevelChange, Order
from core.sandbox.owners import USERS
from core.units import Side


class Book(ABC):
    """A market's book as the exchange works it, matched or recorded.

    Attributes:
        is_doubted: nobody knows what the book holds.
    """

    is_doubted = False

    def place(self, order: Order) -> Effects:
        """Match the order; rest what remains if its time in force lets it."""
        effects = Effects()
        self._match(order, effects)
        rests = order.time_in_force == "good_till_canceled" and not effects.is_cut
        if rests and order.remaining_lots:
            self._rest(order, effects)
        return effects

    def cancel(self, order: Order) -> Effects:
        """Take a resting order out; its remaining lots become 0."""
        effects = Effects()
        self._take_out(order, order, effects)
        order.remaining_lots = 0
        return effects

    def replace(self, order: Order, price_pips: int, remaining_lots: int) -> Effects:
        """Move a resting order to the back of a level, matching on the way."""
        effects = Effects()
        self._take_out(order, order, effects)
        order.price_pips = price_pips
        order.remaining_lots = remaining_lots
        self._match(order, effects)
        if order.remaining_lots and not effects.is_cut:
            self._rest(order, effects)
        effects.changes = merged(effects.changes)
        return effects

    @abstractmethod
    def reduce(self, order: Order, remaining_lots: int) -> Effects:
        """Shrink a resting order; it keeps its place."""

    @abstractmethod
    def fillable_lots(self, order: Order) -> int:
        """Lots that would match if the order were placed now."""

    @abstractmethod
    def crosses(self, order: Order) -> bool:
        """True if the order would meet displayed size of the other side."""

    @abstractmethod
    def levels(self) -> tuple[Sequence[Level], Sequence[Level]]:
        """Displayed (bids, asks), both ascending by YES price."""

    @abstractmethod
    def best(self, side: int) -> Level | None:
        """Best displayed level of a side."""

    @abstractmethod
    def resting(self) -> list[Order]:
        """All orders of this exchange that rest here, not what a recording shows."""

    @abstractmethod
    def queue_ahead_lots(self, order: Order) -> int:
        """Displayed lots that trade before this resting order."""

    @abstractmethod
    def _match(self, order: Order, effects: Effects) -> None:
        """Walk the other side while the order reaches it."""

    @abstractmethod
    def _insert(self, order: Order) -> None:
        """Put an order at the back of its level."""

    @abstractmethod
    def _remove(self, order: Order) -> None:
        """Forget a resting order."""

    def _rest(self, order: Order, effects: Effects) -> None:
        self._insert(order)
        change = LevelChange(order.side, order.price_pips, order.remaining_lots, order)
        effects.changes.append(change)

    def _take_out(self, order: Order, cause: Order, effects: Effects) -> None:
        self._remove(order)
        change = LevelChange(order.side, order.price_pips, -order.remaining_lots, cause)
        effects.changes.append(change)


def reaches(order: Order, price_pips: int) -> bool:
    """True if the order's limit lets it trade at this price of the other side."""
    if order.side == Side.BID:
        return price_pips <= order.price_pips
    return price_pips >= order.price_pips


def is_self(taker: Order, maker: Order) -> bool:
    """True if both orders belong to one user, be it in two of his subaccounts."""
    return taker.owner != CROWD and taker.owner % USERS == maker.owner % USERS


def merged(changes: list[LevelChange]) -> list[LevelChange]:
    """One change per level, in order of first touch; levels that end unchanged are left out."""
    sums: dict[tuple[int, int], LevelChange] = {}
    for change in changes:
        key = (change.side, change.price_pips)
        known = sums.get(key)
        delta = change.delta_lots + (known.delta_lots if known else 0)
        sums[key] = LevelChange(*key, delta, change.cause)
    return [change for change in sums.values() if change.delta_lots]
