"""Cash, collateral and positions of the accounts of the local exchange. Pure.

Fully collateralised: opening long costs p, opening short 1 - p, closing nets at once. Money is in
micros; price in pips times lots is micros exactly, so nothing but the fee is ever rounded.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from core.sandbox.groups import OrderGroup
from core.sandbox.orders import Order
from core.sandbox.owners import subaccount_of, user_of
from core.sandbox.reserve import Reserve
from core.trading.fees import fill_fee
from core.units import MICROS_PER_CENT, PIPS_PER_DOLLAR, Side

KEPT_ORDERS: Final = 10_000
"""Ended orders an account remembers; the one that ended first goes first, resting ones never.

About 600 bytes each, 6 MiB. A client no longer finds an older one, live or historical: lists end
earlier, and asked for by its id it is a 404. Its client order id stays spent.
"""
KEPT_FILLS: Final = 10_000
"""Fills an account remembers; the oldest goes first. About 500 bytes each with its order, 5 MiB.
Lists end earlier; positions, fees and money know them all.
"""


@dataclass(slots=True)
class Settlement:
    """What a settled position paid; `serial` is its place among all actions."""

    ticker: str
    result: str
    value_pips: int
    position_lots: int
    cost_micros: int
    revenue_micros: int
    fees_micros: int
    settled_ms: int
    serial: int = 0


class FillRecord(NamedTuple):
    """One fill of an own order, as the fills list shows it."""

    serial: int
    trade_id: str
    order: Order
    price_pips: int
    quantity_lots: int
    is_taker: bool
    fee_micros: int
    ts_ms: int


@dataclass(slots=True)
class Position:
    """One market's net position. `lots`: + is YES, - is NO; `cost_micros` of what is open."""

    ticker: str
    lots: int = 0
    cost_micros: int = 0
    realized_micros: int = 0
    fees_micros: int = 0
    open_fees_micros: int = 0
    traded_micros: int = 0
    traded_lots: int = 0
    updated_ms: int = 0
    is_settled: bool = False

    def trade(self, side: int, price_pips: int, lots: int) -> int:
        """Fold one trade in, closing before opening; returns the cash change without fee."""
        sign = 1 if side == Side.BID else -1
        closing = min(lots, max(0, -sign * self.lots))
        opening = lots - closing
        paid_pips = price_pips if side == Side.BID else PIPS_PER_DOLLAR - price_pips
        released = self.cost_micros * closing // abs(self.lots) if closing else 0
        proceeds = (PIPS_PER_DOLLAR - paid_pips) * closing
        self.realized_micros += proceeds - released
        self.cost_micros += paid_pips * opening - released
        self.lots += sign * lots
        self.traded_micros += paid_pips * lots
        self.traded_lots += lots
        return proceeds - paid_pips * opening

    def settle(self, value_pips: int) -> int:
        """Close at the payout of one YES contract; returns the payout in micros."""
        pips = value_pips if self.lots > 0 else PIPS_PER_DOLLAR - value_pips
        payout = pips * abs(self.lots)
        self.realized_micros += payout - self.cost_micros
        self.lots = 0
        self.cost_micros = 0
        self.is_settled = True
        return payout


