"""What the resting orders of one account in one market may cost. Pure.

Kept up order by order, so that an order among thousands is as cheap as the first.
"""

import msgspec

from core.sandbox.orders import Order
from core.trading.fees import fee_ceiling
from core.units import PIPS_PER_DOLLAR, Side


class _Part(msgspec.Struct, frozen=True):
    """What one order adds."""

    side: int
    price_pips: int
    lots: int
    fee_micros: int


class Reserve:
    """Worst-case collateral and fees: orders that would close the position pay only the fee.

    Attributes:
        taker_rate: fee coefficient in 1e-5 that all its fees were estimated with.
    """

    def __init__(self, taker_rate: int) -> None:
        self.taker_rate = taker_rate
        self._parts: dict[str, _Part] = {}
        self._lots: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._whole_micros = 0

    def put(self, order: Order) -> None:
        """Count an order with its price and what remains of it."""
        self.drop(order.order_id)
        lots, price = order.remaining_lots, order.price_pips
        fee = fee_ceiling(self.taker_rate, lots, price)
        self._enter(order.order_id, _Part(order.side, price, lots, fee))

    def drop(self, order_id: str) -> None:
        """Count an order no longer, if it was."""
        part = self._parts.pop(order_id, None)
        if part is None:
            return
        levels = self._lots[part.side]
        levels[part.price_pips] -= part.lots
        if not levels[part.price_pips]:
            del levels[part.price_pips]
        self._whole_micros -= _collateral(part.side, part.price_pips) * part.lots + part.fee_micros

    def micros(self, position_lots: int) -> int:
        """What all may cost, given the position."""
        if not position_lots:
            return self._whole_micros
        closing_side = Side.ASK if position_lots > 0 else Side.BID
        return self._whole_micros - self._freed(closing_side, abs(position_lots))

    def micros_with(self, order: Order, position_lots: int) -> int:
        """What all may cost if this order rested too, or instead of itself as it was."""
        known = self._parts.get(order.order_id)
        self.put(order)
        micros = self.micros(position_lots)
        self.drop(order.order_id)
        if known is not None:
            self._enter(order.order_id, known)
        return micros

    def _enter(self, order_id: str, part: _Part) -> None:
        self._parts[order_id] = part
        levels = self._lots[part.side]
        levels[part.price_pips] = levels.get(part.price_pips, 0) + part.lots
        self._whole_micros += _collateral(part.side, part.price_pips) * part.lots + part.fee_micros

    def _freed(self, side: int, closing_lots: int) -> int:
        """Collateral of the best-priced orders of a side that close so many lots."""
        freed = 0
        levels = self._lots[side]
        for price in sorted(levels, reverse=side == Side.BID):
            lots = min(closing_lots, levels[price])
            freed += _collateral(side, price) * lots
            closing_lots -= lots
        return freed


def _collateral(side: int, price_pips: int) -> int:
    """What opening one lot at this price takes, in micros."""
    return price_pips if side == Side.BID else PIPS_PER_DOLLAR - price_pips
