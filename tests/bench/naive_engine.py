"""The usual matching engine, for comparison: a sorted dict a side, a list of orders a level."""

from dataclasses import dataclass, field

from sortedcontainers import SortedDict

BID = 0


@dataclass
class NaiveOrder:
    """One order; `lots` is what rests."""

    order_id: int
    owner: int
    side: int
    price: int
    lots: int


@dataclass
class NaiveResult:
    """What an action did: trades (maker, taker, price, lots) and changes (side, price, delta)."""

    trades: list[tuple[int, int, int, int]] = field(default_factory=list)
    changes: list[tuple[int, int, int]] = field(default_factory=list)


class NaiveEngine:
    """Price-time matching; every action is found through sorted prices and scanned lists."""

    def __init__(self) -> None:
        self.sides: tuple[SortedDict, SortedDict] = (SortedDict(), SortedDict())
        self.orders: dict[int, NaiveOrder] = {}

    def place(self, order: NaiveOrder, is_immediate: bool = False) -> NaiveResult:
        """Match an order and rest what remains."""
        result = NaiveResult()
        self._match(order, result)
        if order.lots and not is_immediate:
            self.sides[order.side].setdefault(order.price, []).append(order)
            self.orders[order.order_id] = order
            result.changes.append((order.side, order.price, order.lots))
        return result

    def cancel(self, order_id: int) -> NaiveResult:
        """Take an order out of its level."""
        order = self.orders.pop(order_id)
        level = self.sides[order.side][order.price]
        level.remove(order)
        if not level:
            del self.sides[order.side][order.price]
        return NaiveResult(changes=[(order.side, order.price, -order.lots)])

    def reduce(self, order_id: int, lots: int) -> NaiveResult:
        """Shrink an order in its place."""
        order = self.orders[order_id]
        change = (order.side, order.price, lots - order.lots)
        order.lots = lots
        return NaiveResult(changes=[change])

    def replace(self, order_id: int, price: int, lots: int) -> NaiveResult:
        """Cancel an order and place it anew."""
        order = self.orders[order_id]
        result = self.cancel(order_id)
        order.price, order.lots = price, lots
        again = self.place(order)
        result.trades += again.trades
        result.changes += again.changes
        return result

    def levels(self, side: int) -> list[tuple[int, int]]:
        """Prices and sums, ascending."""
        return [(price, sum(o.lots for o in level)) for price, level in self.sides[side].items()]

    def _match(self, order: NaiveOrder, result: NaiveResult) -> None:
        rivals = self.sides[1 - order.side]
        while order.lots and rivals:
            price, level = rivals.peekitem(0 if order.side == BID else -1)
            if price > order.price if order.side == BID else price < order.price:
                return
            traded = 0
            while order.lots and level:
                maker = level[0]
                lots = min(order.lots, maker.lots)
                order.lots -= lots
                maker.lots -= lots
                traded += lots
                result.trades.append((maker.order_id, order.order_id, price, lots))
                if not maker.lots:
                    level.pop(0)
                    del self.orders[maker.order_id]
            result.changes.append((1 - order.side, price, -traded))
            if not level:
                del rivals[price]