@dataclass(slots=True, eq=False)
class Account:
    """One account of a user: money, positions and orders. Only the exchange writes here.

    Attributes:
        number: owner number in the books (see `owners`); 0 is the anonymous crowd.
        precision_micros: to what the balance is aligned by fees (protocol 6.6).
        reserves_resting: the balance shows what is left beside the resting orders.
        resting: resting orders by id, by market.
        by_id: orders that rest and the last that ended, in the order in which they were placed.
        client_ids: what its owner ever called an order; one set for all of a user. None of them
            is free again, so it is the one thing here that grows with every order: by 150 bytes.
        ended: ids of the orders that ended, in that order.
        reserves: what makes up `reserved_micros`.
        reserved_micros: what resting orders may cost, by market.
        is_netting: the switch of collateral return across markets, which none here offers.
    """

    number: int
    user_id: str
    cash_micros: int
    precision_micros: int = 100
    reserves_resting: bool = True
    positions: dict[str, Position] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)
    fills: deque[FillRecord] = field(default_factory=lambda: deque(maxlen=KEPT_FILLS))
    by_id: dict[str, Order] = field(default_factory=dict)
    resting: dict[str, dict[str, Order]] = field(default_factory=dict)
    reserves: dict[str, Reserve] = field(default_factory=dict)
    reserved_micros: dict[str, int] = field(default_factory=dict)
    client_ids: set[str] = field(default_factory=set)
    groups: dict[str, OrderGroup] = field(default_factory=dict)
    is_netting: bool = False
    ended: deque[str] = field(default_factory=deque)

    @property
    def user(self) -> int:
        """The user it belongs to, by the number of his primary account."""
        return user_of(self.number)

    @property
    def subaccount(self) -> int:
        """Its number among the accounts of its user, 0 for the primary one."""
        return subaccount_of(self.number)

    @property
    def held_micros(self) -> int:
        """Reserved over all markets."""
        return sum(self.reserved_micros.values())

    @property
    def available_micros(self) -> int:
        """The balance as the exchange tells it; new orders must fit beside resting ones anyway."""
        return self.cash_micros - (self.held_micros if self.reserves_resting else 0)

    @property
    def free_micros(self) -> int:
        """Cash that no resting order may need, whatever the balance tells."""
        return self.cash_micros - self.held_micros

    @property
    def orders(self) -> list[Order]:
        """All orders that it remembers, as they were placed."""
        return list(self.by_id.values())

    def remember(self, order: Order) -> None:
        """Know an order by its id, a new one or one that changed."""
        self.by_id[order.order_id] = order
        if order.status == "resting":
            return
        self.ended.append(order.order_id)
        if len(self.ended) > KEPT_ORDERS:
            self.by_id.pop(self.ended.popleft(), None)

    def resting_orders(self, group_id: str = "") -> list[Order]:
        """Resting orders of all markets, or those placed in one order group."""
        return [
            order
            for orders in self.resting.values()
            for order in orders.values()
            if not group_id or order.group_id == group_id
        ]

    def position(self, ticker: str) -> Position:
        """The position in a market, made when first asked for."""
        if ticker not in self.positions:
            self.positions[ticker] = Position(ticker)
        return self.positions[ticker]

    def lots(self, ticker: str) -> int:
        """Signed position in lots."""
        position = self.positions.get(ticker)
        return position.lots if position else 0

    def fill(self, order: Order, price_pips: int, lots: int, rate: int, now_ms: int) -> int:
        """Book one fill of an order of this account; returns the net fee in micros."""
        position = self.position(order.ticker)
        revenue = position.trade(order.side, price_pips, lots)
        fee, order.accumulated_micros = fill_fee(
            rate, lots, price_pips, revenue, self.precision_micros, order.accumulated_micros
        )
        self.cash_micros += revenue - fee
        position.fees_micros += fee
        position.open_fees_micros = position.open_fees_micros + fee if position.lots else 0
        position.updated_ms = now_ms
        return fee

    def settle(self, ticker: str, result: str, value_pips: int, now_ms: int) -> Settlement | None:
        """Pay out a determined market; None where the account never traded it."""
        position = self.positions.get(ticker)
        if position is None or position.is_settled:
            return None
        lots, cost = position.lots, position.cost_micros
        revenue = position.settle(value_pips)
        position.updated_ms = now_ms
        self.cash_micros += revenue
        settlement = Settlement(
            ticker, result, value_pips, lots, cost, revenue, position.fees_micros, now_ms
        )
        self.settlements.append(settlement)
        return settlement

    def required_micros(self, ticker: str, orders: Iterable[Order], taker_rate: int) -> int:
        """Worst-case collateral and fee of these resting orders given the position."""
        return _reserve(orders, taker_rate).micros(self.lots(ticker))

    @property
    def _alignment_micros(self) -> int:
        """What alignment may add to the fees of one order; less than a cent is not held back."""
        return self.precision_micros if self.precision_micros >= MICROS_PER_CENT else 0

    def can_afford(self, order: Order, taker_rate: int) -> bool:
        """True if cash covers all resting orders with this one among them, as it is told here."""
        ticker = order.ticker
        others = self.held_micros - self.reserved_micros.get(ticker, 0)
        reserve = self.reserves.get(ticker) or Reserve(taker_rate)
        return self.cash_micros - others >= reserve.micros_with(order, self.lots(ticker))

    def keep(self, order: Order, taker_rate: int) -> None:
        """Know an order as resting, or no longer, by its status."""
        resting = self.resting.setdefault(order.ticker, {})
        reserve = self.reserves.get(order.ticker)
        if reserve is None:
            reserve = self.reserves[order.ticker] = Reserve(taker_rate)
        if order.status == "resting":
            resting[order.order_id] = order
            reserve.put(order)
        else:
            resting.pop(order.order_id, None)
            reserve.drop(order.order_id)
            self.remember(order)

    def rereserve(self, ticker: str, taker_rate: int) -> None:
        """Say anew what the market's resting orders hold back."""
        orders = self.resting.get(ticker)
        if not orders:
            for by_market in (self.reserved_micros, self.reserves, self.resting):
                by_market.pop(ticker, None)
            return
        if self.reserves[ticker].taker_rate != taker_rate:
            self.reserves[ticker] = _reserve(orders.values(), taker_rate)
        self.reserved_micros[ticker] = self.reserves[ticker].micros(self.lots(ticker))


def _reserve(orders: Iterable[Order], taker_rate: int) -> Reserve:
    reserve = Reserve(taker_rate)
    for order in orders:
        reserve.put(order)
    return reserve
