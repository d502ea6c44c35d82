"""A slow, obvious exchange to compare the real one with: lists, sorting and decimal dollars.

It shares no code and no representation with the exchange. Orders lie in one list in order of
priority; every question is answered by looking at all of it. A short position has one dollar a
contract locked, a long one nothing; so cash is what sales brought, less what purchases cost.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

CROWD = 0
_GRAIN = Decimal("0.0001")
_MICRO = Decimal("0.000001")


class RefusedError(Exception):
    """The exchange must refuse, with this code."""


@dataclass(eq=False)
class ReferenceOrder:
    """One order; `rests` says whether it stands in the list."""

    owner: int
    ticker: str
    side: str
    price: Decimal
    count: Decimal
    tif: str
    mode: str
    post_only: bool = False
    left: Decimal = Decimal(0)
    filled: Decimal = Decimal(0)
    status: str = "resting"
    taker_cost: Decimal = Decimal(0)
    maker_cost: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    accumulated: Decimal = Decimal(0)


@dataclass
class ReferenceExchange:
    """All markets and accounts.

    Attributes:
        rates: taker and maker coefficient by market.
        resting: resting orders of all markets, those with priority first.
        ledger: dollars received less dollars paid, by account.
        positions: signed contracts by account and market.
        trades: (market, taker side, price, contracts) of everything that matched.
    """

    rates: dict[str, tuple[Decimal, Decimal]]
    resting: list[ReferenceOrder] = field(default_factory=list)
    ledger: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    fees: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    positions: defaultdict[tuple[int, str], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )
    trades: list[tuple[str, str, Decimal, Decimal]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    # What can be asked.

    def cash(self, owner: int) -> Decimal:
        """Change of the account's cash since it was opened."""
        held = (-n for (who, _), n in self.positions.items() if who == owner and n < 0)
        return self.ledger[owner] - sum(held, Decimal(0)) - self.fees[owner]

    def levels(self, ticker: str, side: str) -> list[tuple[Decimal, Decimal]]:
        """Displayed contracts by price, ascending."""
        shown: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
        for order in self._side(ticker, side):
            shown[order.price] += order.left
        return sorted(shown.items())

    def ahead(self, order: ReferenceOrder) -> Decimal:
        """Contracts at its price that came before it."""
        level = [o for o in self._side(order.ticker, order.side) if o.price == order.price]
        return sum((o.left for o in level[: level.index(order)]), Decimal(0))

    def open_interest(self, ticker: str) -> Decimal:
        """Contracts held long, which is as many as are held short."""
        return sum((n for (_, t), n in self.positions.items() if t == ticker and n > 0), Decimal(0))

    # What can be done.

    def create(self, order: ReferenceOrder, reduce_only: bool = False) -> None:
        """Take an order in.

        Raises:
            RefusedError: it must not be taken.
        """
        if reduce_only:
            held = self.positions[order.owner, order.ticker]
            order.count = min(order.count, -held if order.side == "bid" else held)
            if order.count <= 0:
                raise RefusedError("invalid_order")
        order.left = order.count
        if order.post_only and self._rivals(order):
            raise RefusedError("invalid_order")
        if order.tif == "fill_or_kill" and self._fillable(order) < order.left:
            raise RefusedError("fill_or_kill_insufficient_resting_volume")
        self._enter(order)

    def cancel(self, order: ReferenceOrder) -> Decimal:
        """Take an order out; returns what still rested."""
        self._check_resting(order)
        left = order.left
        self._end(order, "canceled")
        return left

    def decrease(self, order: ReferenceOrder, left: Decimal) -> None:
        """Shrink what rests."""
        self._check_resting(order)
        if left > order.left:
            raise RefusedError("invalid_order_size")
        if left:
            order.count -= order.left - left
            order.left = left
        else:
            self._end(order, "canceled")

    def amend(self, order: ReferenceOrder, price: Decimal, count: Decimal) -> None:
        """Change price and total size; only a smaller order at its price keeps its place."""
        self._check_resting(order)
        left = count - order.filled
        if left <= 0:
            raise RefusedError("invalid_order_size")
        moved = ReferenceOrder(order.owner, order.ticker, order.side, price, left, "", "")
        if order.post_only and price != order.price and self._rivals(moved):
            raise RefusedError("invalid_order")
        keeps_place = price == order.price and left <= order.left
        order.price, order.count, order.left = price, count, left
        if not keeps_place:
            self.resting.remove(order)
            self._enter(order)

    def settle(self, ticker: str, value: Decimal) -> None:
        """End a market: every contract is bought back at its value."""
        self.ended.add(ticker)
        for order in [o for o in self.resting if o.ticker == ticker]:
            self._end(order, "canceled")
        for (owner, held), contracts in list(self.positions.items()):
            if held == ticker:
                self.ledger[owner] += contracts * value
                del self.positions[owner, held]

    # How.

    def _side(self, ticker: str, side: str) -> list[ReferenceOrder]:
        return [o for o in self.resting if o.ticker == ticker and o.side == side]

    def _rivals(self, order: ReferenceOrder) -> list[ReferenceOrder]:
        """Orders it would meet, best price first, then by time (sorting keeps the list's order)."""
        if order.side == "bid":
            asks = [o for o in self._side(order.ticker, "ask") if o.price <= order.price]
            return sorted(asks, key=lambda o: o.price)
        bids = [o for o in self._side(order.ticker, "bid") if o.price >= order.price]
        return sorted(bids, key=lambda o: -o.price)

    def _fillable(self, order: ReferenceOrder) -> Decimal:
        total = Decimal(0)
        for rival in self._rivals(order):
            if order.owner == rival.owner != CROWD:
                if order.mode == "taker_at_cross":
                    break
            else:
                total += rival.left
        return total

    def _enter(self, order: ReferenceOrder) -> None:
        for rival in self._rivals(order):
            if not order.left:
                break
            if order.owner == rival.owner != CROWD:
                if order.mode == "taker_at_cross":
                    order.status, order.left = "canceled", Decimal(0)
                    return
                self._end(rival, "canceled")
            else:
                self._trade(rival, order)
        if not order.left:
            order.status = "executed"
        elif order.tif == "good_till_canceled":
            self.resting.append(order)
        else:
            order.status, order.left = "canceled", Decimal(0)

    def _trade(self, maker: ReferenceOrder, taker: ReferenceOrder) -> None:
        count = min(maker.left, taker.left)
        self.trades.append((maker.ticker, taker.side, maker.price, count))
        maker.maker_cost += maker.price * count
        taker.taker_cost += maker.price * count
        rates = self.rates[maker.ticker]
        for order, rate in ((maker, rates[1]), (taker, rates[0])):
            order.left -= count
            order.filled += count
            self._book(order, maker.price, count, rate)
        if not maker.left:
            self._end(maker, "executed")

    def _book(self, order: ReferenceOrder, price: Decimal, count: Decimal, rate: Decimal) -> None:
        sign = 1 if order.side == "bid" else -1
        before = self.cash(order.owner)
        self.ledger[order.owner] -= sign * price * count
        self.positions[order.owner, order.ticker] += sign * count
        if order.owner != CROWD:
            revenue = self.cash(order.owner) - before
            fee = _fee(order, rate * count * price * (1 - price), revenue)
            order.fees += fee
            self.fees[order.owner] += fee

    def _end(self, order: ReferenceOrder, status: str) -> None:
        self.resting.remove(order)
        order.status, order.left = status, Decimal(0)

    def _check_resting(self, order: ReferenceOrder) -> None:
        if order.ticker in self.ended:
            raise RefusedError("market_closed")
        if order not in self.resting:
            raise RefusedError("not_found")


def _fee(order: ReferenceOrder, model: Decimal, revenue: Decimal) -> Decimal:
    """Protocol 6.6: up to the micro-dollar, balance aligned, whole grains paid back."""
    trade_fee = model.quantize(_MICRO, ROUND_CEILING)
    change = revenue - trade_fee
    rounding = change - change.quantize(_GRAIN, ROUND_FLOOR)
    order.accumulated += rounding
    rebate = Decimal(0)
    if order.accumulated > _GRAIN:
        rebate = order.accumulated // _GRAIN * _GRAIN
        order.accumulated -= rebate
    return max(Decimal(0), trade_fee + rounding - rebate)
