"""Price-time matching on one YES book. Pure: no clock, no randomness, no socket.

Each side keeps its levels by price and a heap of prices whose best is cleaned when looked at, so
that placing, matching and cancelling cost a few dictionary operations whatever the depth.
"""

from heapq import heappop, heappush

from core.market.events import Level
from core.sandbox.book import Book, is_self, reaches
from core.sandbox.orders import Effects, LevelChange, Match, Order
from core.units import Side

_PACK_AFTER = 256


class _Queue:
    """Orders at one price, first come first.

    A plain dict keeps their order in half the memory of an ordered one, but looks for its first
    key past all that left before it; so it is packed again now and then.
    """

    __slots__ = ("_left", "orders", "total_lots")

    def __init__(self) -> None:
        self.orders: dict[Order, None] = {}
        self.total_lots = 0
        self._left = 0

    def remove(self, order: Order) -> None:
        """Take an order out, whatever remains of it; the total is the caller's."""
        del self.orders[order]
        self._left += 1
        if self._left > _PACK_AFTER:
            self.orders = dict.fromkeys(self.orders)
            self._left = 0


class _BookSide:
    """One side. A queue stays listed until its empty price reaches the top of the heap."""

    def __init__(self, side: int) -> None:
        self._sign = -1 if side == Side.BID else 1
        self._queues: dict[int, _Queue] = {}
        self._heap: list[int] = []

    def best(self) -> int | None:
        """Best price with orders, in pips."""
        heap, queues = self._heap, self._queues
        while heap:
            price = heap[0] * self._sign
            if queues[price].total_lots:
                return price
            heappop(heap)
            del queues[price]
        return None

    def queue(self, price_pips: int) -> _Queue | None:
        return self._queues.get(price_pips)

    def add(self, order: Order) -> None:
        """Put an order at the back of its level."""
        queue = self._queues.get(order.price_pips)
        if queue is None:
            queue = self._queues[order.price_pips] = _Queue()
            heappush(self._heap, order.price_pips * self._sign)
        queue.orders[order] = None
        queue.total_lots += order.remaining_lots

    def remove(self, order: Order) -> None:
        queue = self._queues[order.price_pips]
        queue.remove(order)
        queue.total_lots -= order.remaining_lots

    def prices(self) -> list[int]:
        """Prices with orders, best first."""
        live = [price for price, queue in self._queues.items() if queue.total_lots]
        return sorted(live, key=self._sign.__mul__)


class MatchingBook(Book):
    """The order book of one market; see `Book` for what its methods promise."""

    def __init__(self) -> None:
        self._sides = (_BookSide(Side.BID), _BookSide(Side.ASK))

    def reduce(self, order: Order, remaining_lots: int) -> Effects:
        """Shrink a resting order; it keeps its place."""
        delta = remaining_lots - order.remaining_lots
        queue = self._sides[order.side].queue(order.price_pips)
        if queue is None or order not in queue.orders:
            raise ValueError(f"order {order.order_id} does not rest")
        queue.total_lots += delta
        order.remaining_lots = remaining_lots
        return Effects(changes=[LevelChange(order.side, order.price_pips, delta, order)])

    def fillable_lots(self, order: Order) -> int:
        """Lots that would match if the order were placed now."""
        lots = 0
        side = self._sides[1 - order.side]
        for price in side.prices():
            queue = side.queue(price)
            if queue is None or not reaches(order, price) or lots >= order.remaining_lots:
                break
            for maker in queue.orders:
                if not is_self(order, maker):
                    lots += maker.remaining_lots
                elif order.self_trade == "taker_at_cross":
                    return min(lots, order.remaining_lots)
        return min(lots, order.remaining_lots)

    def crosses(self, order: Order) -> bool:
        """True if the order would meet the other side."""
        price = self._sides[1 - order.side].best()
        return price is not None and reaches(order, price)

    def levels(self) -> tuple[list[Level], list[Level]]:
        """Displayed (bids, asks), ascending by YES price."""
        bids, asks = self._sides
        return self._listed(bids)[::-1], self._listed(asks)

    def best(self, side: int) -> Level | None:
        """Best displayed level of a side."""
        price = self._sides[side].best()
        queue = None if price is None else self._sides[side].queue(price)
        return None if price is None or queue is None else (price, queue.total_lots)

    def resting(self) -> list[Order]:
        """All orders of this exchange that rest here."""
        queues = ((side, price) for side in self._sides for price in side.prices())
        found = (side.queue(price) for side, price in queues)
        return [order for queue in found if queue for order in queue.orders]

    def queue_ahead_lots(self, order: Order) -> int:
        """Displayed lots that trade before this resting order."""
        queue = self._sides[order.side].queue(order.price_pips)
        ahead = 0
        for other in queue.orders if queue else ():
            if other is order:
                break
            ahead += other.remaining_lots
        return ahead

    def _listed(self, side: _BookSide) -> list[Level]:
        queues = ((price, side.queue(price)) for price in side.prices())
        return [(price, queue.total_lots) for price, queue in queues if queue]

    def _match(self, order: Order, effects: Effects) -> None:
        """Walk the other side's levels while the order reaches them."""
        side = self._sides[1 - order.side]
        while order.remaining_lots and not effects.is_cut:
            price = side.best()
            if price is None or not reaches(order, price):
                return
            self._match_level(order, price, effects)

    def _match_level(self, order: Order, price: int, effects: Effects) -> None:
        queue = self._sides[1 - order.side].queue(price)
        if queue is None:
            return
        before = queue.total_lots
        while order.remaining_lots and queue.orders:
            maker = next(iter(queue.orders))
            if is_self(order, maker):
                if order.self_trade == "taker_at_cross":
                    effects.is_cut = True
                    break
                queue.remove(maker)
                queue.total_lots -= maker.remaining_lots
                maker.remaining_lots = 0
                effects.cancelled.append(maker)
                continue
            lots = min(order.remaining_lots, maker.remaining_lots)
            order.fill(lots)
            maker.fill(lots)
            queue.total_lots -= lots
            if not maker.remaining_lots:
                queue.remove(maker)
            effects.matches.append(Match(maker, order, order.side, price, lots))
        if queue.total_lots != before:
            change = LevelChange(1 - order.side, price, queue.total_lots - before, order)
            effects.changes.append(change)

    def _insert(self, order: Order) -> None:
        self._sides[order.side].add(order)

    def _remove(self, order: Order) -> None:
        self._sides[order.side].remove(order)
